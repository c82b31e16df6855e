"""Before and after: what each event of a case changed, told from the trail alone (变更前后对照)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Event = Mapping[str, Any]


class Change(NamedTuple):
    """One column of the case that an event changed. :param before: None where nothing was known of it before."""

    column: str
    before: Any
    after: Any


def changes_of(events: Iterable[Event]) -> Iterator[tuple[Change, ...]]:
    """For each event of a case, in order, what it changed: state, who holds the case, columns, limits.

    An event tells only what comes after it; what was before is what earlier ones had told. Events of versions that told
    less give fewer changes, never guessed ones.
    """
    known: dict[str, Any] = {}
    for event in events:
        told = _told(event)
        yield tuple(
            Change(column, known.get(column), after) for column, after in told.items() if known.get(column) != after
        )
        known |= told


def _told(event: Event) -> dict[str, Any]:
    """What the case is after an event, as far as the event says."""
    standing = event["data"].get("standing") or {}
    told: dict[str, Any] = {"state": event["to_state"], "item_version": event["item_version"],
                            "flow_version": event["flow_version"]}  # fmt: skip
    if "holder" in standing:
        told["holder"] = standing["holder"]
    told |= standing.get("changes", {})
    for kind, clock in sorted(event["clocks"].items()):
        told |= {f"clock.{kind}.{name}": clock[name] for name in ("status", "due_on") if name in clock}
    return told
