"""A year in months: every day once, worked exactly where the arithmetic says so; what a correction changes."""

from __future__ import annotations

from datetime import date

from workflows.calendar import build_calendar, packaged_editions
from workflows.calendar_months import DayKind, Exceptions, day_changes, months_of

EDITION = packaged_editions()[-1]


def exceptions() -> dict[date, tuple[DayKind, str, str]]:
    found: dict[date, tuple[DayKind, str, str]] = {}
    for one in EDITION.holiday:
        found |= dict.fromkeys(one.off, (DayKind.off, one.name, one.name_en))
        found |= dict.fromkeys(one.work, (DayKind.work, one.name, one.name_en))
    return found


def test_every_day_of_the_year_stands_in_its_month_and_counts_as_the_clocks_count_it() -> None:
    months = months_of(EDITION.year, exceptions())
    days = [day for month in months for week in month.weeks for day in week if day]
    assert [day.day for day in days] == sorted({day.day for day in days})
    assert len(days) == 365
    calendar = build_calendar([EDITION])
    assert [day for day in days if day.worked != calendar.is_working_day(day.day)] == []
    first, last = date(EDITION.year - 1, 12, 31), date(EDITION.year, 12, 31)
    assert sum(month.working_days for month in months) == calendar.working_days_between(first, last)
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert all(day is None or day.day.weekday() == n for m in months for week in m.weeks for n, day in enumerate(week))


def test_a_correction_names_the_days_that_it_changes_and_no_others() -> None:
    before: Exceptions = exceptions()
    moved = next(day for day, (kind, _, _) in before.items() if kind is DayKind.off)
    after = {day: told for day, told in before.items() if day != moved}
    (change,) = day_changes(EDITION.year, before, after)
    assert (change.after.day, change.before.kind, change.after.kind) == (moved, DayKind.off, DayKind.working)
    assert day_changes(EDITION.year, before, before) == ()
