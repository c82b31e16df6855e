"""An act that was found lawful, turned into rows and written in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.command import Answer, Work
from engine.rows import chain, clock_row, entry_row, snapshot
from storage import acts, registers
from storage.db import Connection
from workflows import effects
from workflows.clock import ClockKind, ClockState, derive
from workflows.documents import KINDS
from workflows.numbers import document_number
from workflows.payload import redact


async def commit(connection: Connection, work: Work, digest: str) -> Answer:
    """Turn the prepared act into rows and write them."""
    command, case = work.command, work.case
    added = effects.entries_of(work.step, work.flow, work.situation, work.situation.role.zh, work.hours)
    clocks = derive([*work.entries, *added], work.situation.calendar, work.hours, command.now)
    papers = await _number_documents(connection, work)
    row = _next_row(work, clocks)
    event = _event(work, row, clocks, papers)
    answer = _answer(work, row, event, papers)
    await acts.write(
        connection,
        row,
        event,
        entries=[entry_row(entry, n) for n, entry in enumerate(added)],
        clocks=[clock_row(clocks[kind]) for kind in sorted({entry.kind for entry in added})],
        documents=papers,
        outbox=[{"topic": "case.changed", "data": {"case": case["number"], "seq": event["seq"]}}, *work.outbox],
        key=(command.actor.person, command.key, digest, answer),
    )
    for write, arguments in work.after:
        await write(connection, *arguments)
    return answer


async def _number_documents(connection: Connection, work: Work) -> list[dict[str, Any]]:
    """Give every document of the step its gap-free number, per agency, kind and year of the hall's zone."""
    year = work.day().year
    kinds = [KINDS[code] for code in work.step.definition.documents]
    agencies = {kind.code: work.case[f"{kind.agency}_agency_word"] for kind in kinds}
    names = {kind.code: f"document:{agencies[kind.code]}:{kind.code}:{year}" for kind in kinds}
    ordinals = await registers.next_numbers(connection, list(names.values())) if kinds else {}
    work.numbers = {code: ordinals[name] for code, name in names.items()}
    return [
        {
            "code": kind.code,
            "number": document_number(agencies[kind.code], kind.word, year, work.numbers[kind.code]),
            "agency": agencies[kind.code],
            "year": year,
            "ordinal": work.numbers[kind.code],
            "data": redact(work.payload),
            "issued_by": work.command.actor.person,
        }
        for kind in kinds
    ]


def _next_row(work: Work, clocks: Mapping[ClockKind, ClockState]) -> dict[str, Any]:
    """The case row as it will stand."""
    case, target = work.case, work.flow.states[work.situation.state]
    row = {"id": case["id"]} | {name: case[name] for name in acts.CASE_COLUMNS}
    work.flags |= set(work.step.definition.flags.set)
    work.flags -= set(work.step.definition.flags.clear)
    row |= {
        "state": target.name,
        "holder": target.holder,
        "version": case["version"] + 1,
        "flags": sorted(work.flags),
        "due_at": min((state.due_at for state in clocks.values() if state.running and state.due_at), default=None),
    }
    if target.decision and row["decided_at"] is None:
        row["decided_at"] = work.now
    if target.kind not in {"initial", "open"} and row["closed_at"] is None:
        row["closed_at"] = work.now
    return row | work.changes


def _event(
    work: Work, row: dict[str, Any], clocks: Mapping[ClockKind, ClockState], papers: list[dict[str, Any]]
) -> dict[str, Any]:
    command, situation = work.command, work.situation
    data = {"payload": redact(work.payload), **work.data}
    if papers:
        data["documents"] = [{"code": paper["code"], "number": paper["number"]} for paper in papers]
    return chain(
        work.case,
        {
            "name": f"case:{command.act}",
            "at": command.now,
            "claimed_at": command.claimed_at,
            "actor": command.actor.person,
            "actor_name": command.actor.name,
            "role": situation.role.value,
            "organisation": next((g.organisation for g in command.actor.grants if g.role is situation.role), None),
            "window": command.window,
            "acting_for": None,
            "from_state": work.case["state"],
            "to_state": row["state"],
            "reason": str(work.payload.get("reason", "")),
            "data": data,
            "clocks": snapshot(clocks),
            "algorithm": work.context.settings.digest_algorithm,
        },
    )


def _answer(work: Work, row: dict[str, Any], event: dict[str, Any], papers: list[dict[str, Any]]) -> Answer:
    target = work.flow.states[row["state"]]
    return {
        "case": work.case["number"],
        "act": work.command.act.value,
        "state": target.name,
        "state_title": target.title,
        "version": row["version"],
        "seq": event["seq"],
        "at": event["at"].isoformat(),
        "due_at": row["due_at"].isoformat() if row["due_at"] else None,
        "documents": [{"code": paper["code"], "number": paper["number"]} for paper in papers],
    }
