"""Pages of the help desk: mandates, whom they are for, and filing under them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.mandate_items import items_to_choose
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from api.uploads import receive_file
from engine import browsing
from engine.mandates import agency, mandate_evidence, principals
from engine.mandates.agency import FilingFor, Revoking
from engine.mandates.mandating import Mandating, register_mandate
from workflows.errors import NotFound, YichuangError
from workflows.mandate import Ending, Power
from workflows.party import IdKind
from workflows.payload import payload_invalid, refuse_control_characters

T = TypeVar("T")

PAGE_SIZE: Final = 50
PRINCIPAL: Final = ("kind", "name", "id_kind", "id_number", "mobile", "address", "language")
_AGENT: Final = ("name", "login", "id_kind", "id_number")
_ABOUT: Final = MappingProxyType(
    {
        "signature_missing": "signed",
        "mandate_term_wrong": "until_on",
        "principal_is_agent": "agent.id_number",
        "agent_name_missing": "agent.name",
        "agent_not_on_staff": "agent.login",
        "mandate_number_used": "reference",
    }
)
"""Refusals that name no field, and the field beside which they are shown."""
_MARKED: Final = frozenset(
    {"powers", "signed", "matter", "from_on", "until_on", "case", "form", "reference", "hall"}
    | {f"principal.{name}" for name in ("name", "id_number", "mobile", "address")}
    | {f"agent.{name}" for name in ("login", "name", "id_number")}
)
"""Fields beside which a refusal is shown; without one of them, it stands above the form alone."""
_PLAIN: Final = ("matter", "from_on", "until_on", "case", "form", "reference", "hall")


@get("/mandates")
async def mandates_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The reader's own mandates and those of their halls."""
    cursor, ended_too = visit.asked("cursor"), bool(visit.asked("ended"))
    after = read_cursor(cursor, KeyPlace).id if cursor else None
    rows = await agency.list_mandates(
        visit.context, visit.actor, visit.now, standing=not ended_too, after=after, limit=PAGE_SIZE
    )
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"/mandates?cursor={write_cursor(KeyPlace(rows[-1]['id']))}{'&ended=1' if ended_too else ''}"
    return page(
        visit.request,
        "mandates.html",
        rows=rows,
        ended_too=ended_too,
        next_page=following,
        further=bool(cursor),
    )


@get("/principals")
async def principals_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """For whom the reader acts, with what is open for each and whose turn it is."""
    rows = await principals.list_principals(visit.context, visit.actor, visit.now)
    template = "principal_rows.html" if asks_for_part(visit.request) else "principals.html"
    return page(visit.request, template, rows=rows)


