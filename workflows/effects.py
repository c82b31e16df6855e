"""What an act does to the clock ledger: from the flow's words and the item's limits to entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from workflows.clock import ClockKind, ClockState, Entry, HallHours, Unit, derive
from workflows.clock_acts import check_entry
from workflows.events import Act
from workflows.flow import SAME, ClockEffects, Flow, Limit, Step
from workflows.item import ItemVersion
from workflows.procedure_guards import SITE_CHECK, kind_meant, special_procedure
from workflows.situation import NoticeFacts, Situation


def effective_acceptance(notice: NoticeFacts | None, now: datetime) -> datetime:
    """The moment from which an acceptance counts: when everything asked for was handed in, else now (许可法32(1)(5)).

    What was asked for unlawfully does not count. :param now: UTC.
    """
    met = [line.met_at for line in notice.binding if line.met_at is not None] if notice else []
    return max(met, default=now)


def limit_of(kind: ClockKind, flow: Flow, item: ItemVersion, to_state: str) -> Limit | None:
    """How long a clock of this kind runs for this item in this flow; nothing when neither sets one."""
    if kind is ClockKind.notice:
        return _notice(flow.limits.get(kind), item)
    if kind is ClockKind.statutory:
        legal = item.statutory_limit
        return Limit(legal.n, legal.unit, legal.basis) if legal else None
    if kind is ClockKind.promise:
        return Limit(item.promise_limit.n, item.promise_limit.unit, "优化营商环境条例36(2)")
    if kind is ClockKind.stage:
        return flow.states[to_state].stage_limit
    if kind is ClockKind.tolerance:
        return _tolerance(flow.limits.get(kind), item)
    return flow.limits.get(kind)


def _notice(limit: Limit | None, item: ItemVersion) -> Limit:
    """What the flow's law leaves for the notice, or less where the item says so; no more than the licensing law's."""
    legal = limit or Limit(5, Unit.working_days, "行政许可法32(1)(4)")
    return Limit(min(legal.n, item.notice_days), legal.unit, legal.basis)


def _tolerance(limit: Limit | None, item: ItemVersion) -> Limit | None:
    """The flow's limit, but within the promise where both count in one unit; at least one day to bring the papers."""
    promise = item.promise_limit
    if limit is None or limit.unit is not promise.unit:
        return limit
    return Limit(max(1, min(limit.n, promise.n)), limit.unit, limit.basis)


def stage_of_its_own(step: Step, situation: Situation) -> Limit | None:
    """How long the stage that a step begins may take, as the applicant was told or the item says.

    Every step has a limit of its own (优化营商环境条例36(1)). Time that is left out ends on the day that the applicant
    was told of, in natural days, so that a later correction of the calendar does not move it.
    """
    told, item = situation.special, situation.item
    if step.definition.clocks.suspend and told is not None:
        days = max(0, (told.planned_end - situation.today).days)
        return Limit(days, Unit.natural_days, told.basis)
    if step.definition.action is Act.START_SITE_CHECK:
        own = special_procedure(item, SITE_CHECK)
        return Limit(own.max_days, Unit.working_days, own.basis) if own else None
    return None


def entries_of(step: Step, flow: Flow, situation: Situation, by: str, hall: HallHours) -> list[Entry]:
    """The ledger entries of a step that is being taken.

    What finds nothing to work on leaves no entry: a stop of a clock that does not run, a start of one that has no
    limit, a resumption of one that stands by no suspension. Whether time may be left out or added is decided on the
    statutory limit; a promise that has passed already stays passed and is left alone.

    :param by: who acts, as an applicant would be told. :param hall: for the moments at which limits end.
    :raises Conflict: what :func:`workflows.clock_acts.check_entry` refuses of a suspension or extension.
    """
    effects, now, clocks = step.definition.clocks, situation.now, situation.clocks
    stopped = list(ClockKind) if effects.stop_all else effects.stop
    stops = [Entry(kind, "stop", now, basis=step.definition.basis, by=by) for kind in stopped if _alive(kind, clocks)]
    changes = [
        entry
        for entry in _changes(step, situation, by)
        if _alive(entry.kind, clocks) and _concerns(entry, clocks[entry.kind])
    ]
    for entry in changes:
        check_entry(clocks[entry.kind].entries, entry, situation.calendar, hall)
    return [*stops, *changes, *_starts(step, flow, situation, by)]


def _concerns(entry: Entry, state: ClockState) -> bool:
    """Whether a change has anything to work on."""
    if entry.act == "resume":
        return state.suspended
    if entry.kind is not ClockKind.promise or entry.act == "amend":
        return True
    passed = state.due_at is not None and entry.at > state.due_at
    done = entry.act == "extend" and (entry.unit is not state.unit or bool(state.extended))
    return not (passed or done)


def _starts(step: Step, flow: Flow, situation: Situation, by: str) -> Iterator[Entry]:
    definition, case = step.definition, situation.case
    to_state = case.state if definition.to == SAME else definition.to
    for kind in definition.clocks.start:
        own = stage_of_its_own(step, situation) if kind is ClockKind.stage else None
        limit = own or limit_of(kind, flow, situation.item, to_state)
        if limit is not None:
            at = _start_of(kind, definition.clocks, situation)
            yield Entry(kind, "start", at, limit.n, limit.unit, limit.basis or definition.basis, by)


def _start_of(kind: ClockKind, effects: ClockEffects, situation: Situation) -> datetime:
    case = situation.case
    since = {"act": None, "receipt": case.received_at, "acceptance": case.accepted_at}[effects.since]
    if since is not None:
        return since
    if kind in {ClockKind.statutory, ClockKind.promise}:
        return effective_acceptance(situation.notice, situation.now)
    return situation.now


def _changes(step: Step, situation: Situation, by: str) -> Iterator[Entry]:
    """Suspensions with the special procedure's own basis, resumptions, the item's one extension, another promise."""
    definition, now = step.definition, situation.now
    effects, why = definition.clocks, str(situation.payload.get("reason", ""))
    special, extension = special_procedure(situation.item, kind_meant(situation)), situation.item.extension
    for kind in effects.suspend:
        yield Entry(
            kind, "suspend", now, basis=special.basis if special else "", by=by, note=special.name if special else ""
        )
    for kind in effects.resume:
        yield Entry(kind, "resume", now, basis=definition.basis, by=by)
    for kind in effects.extend:
        if extension is not None:
            yield Entry(kind, "extend", now, extension.n, extension.unit, extension.basis, by, why)
    for kind in effects.amend:
        unit = situation.item.promise_limit.unit
        yield Entry(kind, "amend", now, situation.payload["days"], unit, definition.basis, by, why)


def due_with(state: ClockState, entries: Sequence[Entry], situation: Situation) -> date:
    """The last hall day of a limit once these entries, one at least, have come about."""
    as_of = max(entry.at for entry in entries)
    return derive([*state.entries, *entries], situation.calendar, situation.hours, as_of)[state.kind].due_on


def _alive(kind: ClockKind, clocks: Mapping[ClockKind, ClockState]) -> bool:
    state = clocks.get(kind)
    return state is not None and state.stopped_at is None
