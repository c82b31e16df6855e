"""An act that was found lawful, turned into rows and written in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.archive.filing_away import owe_archiving
from engine.command import Answer, Work
from engine.rows import chain, entry_row, snapshot, standing
from engine.watching import rows_of
from storage import acts, registers
from storage.db import Connection
from workflows import effects
from workflows.clock import ClockKind, ClockState, Entry, derive
from workflows.documents import KINDS
from workflows.numbers import document_number
from workflows.payload import redact
from workflows.warning import obliging, warned_by

CHILDREN: Final = "children.cancel"
"""The topic under which the end of a joint case is passed on to the departments that take part."""
RENDER: Final = "document.render"
"""The topic under which the documents of a case are made into files."""


async def commit(connection: Connection, work: Work, digest: str) -> Answer:
    """Turn the prepared act into rows and write them."""
    command = work.command
    owe_archiving(work)
    added, clocks = clocks_after(work)
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
        outbox=[*_left_to_do(work, row, event["seq"], papers), *work.outbox],
        key=(command.actor.person, command.key, digest, answer),
    )
    for write, arguments in work.after:
        await write(connection, *arguments)
    return answer


def clocks_after(work: Work) -> tuple[list[Entry], dict[ClockKind, ClockState]]:
    """What the act adds to the ledger, and the clocks as they will stand."""
    added = effects.entries_of(work.step, work.flow, work.situation, work.situation.role.zh, work.hours)
    return added, derive([*work.entries, *added], work.situation.calendar, work.hours, work.command.now)


def _left_to_do(work: Work, row: dict[str, Any], seq: int, papers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What every act leaves: the case is looked at again, documents become files, and what is open of children ends."""
    number = work.case["number"]
    left: list[dict[str, Any]] = [{"topic": "case.changed", "data": {"case": number, "seq": seq}}]
    ends = row["closed_at"] is not None and work.case["closed_at"] is None
    decided = row["decided_at"] is not None and work.case["decided_at"] is None
    if papers or ends or decided:
        left.append({"topic": RENDER, "data": {"case": number}})
    if ends and "joint" in work.flags:
        left.append({"topic": CHILDREN, "data": {"case": number}})
    return left


def index_rows(work: Work, clocks: Mapping[ClockKind, ClockState], touched: set[ClockKind]) -> list[dict[str, Any]]:
    """The index rows that an act writes: of the clocks that it touched, and of those that are watched otherwise now."""
    return rows_of(
        work.case, work.situation.clocks, clocks, touched, work.watched, work.flow, work.situation, work.hours
    )


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
            "data": data_of(work, kind.code),
            "issued_by": work.command.actor.staff,
        }
        for kind in kinds
    ]


def data_of(work: Work, code: str) -> dict[str, Any]:
    """What a document of the act keeps to be printed: what was sent, and what the act found; numbers masked."""
    data: dict[str, Any] = redact({**work.payload, **work.papers_data.get(code, {})})
    return data


def _next_row(work: Work, clocks: Mapping[ClockKind, ClockState]) -> dict[str, Any]:
    """The case row as it will stand."""
    case, target = work.case, work.flow.states[work.situation.state]
    pressing = obliging(clocks, work.flow, target.name)
    row = {"id": case["id"]} | {name: case[name] for name in acts.CASE_COLUMNS}
    work.flags |= set(work.step.definition.flags.set)
    work.flags -= set(work.step.definition.flags.clear)
    row |= {
        "state": target.name,
        "holder": target.holder,
        "version": case["version"] + 1,
        "flags": sorted(work.flags),
        "due_at": min((state.due_at for state in clocks.values() if state.running and state.due_at), default=None),
        **warned_by(pressing, work.situation.calendar, work.hours)._asdict(),
    }
    if target.decision and row["decided_at"] is None:
        row["decided_at"] = work.effective_at
    if target.kind not in {"initial", "open"} and row["closed_at"] is None:
        row["closed_at"] = work.effective_at
    if target.kind in {"terminal", "final"}:
        row["rank"] = 1
    return row | work.changes


def _event(
    work: Work, row: dict[str, Any], clocks: Mapping[ClockKind, ClockState], papers: list[dict[str, Any]]
) -> dict[str, Any]:
    command, situation, grant = work.command, work.situation, work.situation.grant
    calendar, day = situation.calendar, work.hours.day
    since_opened = calendar.working_days_between(day(work.case["opened_at"]), day(command.now))
    data = {"payload": redact(work.payload), **work.data, "standing": standing(work.case, row, since_opened)}
    if listed := _listed(work, papers):
        data["documents"] = listed
    return chain(
        work.case,
        {
            "name": f"case:{command.act}",
            "at": command.now,
            "claimed_at": command.claimed_at,
            "actor": command.actor.staff,
            "actor_name": command.actor.signature(grant),
            "role": situation.role.value,
            "organisation": grant.organisation if grant else None,
            "window": command.window,
            "acting_for": grant.acting_for if grant else None,
            "from_state": work.case["state"],
            "to_state": row["state"],
            "reason": str(work.payload.get("reason", "")),
            "data": data,
            "clocks": snapshot(clocks, calendar, work.hours),
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
