"""How close a limit is: what has been used of it, whether it has passed, and the traffic light."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.calendar import Calendar
from workflows.clock import ClockState, HallHours, Unit


class Light(StrEnum):
    """Green; amber, a reminder; yellow card; red card."""

    green = "green"
    amber = "amber"
    yellow = "yellow"
    red = "red"


def elapsed(state: ClockState, now: datetime, calendar: Calendar, hall: HallHours) -> int:
    """Working days used so far, or until the clock stopped, suspensions taken out.

    :param now: moment to count to while the clock has not stopped; with a time zone.
    """
    end = hall.day(state.stopped_at or now)
    used = calendar.working_days_between(hall.day(state.started_at), end)
    for one in state.suspensions:
        until = min(hall.day(one.until), end) if one.until else end
        used -= calendar.working_days_between(hall.day(one.since), until)
    return used


def overdue(state: ClockState, now: datetime) -> bool:
    """Whether the limit had passed when the clock stopped, or has passed by ``now`` if it has not."""
    return state.due_at is not None and (state.stopped_at or now) > state.due_at


def light(state: ClockState, now: datetime, calendar: Calendar, hall: HallHours) -> Light:
    """Red once past due; yellow within one working day of it; amber within a fifth of the limit; else green.

    A limit in hours has no yellow: it is amber within its last fifth. A suspended clock and one that stopped
    in time are green.
    """
    if overdue(state, now):
        return Light.red
    if not state.running or state.due_at is None:
        return Light.green
    if state.unit is Unit.hours:
        whole, left = float((state.limit + state.extended) * 3600), (state.due_at - now).total_seconds()
    else:
        left = calendar.working_days_between(hall.day(now), state.due_on)
        whole = left + elapsed(state, now, calendar, hall)
        if left <= 1:
            return Light.yellow
    return Light.amber if left * 5 <= whole else Light.green
