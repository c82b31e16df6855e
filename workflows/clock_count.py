"""Where a limit ends: counting over the calendar, with the time of suspensions left out.

The day on which a limit starts is not counted (民法典201), and it ends when the hall closes on its last day
(民法典203(2)). That day is always a working day (民法典203(1)) on which the clock runs: a limit that would be
used up while it stands still, or before it has begun, ends on the first working day afterwards. Hours are
counted from moment to moment, through nights and days off (民法典201(2)).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from workflows.calendar import Calendar, Dated, same_day_in_month
from workflows.hall_hours import HallHours

Gaps = Sequence[tuple[datetime, datetime]]
"""Times that do not count, in order and apart from each other; of whole days, all after the first up to the last."""

Counter = Callable[[datetime, int, Gaps, Calendar, HallHours], "End"]
"""From the start of a limit, its size and its gaps to its end; the size is 0 or more, in the counter's unit."""


class End(NamedTuple):
    """The end of a limit.

    :param on: its last day in hall time. :param at: its last moment, UTC.
    :param counted_on: its last day by counting alone, before it was moved to a working day on which the clock runs.
    :param excluded: what the gaps took out: days of the unit's kind, seconds for hours.
    :param provisional: it rests on days that no notice covers yet.
    """

    on: date
    at: datetime
    counted_on: date
    excluded: int
    provisional: bool


def in_working_days(started_at: datetime, amount: int, gaps: Gaps, calendar: Calendar, hall: HallHours) -> End:
    """So many working days after the start (行政许可法82)."""
    out = sum(calendar.working_days_between(hall.day(since), hall.day(until)) for since, until in gaps) if gaps else 0
    counted = calendar.add_working_days(hall.day(started_at), amount + out)
    return _close(counted, out, started_at, gaps, calendar, hall)


def in_natural_days(started_at: datetime, amount: int, gaps: Gaps, calendar: Calendar, hall: HallHours) -> End:
    """So many calendar days after the start."""
    out = _days(gaps, hall)
    counted = Dated(hall.day(started_at) + timedelta(days=amount + out), provisional=False)
    return _close(counted, out, started_at, gaps, calendar, hall)


def in_months(started_at: datetime, amount: int, gaps: Gaps, calendar: Calendar, hall: HallHours) -> End:
    """The same day so many months on, or that month's last (民法典202), and as many days later as the gaps took."""
    out = _days(gaps, hall)
    counted = Dated(same_day_in_month(hall.day(started_at), amount) + timedelta(days=out), provisional=False)
    return _close(counted, out, started_at, gaps, calendar, hall)


def in_hours(started_at: datetime, amount: int, gaps: Gaps, calendar: Calendar, hall: HallHours) -> End:  # noqa: ARG001  # every unit is counted with the same arguments
    """So many hours after the start."""
    out = sum((until - since for since, until in gaps), timedelta())
    counted = started_at.astimezone(UTC) + timedelta(hours=amount) + out
    at = max(counted, gaps[-1][1].astimezone(UTC)) if gaps else counted
    return End(hall.day(at), at, hall.day(at), int(out.total_seconds()), provisional=False)


def _days(gaps: Gaps, hall: HallHours) -> int:
    return sum((hall.day(until) - hall.day(since)).days for since, until in gaps)


def _close(counted: Dated, excluded: int, started_at: datetime, gaps: Gaps, calendar: Calendar, hall: HallHours) -> End:
    """End on the first working day at whose closing all is used up and the clock runs."""
    running_from = gaps[-1][1] if gaps else started_at
    on, at, provisional = counted.on, hall.closing(counted.on), counted.provisional
    if at < running_from or not calendar.is_working_day(on):
        on, later = calendar.next_working_day(max(on, hall.open_day(running_from)))
        at, provisional = hall.closing(on), provisional or later
    return End(on, at, counted.on, excluded, provisional or not calendar.is_published(on))
