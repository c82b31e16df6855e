"""Opening a case from the pages: find the item, say who applies and under which circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.requests import key_of
from engine import browsing
from engine.opening import Opening, open_case
from workflows.errors import Malformed, YichuangError
from workflows.party import IdKind
from workflows.payload import refuse_control_characters

SEARCH_SIZE: Final = 50
_APPLICANT: Final = ("kind", "name", "id_kind", "id_number", "mobile", "address", "language")
_FURTHER: Final = ("channel", "hall", "consultation", "mandate")


@get("/cases/new")
async def opening_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Choose an item by its name; once it is chosen, the form of the application."""
    if code := visit.asked("item"):
        return await _form(visit, code, Typed())
    text = visit.asked("text")[:100]
    found = await browsing.list_items(visit.context, visit.now, text=text, limit=SEARCH_SIZE)
    return page(visit.request, "item_search.html", items=found, text=text)


@post("/cases/new")
async def open_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Open the case and show it; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    refuse_control_characters(typed.get("item"))
    try:
        request = _request(typed)
        answer = await open_case(visit.context, visit.actor, request, visit.now, key_of(typed.get("key") or None))
    except YichuangError as refusal:
        return await _form(visit, typed.get("item"), typed, refusal)
    return go_to(f"/cases/{quote(answer['case'])}?done=opened_now")


def _request(typed: Typed) -> Opening:
    """The request as it was typed.

    :raises Malformed: ``payload_invalid``, with the field.
    """
    applicant = {name: text_of(typed, name) for name in _APPLICANT}
    further = {name: value for name in _FURTHER if (value := text_of(typed, name))}
    raw = {
        "item": text_of(typed, "item"),
        "applicant": {name: value for name, value in applicant.items() if value is not None},
        "situation": [flag for flag in typed.fields.get("situation", ()) if flag],
        **further,
    }
    try:
        return msgspec.convert(raw, Opening)
    except msgspec.ValidationError as problem:
        reason, _, path = str(problem).partition(" - at `")
        where = path.rstrip("`") or "$"
        raise Malformed(
            "payload_invalid",
            f"填写的内容有误：{where} 处 {reason}。请更正后重新提交。",
            f"What was typed is not right at {where}: {reason}. Correct it and send it again.",
            field=where,
        ) from None


async def _form(visit: Visit, code: str, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    item: Mapping[str, Any] = await browsing.read_item(visit.context, code, visit.now)
    return page(
        visit.request,
        "opening.html",
        status=refusal.status if refusal else 200,
        item=item,
        typed=typed,
        refusal=refusal,
        id_kinds=[kind.value for kind in IdKind],
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )
