"""办事指南: what an item asks for, for everybody, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from api.pages.rendering import PageRequest, asks_for_part, page
from api.state import Engine, Now
from engine.applicants import item_guide
from engine.catalogue import item_finding
from workflows.errors import Conflict, Malformed

SEARCH_SIZE: Final = 30


@get("/guide/items")
async def guide_page(request: PageRequest, context: Engine, now: Now) -> Response[Any]:
    """Find an item by its name, pinyin or code."""
    text = str(request.query_params.get("text", "")).strip()[:100]
    items = await item_finding.find_items(context, now, text=text, limit=SEARCH_SIZE)
    template = "public_guide_found.html" if asks_for_part(request) else "public_guide.html"
    return page(request, template, items=items, text=text, most=SEARCH_SIZE)


@get("/guide/items/{item:str}")
async def guide_item_page(request: PageRequest, item: FromPath[str], context: Engine, now: Now) -> Response[Any]:
    """What to bring for one item in one's circumstances, how long it takes, what it costs, where to go."""
    answers = [answer for answer in request.query_params.getall("situation", []) if answer]
    guide = await item_guide.read_guide(context, item, now)
    lines, refusal = None, None
    if answers or not guide["asks_first"] or request.query_params.get("answered"):
        try:
            lines = await item_guide.list_lines(context, item, answers, now)
        except (Malformed, Conflict) as problem:
            refusal = problem
    return page(
        request,
        "public_guide_item.html",
        status=refusal.status if refusal else 200,
        guide=guide | {"halls": [hall | {"times": opening_times(hall["hours"])} for hall in guide["halls"]]},
        lines=lines,
        answers=answers,
        refusal=refusal,
    )


def opening_times(hours: Mapping[str, Any] | None) -> str:
    """When a hall is open on a working day, to the minute."""
    return ", ".join(f"{start[:5]}–{end[:5]}" for start, end in (hours or {}).get("sessions", ()))
