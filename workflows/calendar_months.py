"""A year of the working-day calendar as people look at it: months in weeks, and what differs between two editions."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

_SATURDAY: Final = 5


class DayKind(StrEnum):
    """What a day is: as its weekday says, or as the year's notice says otherwise."""

    working = "working"
    weekend = "weekend"
    off = "off"
    work = "work"


Exceptions = Mapping[date, tuple[DayKind, str, str]]
"""The exceptional days of an edition: what each is, and its holiday in Chinese and English."""


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One day of a month. :param name: its holiday, empty for an ordinary day."""

    day: date
    kind: DayKind
    name: str = ""
    name_en: str = ""

    @property
    def worked(self) -> bool:
        """Whether authorities work on it."""
        return self.kind in {DayKind.working, DayKind.work}


@dataclass(frozen=True, slots=True)
class Month:
    """One month. :param weeks: from Monday to Sunday; None for days of the months beside it."""

    number: int
    weeks: tuple[tuple[MonthDay | None, ...], ...]

    @property
    def working_days(self) -> int:
        """How many days are worked."""
        return sum(day is not None and day.worked for week in self.weeks for day in week)


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that is another one in another edition."""

    before: MonthDay
    after: MonthDay


def day_in(day: date, exceptions: Exceptions) -> MonthDay:
    """What a day is in an edition with these exceptional days."""
    ordinary = (DayKind.weekend if day.weekday() >= _SATURDAY else DayKind.working, "", "")
    return MonthDay(day, *exceptions.get(day, ordinary))


def months_of(year: int, exceptions: Exceptions) -> tuple[Month, ...]:
    """The twelve months of a year."""
    return tuple(Month(number, _weeks(year, number, exceptions)) for number in range(1, 13))


def _weeks(year: int, month: int, exceptions: Exceptions) -> tuple[tuple[MonthDay | None, ...], ...]:
    return tuple(
        tuple(day_in(date(year, month, number), exceptions) if number else None for number in week)
        for week in months.Calendar().monthdayscalendar(year, month)
    )


def day_changes(year: int, before: Exceptions, after: Exceptions) -> tuple[DayChange, ...]:
    """Every day of a year that is of another kind, or of another holiday, in the later edition."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = (first + timedelta(days=step) for step in range((last - first).days + 1))
    pairs = (DayChange(day_in(day, before), day_in(day, after)) for day in days)
    return tuple(pair for pair in pairs if pair.before != pair.after)
