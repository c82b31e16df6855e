"""Which acts on a clock are lawful now: asked before an entry is written."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.calendar import Calendar
from workflows.clock import ClockState, Entry, HallHours, derive
from workflows.errors import Conflict


def check_entry(entries: Iterable[Entry], new: Entry, calendar: Calendar, hall: HallHours) -> None:
    """Refuse an entry that does not fit the clock as it stands at the entry's own moment.

    :raises Conflict: ``clock_not_running``, ``suspension_without_basis``, ``clock_not_suspended``,
        ``clock_overdue``, ``already_extended`` or ``clock_units_mixed``.
    """
    if new.act in ("start", "stop"):
        return
    ledger = tuple(entries)
    state = derive(ledger, calendar, hall, new.at).get(new.kind)
    if state is None or state.stopped_at is not None:
        raise Conflict(
            "clock_not_running",
            "该期限当时没有在计算，不能暂停、恢复、变更或延长。",
            "This clock was not running at that time; it cannot be suspended, resumed, changed or extended.",
        )
    if new.act == "suspend":
        _check_suspension(state, new)
    elif new.act == "resume" and not state.suspended:
        raise Conflict("clock_not_suspended", "该期限没有暂停，无需恢复。", "This clock is not suspended.")
    elif new.act == "extend":
        _check_extension(state, new, ledger)


def _check_suspension(state: ClockState, new: Entry) -> None:
    if not new.basis.strip():
        raise Conflict(
            "suspension_without_basis",
            "暂停计时须写明依据：八类法定情形之一，或该事项自身的法律依据。",
            "A suspension needs its basis: one of the eight lawful kinds, or a law of the item's own.",
            basis="行政许可法45",
        )
    _check_in_time(state, new)


def _check_extension(state: ClockState, new: Entry, ledger: Iterable[Entry]) -> None:
    # Also one that takes effect later than this one: written down late, it is still a second extension.
    if any(one.kind is new.kind and one.act == "extend" and one.at >= state.started_at for one in ledger):
        raise Conflict(
            "already_extended",
            "该期限已经延长过一次，不得再次延长。",
            "This limit has been extended once and cannot be extended again.",
            basis="行政许可法42(1)",
        )
    if new.unit is not state.unit:
        raise Conflict(
            "clock_units_mixed",
            "延长期限须与原期限使用同一计算单位。",
            "An extension must be in the unit of the limit that it extends.",
        )
    _check_in_time(state, new)


def _check_in_time(state: ClockState, new: Entry) -> None:
    if state.due_at is not None and new.at > state.due_at:
        raise Conflict(
            "clock_overdue",
            "期限已经届满，不能再暂停或延长；请按超期办理并向申请人说明。",
            "The limit has passed; it can no longer be suspended or extended. Handle the case as overdue.",
            basis="行政许可法42",
        )
