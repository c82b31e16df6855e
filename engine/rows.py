"""What an act writes, as rows: the event behind the last one, the clock snapshot, ledger entries and their index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from storage import acts
from workflows import events
from workflows.calendar import Calendar
from workflows.clock import ClockKind, ClockState, Entry
from workflows.fact_clock import elapsed
from workflows.hall_hours import HallHours
from workflows.warning import Warned

_TOLD_ELSEWHERE: Final = frozenset({"state", "version", "due_at", *Warned._fields, "rank", "holder"})
"""Columns of a case that an event tells in its own columns, or that follow from others."""


def chain(case: Mapping[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Put an event behind the last one of its case: its number, its pins, the digest before it and its own."""
    event |= {
        "case": case["number"],
        "seq": case["head_seq"] + 1,
        "item_version": case["item_version"],
        "flow": case["flow"],
        "flow_version": case["flow_version"],
        "previous": case["head_digest"] or events.GENESIS.hex(),
    }
    event["at"] = event["at"].astimezone(UTC)
    event["claimed_at"] = event["claimed_at"].astimezone(UTC) if event["claimed_at"] else None
    event["digest"] = events.digest(event).hex()
    return event


def snapshot(clocks: Mapping[ClockKind, ClockState], calendar: Calendar, hours: HallHours) -> dict[str, Any]:
    """The clocks as an event keeps them: a line each, with limit and elapsed time in the clock's own unit."""
    return {
        kind.value: {
            "status": "stopped" if state.stopped_at else "suspended" if state.suspended else "running",
            "due_on": state.due_on.isoformat(),
            "due_at": _text(state.due_at),
            "provisional": state.provisional,
            "started_at": _text(state.started_at),
            "stopped_at": _text(state.stopped_at),
            "unit": state.unit.value,
            "limit": state.limit,
            "extended": state.extended,
            "excluded": state.excluded,
            "elapsed": elapsed(state, calendar, hours),
        }
        for kind, state in sorted(clocks.items())
    }


def standing(before: Mapping[str, Any], after: Mapping[str, Any], working_days: int) -> dict[str, Any]:
    """What an act changed of its case, so that nobody who reads the trail needs the case row.

    :param before: the case row. :param after: its columns as the act leaves them.
    :param working_days: from the hall's day on which the case was opened to that of the act.
    """
    changed = (name for name in acts.CASE_COLUMNS if name not in _TOLD_ELSEWHERE and after[name] != before[name])
    changes = {name: _text(after[name]) for name in changed}
    return {"holder": after["holder"], "working_days": working_days, "changes": changes}


def begun(case: Mapping[str, Any], hours: HallHours) -> dict[str, Any]:
    """The same for the first event of a case, with what never changes: kind, first department, zone of its days.

    :param case: the new row, with ``case_kind`` and the code of its ``department``.
    """
    names = ("hall_id", "window_id", "owner_id", "mandate_id", "priority", "flags")
    changes = {name: _text(case[name]) for name in names if case.get(name)}
    first = {"kind": case["case_kind"], "department": case["department"], "zone": hours.zone.key}
    return {"holder": case["holder"], "working_days": 0, "changes": changes, **first}


def _text(value: Any) -> Any:
    """A moment or key as text; flags and numbers as they are."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value


def entry_row(entry: Entry, ordinal: int) -> dict[str, Any]:
    """The row of a ledger entry. :param ordinal: its place among those of the same act, from 0."""
    return {
        "ordinal": ordinal,
        "kind": entry.kind.value,
        "act": entry.act,
        "at": entry.at,
        "amount": entry.amount,
        "unit": entry.unit.value if entry.unit else None,
        "basis": entry.basis,
        "by": entry.by,
        "note": entry.note,
    }


def clock_row(state: ClockState) -> dict[str, Any]:
    """The index row of a clock, but for its watches; while it is suspended there is no due day to keep or to doubt."""
    return {
        "kind": state.kind.value,
        "running": state.running,
        "suspended": state.suspended,
        "started_at": state.started_at,
        "stopped_at": state.stopped_at,
        "due_on": None if state.suspended else state.due_on,
        "due_at": state.due_at,
        "provisional": state.provisional and not state.suspended,
    }
