"""Material lists: of an item before there is a case, and of a case with all that was handed in, checked and missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.opening import item_in_force
from engine.reading import seen_case
from storage import checks, materials, reuses, scans
from storage.db import reading
from workflows.actor import Actor
from workflows.checklist import asked_row, standing_row
from workflows.material import check_answers
from workflows.proof import CheckKind, verified_mark
from workflows.situation import MaterialFacts

Row = dict[str, Any]
_COUNTED: Final = ("originals", "copies", "pages", "exempt")


async def read_checklist(context: Context, code: str, answers: Sequence[str], now: datetime) -> Row:
    """What an applicant has to bring for an item in their situation, before there is a case.

    :param answers: the flags of every yes and every choice. :param now: UTC.
    :raises NotFound: ``item_not_found``. :raises Conflict: ``item_not_in_force``, ``situation_unknown``.
    :raises Malformed: ``situation_unanswered``, ``situation_ambiguous``.
    """
    row = await item_in_force(code, context.hours(None).day(now))
    item = await context.item(row["id"])
    flags = check_answers(item.situations, answers)
    return {
        "item": item.code,
        "version": item.version,
        "name": item.name,
        "name_en": item.name_en,
        "situation": sorted(flags),
        "questions": [msgspec.to_builtins(question) for question in item.situations],
        "lines": [asked_row(line) for line in item.materials if line.applies(flags)],
    }


async def list_materials(context: Context, actor: Actor, number: str, now: datetime) -> list[Row]:
    """The lines that apply to a case: asked, handed in, missing, checked, spared, and their scans with advice.

    :param now: UTC.
    """
    case, _ = await seen_case(context, actor, number)
    item = await context.item(case["item_id"])
    hours = context.hours(case["hall_hours"])
    async with reading() as connection:
        counts = {row["line"]: row for row in await materials.of_case(connection, case["id"])}
    facts = {line: msgspec.convert(row, MaterialFacts) for line, row in counts.items()}
    files = _by_line(await _scans(case["id"], number))
    made, spared = _by_line(await checks.of_case(case["id"])), _by_line(await reuses.of_case(case["id"]))
    today = hours.day(now)
    return [
        {
            **asked_row(line),
            "received": {part: counts.get(line.code, {}).get(part) for part in _COUNTED},
            **standing_row(line, facts.get(line.code, MaterialFacts(line.code)), today),
            "checks": [_checked(row, hours.day(row["checked_at"])) for row in made.get(line.code, [])],
            "reuses": spared.get(line.code, []),
            "scans": files.get(line.code, []),
        }
        for line in item.materials
        if line.applies(frozenset(case["situation"]))
    ]


async def _scans(case: UUID, number: str) -> list[Row]:
    told = await materials.advice(case)
    return [{**scan, "advice": told.get(scan["id"], [])} for scan in await scans.of_case(number)]


def _checked(row: Row, day: date) -> Row:
    """A check with the mark that it puts on copies, if it does. :param day: of the check, hall date."""
    verified = row["kind"] == CheckKind.original_checked and row["passed"]
    mark, mark_en = verified_mark(row["checked_name"], day) if verified else ("", "")
    return {**row, "mark": mark, "mark_en": mark_en}


def _by_line(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["line"], []).append(row)
    return found
