"""What an act writes, as rows: the event behind the last one, the clock snapshot, ledger entries and their index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from workflows import events
from workflows.clock import ClockKind, ClockState, Entry


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


def snapshot(clocks: Mapping[ClockKind, ClockState]) -> dict[str, Any]:
    """The clocks as an event keeps them: a line each, only text and flags."""
    return {
        kind.value: {
            "status": "stopped" if state.stopped_at else "suspended" if state.suspended else "running",
            "due_on": state.due_on.isoformat(),
            "provisional": state.provisional,
        }
        for kind, state in sorted(clocks.items())
    }


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
