"""When the lights of a case change if nothing is done, so that many cases can be asked about without counting days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from workflows.calendar import Calendar
from workflows.clock import ClockState, HallHours, Unit
from workflows.light import Light

WARNING: Final = (Light.red, Light.yellow, Light.amber)
"""The lights that a board shows, the most pressing first."""
RANKS: Final = MappingProxyType({Light.red: 3, Light.yellow: 2, Light.amber: 1})
"""How far a light has come; 0 is green."""


class Warned(NamedTuple):
    """When a case turns amber and yellow (UTC); red is when its first limit has passed.

    None where nothing that runs turns so.
    """

    amber_at: datetime | None
    yellow_at: datetime | None


NEVER: Final = Warned(None, None)


def warned_by(states: Iterable[ClockState], calendar: Calendar, hall: HallHours) -> Warned:
    """The first moments at which :func:`workflows.light.light` gives amber and yellow for one of these clocks.

    A clock that was stopped or stands still warns of nothing.
    """
    found = [_warned(state, calendar, hall) for state in states if state.running and state.due_at is not None]
    return Warned(_first(one.amber_at for one in found), _first(one.yellow_at for one in found))


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _warned(state: ClockState, calendar: Calendar, hall: HallHours) -> Warned:
    if state.unit is Unit.hours:
        end = state.due_at or state.started_at
        return Warned(end - timedelta(hours=state.limit + state.extended) / 5, None)
    whole = calendar.working_days_between(hall.day(state.started_at), state.due_on)
    whole -= sum(
        calendar.working_days_between(hall.day(one.since), hall.day(one.until)) for one in state.suspensions if one.until
    )
    return Warned(_left(max(1, whole // 5), state, calendar, hall), _left(1, state, calendar, hall))


def _left(days: int, state: ClockState, calendar: Calendar, hall: HallHours) -> datetime:
    """The beginning of the hall's day from which at most so many working days are left, or the clock's own."""
    return max(state.started_at, beginning(calendar.working_day_before(state.due_on, days), hall))


def beginning(day: date, hall: HallHours) -> datetime:
    """When a date begins in the hall, as UTC."""
    return datetime.combine(day, time.min, hall.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The spans that a board looks at (UTC): this hall day, and what follows up to the end of the next working day.

    :param now: the moment of asking. :param today: when the hall's day begins. :param tomorrow: when it ends.
    :param end: when the next working day after it ends. :param next_day: that working day.
    """

    now: datetime
    today: datetime
    tomorrow: datetime
    end: datetime
    next_day: date


def outlook(now: datetime, calendar: Calendar, hall: HallHours) -> Outlook:
    """What lies ahead at a moment (UTC). What ends on days off in between belongs to the next working day."""
    day = hall.day(now)
    following = calendar.next_working_day(day + timedelta(days=1)).on
    tomorrow, end = beginning(day + timedelta(days=1), hall), beginning(following + timedelta(days=1), hall)
    return Outlook(now, beginning(day, hall), tomorrow, end, following)
