"""How much of a limit a clock has used, as an event keeps it and the figures of timeliness read it."""

from __future__ import annotations

from workflows.calendar import Calendar
from workflows.clock import ClockState, Unit
from workflows.hall_hours import HallHours


def elapsed(state: ClockState, calendar: Calendar, hall: HallHours) -> int:
    """What has run of a limit up to its stop, or to ``as_of`` while it runs, without the time that is left out.

    :returns: working days (行政许可法82) for a limit in working days, whole hours for one in hours, else natural days;
        the day of the start does not count (民法典201).
    """
    until = state.stopped_at or state.as_of
    if state.unit is Unit.hours:
        return int(((until - state.started_at).total_seconds() - state.excluded) // 3600)
    begun, ended = hall.day(state.started_at), hall.day(until)
    if state.unit is Unit.working_days:
        return max(0, calendar.working_days_between(begun, ended) - state.excluded)
    return max(0, (ended - begun).days - state.excluded)
