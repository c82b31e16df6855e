"""What an act does to the clock ledger: from the flow's words and the item's limits to entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from workflows.clock import ClockKind, ClockState, Entry, HallHours, Unit
from workflows.clock_acts import check_entry
from workflows.decision_guards import special_procedure
from workflows.flow import SAME, ClockEffects, Flow, Limit, Step
from workflows.item import ItemVersion
from workflows.situation import NoticeFacts, Situation


def effective_acceptance(notice: NoticeFacts | None, now: datetime) -> datetime:
    """The moment from which an acceptance counts: when everything asked for was handed in, else now (许可法32(1)(5)).

    :param now: UTC.
    """
    met = [line.met_at for line in notice.lines if line.met_at is not None] if notice else []
    return max(met, default=now)


def limit_of(kind: ClockKind, flow: Flow, item: ItemVersion, to_state: str) -> Limit | None:
    """How long a clock of this kind runs for this item in this flow; nothing when neither sets one."""
    if kind is ClockKind.notice:
        return Limit(item.notice_days, Unit.working_days, "行政许可法32(1)(4)")
    if kind is ClockKind.statutory:
        legal = item.statutory_limit
        return Limit(legal.n, legal.unit, legal.basis) if legal else None
    if kind is ClockKind.promise:
        return Limit(item.promise_limit.n, item.promise_limit.unit, "优化营商环境条例36(2)")
    if kind is ClockKind.stage:
        return flow.states[to_state].stage_limit
    return flow.limits.get(kind)


def entries_of(step: Step, flow: Flow, situation: Situation, by: str, hall: HallHours) -> list[Entry]:
    """The ledger entries of a step that is being taken.

    A stop of a clock that does not run, or a start of one that has no limit, leaves no entry.

    :param by: who acts, as an applicant would be told. :param hall: for the moments at which limits end.
    :raises Conflict: what :func:`workflows.clock_acts.check_entry` refuses of a suspension, resumption or extension.
    """
    effects, now, clocks = step.definition.clocks, situation.now, situation.clocks
    stopped = list(ClockKind) if effects.stop_all else effects.stop
    stops = [Entry(kind, "stop", now, basis=step.definition.basis, by=by) for kind in stopped if _alive(kind, clocks)]
    changes = [entry for entry in _changes(step, situation, by) if _alive(entry.kind, clocks)]
    for entry in changes:
        check_entry(clocks[entry.kind].entries, entry, situation.calendar, hall)
    return [*stops, *changes, *_starts(step, flow, situation, by)]


def _starts(step: Step, flow: Flow, situation: Situation, by: str) -> Iterator[Entry]:
    definition, case = step.definition, situation.case
    to_state = case.state if definition.to == SAME else definition.to
    for kind in definition.clocks.start:
        limit = limit_of(kind, flow, situation.item, to_state)
        if limit is not None:
            at = _start_of(kind, definition.clocks, situation)
            yield Entry(kind, "start", at, limit.n, limit.unit, limit.basis or definition.basis, by)


def _start_of(kind: ClockKind, effects: ClockEffects, situation: Situation) -> datetime:
    if effects.since == "receipt" and situation.case.received_at is not None:
        return situation.case.received_at
    if kind in {ClockKind.statutory, ClockKind.promise}:
        return effective_acceptance(situation.notice, situation.now)
    return situation.now


def _changes(step: Step, situation: Situation, by: str) -> Iterator[Entry]:
    """Suspensions with the special procedure's own basis, resumptions, and the item's one extension."""
    effects, now = step.definition.clocks, situation.now
    special, extension = special_procedure(situation), situation.item.extension
    for kind in effects.suspend:
        yield Entry(
            kind, "suspend", now, basis=special.basis if special else "", by=by, note=special.name if special else ""
        )
    for kind in effects.resume:
        yield Entry(kind, "resume", now, basis=step.definition.basis, by=by)
    for kind in effects.extend:
        if extension is not None:
            yield Entry(kind, "extend", now, extension.n, extension.unit, extension.basis, by)


def _alive(kind: ClockKind, clocks: Mapping[ClockKind, ClockState]) -> bool:
    state = clocks.get(kind)
    return state is not None and state.stopped_at is None
