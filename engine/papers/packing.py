"""封装: papers of several cases packed into one sealed batch, with its slip (D23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from engine.context import Context
from engine.documents import slip_drafting
from engine.once import once
from engine.papers.custodians import (
    Stand,
    Told,
    case_scanned,
    lock_cases,
    number_of_day,
    parts_of,
    record,
    refuse_agent,
    stand_at,
)
from engine.work import Answer
from storage import organisations, paper_batches, paper_moves
from storage.db import Connection, uuid7
from storage.paper_moves import Move, Where
from workflows import scope
from workflows.actor import Actor
from workflows.counting import Key, check_sealed
from workflows.custody import BASIS, MOST_LINES, Papers, PlaceKind, Wished, batch_code, choose, place_of
from workflows.errors import Conflict, Malformed, NotFound
from workflows.events import EventName
from workflows.payload import Code, ShortText, refuse_control_characters

SLIP: Final = "D23"
Count = Annotated[int, Meta(ge=0, le=9999)]


class LineWish(Struct, forbid_unknown_fields=True, frozen=True):
    """Papers of one line to be packed; what is left out means all that are there."""

    line: Code
    originals: Count | None = None
    copies: Count | None = None
    sheets: Count | None = None


class CaseWish(Struct, forbid_unknown_fields=True, frozen=True):
    """A case whose papers are packed, as a scanner reads it from the receipt; all of them, or these lines."""

    case: ShortText
    lines: Annotated[list[LineWish], Meta(min_length=1, max_length=100)] | None = None


class Packing(Struct, forbid_unknown_fields=True, frozen=True):
    """A batch to be packed.

    ``to``: code of the department or, on the way back, of the hall. ``seal``: number of the seal. ``pieces``: originals
    and copies as they were counted into it. ``place``: code of the hall or department that packs, for who works in
    several.
    """

    to: Code
    seal: ShortText
    cases: Annotated[list[CaseWish], Meta(min_length=1, max_length=MOST_LINES)]
    pieces: Count | None = None
    place: Code | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """Who packs, where, for whom, and when."""

    context: Context
    actor: Actor
    stand: Stand
    to: Mapping[str, Any]
    seal: str
    now: datetime

    @property
    def hall(self) -> Mapping[str, Any]:
        """The end that is a hall."""
        return self.stand.place if self.stand.is_hall else self.to

    @property
    def department(self) -> Mapping[str, Any]:
        """The end that is a department."""
        return self.to if self.stand.is_hall else self.stand.place

    @property
    def place(self) -> str:
        """Where the papers are taken from, as the ledger writes it."""
        return place_of(self.stand.place["kind"], self.stand.place["code"])


Cases = Mapping[str, dict[str, Any]]
"""Locked rows by number."""
Chosen = Mapping[Key, Papers]


async def pack(context: Context, actor: Actor, request: Packing, now: datetime, key: str = "") -> Answer:
    """Pack a batch and give it its code and slip: all of its papers, or none. They are on their way from now on.

    :param now: UTC. :param key: idempotency key; the same request under the same key is done once.
    :returns: ``batch`` (its code), ``number`` (of the slip), ``state``, counts of the seal.
    :raises Forbidden: ``role_not_allowed``, ``two_hats``. :raises NotFound: ``organisation_not_found``,
        ``case_not_found``, also for a case of another hall.
    :raises Conflict: ``paper_not_here``, ``department_without_part``, ``batch_to_wrong_hall``, ``sealed_count_wrong``.
    :raises Malformed: ``case_twice``, ``line_twice``, ``batch_too_large``, ``sheets_needed``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    stand = await stand_at(actor, request.place)
    to = await organisations.by_code(request.to)
    if to is None or {to["kind"], stand.place["kind"]} != {"hall", "department"}:
        raise NotFound(
            "organisation_not_found",
            "没有该接收单位。大厅的材料移交给部门，部门的材料交回大厅。",
            "There is no such receiver: a hall hands over to a department, a department back to the hall.",
        )
    way = _Way(context, actor, stand, to, request.seal, now)
    answer = await once(actor, key, ["pack", request], now, partial(_pack, way, request))
    context.wake()
    return answer


async def _pack(way: _Way, request: Packing, connection: Connection) -> Answer:
    wishes = [(await case_scanned(one.case), one.lines) for one in request.cases]
    locked = await lock_cases(connection, {number for number, _ in wishes})
    cases = {locked[number]["number"]: locked[number] for number, _ in wishes}
    if len(cases) < len(wishes):
        raise Malformed("case_twice", "同一办件重复列出，请删除重复项。", "A case is listed twice; remove one.")
    for case in cases.values():
        await _check_way(way, case)
        refuse_agent(case, way.actor)
    where = await paper_moves.where(connection, [case["id"] for case in cases.values()])
    chosen = {
        (locked[number]["number"], line): papers
        for number, wished in wishes
        for line, papers in chosen_of(locked[number], wished, where, way.place).items()
    }
    if len(chosen) > MOST_LINES:
        raise Malformed(
            "batch_too_large", f"一个批次最多{MOST_LINES}项材料，请分批。", f"A batch holds {MOST_LINES} lines at most."
        )
    check_sealed(request.pieces, sum(chosen.values(), Papers()).pieces)
    batch = await _batch_row(way, connection, cases, chosen)
    await _write(way, connection, batch, cases, chosen)
    await _issue_slip(way, connection, batch, cases, chosen)
    shown = {name: batch[name] for name in ("number", "originals", "copies", "sheets")}
    return {"batch": batch["code"], "state": "packed", **shown}


