"""Where the paper is: of one case, at one department, in one batch; and what a hall still has to hand back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.joint import FLOW
from engine.listing import halls_for, reach
from engine.papers.carrying import end_of, not_found
from engine.papers.custodians import role_there, stand_at
from engine.placing import find_place
from engine.reading import seen_case
from storage import cases, organisations, paper_batches, paper_discrepancies, paper_moves, paper_owed
from storage.db import reading
from workflows import scope
from workflows.actor import Actor, Role
from workflows.counting import OUTCOMES, WORDS
from workflows.custody import (
    DEPARTMENT_KEEPERS,
    HALL_KEEPERS,
    RECEIVING,
    SETTLERS,
    TITLES,
    WATCHERS,
    PlaceKind,
    kind_of,
    place_of,
    place_words,
    read_batch_code,
    steps_from,
)
from workflows.errors import NotFound

FIRST: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Where the first page of a list by moment begins."""
NEWEST: Final = UUID(int=2**128 - 1)
"""Where the first page of a list of batches begins."""
_READERS: Final = (Role.supervisor, Role.auditor)
_OVER: Final = "ARCHIVED"


async def where_is(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """Where the papers of a case are, line by line, and every move that brought them there.

    A department that takes part in a case is shown the papers of that case.

    :returns: ``case`` (whose papers they are), ``lines`` (line, names, ``received``, ``places``), ``moves``.
    :raises NotFound: ``case_not_found``.
    """
    seen, _ = await seen_case(context, actor, number)
    case = await cases.read(seen["parent"]) if seen["flow"] == FLOW and seen["parent"] else seen
    if case is None:
        raise scope.not_found()
    async with reading() as connection:
        where = await paper_moves.where(connection, [case["id"]])
        moves, since = await paper_moves.of_case(connection, case["id"])
    names = await _names(case)
    item = await context.item(case["item_id"])
    places: dict[str, dict[str, Any]] = {line: found for (_, line), found in where.items()}
    lines = [
        {
            "line": line.code,
            "name": line.name,
            "name_en": line.name_en,
            "places": [
                {**_place(place, names, case["state"]), "since": since.get((line.code, place)),
                 "originals": papers.originals, "copies": papers.copies, "sheets": papers.sheets}
                for place, papers in sorted(places[line.code].items())
                if papers
            ],
        }
        for line in item.materials
        if line.code in places
    ]  # fmt: skip
    return {"case": case["number"], "lines": lines, "moves": [_move(move, names) for move in moves]}


async def moves_of(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every move of the papers of a case with the names of both ends, oldest first. :param case: its row."""
    async with reading() as connection:
        moves, _ = await paper_moves.of_case(connection, case["id"])
    names = await _names(case)
    return [_move(move, names) for move in moves]


async def _names(case: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The names of places by code; that of the case's own hall under the empty code."""
    rows = {row["code"]: (row["name"], row["name_en"]) for row in await organisations.every()}
    return rows | {"": (case["hall_name"], case["hall_name_en"])}


def _place(place: str, names: Mapping[str, tuple[str, str]], state: str) -> dict[str, str]:
    """A place for people; what is left in the hall of an archived case is in its file."""
    kind, code = kind_of(place), place.partition(":")[2]
    if kind is PlaceKind.hall and state == _OVER:
        kind = PlaceKind.archive
    name, name_en = names.get(code, (code, code))
    zh, en = place_words(kind, name, name_en)
    return {"kind": kind.value, "code": code, "title": zh, "title_en": en}


def _move(row: Mapping[str, Any], names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    came, went = (_place(row[name], names, "") for name in ("from_place", "to_place"))
    kept = {name: row[name] for name in ("line", "originals", "copies", "sheets", "cause", "moved_at", "moved_by")}
    return {**kept, "from_title": came["title"], "from_title_en": came["title_en"], "to_title": went["title"],
            "to_title_en": went["title_en"]}  # fmt: skip


async def list_at(
    actor: Actor, department: str, after: tuple[datetime, UUID] = FIRST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the papers at a department, what has been there longest first.

    :param department: its code. :param after: ``since`` (UTC) and ``id`` of the last row of the page before.
    :raises NotFound: ``organisation_not_found``, also out of reach.
    """
    place = await organisations.by_code(department)
    halls = await halls_for(actor, WATCHERS)
    if place is None or place["kind"] != "department" or (role_there(actor, place) is None and not halls):
        raise NotFound(
            "organisation_not_found",
            "没有找到该部门，或者不在您的管辖范围内。",
            "There is no such department within your reach.",
        )
    own = role_there(actor, place) is not None
    where = place_of(PlaceKind.department, department)
    return await paper_moves.at_place(where, None if own else halls, after, limit)


async def list_owed(
    actor: Actor,
    *,
    hall: str | None = None,
    after: tuple[datetime, UUID] = FIRST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the cases of a hall that are over and whose originals were not handed back, the first due first.

    :param after: ``due_at`` (UTC) and ``id`` of the last row of the page before.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    where = await find_place(actor, WATCHERS, hall, None)
    return await paper_owed.owed(where.hall["id"], after, limit)


async def list_batches(
    actor: Actor, *, states: list[str] | None = None, before: UUID = NEWEST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the batches of the actor's halls and of those from and to their departments, the newest first."""
    keeping = {*HALL_KEEPERS, *DEPARTMENT_KEEPERS, *_READERS}
    mine = Actor(actor.person, actor.name, tuple(one for one in actor.grants if one.role in keeping), actor.kind)
    halls, departments = await reach(mine)
    rows = await paper_batches.page(halls, departments, states, before, limit)
    return [{**row, **_titled(row["state"])} for row in rows]


def _titled(state: str) -> dict[str, str]:
    zh, en = TITLES[state]
    return {"state_title": zh, "state_title_en": en}


async def read_batch(context: Context, actor: Actor, code: str) -> dict[str, Any]:
    """One batch with its lines, what did not agree, and what the actor may do with it now.

    :raises NotFound: ``batch_not_found``, also for one between other organisations.
    :raises Malformed: ``batch_code_malformed``.
    """
    row = await paper_batches.read(read_batch_code(code))
    if row is None:
        raise not_found()
    ends = {name: role_there(actor, end_of(row, name)) for name in ("from", "to")}
    settler = scope.role_at(actor, SETTLERS, row["hall_path"], "")
    if not any((*ends.values(), settler, scope.role_at(actor, _READERS, row["hall_path"], ""))):
        raise not_found()
    async with reading() as connection:
        lines = await paper_batches.lines_of(connection, row["id"])
    items = {line["item_id"]: await context.item(line["item_id"]) for line in lines}
    names = {(key, one.code): one for key, item in items.items() for one in item.materials}
    sender = "to" if row["refused_at"] else "from"
    return {
        **row,
        **_titled(row["state"]),
        "lines": [line | _named(names.get((line["item_id"], line["line"])), line["line"]) for line in lines],
        "discrepancies": [_discrepancy(one) for one in await paper_discrepancies.of_batch(row["id"])],
        "steps": [step.value for step in steps_from(row["state"])
                  if (settler or ends[sender] if step == "settle" else ends["to" if step in RECEIVING else "from"])],
        "handover_due_at": min((line["handover_due_at"] for line in lines
                                if line["handover_due_at"] and not line["handed_over_at"]), default=None),
    }  # fmt: skip


def _named(line: Any, code: str) -> dict[str, str]:
    return {"name": line.name, "name_en": line.name_en} if line else {"name": code, "name_en": code}


def _discrepancy(row: Mapping[str, Any]) -> dict[str, Any]:
    """A discrepancy with its words, and how it can be settled."""
    kind, outcome = WORDS[row["kind"]], WORDS.get(row["outcome"], ("", ""))
    return {
        **row,
        "kind_title": kind[0],
        "kind_title_en": kind[1],
        "outcome_title": outcome[0],
        "outcome_title_en": outcome[1],
        "outcomes": [] if row["outcome"] else sorted(one.value for one in OUTCOMES[row["kind"]]),
    }


async def list_receivers(actor: Actor) -> list[dict[str, Any]]:
    """To whom somebody may hand papers over: a hall's staff to departments, a department's back to halls; by code.

    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``.
    """
    wanted = "department" if (await stand_at(actor, None)).is_hall else "hall"
    return [row for row in await organisations.every() if row["kind"] == wanted]
