"""The index that says when a sweeper must look at a clock: read from a case row, and made anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from engine.rows import clock_row
from workflows.clock import ClockKind, ClockState, HallHours
from workflows.errors import Conflict
from workflows.flow import Flow
from workflows.situation import Situation
from workflows.timers import next_moment


class Watched(NamedTuple):
    """The index of one clock: when its run began, up to when it was carried out, when to look next (all UTC)."""

    started_at: datetime
    until: datetime | None
    next_at: datetime | None


class Overtaken(Conflict):
    """Something on the case came due before now and must be carried out before anybody acts."""


def watched_of(case: Mapping[str, Any]) -> dict[ClockKind, Watched]:
    """The index of a case's clocks, from the row that every act looks at."""
    return {
        ClockKind(kind): Watched(datetime.fromisoformat(began), _moment(until), _moment(at))
        for kind, began, until, at in case["watched"]
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def refuse_overtaken(case: Mapping[str, Any], now: datetime) -> None:
    """Refuse an act on a case to which time has something to do first.

    :raises Overtaken: ``moment_passed``.
    """
    duty: datetime | None = case["duty_at"]
    passed = any(at is not None and datetime.fromisoformat(at) < now for _, _, _, at in case["watched"])
    if passed or (duty is not None and duty < now):
        raise Overtaken(
            "moment_passed",
            "该办件有期限已届满，系统正在处理，请稍后重试；本次操作未写入。",
            "A limit of this case has passed and is being carried out; try again shortly. Nothing was written.",
        )


def watch_row(
    state: ClockState, watched: datetime | None, flow: Flow, situation: Situation, hall: HallHours
) -> dict[str, Any]:
    """The index row of one clock, with the next moment at which it must be looked at.

    :param watched: up to when this run has been carried out (UTC).
    """
    found = next_moment(state, watched, flow, situation, hall)
    return clock_row(state) | {"watched_until": watched, "next_at": found}


def rows_of(
    case: Mapping[str, Any],
    before: Mapping[ClockKind, ClockState],
    clocks: Mapping[ClockKind, ClockState],
    touched: set[ClockKind],
    carried_out: Mapping[ClockKind, datetime],
    flow: Flow,
    situation: Situation,
    hall: HallHours,
) -> list[dict[str, Any]]:
    """The index rows that an act writes: of the clocks that it touched, and of those that are watched otherwise now.

    A new run, and one whose end moved forward in time, are watched from their beginning: the trail knows what was
    carried out for which due day.

    :param before: the clocks as they stood. :param clocks: as they stand. :param touched: those with a new entry.
    :param carried_out: up to when clocks were carried out with this act (UTC).
    :param situation: its ``state`` is the one that the case comes to.
    """
    known, rows = watched_of(case), []
    moved = situation.state != case["state"]
    for kind, state in sorted(clocks.items()):
        entry, old = known.get(kind), before.get(kind)
        same = entry is not None and entry.started_at == state.started_at
        earlier = same and old is not None and state.due_on < old.due_on
        watched = carried_out.get(kind, entry.until if entry is not None and same and not earlier else None)
        if kind in touched or kind in carried_out or (moved and state.running):
            row = watch_row(state, watched, flow, situation, hall)
            if kind in touched or entry is None or (row["watched_until"], row["next_at"]) != entry[1:]:
                rows.append(row)
    return rows
