"""An act that was found lawful, turned into rows and written in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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
from workflows.timers import next_moment


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
        clocks=index_rows(work, clocks, {entry.kind for entry in added}),
        documents=papers,
        notifications=messages(work),
        outbox=[{"topic": "case.changed", "data": {"case": case["number"], "seq": event["seq"]}}, *work.outbox],
        key=(command.actor.person, command.key, digest, answer),
    )
    for write, arguments in work.after:
        await write(connection, *arguments)
    return answer


def index_rows(work: Work, clocks: Mapping[ClockKind, ClockState], touched: set[ClockKind]) -> list[dict[str, Any]]:
    """The index rows of the clocks that an act touched, each with the next moment at which it must be looked at."""
    known = {kind: (datetime.fromisoformat(began), seen) for kind, began, seen, _ in work.case["watched"]}
    rows = []
    for kind in sorted(touched):
        state = clocks[kind]
        began, seen = known.get(kind.value, (None, None))
        watched = datetime.fromisoformat(seen) if seen and began == state.started_at else None
        watched = work.watched.get(kind, watched)
        found = next_moment(state, watched, work.flow, work.situation.state, work.situation.calendar, work.hours)
        rows.append(clock_row(state) | {"watched_until": watched, "next_at": found})
    return rows


def messages(work: Work) -> list[dict[str, Any]]:
    """Who is told of the act, a row for each way."""
    act = work.command.act.value
    return [
        *({"recipient": tell.to, "way": tell.way, "event": act, "data": {}} for tell in work.step.definition.notify),
        *({"recipient": to, "way": way, "event": event, "data": data} for to, way, event, data in work.messages),
    ]


async def _number_documents(connection: Connection, work: Work) -> list[dict[str, Any]]:
    """Give every document of the step its gap-free number, per agency, kind and year of the hall's zone."""
    year = work.day().year
    codes = [*work.step.definition.documents, *work.papers]
    kinds = [KINDS[code] for code in codes if code not in work.cited]
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
            "data": redact({**work.payload, **work.papers_data.get(kind.code, {})}),
            "issued_by": work.command.actor.staff,
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
    if listed := _listed(work, papers):
        data["documents"] = listed
    return chain(
        work.case,
        {
            "name": f"case:{command.act}",
            "at": command.now,
            "claimed_at": command.claimed_at,
            "actor": command.actor.staff,
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
        "documents": _listed(work, papers),
    }


def _listed(work: Work, papers: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The documents of an act by kind and number, with those that another case's act has issued for it."""
    issued = {paper["code"]: paper["number"] for paper in papers} | work.cited
    return [{"code": code, "number": number} for code, number in issued.items()]
