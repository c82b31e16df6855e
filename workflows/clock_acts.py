"""Which acts on a clock are lawful now: asked before an entry is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.calendar import Calendar
from workflows.clock import ClockState, Entry, HallHours, derive
from workflows.clock_words import moment
from workflows.errors import Conflict


def check_entry(entries: Iterable[Entry], new: Entry, calendar: Calendar, hall: HallHours) -> None:
    """Refuse an entry that does not fit the clock as it stands at the entry's own moment.

    A change of the limit that comes after its end is let through, because the case has to go on; it does not
    move the end (see :func:`workflows.clock.derive`).

    :raises Conflict: ``suspension_before_start``, ``clock_not_running``, ``suspension_without_basis``,
        ``clock_not_suspended``, ``clock_overdue``, ``already_extended`` or ``clock_units_mixed``.
    """
    if new.act in ("start", "stop"):
        return
    ledger = tuple(one for one in entries if one.kind is new.kind)
    state = derive(ledger, calendar, hall, new.at).get(new.kind)
    if new.act == "suspend":
        _check_begun(state, new, ledger, hall)
    if state is None or state.stopped_at is not None:
        raise Conflict(
            "clock_not_running",
            "该期限当时没有在计算，不能暂停、恢复、变更或延长。请核对起止时间。",
            "This clock was not running at that time; it cannot be suspended, resumed, changed or extended. "
            "Check when it started and stopped.",
        )
    if new.act == "suspend":
        _check_suspension(state, new, hall)
    elif new.act == "resume" and not state.suspended:
        _refuse_resumption(new, hall)
    elif new.act == "extend":
        _check_extension(state, new, ledger, hall)
    elif new.act == "amend" and state.extended and new.unit is not state.unit:
        raise _units_mixed()


def _check_begun(state: ClockState | None, new: Entry, ledger: Sequence[Entry], hall: HallHours) -> None:
    """A suspension lies within the limit that it interrupts, so it begins after that one has begun."""
    later = [one.at for one in ledger if one.act == "start" and one.at >= new.at]
    begins = min(later, default=None)
    if begins is None or (state is not None and state.stopped_at is None and state.started_at < new.at):
        return
    (since_zh, since_en), (at_zh, at_en) = moment(begins, hall), moment(new.at, hall)
    raise Conflict(
        "suspension_before_start",
        f"该期限自{since_zh}起算，暂停时间{at_zh}须晚于起算时间。请更正暂停时间。",
        f"This clock starts at {since_en}; a suspension must begin after that, not at {at_en}. Correct its time.",
        basis="行政许可法45",
    )


def _check_suspension(state: ClockState, new: Entry, hall: HallHours) -> None:
    if not new.basis.strip():
        raise Conflict(
            "suspension_without_basis",
            "暂停计时须写明依据：八类法定情形之一，或该事项自身的法律依据。",
            "A suspension needs its basis: one of the eight lawful kinds, or a law of the item's own.",
            basis="行政许可法45",
        )
    _check_in_time(state, new, hall)


def _refuse_resumption(new: Entry, hall: HallHours) -> None:
    zh, en = moment(new.at, hall)
    raise Conflict(
        "clock_not_suspended",
        f"该期限在{zh}没有暂停，不能恢复。请核对暂停时间，恢复不得早于暂停。",
        f"This clock was not suspended at {en} and cannot be resumed. A resumption comes after its suspension.",
    )


def _check_extension(state: ClockState, new: Entry, ledger: Sequence[Entry], hall: HallHours) -> None:
    # Also one that takes effect later than this one: written down late, it is still a second extension.
    next_run = min((one.at for one in ledger if one.act == "start" and one.at > new.at), default=None)
    extended = [one.at for one in ledger if one.act == "extend" and one.at >= state.started_at]
    if any(next_run is None or at < next_run for at in extended):
        raise Conflict(
            "already_extended",
            "该期限已经延长过一次，不得再次延长。",
            "This limit has been extended once and cannot be extended again.",
            basis="行政许可法42(1)",
        )
    if new.unit is not state.unit:
        raise _units_mixed()
    _check_in_time(state, new, hall)


def _check_in_time(state: ClockState, new: Entry, hall: HallHours) -> None:
    if state.due_at is not None and new.at > state.due_at:
        zh, en = moment(state.due_at, hall)
        raise Conflict(
            "clock_overdue",
            f"期限已于{zh}届满，不能再暂停或延长；请按超期办理并向申请人说明。",
            f"The limit passed at {en}; it can no longer be suspended or extended. Handle the case as overdue.",
            basis="行政许可法42",
        )


def _units_mixed() -> Conflict:
    return Conflict(
        "clock_units_mixed",
        "延长期限须与原期限使用同一计算单位。请改用同一单位的数量。",
        "An extension must be in the unit of the limit that it extends. Give the amount in that unit.",
    )
