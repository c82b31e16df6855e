"""What an imported year changes: the first day that is another day than before."""

from __future__ import annotations

from datetime import date, timedelta

from workflows.calendar import Calendar


def first_difference(before: Calendar, after: Calendar) -> date | None:
    """The first day that is worked in one calendar and not in the other, or that only one of them knows.

    No date that was counted out over earlier days alone can change.

    :returns: None when every day is what it was.
    """
    day = min(before.published_from, after.published_from)
    last = max(before.published_through, after.published_through)
    while day <= last:
        if _kind(before, day) != _kind(after, day):
            return day
        day += timedelta(days=1)
    return None


def _kind(calendar: Calendar, day: date) -> tuple[bool, bool]:
    return calendar.published_from <= day <= calendar.published_through, calendar.is_working_day(day)
