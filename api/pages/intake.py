"""Taking somebody in: find the item, say who applies and under which circumstances, on one screen."""

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
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.requests import key_of
from engine import intake_sheet
from engine.catalogue.item_finding import find_items
from engine.known_parties import Presented, present
from engine.opening import Opening, open_case
from engine.precedence import GROUPS
from workflows.errors import NotAuthenticated, YichuangError
from workflows.party import IdKind
from workflows.payload import payload_invalid, refuse_control_characters

SEARCH_SIZE: Final = 30
_APPLICANT: Final = ("kind", "name", "id_kind", "id_number", "mobile", "address", "language")
_FURTHER: Final = ("channel", "hall", "consultation", "mandate")
_FIELD_OF: Final[Mapping[str, str]] = {
    "id_kind_wrong": "kind",
    "subject_not_allowed": "kind",
    "mobile_wrong": "mobile",
    "hall_needed": "hall",
    "organisation_not_found": "hall",
    "consultation_not_found": "consultation",
    "mandate_needed": "mandate",
    "mandate_unknown": "mandate",
    "card_line_wrong": "id_number",
    "situation_unanswered": "situation",
    "situation_ambiguous": "situation",
}
"""Beside which field a refusal stands; those of an identity number begin with ``id_``, others name a path."""
_BY_NUMBER: Final = frozenset({"id_number", "kind", "id_kind"})
"""Fields that the number itself settles, whatever stood there."""


@get("/cases/new")
async def opening_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Choose an item; once it is chosen, the form of the application."""
    if code := visit.asked("item"):
        given = {name: [value] for name in ("consultation",) if (value := visit.asked(name))}
        return await _form(visit, code, Typed(given))
    return await search_page(visit, "/cases/new", "open.title")


async def search_page(visit: Visit, choose: str, title: str) -> Response[Any]:
    """Items that fit what is typed; the only one that does is chosen at once where Enter was pressed.

    :param choose: the page that the choice leads to, which takes ``item``. :param title: message id.
    """
    text, part = visit.asked("text")[:100], asks_for_part(visit.request)
    found = await find_items(visit.context, visit.now, text=text, limit=SEARCH_SIZE + 1)
    if text and len(found) == 1 and not part:
        return go_to(f"{choose}?item={quote(found[0]['code'])}")
    template = "item_found.html" if part else "item_search.html"
    shown, more = found[:SEARCH_SIZE], len(found) > SEARCH_SIZE
    return page(visit.request, template, items=shown, more=more, text=text, choose=choose, title=title)


@get("/cases/new/materials")
async def list_part(visit: NamedDependency[Visit]) -> Response[Any]:
    """The material list under the answers given so far, to be put in place while they change."""
    answers = visit.request.query_params.getall("situation", [])
    sheet = await intake_sheet.read_sheet(visit.context, visit.asked("item"), answers, visit.now)
    return page(visit.request, "intake_list.html", **sheet)


@post("/cases/new/party", status_code=200)
async def party_part(visit: NamedDependency[Visit]) -> Response[Any]:
    """What the number that was typed says, and who it is known as; to be put in place while the form is filled in."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    presented, refusal = await _presented(visit, typed)
    filled = _filled(visit, presented)
    return page(visit.request, "intake_party.html", presented=presented, misread=refusal, typed=typed, filled=filled)


@post("/cases/new")
async def open_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Open the case and go on to its scans; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    refuse_control_characters(typed.get("item"))
    if typed.get("more"):
        return await _form(visit, typed.get("item"), typed)
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
    priority = {name: value for name in ("group", "evidence") if (value := text_of(typed, f"priority.{name}"))}
    raw = {
        "item": text_of(typed, "item"),
        "applicant": {name: value for name, value in applicant.items() if value is not None},
        "situation": [flag for flag in typed.fields.get("situation", ()) if flag],
        "contact_as_before": bool(typed.get("contact_as_before")),
        **({"priority": priority} if priority else {}),
        **further,
    }
    try:
        return msgspec.convert(raw, Opening)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


async def _presented(visit: Visit, typed: Typed) -> tuple[Presented | None, YichuangError | None]:
    """What the number says, or why it cannot be one; nothing where none was typed."""
    line = typed.get("id_number").strip()
    if not line:
        return None, None
    try:
        refuse_control_characters([line, typed.get("item")])
        item = await intake_sheet.item_today(visit.context, typed.get("item"), visit.now)
        answers, hall = typed.fields.get("situation", ()), text_of(typed, "hall")
        id_kind = typed.get("id_kind")
        return await present(visit.context, visit.actor, item, line, id_kind, answers, hall, visit.now), None
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return None, refusal


async def _form(visit: Visit, code: str, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    answers = typed.fields.get("situation", ())
    sheet = await intake_sheet.read_sheet(visit.context, code, answers, visit.now)
    presented, misread = await _presented(visit, typed)
    filled = _filled(visit, presented)
    return page(
        visit.request,
        "opening.html",
        status=refusal.status if refusal else 200,
        **sheet,
        typed=_completed(typed, filled),
        filled=filled,
        presented=presented,
        misread=misread,
        refusal=refusal,
        wrong=_field_of(refusal),
        id_kinds=[kind.value for kind in IdKind],
        groups=GROUPS,
        key=uuid4().hex if refusal and refusal.code == "key_reused" else typed.get("key") or uuid4().hex,
    )


def _filled(visit: Visit, presented: Presented | None) -> dict[str, str]:
    """What a number or card says of the fields of the form."""
    if presented is None:
        return {}
    told, shown, words = presented.identified, presented.shown, visit.wording
    found = {"id_number": told.number, "kind": told.kind, "id_kind": told.id_kind.value}
    found |= {"name": shown.name, "address": shown.address}
    if told.elderly:
        found |= {"priority.group": "elderly", "priority.evidence": words.word("id_kind", told.id_kind.value)}
    return {name: value for name, value in found.items() if value}


def _completed(typed: Typed, filled: Mapping[str, str]) -> Typed:
    """The form as it was typed, with the number in its standard form and in fields left empty what it says."""
    said = {name: [value] for name, value in filled.items() if name in _BY_NUMBER or not typed.get(name)}
    return Typed({**typed.fields, **said})


def _field_of(refusal: YichuangError | None) -> str:
    """The field beside which a refusal stands; empty where it is about none."""
    if refusal is None:
        return ""
    if refusal.code.startswith("id_"):
        return _FIELD_OF.get(refusal.code, "id_number")
    named = str(refusal.extra.get("field", "")).removeprefix("$.").removeprefix("applicant.")
    return _FIELD_OF.get(refusal.code, named)
