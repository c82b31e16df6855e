"""What must always hold, looked at again after every act and on a schedule; a breach raises an alarm for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import structlog

from engine.case_facts import read_situation
from engine.context import Context
from engine.trail import NOBODY
from engine.watching import watch_row
from storage import alarms, audit, cases, clocks, recounts
from storage.db import transaction
from workflows import events
from workflows.actor import SYSTEM, Role
from workflows.clock import ClockState
from workflows.warning import obliging, warned_by

_LOG: Final = structlog.get_logger("invariants")


async def check_case(context: Context, number: str, now: datetime) -> list[str]:
    """Check one case: its last link, its head, its state, its clocks, its two people. Each breach sounds an alarm.

    :param now: UTC. :returns: the codes of what was broken, empty when all is well.
    """
    async with transaction() as connection:
        case = await cases.lock(connection, number, NOBODY, "")
        if case is None:
            return []
        last = await audit.last_of(connection, case["id"])
        broken = [*_chain_faults(case, last), *_people_faults(case), *await _clock_faults(context, connection, case)]
        for code in broken:
            _LOG.error("invariant broken", code=code, case=number)
            await alarms.sound(connection, code, number, {"head_seq": case["head_seq"]}, now)
    return broken


def _chain_faults(case: dict[str, Any], last: dict[str, Any] | None) -> list[str]:
    if last is None:
        return ["trail_empty"]
    faults = []
    if (last["seq"], last["digest"]) != (case["head_seq"], case["head_digest"]):
        faults.append("head_mismatch")
    if events.digest(last | {"case": case["number"]}).hex() != last["digest"]:
        faults.append("event_altered")
    if last["to_state"] != case["state"]:
        faults.append("state_mismatch")
    return faults


def _people_faults(case: dict[str, Any]) -> list[str]:
    approver = case["approver_id"]
    same = approver is not None and approver in {case["handler_id"], case["endorser_id"]}
    return ["one_person_decided"] if same else []


async def _clock_faults(context: Context, connection: Any, case: dict[str, Any]) -> list[str]:
    """The index of clocks must equal what the ledger derives to as of the last change, and say when to look next.

    A clock that stopped keeps the due day that it stopped with, whatever calendar comes; and while a recount is under
    way, a due day may still be that of the calendar before.
    """
    situation, _, hours = await read_situation(
        context, connection, case, [], SYSTEM, Role.system, {}, case["changed_at"]
    )
    flow = await context.flow(case["flow"], case["flow_version"])
    found = {row["kind"]: row for row in await clocks.of_case(connection, case["id"])}
    watched = {kind: row["watched_until"] for kind, row in found.items()}
    wanted = {
        kind.value: watch_row(state, watched.get(kind.value), flow, situation, hours) | _as_stopped(found, state)
        for kind, state in situation.clocks.items()
    }
    warned = warned_by(obliging(situation.clocks, flow, case["state"]), situation.calendar, hours)
    same = wanted == found and warned == (case["red_at"], case["yellow_at"], case["amber_at"])
    stale = not same and not await recounts.unfinished(connection)
    return ["clock_index_stale"] if stale else []


def _as_stopped(found: dict[str, dict[str, Any]], state: ClockState) -> dict[str, Any]:
    row = found.get(state.kind.value)
    return {name: row[name] for name in ("due_on", "due_at", "provisional")} if row and state.stopped_at else {}
