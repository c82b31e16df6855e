"""Working days: the published years, the arithmetic over them, and what a calendar file may not say."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources

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
    same_day_in_month,
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
    ("day", "next_day"),
    [
        ("2026-05-05", "2026-05-06"),  # Labour Day holiday, Tuesday
        ("2026-10-01", "2026-10-08"),  # National Day; the weekend of 3 and 4 October lies in it
        ("2026-02-14", "2026-02-14"),  # a Saturday that is worked
        ("2025-05-31", "2025-06-03"),  # Saturday before the Dragon Boat Festival on Monday
    ],
)
def test_what_ends_on_a_day_off_ends_on_the_next_working_day(day: str, next_day: str) -> None:
    assert CALENDAR.next_working_day(date.fromisoformat(day)) == Dated(date.fromisoformat(next_day), provisional=False)


def test_the_next_working_day_past_the_last_notice_is_provisional() -> None:
    assert CALENDAR.next_working_day(date(2027, 1, 2)) == Dated(date(2027, 1, 4), provisional=True)
    assert not CALENDAR.next_working_day(date(2026, 12, 31)).provisional


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-11-15", 6, "2026-05-15"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-31", 0, "2026-03-31"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start: str, count: int, end: str) -> None:
    assert same_day_in_month(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_nothing_added_is_the_same_day_and_less_is_refused() -> None:
    assert CALENDAR.add_working_days(date(2026, 5, 1), 0) == Dated(date(2026, 5, 1), provisional=False)
    with pytest.raises(Malformed, match="negative_amount"):
        CALENDAR.add_working_days(date(2026, 5, 1), -1)


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


PUBLISHED = (resources.files("workflows") / "calendars" / "2026.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("published", "written", "problem"),
    [
        ("work = [2026-01-04]", "work = [2026-01-02]", "2026-01-02: both off and worked"),
        ("off = [2026-01-01, 2026-01-02]", "off = [2025-01-01, 2026-01-02]", "2025-01-01: not in 2026"),
        ("off = [2026-01-01, 2026-01-02]", "off = [2026-01-01, 2026-01-01]", "2026-01-01: listed twice"),
        ("off = [2026-01-01, 2026-01-02]", "off = [2026-01-03]", "2026-01-03: a weekend day is off already"),
        ("work = [2026-01-04]", "work = [2026-01-05]", "2026-01-05: a weekday is worked already"),
        ("work = [2026-01-04]", "wrok = [2026-01-04]", "holiday[0].wrok: unknown key"),
        ("off = [2026-04-06]", "off = ['Monday']", "holiday[2].off[0]"),
        ("off = [2026-04-06]", "off = [", "2026.toml: "),
        ("off = [2026-04-06]", "off = []", "清明节: no day off in the whole year"),
        ('name = "端午节"', 'name = "端阳"', "端午节: no day off in the whole year"),
        ("2026-02-17, 2026-02-18, ", "2026-02-17, ", "2026-02-18: a hole in 春节, worked between its days off"),
        ("work = [2026-02-14, 2026-02-28]", "work = [2026-02-14, 2026-02-21]", "2026-02-21: a hole in 春节"),
    ],
)
def test_a_calendar_file_that_is_wrong_is_refused_with_its_reason(published: str, written: str, problem: str) -> None:
    assert published in PUBLISHED
    with pytest.raises(DefinitionError) as caught:
        parse_edition(PUBLISHED.replace(published, written), "2026.toml")
    assert caught.value.code == "definition_not_wellformed"
    assert problem in caught.value.en
    assert "2026.toml" in caught.value.zh


def test_every_problem_of_a_calendar_file_is_named_at_once() -> None:
    text = PUBLISHED.replace("work = [2026-01-04]", "work = [2026-01-05]").replace("off = [2026-04-06]", "off = []")
    with pytest.raises(DefinitionError) as caught:
        parse_edition(text.replace("2026-02-17, 2026-02-18, ", "2026-02-17, "))
    assert len(caught.value.extra["problems"]) == 3


def test_a_missing_year_between_two_others_is_refused() -> None:
    editions = [edition for edition in packaged_editions() if edition.year != 2024]
    with pytest.raises(DefinitionError, match="2024") as caught:
        build_calendar(editions)
    assert (caught.value.code, caught.value.extra["years"]) == ("calendar_hole", [2024])
    with pytest.raises(DefinitionError, match="calendar_empty"):
        build_calendar([])


def test_a_correction_of_a_year_replaces_it() -> None:
    text = PUBLISHED.replace("version = 1", "version = 2").replace("off = [2026-04-06]", "off = [2026-04-03]")
    calendar = build_calendar([parse_edition(text), *packaged_editions()])
    assert calendar.edition == "2023.1+2024.1+2025.1+2026.2"
    assert not calendar.is_working_day(date(2026, 4, 3))
    assert calendar.is_working_day(date(2026, 4, 6))
    assert calendar.names[date(2026, 4, 3)] == ("清明节", "Qingming Festival")
    assert load_calendar().is_working_day(date(2026, 4, 3))
