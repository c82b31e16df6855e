"""The period that a figure is asked for: which ones there are, and its parts by day, week, month or year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from workflows.errors import Malformed
from workflows.figure import TIMES

YEARS: Final = 5
LONGEST: Final = timedelta(days=366 * YEARS)
"""The longest period that is counted at once."""
BY_MOST: Final = 2
"""By how many dimensions a figure is broken down at once, at most."""


class Bucket(NamedTuple):
    """A part of a period.

    :param begin: the day that names it: itself, or the first of its week, month or year, before the period or not.
    :param since: its first day within the period. :param last: its last one. :param moment: its last moment, UTC.
    """

    begin: date
    since: date
    last: date
    moment: datetime


def check_asked(since: date, until: date) -> None:
    """A period has its first and last day in order and is not too long.

    :raises Malformed: ``period_wrong``, ``period_too_long``.
    """
    if until < since:
        raise Malformed(
            "period_wrong",
            "统计区间有误：截止日早于起始日。",
            "The period is wrong: it ends before its first day.",
        )
    if until - since > LONGEST:
        raise Malformed(
            "period_too_long",
            f"统计区间过长，一次最长{YEARS}年。",
            f"The period is too long: {YEARS} years at most at a time.",
        )


def time_of(by: tuple[str, ...]) -> str:
    """The dimension of time among those asked for; empty without one."""
    return next((name for name in by if name in TIMES), "")


def parts(since: date, until: date, unit: str, zone: ZoneInfo, moment: datetime) -> tuple[Bucket, ...]:
    """The parts of a period, as far as it has begun.

    :param unit: day, week, month, year, or empty for the whole as one part. :param zone: of the hall.
    :param moment: up to which the trail is read, UTC; no part ends later.
    :raises Malformed: ``period_not_begun``.
    """
    known = moment.astimezone(zone).date()
    if since > known:
        raise Malformed(
            "period_not_begun",
            f"统计区间在数据截止日（{known}）之后才开始。",
            f"The period begins after {known}, the day up to which there is data.",
        )
    found, day = [], since
    while day <= min(until, known):
        begin = _begin(day, unit) if unit else since
        last = min(_end(begin, unit) if unit else until, until)
        midnight = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        found.append(Bucket(begin, day, last, min(midnight, moment)))
        day = last + timedelta(days=1)
    return tuple(found)


def _begin(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[unit]


def _end(begin: date, unit: str) -> date:
    """The last day of a part that begins on this day."""
    if unit == "month":
        return (begin.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return {"day": begin, "week": begin + timedelta(days=6), "year": begin.replace(month=12, day=31)}[unit]
