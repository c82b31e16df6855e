"""签收与清点: a batch counted where it arrives, what does not agree written down, and how that is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.context import Context
from engine.once import once
from engine.papers.carrying import Carried, answer_of, change, end_of, loaded, not_found
from engine.papers.custodians import record, role_there
from engine.papers.packing import Count, counts, told_of
from engine.work import Answer
from storage import paper_batches, paper_discrepancies, paper_moves
from storage.db import Connection
from storage.paper_moves import Move
from workflows import scope
from workflows.actor import Actor
from workflows.counting import (
    Counted,
    Difference,
    Discrepancy,
    Key,
    Outcome,
    arrives,
    check_outcome,
    compare,
)
from workflows.custody import (
    BASIS,
    LOST,
    MOST_LINES,
    SETTLERS,
    BatchState,
    BatchStep,
    Papers,
    check_step,
    check_two_people,
    not_here,
    read_batch_code,
)
from workflows.errors import Conflict, Malformed, NotFound
from workflows.events import EventName
from workflows.payload import Code, ShortText, Text, refuse_control_characters


class FoundLine(Struct, forbid_unknown_fields=True, frozen=True):
    """A line that is not as the slip says: what was found, how many pieces of it are damaged, and a note.

    A count that is left out is as on the slip; a line of which nothing was found has no sheets either.
    """

    case: Code
    line: Code
    originals: Count | None = None
    copies: Count | None = None
    sheets: Count | None = None
    damaged: Count = 0
    note: ShortText | None = None


class Arriving(Struct, forbid_unknown_fields=True, frozen=True):
    """A batch as it was counted: all pieces (originals and copies), and only the lines that differ."""

    pieces: Count
    lines: Annotated[list[FoundLine], Meta(max_length=MOST_LINES)] = msgspec.field(default_factory=list)


class Settling(Struct, forbid_unknown_fields=True, frozen=True):
    """How a discrepancy is settled, and why."""

    outcome: Outcome
    word: Text


async def receive(context: Context, actor: Actor, code: str, request: Arriving, now: datetime, key: str = "") -> Answer:
    """签收: the batch is counted at the organisation that it is for; what agrees with the seal is there from now on.

    :param now: UTC. :param key: idempotency key.
    :returns: ``batch``, ``number``, ``state``, and how many ``discrepancies`` were written down.
    :raises Conflict: ``count_differs``, ``line_not_in_batch``; and as in :func:`engine.papers.carrying.hold`.
    :raises Malformed: ``line_twice``, ``note_needed``, ``damaged_wrong``.
    """
    return await _arrive(context, actor, code, BatchStep.receive, request, now, key)


async def take_back(
    context: Context, actor: Actor, code: str, request: Arriving, now: datetime, key: str = ""
) -> Answer:
    """收回: a refused batch is counted again where it came from. Otherwise as :func:`receive`."""
    return await _arrive(context, actor, code, BatchStep.take_back, request, now, key)


async def _arrive(
    context: Context, actor: Actor, code: str, step: BatchStep, request: Arriving, now: datetime, key: str
) -> Answer:
    write = partial(_count, context, actor, step, request, now)
    return await change(context, actor, code, step, msgspec.to_builtins(request), now, key, write)


def _found(lines: Iterable[FoundLine], sealed: Mapping[Key, Papers]) -> dict[Key, Counted]:
    found = {}
    for one in lines:
        key = (one.case, one.line)
        if key in found:
            raise Malformed("line_twice", "同一材料重复列出，请删除重复项。", "A line is listed twice; remove one.")
        found[key] = Counted(_counted(one, sealed.get(key, Papers())), one.damaged, one.note or "")
    return found


def _counted(one: FoundLine, sealed: Papers) -> Papers:
    originals = sealed.originals if one.originals is None else one.originals
    copies = sealed.copies if one.copies is None else one.copies
    sheets = sealed.sheets if one.sheets is None else one.sheets
    return Papers(originals, copies, sheets if originals + copies else 0)


async def _count(
    context: Context,
    actor: Actor,
    step: BatchStep,
    request: Arriving,
    now: datetime,
    carried: Carried,
) -> Answer:
    row, connection = carried.row, carried.connection
    found = _found(request.lines, carried.lines)
    await _refuse_foreign_lines(context, carried, found)
    differences = compare(carried.lines, found, request.pieces)
    whole = BatchState.received if step is BatchStep.receive else BatchState.taken_back
    state = BatchState.received_with_discrepancy if differences else whole
    end = carried.end("to" if step is BatchStep.receive else "from")
    arrived = {key: arrives(papers, found.get(key)) for key, papers in carried.lines.items()}
    moves = [
        Move(carried.key_of(number), line, papers, carried.place, end, row["id"])
        for (number, line), papers in arrived.items()
    ]
    await paper_batches.mark_arrived(connection, row["id"], state.value, actor.staff, now)
    rows = [_row(carried, one) | {"recorded_by": actor.staff, "recorded_at": now} for one in differences]
    await paper_discrepancies.add(connection, rows)
    name = EventName.PAPER_RECEIVED if step is BatchStep.receive else EventName.PAPER_TAKEN_BACK
    told = [(case, data | _told(differences, case["number"])) for case, data in told_of(row, arrived, carried.cases)]
    await record(context, connection, (actor, carried.role), name, told, moves, now)
    return answer_of(row, state, discrepancies=len(differences))


async def _refuse_foreign_lines(context: Context, carried: Carried, found: Mapping[Key, Counted]) -> None:
    """A line that is counted must be on the list of its case.

    :raises Conflict: ``material_not_on_list``.
    """
    for number, line in found:
        if number in carried.cases:
            item = await context.item(carried.cases[number]["item_id"])
            if line not in {one.code for one in item.materials}:
                raise Conflict(
                    "material_not_on_list",
                    f"材料“{line[:40]}”不在办件{number}的材料清单内。",
                    f"There is no {line[:40]} on the list of case {number}.",
                    basis=BASIS,
                )


def _row(carried: Carried, one: Difference) -> dict[str, Any]:
    number, line = one.key
    return {
        "batch_id": carried.row["id"],
        "case_id": carried.cases[number]["id"],
        "kind": one.kind.value,
        "note": one.note,
        **counts(line, one.papers),
    }


def _told(differences: Iterable[Difference], number: str) -> dict[str, Any]:
    """What the event of a case says of its discrepancies."""
    mine = [
        {"kind": one.kind.value, "note": one.note, **counts(one.key[1], one.papers)}
        for one in differences
        if one.key[0] == number
    ]
    return {"discrepancies": mine} if mine else {}


async def settle(
    context: Context, actor: Actor, code: str, discrepancy: UUID, request: Settling, now: datetime, key: str = ""
) -> Answer:
    """处理差异: acknowledged by the end that handed over, or settled by a supervisor; never by who recorded it.

    :param discrepancy: its key. :param now: UTC.
    :returns: ``batch``, ``number``, ``state``, and how many ``discrepancies`` are still open.
    :raises NotFound: ``batch_not_found``, ``discrepancy_not_found``, also for one that is settled.
    :raises Conflict: ``outcome_does_not_fit``, ``paper_not_here``, ``batch_step_not_allowed``.
    :raises Forbidden: ``role_not_allowed``, ``same_person``. :raises Malformed: ``reason_needed``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    write = partial(_settle, context, actor, read_batch_code(code), discrepancy, request, now)
    answer = await once(actor, key, ["settle", code, str(discrepancy), request], now, write)
    context.wake()
    return answer