@get("/mandates/new")
async def new_mandate_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form of a mandate, field by field as the paper has them."""
    today = visit.now.astimezone(visit.wording.zone).date().isoformat()
    typed = {"items": visit.asked("item"), "case": visit.asked("case"), "from_on": today}
    return await _form(visit, Typed({name: (value,) for name, value in typed.items()}))


@post("/mandates/new")
async def register_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Register the mandate and show it; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    if typed.get("more"):
        return await _form(visit, typed)
    key = key_of(typed.get("key") or None)
    try:
        answer = await register_mandate(visit.context, visit.actor, _mandating(typed), visit.now, key)
    except YichuangError as refusal:
        return await _form(visit, typed, refusal)
    return go_to(f"/mandates/{quote(answer['mandate'])}")


def _mandating(typed: Typed) -> Mandating:
    """The request as it was typed. :raises Malformed: ``payload_invalid``, with the field."""
    raw: dict[str, Any] = {
        "principal": parts_of(typed, "principal", PRINCIPAL),
        "agent": parts_of(typed, "agent", _AGENT),
        "powers": list(typed.fields.get("powers", ())),
        "items": " ".join(typed.fields.get("items", ())).split(),
        "signed": bool(typed.get("signed")),
        **{name: value for name in _PLAIN if (value := text_of(typed, name))},
    }
    return read_typed(raw, Mandating)


def parts_of(typed: Typed, prefix: str, names: tuple[str, ...]) -> dict[str, str]:
    """The fields under a prefix into which something was typed, by the last part of their names."""
    return {name: value for name in names if (value := text_of(typed, f"{prefix}.{name}"))}


def read_typed(raw: Mapping[str, Any], kind: type[T]) -> T:
    """What was typed as a request of the engine. :raises Malformed: ``payload_invalid``, with the field."""
    refuse_control_characters(raw)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


async def _form(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    choice = await items_to_choose(visit, typed.fields.get("items", ()), typed.get("find"))
    return page(
        visit.request,
        "mandate_new.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        **choice,
        refusal=refusal,
        wrong=_wrong_field(refusal),
        fields=_MARKED,
        id_kinds=[kind.value for kind in IdKind],
        powers=[power.value for power in Power],
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )


def _wrong_field(refusal: YichuangError | None) -> str:
    """The field of the form that a refusal is about; empty where it is about none, or about one of two alike."""
    if refusal is None:
        return ""
    return _ABOUT.get(refusal.code) or str(refusal.extra.get("field", "")).removeprefix("$.")


@get("/mandates/{mandate:uuid}")
async def mandate_page(visit: NamedDependency[Visit], mandate: FromPath[UUID]) -> Response[Any]:
    """One mandate: its scope and term, its paper, and what may be done under it."""
    return await _show(visit, mandate)


async def _show(
    visit: Visit, mandate: UUID, typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    row = await agency.read_mandate(visit.context, visit.actor, mandate, visit.now)
    items = [await browsing.read_item(visit.context, code, visit.now) for code in row["items"]]
    chosen = (
        (typed.get("item") if typed else "") or visit.asked("item") or (items[0]["code"] if len(items) == 1 else "")
    )
    return page(
        visit.request,
        "mandate.html",
        status=refusal.status if refusal else 200,
        mandate=row,
        items=items,
        item=next((item for item in items if item["code"] == chosen), None),
        endings=[ending.value for ending in Ending],
        typed=typed or Typed(),
        refusal=refusal,
        mine=row["agent_id"] == visit.actor.person,
        key=uuid4().hex,
    )


@post("/mandates/{mandate:uuid}/cases")
async def file_from_page(visit: NamedDependency[Visit], mandate: FromPath[UUID]) -> Response[Any]:
    """Open a case for the principal and show it."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        raw = {"item": typed.get("item"), "situation": [flag for flag in typed.fields.get("situation", ()) if flag]}
        request, key = read_typed(raw, FilingFor), key_of(typed.get("key") or None)
        answer = await agency.file_for(visit.context, visit.actor, mandate, request, visit.now, key)
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, mandate, typed, refusal)
    return go_to(f"/cases/{quote(answer['case'])}?done=opened_now")


@post("/mandates/{mandate:uuid}/revocation")
async def revoke_from_page(visit: NamedDependency[Visit], mandate: FromPath[UUID]) -> Response[Any]:
    """End a mandate and show it."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    raw = {"ending": typed.get("ending"), "reason": typed.get("reason").strip(), "signed": bool(typed.get("signed"))}
    try:
        request, key = read_typed(raw, Revoking), key_of(typed.get("key") or None)
        await agency.revoke_mandate(visit.context, visit.actor, mandate, request, visit.now, key)
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, mandate, typed, refusal)
    return go_to(f"/mandates/{mandate}")


@post("/mandates/{mandate:uuid}/scans", request_max_body_size=None)
async def upload_paper_from_page(visit: NamedDependency[Visit], mandate: FromPath[UUID]) -> Response[Any]:
    """Take the paper of a mandate in; ``csrf_token`` and ``key`` come before the file."""
    context, actor, sent = visit.context, visit.actor, dict[str, str]()

    def check(fields: Mapping[str, str]) -> None:
        check_csrf(visit.request, fields.get("csrf_token", ""))
        sent.update(fields)

    try:
        await mandate_evidence.check_mandate(actor, mandate)
        async with receive_file(visit.request, context.settings, check) as received:
            key = key_of(sent.get("key") or None)
            await mandate_evidence.receive_paper(context, actor, mandate, received, visit.now, key)
    except NotFound:
        raise
    except YichuangError as refusal:
        if refusal.code == "csrf_refused":
            raise
        return await _show(visit, mandate, refusal=refusal)
    return go_to(f"/mandates/{mandate}")
