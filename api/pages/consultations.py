"""The consultation pad: a question at the desk, noted with what is lacking, printed once, turned into a case later."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.intake import search_page
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.documents import sample
from api.rest.requests import key_of
from engine import consultation_pad, intake_sheet
from engine.consulting import Consulting, consult, preview_consultation
from workflows.errors import NotAuthenticated, YichuangError
from workflows.payload import payload_invalid

_GAP = ("defect", "how_to_obtain")


@get("/consultations")
async def consultations_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The latest consultations of the reader's hall."""
    waiting = bool(visit.asked("waiting"))
    rows = await consultation_pad.list_consultations(visit.actor, waiting=waiting)
    return page(visit.request, "consultations.html", rows=rows, waiting=waiting)


@get("/consultations/new")
async def pad_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Choose the item; once it is chosen, the pad."""
    if code := visit.asked("item"):
        return await _pad(visit, code, Typed())
    return await search_page(visit, "/consultations/new", "consult.new")


@post("/consultations/new")
async def consult_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Keep the consultation and show its slip; where it is refused, the pad as it was."""
    typed = await _typed(visit)
    try:
        request = _request(typed)
        key = key_of(typed.get("key") or None)
        answer = await consult(visit.context, visit.actor, request, visit.now, key)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _pad(visit, typed.get("item"), typed, refusal)
    return go_to(f"/consultations/{quote(answer['consultation'])}")


@post("/consultations/preview", status_code=200)
async def preview_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The slip that the pad as it stands would issue, as a sample; where it is refused, the pad as it was."""
    typed = await _typed(visit)
    try:
        return sample(await preview_consultation(visit.context, visit.actor, _request(typed), visit.now))
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _pad(visit, typed.get("item"), typed, refusal)


@get("/consultations/{number:str}")
async def consultation_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """One consultation with its slip to print; the page asks for that part until a worker has made it."""
    row = await consultation_pad.read_consultation(visit.actor, number)
    if asks_for_part(visit.request):
        return page(visit.request, "consultation_slip.html", row=row)
    sheet = await intake_sheet.read_sheet(visit.context, row["item_code"], (), visit.now)
    names = {line["code"]: visit.wording.of(line, "name") for line in sheet["item"]["materials"]}
    return page(visit.request, "consultation.html", row=row, names=names)


async def _typed(visit: Visit) -> Typed:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


def _request(typed: Typed) -> Consulting:
    """The consultation as it was typed: a gap for every line that is ticked.

    :raises Malformed: ``payload_invalid``, with the field.
    """
    gaps = [
        {"material": line, **{part: text_of(typed, f"gaps.{line}.{part}") or "" for part in _GAP}}
        for line in typed.fields.get("lacking", ())
    ]
    given = {
        name: value for name in ("item", "question", "answer", "contact", "hall") if (value := text_of(typed, name))
    }
    try:
        return msgspec.convert({**given, "gaps": gaps}, Consulting)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


async def _pad(visit: Visit, code: str, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    sheet = await intake_sheet.read_sheet(visit.context, code, typed.fields.get("situation", ()), visit.now)
    return page(
        visit.request,
        "consultation_new.html",
        status=refusal.status if refusal else 200,
        **sheet,
        typed=typed,
        refusal=refusal,
        key=uuid4().hex if refusal is None or refusal.code == "key_reused" else typed.get("key"),
    )
