"""Working days: the published years, the arithmetic over them, and what a calendar file may not say."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.calendar import (
    Dated,
    build_calendar,
    load_calendar,
    packaged_editions,
    parse_edition,
)
from workflows.errors import DefinitionError, Malformed

CALENDAR = load_calendar()


def worked(day: date) -> bool:
    """An independent answer: the chinesecalendar package where it has one, plain weekdays elsewhere."""
    if 2023 <= day.year <= 2026:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def naive_add(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= worked(day)
    return day


def test_every_day_of_the_published_years_agrees_with_an_independent_source() -> None:
    days = [date(2023, 1, 1) + timedelta(days=step) for step in range(1461)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if CALENDAR.is_working_day(day) != worked(day)] == []


@pytest.mark.parametrize(("year", "count"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_its_number_of_working_days(year: int, count: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-26", 20, "2025-10-30"),
        ("2026-02-11", 5, "2026-02-25"),
        ("2026-02-11", 20, "2026-03-17"),
        ("2026-09-17", 5, "2026-09-23"),
        ("2024-02-02", 5, "2024-02-08"),
        ("2023-09-28", 3, "2023-10-09"),
        ("2025-12-30", 3, "2026-01-05"),
        ("2026-03-02", 20, "2026-03-30"),
        ("2026-03-02", 45, "2026-05-08"),
        ("2026-03-02", 60, "2026-05-28"),
        ("2026-04-28", 10, "2026-05-14"),
    ],
)
def test_working_days_are_counted_across_holidays(start: str, count: int, due: str) -> None:
    day = date.fromisoformat(start)
    assert CALENDAR.add_working_days(day, count) == Dated(date.fromisoformat(due), provisional=False)
    assert CALENDAR.working_days_between(day, date.fromisoformat(due)) == count


def test_a_date_past_the_last_notice_is_provisional() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 25), 5) == Dated(date(2027, 1, 1), provisional=True)
    assert CALENDAR.add_working_days(date(2026, 12, 25), 4) == Dated(date(2026, 12, 31), provisional=False)
    assert CALENDAR.is_published(date(2026, 12, 31))
    assert not CALENDAR.is_published(date(2027, 1, 1))


def test_a_date_before_the_first_notice_is_provisional() -> None:
    assert CALENDAR.add_working_days(date(2022, 12, 29), 2).provisional
    assert CALENDAR.add_working_days(date(2022, 12, 31), 1) == Dated(date(2023, 1, 3), provisional=False)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [("2026-04-10", 25, "2026-05-06"), ("2026-09-01", 30, "2026-10-08"), ("2026-02-13", 1, "2026-02-14")],
)
def test_calendar_days_that_end_on_a_day_off_end_on_the_next_working_day(start: str, count: int, due: str) -> None:
    assert CALENDAR.add_natural_days(date.fromisoformat(start), count).on == date.fromisoformat(due)


def test_calendar_days_that_end_past_the_last_notice_are_provisional() -> None:
    assert CALENDAR.add_natural_days(date(2026, 12, 1), 31).provisional
    assert not CALENDAR.add_natural_days(date(2026, 12, 1), 30).provisional


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-11-15", 6, "2026-05-15"),
        ("2026-07-01", 3, "2026-10-08"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start: str, count: int, due: str) -> None:
    assert CALENDAR.add_months(date.fromisoformat(start), count).on == date.fromisoformat(due)


@pytest.mark.parametrize("add", [CALENDAR.add_working_days, CALENDAR.add_natural_days, CALENDAR.add_months])
def test_nothing_added_is_the_same_day_and_less_is_refused(add) -> None:
    assert add(date(2026, 5, 1), 0) == Dated(date(2026, 5, 1), provisional=False)
    with pytest.raises(Malformed, match="negative_amount"):
        add(date(2026, 5, 1), -1)


@settings(deadline=None)
@given(st.dates(date(2021, 1, 1), date(2028, 12, 31)), st.integers(1, 90))
def test_counting_agrees_with_stepping_day_by_day(start: date, count: int) -> None:
    due = CALENDAR.add_working_days(start, count)
    assert due.on == naive_add(start, count)
    assert due.provisional is any(
        not CALENDAR.is_published(start + timedelta(days=step)) for step in range(1, (due.on - start).days + 1)
    )
    assert CALENDAR.working_days_between(start, due.on) == count
    assert CALENDAR.working_days_between(due.on, start) == 0


EDITION = """
year = 2026
version = 1
source = "notice"
published_on = 2025-11-04

[[holiday]]
name = "元旦"
name_en = "New Year's Day"
"""


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("off = [2026-01-01]\nwork = [2026-01-01]", "2026-01-01: both off and worked"),
        ("off = [2025-01-01]", "2025-01-01: not in 2026"),
        ("off = [2026-01-01, 2026-01-01]", "2026-01-01: listed twice"),
        ("off = [2026-01-03]", "2026-01-03: a weekend day is off already"),
        ("off = [2026-01-01]\nwork = [2026-01-05]", "2026-01-05: a weekday is worked already"),
        ("", "no day off in the whole year"),
        ("off = [2026-01-01]\nwrok = []", "holiday[0].wrok: unknown key"),
        ("off = ['New Year']", "holiday[0].off[0]"),
        ("off = [", "2026.toml: "),
    ],
)
def test_a_calendar_file_that_is_wrong_is_refused_with_its_reason(lines: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_edition(EDITION + lines, "2026.toml")
    assert problem in caught.value.en
    assert "2026.toml" in caught.value.zh


def test_every_problem_of_a_calendar_file_is_named_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_edition(EDITION + "off = [2026-01-03, 2025-01-01]\nwork = [2026-01-05]")
    assert len(caught.value.extra["problems"]) == 3


def test_a_missing_year_between_two_others_is_refused() -> None:
    editions = [edition for edition in packaged_editions() if edition.year != 2024]
    with pytest.raises(DefinitionError, match="2024"):
        build_calendar(editions)
    with pytest.raises(DefinitionError, match="calendar_empty"):
        build_calendar([])


def test_a_correction_of_a_year_replaces_it() -> None:
    corrected = parse_edition(EDITION.replace("version = 1", "version = 2") + "off = [2026-01-05]")
    calendar = build_calendar([corrected, *packaged_editions()])
    assert calendar.edition == "2023.1+2024.1+2025.1+2026.2"
    assert not calendar.is_working_day(date(2026, 1, 5))
    assert calendar.is_working_day(date(2026, 10, 1))
    assert calendar.names[date(2026, 1, 5)] == ("元旦", "New Year's Day")
