"""When a visit to the hall may be booked, and to which day it moves when the hall is closed. Pure rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from workflows.calendar import Calendar
from workflows.errors import Conflict
from workflows.hall_hours import HallHours

Session = tuple[time, time]
"""From when to when a hall is open, in hall time; the end is not bookable."""


def check_visit(
    day: date,
    at: time,
    hall: HallHours,
    sessions: Sequence[Session],
    calendar: Calendar,
    closures: Collection[date],
    now: datetime,
) -> None:
    """Whether somebody may be asked to come then.

    :param day: in hall time. :param at: in hall time. :param closures: days on which the hall is closed beyond the
        calendar. :param now: UTC.
    :raises Conflict: ``visit_in_the_past``; ``day_not_published`` when no notice covers that day yet;
        ``hall_closed_that_day``; ``outside_hall_hours``.
    """
    if datetime.combine(day, at, hall.zone) <= now:
        raise Conflict("visit_in_the_past", "预约时间已过，请另选时间。", "This time has passed; choose a later one.")
    if not calendar.is_published(day):
        raise Conflict(
            "day_not_published",
            f"{day.year}年的放假安排尚未公布，暂不能预约该日，请选择已公布年度内的日期。",
            f"The holidays of {day.year} are not announced yet, so this day cannot be booked; choose an earlier one.",
        )
    if not is_open(day, calendar, closures):
        raise Conflict(
            "hall_closed_that_day",
            f"{day}大厅不办公，请另选工作日。",
            f"The hall is closed on {day}; choose a working day.",
        )
    if not any(opens <= at < closes for opens, closes in sessions):
        listed = "、".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in sessions)
        raise Conflict(
            "outside_hall_hours",
            f"预约时间须在大厅办公时间内（{listed}）。",
            f"Choose a time within the hall's hours ({listed}).",
        )


def is_open(day: date, calendar: Calendar, closures: Collection[date]) -> bool:
    """Whether the hall is open on a day: worked by the calendar, and not closed beyond it."""
    return calendar.is_working_day(day) and day not in closures


def next_open_day(day: date, calendar: Calendar, closures: Collection[date]) -> date:
    """The first day after ``day`` on which the hall is open; of a year not announced yet, a weekday."""
    found = day + timedelta(days=1)
    while not is_open(found, calendar, closures):
        found += timedelta(days=1)
    return found
