"""Cases taken out as files: what was ordered and how far it is, and the form of an order."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.audit_desk import states_of
from api.pages.forms import Typed, text_of
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from engine.choices import places_seen
from engine.exports import ordering
from engine.exports.choosing import may_export
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.export import Format, Wish
from workflows.payload import payload_invalid

PAGE_SIZE: Final = 20
_BY: Final = ("opened", "closed", "event")
_LISTS: Final = ("items", "halls", "departments", "states", "numbers")


@get("/exports")
async def exports_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What the reader ordered, the newest first, and the form of an order."""
    return await _show(visit)


@post("/exports")
async def order_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Order an export and show how far it is; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        await ordering.order_export(visit.context, visit.actor, _wish(typed), visit.now)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal)
    return go_to("/exports")


@post("/exports/{export:uuid}/retry")
async def retry_from_page(visit: NamedDependency[Visit], export: FromPath[UUID]) -> Response[Any]:
    """Order an export again that was not made, or whose days are over."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        await ordering.retry_export(visit.context, visit.actor, export, visit.now)
    except (NotAuthenticated, NotFound):
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal)
    return go_to("/exports")


def _wish(typed: Typed) -> Wish:
    """The order as it was typed. :raises Malformed: ``payload_invalid``, with the field."""
    chosen: dict[str, Any] = {name: _codes(typed, name) for name in _LISTS}
    chosen |= {"by": typed.get("by", "opened"), "from": text_of(typed, "from"), "to": text_of(typed, "to")}
    raw = {"format": typed.get("format"), "selection": chosen, "clear": bool(typed.get("clear")),
           "bom": bool(typed.get("bom")), "reason": typed.get("reason").strip()}  # fmt: skip
    try:
        return msgspec.convert(raw, Wish)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


def _codes(typed: Typed, name: str) -> list[str]:
    """What was ticked, or typed with blanks or commas between."""
    typed_there = " ".join(typed.fields.get(name, ()))
    return typed_there.replace(",", " ").replace("，", " ").replace("、", " ").split()


async def _show(visit: Visit, typed: Typed | None = None, refusal: YichuangError | None = None) -> Response[Any]:
    cursor = visit.asked("cursor")
    before = read_cursor(cursor, KeyPlace).id if cursor else ordering.NEWEST
    rows = await ordering.list_exports(visit.actor, before=before, limit=PAGE_SIZE)
    full = len(rows) == PAGE_SIZE
    return page(
        visit.request,
        "export_rows.html" if asks_for_part(visit.request) and refusal is None else "exports.html",
        status=refusal.status if refusal else 200,
        rows=[row | {"chosen": [code for name in _LISTS for code in row["wish"]["selection"][name]]} for row in rows],
        formats=list(Format),
        by=_BY,
        places=await places_seen(visit.actor),
        states=await states_of(visit),
        may_clear=may_export(visit.actor, clear=True),
        typed=typed or Typed(),
        refusal=refusal,
        next_page=f"/exports?cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if full else None,
        further=bool(cursor),
        address=f"/exports?cursor={cursor}" if cursor else "/exports",
    )
