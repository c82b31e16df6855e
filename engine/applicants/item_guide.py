"""办事指南: what an item asks for, how long it takes and where it is handled, for everybody (政府信息公开)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine import browsing
from engine.context import Context
from engine.materials import checklists
from storage import organisations

Row = dict[str, Any]


async def read_guide(context: Context, code: str, now: datetime) -> Row:
    """An item as published, with the telephone of its department and the halls of its region.

    :param now: UTC. :returns: as :func:`engine.browsing.read_item`, with ``place`` (name, name_en, phone), ``halls``,
        ``today`` (hall date), and ``asks_first``: whether a question must be answered before the list is known.
    :raises NotFound: ``item_not_found``.
    """
    item = await browsing.read_item(context, code, now)
    place = await organisations.by_code(item["department"])
    return item | {
        "place": {name: place[name] if place else "" for name in ("name", "name_en", "phone")},
        "halls": await organisations.halls_in(item["region"]),
        "today": context.hours(None).day(now),
        "asks_first": any(question.get("choices") for question in item["situations"]),
    }


async def list_lines(context: Context, code: str, answers: Sequence[str], now: datetime) -> list[Row]:
    """What an applicant has to bring in these circumstances. Parameters and refusals as
    :func:`engine.materials.checklists.read_checklist`.
    """
    lines: list[Row] = (await checklists.read_checklist(context, code, answers, now))["lines"]
    return lines
