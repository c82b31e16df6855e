"""What an act does to the clock ledger: from the flow's words and the item's limits to entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from workflows.clock import ClockKind, ClockState, Entry, Unit
from workflows.flow import SAME, Flow, Limit, Step
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


def entries_of(step: Step, flow: Flow, situation: Situation, by: str) -> list[Entry]:
    """The ledger entries of a step that is being taken.

    A stop of a clock that does not run, or a start of one that has no limit, leaves no entry.

    :param by: who acts, as an applicant would be told.
    """
    effects, now = step.definition.clocks, situation.now
    to_state = situation.case.state if step.definition.to == SAME else step.definition.to
    entries = [
        Entry(kind, "stop", now, basis=step.definition.basis, by=by) for kind in effects.stop if _alive(kind, situation.clocks)
    ]
    for kind in effects.start:
        limit = limit_of(kind, flow, situation.item, to_state)
        if limit is not None:
            accepted = kind in {ClockKind.statutory, ClockKind.promise}
            at = effective_acceptance(situation.notice, now) if accepted else now
            entries.append(Entry(kind, "start", at, limit.n, limit.unit, limit.basis or step.definition.basis, by))
    return entries


def _alive(kind: ClockKind, clocks: Mapping[ClockKind, ClockState]) -> bool:
    state = clocks.get(kind)
    return state is not None and state.stopped_at is None
