"""Materials from the page of a case: checks, what stands in for paper, changed answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.case import Attempt, refused_page
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.requests import key_of
from engine import reading
from engine.materials import checking, offering, reusing
from engine.materials.checking import Checking
from engine.materials.reusing import Ending, Reusing
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.payload import payload_invalid, refuse_control_characters

T = TypeVar("T")
_CHECKED: Final = ("kind", "reference", "valid_to", "note")
_CONSENTED: Final = ("by", "way", "mandate")


@post("/cases/{number:str}/materials/{line:str}/checks")
async def check_from_page(visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Record a check of a line, then show the case."""
    typed = await _typed(visit)
    raw = {name: value for name in _CHECKED if (value := text_of(typed, name))}
    try:
        request = _read(raw | {"passed": typed.get("passed") != "no"}, Checking)
        await checking.record_check(visit.context, visit.actor, number, line, request, visit.now, _key(typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await refused_page(visit, number, Attempt(line, typed, refusal))
    return _done(number)


@get("/cases/{number:str}/materials/{line:str}/offers")
async def offers_page(visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """What could stand in for the paper of a line, each with the form of the consent."""
    return await _offers(visit, number, line)


@post("/cases/{number:str}/materials/{line:str}/reuse")
async def reuse_from_page(visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Let what was chosen stand in for paper, then show the case; where it is refused, what is offered again."""
    typed = await _typed(visit)
    consent = {name: value for name in _CONSENTED if (value := text_of(typed, name))}
    raw = {"offer": text_of(typed, "offer"), "consent": consent | {"given": bool(typed.get("given"))}}
    try:
        request = _read(raw, Reusing)
        await reusing.reuse(visit.context, visit.actor, number, line, request, visit.now, _key(typed))
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _offers(visit, number, line, typed, refusal)
    return _done(number)


@post("/cases/{number:str}/materials/{line:str}/reuse/end")
async def end_from_page(visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Let nothing stand in for the paper of a line any more, then show the case."""
    typed = await _typed(visit)
    try:
        request = _read({"reason": text_of(typed, "reason")}, Ending)
        await reusing.end_reuse(visit.context, visit.actor, number, line, request, visit.now, _key(typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await refused_page(visit, number, Attempt(line, typed, refusal))
    return _done(number)


@post("/cases/{number:str}/situation")
async def answer_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Change the answers that decide the list, then show the case."""
    typed = await _typed(visit)
    answers = [answer for answer in typed.fields.get("situation", ()) if answer]
    refuse_control_characters(answers)
    try:
        await checking.answer_situation(visit.context, visit.actor, number, answers, visit.now, _key(typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await refused_page(visit, number, Attempt("situation", typed, refusal))
    return _done(number)


async def _offers(
    visit: Visit, number: str, line: str, typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    found = await offering.list_offers(visit.context, visit.actor, number, line, visit.now)
    case, _ = await reading.seen_case(visit.context, visit.actor, number)
    item = await visit.context.item(case["item_id"])
    return page(
        visit.request,
        "offers.html",
        status=refusal.status if refusal else 200,
        **found,
        number=number,
        material=next(one for one in item.materials if one.code == line),
        applicant=case["applicant"]["name"],
        typed=typed or Typed(),
        refusal=refusal,
        key=uuid4().hex,
    )


async def _typed(visit: Visit) -> Typed:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


def _key(typed: Typed) -> str:
    return key_of(typed.get("key") or None)


def _read(raw: Mapping[str, Any], kind: type[T]) -> T:
    refuse_control_characters(raw)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


def _done(number: str) -> Response[Any]:
    return go_to(f"/cases/{quote(number)}?done=material_done")
