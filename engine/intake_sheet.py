"""What stands before the clerk when somebody is taken in: the item, the list for this situation, and the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.browsing import read_item
from engine.context import Context
from engine.reading import list_documents, read_case
from storage import catalogues, papers
from workflows.actor import Actor
from workflows.checklist import asked_row
from workflows.errors import NotFound
from workflows.item import ItemVersion
from workflows.material import MaterialLine, Necessity

RECEIPT = "D01"
"""The document that proves receipt (材料接收凭证)."""


async def item_today(context: Context, code: str, now: datetime) -> ItemVersion:
    """The version of an item in force today (hall time), else its newest.

    :param now: UTC. :raises NotFound: ``item_not_found``.
    """
    row = await catalogues.item_on(code, context.hours(None).day(now))
    if row is None:
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    return await context.item(row["id"])


async def read_sheet(context: Context, code: str, answers: Sequence[str], now: datetime) -> dict[str, Any]:
    """An item as its intake shows it, with the list for the answers given so far.

    :param answers: the flags of every yes and every choice; those that the item does not know are left out.
    :param now: UTC.
    :returns: ``item`` as :func:`engine.browsing.read_item`; ``demands``: what is special about it, by name; ``lines``;
        ``unanswered``: questions still open, whose lines may join; ``paper``: how many originals and copies are asked
        for where no electronic certificate is had; ``kinds``: which applicants the item is for.
    :raises NotFound: ``item_not_found``.
    """
    item, shown = await item_today(context, code, now), await read_item(context, code, now)
    known = {flag for question in item.situations for flag in question.flags}
    flags = frozenset(answers) & known
    lines = [line for line in item.materials if line.applies(flags)]
    open_questions = [one.flag for one in item.situations if one.choices and not flags & set(one.flags)]
    return {
        "item": shown,
        "demands": _demands(item) + ([] if shown["in_force"] else ["suspended"]),
        "lines": [asked_row(line) for line in lines],
        "unanswered": open_questions,
        "paper": _paper(lines),
        "kinds": _kinds(item),
        "answers": sorted(flags),
    }


def _paper(lines: Sequence[MaterialLine]) -> dict[str, int]:
    asked = [line for line in lines if not line.e_cert and line.necessity is not Necessity.optional]
    return {"originals": sum(line.originals for line in asked), "copies": sum(line.copies for line in asked)}


def _demands(item: ItemVersion) -> list[str]:
    marks = {
        "asks_intention": item.asks_intention,
        "quantity_limited": item.quantity_limited,
        "tolerance": item.tolerance,
        "promise_permit": item.promise_permit,
        "site_check": item.site_check,
        "hearing": item.hearing == "mandatory",
        "joint": bool(item.joint),
    }
    return [name for name, holds in marks.items() if holds]


def _kinds(item: ItemVersion) -> list[str]:
    """The kinds of applicant that the item is for (服务对象)."""
    both = (("person", "person" in item.subjects), ("organisation", set(item.subjects) != {"person"}))
    return [kind for kind, served in both if served]


async def read_receipt(context: Context, actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """The receipt of a case (D01), for whoever prints it. The look is logged.

    :param now: UTC.
    :returns: ``case``, its head; ``document``, the receipt or nothing; ``ready``: whether a worker has made its file.
    :raises NotFound: ``case_not_found``.
    """
    case = await read_case(context, actor, number, now)
    document, ready = await find_receipt(context, actor, number)
    return {"case": case, "document": document, "ready": ready}


async def find_receipt(context: Context, actor: Actor, number: str) -> tuple[dict[str, Any] | None, bool]:
    """The receipt of a case, if it has one, and whether its file is made.

    :raises NotFound: ``case_not_found``.
    """
    issued = await list_documents(context, actor, number)
    document = next((row for row in reversed(issued) if row["code"] == RECEIPT), None)
    paper = await papers.read(number, document["number"]) if document else None
    return document, bool(paper and paper["object_key"])