async def _check_way(way: _Way, case: Mapping[str, Any]) -> None:
    """Papers of a case go from its hall to a department that has a part in it, and from there back to its hall."""
    item = await way.context.item(case["item_id"])
    parts = parts_of(item, case["department_path"].rpartition("/")[2])
    if case["hall_id"] != way.hall["id"] and way.stand.is_hall:
        raise scope.not_found()
    if way.department["code"] not in parts:
        if not way.stand.is_hall:
            raise scope.not_found()
        raise Conflict(
            "department_without_part",
            f"{way.department['name']}不承办办件{case['number']}，不能向其移交材料。",
            f"{way.department['name_en']} has no part in case {case['number']}; its papers do not go there.",
            basis=BASIS,
            parts=sorted(parts),
        )
    if case["hall_id"] != way.hall["id"]:
        raise Conflict(
            "batch_to_wrong_hall",
            f"办件{case['number']}的材料应交回收件的大厅。",
            f"The papers of case {case['number']} go back to the hall that received them.",
            basis=BASIS,
        )


def chosen_of(case: Mapping[str, Any], wished: list[LineWish] | None, where: Where, place: str) -> dict[str, Papers]:
    """The papers of a case that are packed, by line."""
    here = {line: places[place] for (key, line), places in where.items() if key == case["id"] and place in places}
    if wished is None and not any(here.values()):
        raise Conflict(
            "paper_not_here",
            f"办件{case['number']}没有纸质材料在此处，请核对收件登记和材料去向。",
            f"No papers of case {case['number']} are here; check what was received and where it is.",
            basis=BASIS,
        )
    if wished is None:
        return here
    if len({one.line for one in wished}) < len(wished):
        raise Malformed("line_twice", "同一材料重复列出，请删除重复项。", "A line is listed twice; remove one.")
    return {
        one.line: choose(one.line, here.get(one.line, Papers()), Wished(one.originals, one.copies, one.sheets))
        for one in sorted(wished, key=lambda one: one.line)
    }


async def _batch_row(way: _Way, connection: Connection, cases: Cases, chosen: Chosen) -> dict[str, Any]:
    """A batch that is not written yet: its code, and the number of its slip under the word of the hall."""
    day = way.context.hours(way.hall["hours"]).day(way.now)
    region, total = min(cases)[:6], sum(chosen.values(), Papers())
    return {
        "id": uuid7(),
        "number": await slip_drafting.next_number(connection, way.hall, SLIP, day.year),
        "code": batch_code(region, day, await number_of_day(connection, region, f"{day:%y%m%d}")),
        "hall_id": way.hall["id"],
        "from_id": way.stand.place["id"],
        "to_id": way.to["id"],
        "seal": way.seal,
        "originals": total.originals,
        "copies": total.copies,
        "sheets": total.sheets,
        "packed_by": way.actor.staff,
        "packed_at": way.now,
    }


async def _write(way: _Way, connection: Connection, batch: dict[str, Any], cases: Cases, chosen: Chosen) -> None:
    on_the_way = place_of(PlaceKind.batch, batch["code"])
    keys = {number: case["id"] for number, case in cases.items()}
    lines = [{"batch_id": batch["id"], "case_id": keys[number], **counts(line, papers)}
             for (number, line), papers in chosen.items()]  # fmt: skip
    await paper_batches.add(connection, batch, lines)
    moves = [Move(keys[number], line, papers, way.place, on_the_way, batch["id"])
             for (number, line), papers in chosen.items()]  # fmt: skip
    by = (way.actor, way.stand.role)
    await record(way.context, connection, by, EventName.PAPER_PACKED, told_of(batch, chosen, cases), moves, way.now)


def counts(line: str, papers: Papers) -> dict[str, Any]:
    """Papers of a line as events, slips and rows write them."""
    return {"line": line, "originals": papers.originals, "copies": papers.copies, "sheets": papers.sheets}


def told_of(batch: Mapping[str, Any], lines: Chosen, cases: Cases, **more: Any) -> Told:
    """What the event of each case says: the code of its batch, the number of the slip, its lines with their counts."""
    about = {"batch": batch["code"], "slip": batch["number"], **more}
    return [
        (case, about | {"papers": [counts(line, papers) for (one, line), papers in lines.items() if one == number]})
        for number, case in cases.items()
    ]


async def _issue_slip(way: _Way, connection: Connection, batch: dict[str, Any], cases: Cases, chosen: Chosen) -> None:
    items = {number: await way.context.item(case["item_id"]) for number, case in cases.items()}
    names = {(number, line.code): line.name for number, item in items.items() for line in item.materials}
    data = {
        "scanned": batch["code"],
        "seal": batch["seal"],
        "from": way.stand.place["name"],
        "to": way.to["name"],
        "packed_at": way.now.isoformat(),
        "clerk": way.actor.name,
        "lines": [
            {"case": number, "name": names.get((number, line), line), **counts(line, papers)}
            for (number, line), papers in sorted(chosen.items())
        ],
    }
    await slip_drafting.issue(connection, way.actor, batch["hall_id"], SLIP, batch["number"], data, way.now)
