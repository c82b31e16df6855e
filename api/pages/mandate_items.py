"""Choosing the items of a mandate: found as at intake by name, pinyin or code, and ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.rendering import page
from api.pages.visit import Visit
from engine.catalogue.item_finding import find_items

FOUND: Final = 8
"""How many items are offered at once; whoever looks for another types on."""
_LONGEST: Final = 100

Row = dict[str, Any]


@get("/mandates/new/items")
async def items_part(visit: NamedDependency[Visit]) -> Response[Any]:
    """The items ticked so far, and those that fit what is typed; to be put in place while it is."""
    codes = visit.request.query_params.getall("items", [])
    return page(visit.request, "mandate_items.html", **await items_to_choose(visit, codes, visit.asked("find")))


async def items_to_choose(visit: Visit, codes: Sequence[str], text: str) -> Row:
    """The items of a mandate's form.

    :param codes: what is ticked, or several with blanks between. :param text: see
        :func:`workflows.item_search.rank`; nothing is looked for where it is empty.
    :returns: ``chosen`` and ``found``, rows with ``code``, ``name``, ``name_en`` and ``department_name``; ``find``.
    """
    wanted = list(dict.fromkeys(" ".join(codes).split()))
    chosen = [await _named(visit, code) for code in wanted]
    text = text.strip()[:_LONGEST]
    rows = await find_items(visit.context, visit.now, text=text, limit=FOUND + len(wanted)) if text else []
    found = [row for row in rows if row["code"] not in wanted][:FOUND]
    return {"chosen": chosen, "found": found, "find": text}


async def _named(visit: Visit, code: str) -> Row:
    """An item by its code; one that is not there by the code alone, so that it can be taken off again."""
    rows = await find_items(visit.context, visit.now, text=code, limit=1)
    if rows and rows[0]["code"] == code:
        return rows[0]
    return {"code": code, "name": code, "name_en": code}