async def _settle(
    context: Context, actor: Actor, code: str, key: UUID, request: Settling, now: datetime, connection: Connection
) -> Answer:
    row = await paper_batches.lock(connection, code)
    if row is None:
        raise not_found()
    supervisor = scope.role_at(actor, SETTLERS, row["hall_path"], "")
    sender, receiver = ("to", "from") if row["refused_at"] else ("from", "to")
    theirs = role_there(actor, end_of(row, sender))
    role = supervisor or theirs
    if role is None:
        raise not_found()
    check_step(BatchStep.settle, row["state"])
    open_ones = await paper_discrepancies.open_of(connection, row["id"])
    one = next((found for found in open_ones if found["id"] == key), None)
    if one is None:
        raise NotFound(
            "discrepancy_not_found", "没有该差异，或者已经处理。", "There is no such discrepancy that is still open."
        )
    check_outcome(one["kind"], request.outcome, by_sender=supervisor is None, word=request.word)
    check_two_people(actor, [one["recorded_by"]])
    carried = await loaded(connection, row, role)
    ends = (carried.end(sender), carried.end(receiver))
    moves = [await _settling_move(carried, one, request.outcome, ends)]
    await paper_discrepancies.settle(connection, key, request.outcome.value, request.word.strip(), actor.staff, now)
    if len(open_ones) == 1:
        await paper_batches.mark_settled(connection, row["id"])
    told = {"batch": row["code"], "slip": row["number"], "kind": one["kind"], "outcome": request.outcome.value,
            "word": request.word.strip(), "papers": [counts(one["line"], _papers(one))]}  # fmt: skip
    about = [(carried.cases[one["case"]], told)]
    await record(context, connection, (actor, role), EventName.PAPER_SETTLED, about, filter(None, moves), now)
    state = BatchState.settled if len(open_ones) == 1 else BatchState.received_with_discrepancy
    return answer_of(row, state, discrepancies=len(open_ones) - 1)


def _papers(row: Mapping[str, Any]) -> Papers:
    return Papers(row["originals"], row["copies"], row["sheets"])


async def _settling_move(
    carried: Carried, one: Mapping[str, Any], outcome: Outcome, ends: tuple[str, str]
) -> Move | None:
    """What a settlement moves. :param ends: the places of who handed over and of who received.

    :raises Conflict: ``paper_not_here`` where more is confirmed than the ledger has at the sender's.
    """
    papers, case, line = _papers(one), carried.cases[one["case"]], one["line"]
    sender, receiver = ends
    if outcome in {Outcome.noted, Outcome.not_of_case}:
        return None
    if one["kind"] == Discrepancy.missing:
        to = {Outcome.left_behind: sender, Outcome.found: receiver, Outcome.lost: LOST}[outcome]
        return Move(case["id"], line, papers, carried.place, to, carried.row["id"])
    where = await paper_moves.where(carried.connection, [case["id"]])
    here = where.get((case["id"], line), {}).get(sender, Papers())
    if papers.without(here):
        raise not_here(line, here)
    return Move(case["id"], line, papers, sender, receiver, carried.row["id"])
