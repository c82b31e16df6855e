"""The calendar as an auditor reads it from the State Council's notices, and how days are counted by hand.

Written without a look at the product's calendar: the days of 2025 and 2026 as published, counting one day at a time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

ZONE: Final = timezone(timedelta(hours=8))
"""Beijing time; it has no summer time."""
OPENS, CLOSES = time(8, 30), time(17, 30)
DAY: Final = timedelta(days=1)


def _days(year: int, *spans: str) -> frozenset[date]:
    """Days written as month-day, or month-day..day for several in a row."""
    found = set()
    for span in spans:
        month, _, days = span.partition("-")
        first, _, last = days.partition("..")
        found |= {date(year, int(month), day) for day in range(int(first), int(last or first) + 1)}
    return frozenset(found)


OFF: Final = _days(
    2025, "1-1", "1-28..31", "2-3..4", "4-4", "5-1..2", "5-5", "6-2", "10-1..3", "10-6..8"
) | _days(2026, "1-1..2", "2-16..20", "2-23", "4-6", "5-1", "5-4..5", "6-19", "9-25", "10-1..2", "10-5..7")  # fmt: skip
"""Days from Monday to Friday that are taken off."""
WORKED: Final = _days(2025, "1-26", "2-8", "4-27", "9-28", "10-11") | _days(
    2026, "1-4", "2-14", "2-28", "5-9", "9-20", "10-10"
)
"""Days of a weekend that are worked."""


def works(day: date) -> bool:
    """Whether the authorities work on a day."""
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def after(day: date, count: int) -> date:
    """So many working days after a day, which is not counted itself (民法典201); 0 is the day itself."""
    while count:
        day += DAY
        count -= works(day)
    return day


def before(day: date, count: int) -> date:
    """The working day from which so many are left to a day."""
    while count or not works(day):
        day -= DAY
        count -= works(day)
    return day


def between(begin: date, end: date) -> int:
    """Working days after one day up to another, that one included."""
    return sum(works(begin + DAY * step) for step in range(1, (end - begin).days + 1))


def on_a_working_day(day: date) -> date:
    """The day itself, or the next one on which the authorities work (民法典203(1))."""
    while not works(day):
        day += DAY
    return day


def day_of(at: datetime) -> date:
    """The day of a moment in the hall."""
    return at.astimezone(ZONE).date()


def moment(day: date, clock: time) -> datetime:
    """A moment of the hall, as UTC."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def closing(day: date) -> datetime:
    """When the hall closes on a day: the last moment of a limit that ends on it (民法典203(2))."""
    return moment(day, CLOSES)


def opening(day: date) -> datetime:
    """When the hall opens on a day."""
    return moment(day, OPENS)
