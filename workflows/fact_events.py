"""Events as facts read them: of any version, brought to the newest one when they are read and never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec

Event = Mapping[str, Any]
"""An event with its canonical columns (:data:`workflows.events.CHAINED`), times with their zone.

Read its ``data`` through :func:`upcast` and its ``clocks`` through :func:`clocks_of`.
"""

OUTCOMES: Final = MappingProxyType(
    {
        "GRANTED": "granted",
        "DENIED": "denied",
        "NOT_ACCEPTED": "not_accepted",
        "WITHDRAWN": "withdrawn",
        "TERMINATED": "terminated",
        "LAPSED": "lapsed",
        "VOID": "void",
    }
)
"""What it means for a case to have come to a state; the first of these closes it (办结)."""
_DECIDED: Final = frozenset({"GRANTED", "DENIED"})
_HOME: Final = "Asia/Shanghai"
_ACCEPTING: Final = frozenset({"case:accept", "case:accept_with_tolerance", "case:deem_accepted"})


def upcast(event: Event) -> dict[str, Any]:
    """The data of an event in the newest form: with ``standing``, what it changed of its case.

    Older events lack it. What follows from their name, state and time is filled in; who held the case when, and how
    long, is not told by them and stays unknown.
    """
    data: dict[str, Any] = event["data"]
    if "standing" in data or not event["name"].startswith("case:"):
        return data
    standing: dict[str, Any] = {"holder": "", "working_days": None, "changes": _changes(event)}
    if event["name"] == "case:open":
        standing |= {"kind": "", "department": "", "zone": _HOME}
    return {**data, "standing": standing}


def _changes(event: Event) -> dict[str, Any]:
    """The columns of the case that an older event changed, as far as it shows."""
    name, data, at = event["name"], event["data"], _effective(event)
    changes: dict[str, Any] = {}
    if name == "case:open":
        changes |= {"hall_id": _key(event["organisation"]), "window_id": _key(event["window"])}
        changes |= {"owner_id": data.get("owner"), "priority": data.get("priority", "")}
    if event["to_state"] == "RECEIVED" and event["from_state"] in {"NEW", "PRE_PASSED", "PRE_RETURNED"}:
        changes |= {"received_at": at}
    if name == "case:receive":
        changes |= {"receiver_id": _key(event["actor"])}
    if name in _ACCEPTING:
        changes |= {"accepted_at": at}
    if name == "case:submit_review":
        changes |= {"handler_id": _key(event["actor"])}
    if event["to_state"] in OUTCOMES and event["from_state"] != event["to_state"]:
        changes |= {"closed_at": at}
    if event["to_state"] in _DECIDED and event["from_state"] != event["to_state"]:
        changes |= {"decided_at": at, "approver_id": _key(event["actor"])}
    return changes


def _effective(event: Event) -> str:
    """When an act counts: what time did counts from the moment that the law names."""
    moment = event["data"].get("effective_at")
    return moment if isinstance(moment, str) else event["at"].astimezone(UTC).isoformat()


def _key(value: object) -> str | None:
    return None if value is None else str(value)


def clocks_of(event: Event) -> Mapping[str, Any]:
    """The clocks as they stood with an event; a reader of many events may leave them as the text that is stored."""
    kept = event["clocks"]
    clocks: Mapping[str, Any] = msgspec.json.decode(kept) if isinstance(kept, str) else kept
    return clocks


def moment(text: str | None) -> datetime | None:
    """A moment as an event keeps it, read back."""
    return None if text is None else datetime.fromisoformat(text)
