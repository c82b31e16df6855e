"""When the lights of a case change if nothing is done, so that many cases can be asked about without counting days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from workflows.calendar import Calendar
from workflows.clock import ClockKind, ClockState, HallHours, Unit
from workflows.flow import Flow


class Warned(NamedTuple):
    """When a case turns red, yellow and amber (UTC); None where nothing that runs turns so.

    Amber never comes after one of the others.
    """

    red_at: datetime | None
    yellow_at: datetime | None
    amber_at: datetime | None


NEVER = Warned(None, None, None)
"""Nothing runs."""


def obliging(clocks: Mapping[ClockKind, ClockState], flow: Flow, state: str) -> list[ClockState]:
    """The limits of hall and departments: those for which the flow leaves cards while a case is in this state.

    What only reminds (the applicant's time to correct, a certificate that waits to be collected) is held against
    nobody.
    """
    return [clock for kind, clock in clocks.items() if _leaves_cards(flow, kind, state)]


def _leaves_cards(flow: Flow, kind: ClockKind, state: str) -> bool:
    return any(
        watch.level != "reminder" and (not watch.states or state in watch.states) for watch in flow.watched[kind]
    )


def warned_by(clocks: Iterable[ClockState], calendar: Calendar, hall: HallHours) -> Warned:
    """The first moments from which :func:`workflows.light.light` gives one of these clocks red, yellow and amber.

    A clock that was stopped or stands still warns of nothing. Red begins when the moment has passed, the others with
    theirs.
    """
    found = [_warned(clock, clock.due_at, calendar, hall) for clock in clocks if clock.running and clock.due_at]
    return Warned(*(_first(moments) for moments in zip(*found, strict=True))) if found else NEVER


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _warned(clock: ClockState, due_at: datetime, calendar: Calendar, hall: HallHours) -> Warned:
    if clock.unit is Unit.hours:
        return Warned(due_at, None, due_at - timedelta(hours=clock.limit + clock.extended) / 5)
    whole = calendar.working_days_between(hall.day(clock.started_at), clock.due_on)
    for one in clock.suspensions:
        if one.until is not None:
            whole -= calendar.working_days_between(hall.day(one.since), hall.day(one.until))
    yellow_at = _left(1, clock, calendar, hall)
    return Warned(due_at, yellow_at, min(yellow_at, _left(whole // 5, clock, calendar, hall)))


def _left(days: int, clock: ClockState, calendar: Calendar, hall: HallHours) -> datetime:
    """The beginning of the hall's day from which at most so many working days are left, or the clock's own."""
    return max(clock.started_at, beginning(calendar.working_day_before(clock.due_on, days), hall))


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
