"""When a clock must be looked at: the moments of watches (催办, 亮牌) and of steps that time itself takes.

A moment belongs to the law, not to the sweep that finds it: a hall that was switched off for a week carries out late
what came due, each with the moment at which it did. Something is due once its moment has passed; at the last moment of
a limit the limit is still kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflows.calendar import Calendar, same_day_in_month
from workflows.clock import ClockKind, ClockState, HallHours, Unit
from workflows.flow import Flow, Limit, Step, Watch
from workflows.guarding import selected
from workflows.light import elapsed
from workflows.situation import Situation

Mark = tuple[str, datetime, date]
"""What tells one thing that time does from another: the rule, when the run of its clock began, the due day."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that time does to a case: what, at which moment (UTC), because of which run of which clock."""

    at: datetime
    clock: ClockState
    what: Watch | Step

    @property
    def rule(self) -> str:
        """The rule of the watch, or the act of the step."""
        return self.what.rule if isinstance(self.what, Watch) else self.what.definition.action.value

    @property
    def mark(self) -> Mark:
        """What is kept of it in the trail, so that it is carried out once."""
        return self.rule, self.clock.started_at, self.clock.due_on


def moments(state: ClockState, flow: Flow, situation: Situation, hall: HallHours) -> list[Due]:
    """Everything that time does to a case under one running clock, in order; at one instant steps come last.

    A clock that stopped or stands still has no moments.

    :param situation: its ``state`` is the case's; watches and steps of other states are left out.
    """
    if not state.running or state.due_at is None:
        return []
    found = [*_watched(state, state.due_at, flow, situation, hall)]
    steps = flow.timed.get((situation.state, state.kind), ())
    found += [Due(state.due_at, state, step) for step in steps if selected(step.definition.guards, situation)]
    return sorted(found, key=_order)


def _order(due: Due) -> tuple[datetime, bool]:
    return due.at, isinstance(due.what, Step)


def _watched(state: ClockState, due_at: datetime, flow: Flow, situation: Situation, hall: HallHours) -> Iterator[Due]:
    for watch in flow.watched[state.kind]:
        if not watch.states or situation.state in watch.states:
            at = _moment(watch, state, due_at, situation.calendar, hall)
            if at is not None:
                yield Due(at, state, watch)


def _moment(watch: Watch, state: ClockState, due_at: datetime, calendar: Calendar, hall: HallHours) -> datetime | None:
    """When a watch is due; None when that is not after the beginning, because a short limit begins without a card.

    What would come while the clock stands still comes when it runs again.
    """
    if watch.before is None and watch.share is None:
        return due_at
    found = [at for at in _warnings(watch, state, due_at, calendar, hall) if _has_begun(state, at, hall)]
    if not found:
        return None
    at = min(found)
    ends = [one.until for one in state.suspensions if one.until is not None and one.since <= at < one.until]
    return max([at, *ends])


def _has_begun(state: ClockState, at: datetime, hall: HallHours) -> bool:
    """The day on which a limit begins is not counted (民法典201), so nothing is signalled on it."""
    by_hours = state.unit is Unit.hours
    return at > state.started_at and (by_hours or hall.day(at) > hall.day(state.started_at))


def _warnings(
    watch: Watch, state: ClockState, due_at: datetime, calendar: Calendar, hall: HallHours
) -> Iterator[datetime]:
    if watch.before is not None:
        yield _ahead(watch.before, state.due_on, due_at, calendar, hall)
    if watch.share is not None and state.unit is Unit.hours:
        yield due_at - timedelta(hours=state.limit + state.extended) / watch.share
    elif watch.share is not None:
        left = elapsed(state, due_at, calendar, hall) // watch.share
        yield hall.opening(_working_days_ahead(state.due_on, left, calendar))


def _ahead(before: Limit, due_on: date, due_at: datetime, calendar: Calendar, hall: HallHours) -> datetime:
    """So long before the end: for days at the opening of the hall."""
    match before.unit:
        case Unit.hours:
            return due_at - timedelta(hours=before.n)
        case Unit.working_days:
            return hall.opening(_working_days_ahead(due_on, before.n, calendar))
        case Unit.natural_days:
            return hall.opening(due_on - timedelta(days=before.n))
        case Unit.months:
            return hall.opening(same_day_in_month(due_on, -before.n))


def _working_days_ahead(due_on: date, count: int, calendar: Calendar) -> date:
    """The working day from which so many working days are left to the due day."""
    day = due_on
    while count > 0 or not calendar.is_working_day(day):
        day -= timedelta(days=1)
        count -= calendar.is_working_day(day)
    return day


def next_moment(
    state: ClockState, watched: datetime | None, flow: Flow, situation: Situation, hall: HallHours
) -> datetime | None:
    """The next moment (UTC) at which something is to be done about this clock; None when there is none.

    :param watched: up to when this run has been carried out, that moment included.
    """
    later = (due.at for due in moments(state, flow, situation, hall) if watched is None or due.at > watched)
    return next(later, None)


def due_now(
    clocks: Mapping[ClockKind, ClockState],
    flow: Flow,
    situation: Situation,
    hall: HallHours,
    done: Collection[Mark],
    now: datetime,
) -> list[Due]:
    """Everything whose moment has passed and that was not carried out, in the order of the moments.

    At one instant the watches of every clock come before the steps, because a step may stop the clocks.

    :param done: the marks of what was carried out.
    """
    found = [due for _, state in sorted(clocks.items()) for due in moments(state, flow, situation, hall)]
    return sorted((due for due in found if due.at < now and due.mark not in done), key=_order)


def watched_after(due: Due, dues: Collection[Due]) -> datetime | None:
    """Up to when a clock has been carried out with this one; None while more of the same instant is to come.

    :param dues: everything that is due, as :func:`due_now` found it.
    """
    more = any(one is not due and one.clock.kind is due.clock.kind and one.at <= due.at for one in dues)
    return None if more else due.at
