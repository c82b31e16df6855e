"""A batch on its way: sent or unpacked by who packs, refused by who should receive; and finding one by its code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from engine import trail
from engine.context import Context
from engine.once import once
from engine.papers.custodians import record, refuse_agent, role_there
from engine.papers.packing import Cases, told_of
from engine.work import Answer
from storage import paper_batches
from storage.db import Connection
from storage.paper_moves import Move
from workflows.actor import Actor, Role
from workflows.counting import Key, check_word
from workflows.custody import (
    BASIS,
    RECEIVING,
    BatchState,
    BatchStep,
    Papers,
    PlaceKind,
    check_step,
    check_two_people,
    place_of,
    read_batch_code,
)
from workflows.errors import Forbidden, NotFound
from workflows.events import EventName
from workflows.payload import refuse_control_characters


@dataclass(frozen=True, slots=True)
class Carried:
    """A locked batch with its locked cases, and as what somebody acts on it."""

    connection: Connection
    row: dict[str, Any]
    cases: Cases
    lines: Mapping[Key, Papers]
    role: Role

    @property
    def place(self) -> str:
        """The batch as the ledger writes it."""
        return place_of(PlaceKind.batch, self.row["code"])

    def end(self, name: str) -> str:
        """One end of its way as the ledger writes it. :param name: ``from`` or ``to``."""
        return place_of(self.row[f"{name}_kind"], self.row[name])

    def key_of(self, number: str) -> UUID:
        """The key of one of its cases."""
        key: UUID = self.cases[number]["id"]
        return key


def end_of(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One end of a batch. :param name: ``from`` or ``to``."""
    return {"kind": row[f"{name}_kind"], "path": row[f"{name}_path"]}


def not_found() -> NotFound:
    """The same answer for a batch that is not there and for one between other organisations."""
    return NotFound(
        "batch_not_found",
        "没有找到该批次，或者它不是移交给您单位的。请核对移交单上的接收单位。",
        "There is no such batch for your organisation; check the receiver on the slip.",
    )


async def hold(connection: Connection, actor: Actor, code: str, step: BatchStep) -> Carried:
    """A batch locked for a step, with its cases, in the order of their numbers.

    :raises NotFound: ``batch_not_found``. :raises Forbidden: ``role_not_allowed`` for the other end, ``same_person``,
        ``two_hats``. :raises Conflict: ``batch_step_not_allowed``. :raises Malformed: ``batch_code_malformed``.
    """
    row = await paper_batches.lock(connection, read_batch_code(code))
    here, there = ("to", "from") if step in RECEIVING else ("from", "to")
    role = role_there(actor, end_of(row, here)) if row else None
    if row is None or (role is None and role_there(actor, end_of(row, there)) is None):
        raise not_found()
    if role is None:
        raise Forbidden(
            "role_not_allowed",
            f"此步骤由{row[f'{here}_name']}办理。",
            f"This step is for {row[f'{here}_name_en'] or row[f'{here}_name']}.",
            basis=BASIS,
        )
    check_step(step, row["state"])
    if step in RECEIVING:
        check_two_people(actor, [row["packed_by"], row["sent_by"]])
    if step is BatchStep.take_back:
        check_two_people(actor, [row["refused_by"]])
    carried = await loaded(connection, row, role)
    for case in carried.cases.values():
        refuse_agent(case, actor)
    return carried


async def loaded(connection: Connection, row: dict[str, Any], role: Role) -> Carried:
    """A locked batch with its lines, and its cases locked in the order of their numbers."""
    lines = await paper_batches.lines_of(connection, row["id"])
    numbers = sorted({line["case"] for line in lines})
    cases = {number: await trail.lock(connection, number) for number in numbers}
    sealed = {(line["case"], line["line"]): Papers(line["originals"], line["copies"], line["sheets"]) for line in lines}
    return Carried(connection, row, cases, sealed, role)


Change = Callable[[Carried], Awaitable[Answer]]


async def change(
    context: Context, actor: Actor, code: str, step: BatchStep, request: Any, now: datetime, key: str, write: Change
) -> Answer:
    """Take one step with a batch, once under a key. Refusals as in :func:`hold` and of ``write``."""
    refuse_control_characters(request)

    async def one(connection: Connection) -> Answer:
        return await write(await hold(connection, actor, code, step))

    answer = await once(actor, key, ["batch", code, step, request], now, one)
    context.wake()
    return answer


def answer_of(row: Mapping[str, Any], state: BatchState, **more: Any) -> Answer:
    """What is answered to a step."""
    return {"batch": row["code"], "number": row["number"], "state": state.value, **more}


async def send(context: Context, actor: Actor, code: str, now: datetime, key: str = "") -> Answer:
    """发出: the sealed batch leaves. :param now: UTC. Refusals as in :func:`hold`."""
    return await change(context, actor, code, BatchStep.send, None, now, key, partial(_send, context, actor, now))


async def _send(context: Context, actor: Actor, now: datetime, carried: Carried) -> Answer:
    await paper_batches.mark_sent(carried.connection, carried.row["id"], actor.staff, now)
    told = told_of(carried.row, carried.lines, carried.cases, to=carried.row["to"])
    await record(context, carried.connection, (actor, carried.role), EventName.PAPER_SENT, told, [], now)
    return answer_of(carried.row, BatchState.sent)


async def unpack(context: Context, actor: Actor, code: str, now: datetime, key: str = "") -> Answer:
    """拆封: a batch that has not left is taken apart; its papers are where they were. Refusals as in :func:`hold`."""
    return await change(context, actor, code, BatchStep.unpack, None, now, key, partial(_unpack, context, actor, now))


async def _unpack(context: Context, actor: Actor, now: datetime, carried: Carried) -> Answer:
    row = carried.row
    await paper_batches.mark_unpacked(carried.connection, row["id"])
    moves = [
        Move(carried.key_of(number), line, papers, carried.place, carried.end("from"), row["id"])
        for (number, line), papers in carried.lines.items()
    ]
    told = told_of(row, carried.lines, carried.cases)
    await record(context, carried.connection, (actor, carried.role), EventName.PAPER_UNPACKED, told, moves, now)
    return answer_of(row, BatchState.unpacked)


async def refuse(context: Context, actor: Actor, code: str, reason: str, now: datetime, key: str = "") -> Answer:
    """拒收: the whole batch goes back as it is, its seal unbroken.

    :raises Malformed: ``reason_needed``; and as in :func:`hold`.
    """
    check_word(reason)
    write = partial(_refuse, context, actor, reason.strip(), now)
    return await change(context, actor, code, BatchStep.refuse, [reason], now, key, write)


async def _refuse(context: Context, actor: Actor, reason: str, now: datetime, carried: Carried) -> Answer:
    await paper_batches.mark_refused(carried.connection, carried.row["id"], actor.staff, now, reason)
    told = told_of(carried.row, carried.lines, carried.cases, reason=reason)
    await record(context, carried.connection, (actor, carried.role), EventName.PAPER_REFUSED, told, [], now)
    return answer_of(carried.row, BatchState.refused)
