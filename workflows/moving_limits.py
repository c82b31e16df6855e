"""Why a case stays because of time: no limit that somebody relies on is changed by moving a case.

A shorter limit is not better: what was accepted under one day stays due on that day (行政许可法8). Only the limits
inside the house (stage, handover, reply) may differ, and the one that runs keeps its end even then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from workflows.clock import ClockKind, ClockState
from workflows.clock_words import KINDS, amount
from workflows.effects import limit_of
from workflows.flow import ClockEffects, Limit
from workflows.item import ItemVersion
from workflows.linting import reachable
from workflows.moving_facts import Move, MovingCase, Reason
from workflows.timers import due_now

LEGAL: Final = (
    ClockKind.notice,
    ClockKind.statutory,
    ClockKind.promise,
    ClockKind.delivery,
    ClockKind.correction,
    ClockKind.tolerance,
)
"""Limits that an applicant or the law relies on."""
_TO_COME: Final = (ClockKind.statutory, ClockKind.promise)
"""Limits that an applicant who has handed in counts on, although they begin with acceptance."""
_RELIANCE: Final = "行政许可法8"


def running_limits_stay(case: MovingCase, move: Move) -> Iterator[Reason]:
    """A limit that runs or stands still is the same under the new version, in number and unit."""
    for kind in LEGAL:
        state = case.situation.clocks.get(kind)
        if state is not None and state.stopped_at is None:
            before, after = _limits(kind, case, move)
            if not _same(before, after):
                yield _limit_changed(kind, before, after, state.due_on)


def promised_time_does_not_grow(case: MovingCase, move: Move) -> Iterator[Reason]:
    """Who has handed in and waits for acceptance is not given more time to wait."""
    if not case.received or case.accepted:
        return
    for kind in _TO_COME:
        before, after = _limits(kind, case, move)
        if before is not None and (after is None or after.unit is not before.unit or after.n > before.n):
            yield _limit_changed(kind, before, after, None)


def _limits(kind: ClockKind, case: MovingCase, move: Move) -> tuple[Limit | None, Limit | None]:
    return (
        limit_of(kind, move.flow_from, move.item_from, case.state),
        limit_of(kind, move.flow_to, move.item_to, case.state),
    )


def _same(before: Limit | None, after: Limit | None) -> bool:
    return _size(before) == _size(after)


def _size(limit: Limit | None) -> tuple[int, str] | None:
    return (limit.n, limit.unit.value) if limit else None


def _limit_changed(kind: ClockKind, before: Limit | None, after: Limit | None, due_on: date | None) -> Reason:
    (zh, en), (old, old_en), (new, new_en) = KINDS[kind], _told(before), _told(after)
    due = f"，应于{due_on:%Y-%m-%d}届满" if due_on else ""
    due_en = f" and ends on {due_on}" if due_on else ""
    return Reason(
        "limit_changed",
        f"{zh}原为{old}{due}，新版本为{new}；已受理办件的期限不得因移转而改变。",
        f"The {en} is {old_en}{due_en}; under the new version it is {new_en}. A limit is not changed by moving a case.",
        _RELIANCE,
    )


def _told(limit: Limit | None) -> tuple[str, str]:
    return amount(limit.n, limit.unit) if limit else ("无", "none")


def extension_and_silence_stay(case: MovingCase, move: Move) -> Iterator[Reason]:
    """How far an accepted limit may still be extended, and what silence means at its end, was settled at acceptance."""
    if not _alive(case, ClockKind.statutory):
        return
    if _extension(move.item_from) != _extension(move.item_to):
        yield Reason(
            "extension_changed",
            "新版本的延期规定与受理时不同；已受理办件按受理时的规定延期。",
            "The new version extends the limit otherwise than the one that the case was accepted under.",
            "行政许可法8、42",
        )
    if move.item_from.on_overdue != move.item_to.on_overdue:
        yield Reason(
            "silence_changed",
            "新版本对逾期未决定的后果另有规定；已受理办件适用受理时的规定。",
            "The new version says otherwise what becomes of a case that is not decided in time.",
            "行政许可法8、50",
        )


def _extension(item: ItemVersion) -> tuple[int, str, str] | None:
    found = item.extension
    return (found.n, found.unit.value, found.approver) if found else None


def clocks_are_known(case: MovingCase, move: Move) -> Iterator[Reason]:
    """Every clock that has not stopped is one that the new flow starts, and ends on some way from this state."""
    steps = [step.definition.clocks for step in move.flow_to.steps]
    ahead = _ahead(case, move)
    for kind, state in sorted(case.situation.clocks.items()):
        if state.stopped_at is None:
            started = any(kind in clocks.start for clocks in steps)
            ended = any(clocks.stop_all or kind in clocks.stop or kind in clocks.start for clocks in ahead)
            if not (started and ended):
                yield _clock_unknown(kind)
            if state.suspended and not any(kind in clocks.resume for clocks in ahead):
                yield _never_resumed(state)


def _ahead(case: MovingCase, move: Move) -> list[ClockEffects]:
    flow = move.flow_to
    return [step.definition.clocks for name in reachable(flow, [case.state]) for step in flow.steps_from(name)]


def _clock_unknown(kind: ClockKind) -> Reason:
    zh, en = KINDS[kind]
    return Reason(
        "clock_unknown",
        f"{zh}正在计算，新流程没有这种期限或不能使其终止。",
        f"The {en} is running, and the new flow does not know it or never ends it.",
    )


def _never_resumed(state: ClockState) -> Reason:
    zh, en = KINDS[state.kind]
    return Reason(
        "suspension_without_end",
        f"{zh}正依法暂停，新流程没有恢复计时的步骤。",
        f"The {en} stands still by law, and the new flow has no step that lets it run again.",
        "行政许可法45",
    )


def nothing_is_done_afterwards(case: MovingCase, move: Move) -> Iterator[Reason]:
    """No reminder, card or step by silence of the new flow would have come due before the case moved to it.

    What waits to be carried out under the old flow is carried out under it before the case moves.
    """
    seen, flow = replace(case.situation, item=move.item_to), move.flow_to
    waiting = due_now(seen.clocks, move.flow_from, case.situation, seen.hours, case.done, seen.now)
    done = {*case.done, *(due.mark for due in waiting)}
    for due in due_now(seen.clocks, flow, seen, seen.hours, done, seen.now):
        yield Reason(
            "rule_in_the_past",
            f"新流程的规则“{due.rule}”（{KINDS[due.clock.kind][0]}）在移转之前已到时点，不得溯及既往。",
            f"The rule {due.rule} of the new flow would have come due before the move; it does not reach back.",
            "立法法104",
        )


def _alive(case: MovingCase, kind: ClockKind) -> bool:
    state = case.situation.clocks.get(kind)
    return state is not None and state.stopped_at is None
