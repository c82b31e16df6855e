"""The issue counter: somebody shows a code, and all that waits for them is handed over, posted or sent by courier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.counter_forms import (
    Way,
    delivery_of,
    first_field,
    posting_of,
    receiver_of,
    titled_states,
    versions_of,
    wrong_field,
)
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.requests import key_of
from engine import reading
from engine.issue import handing_over, packaging, picking_up, shipping
from engine.issue.courier import Receiver
from workflows.errors import NotAuthenticated, YichuangError
from workflows.party import IdKind
from workflows.payload import payload_invalid, refuse_control_characters

T = TypeVar("T")
_DUE_SHOWN: Final = 30
_DELIVERING: Final = ["GRANTED", "CERT_MAKING", "READY", "DENIED"]
"""Decided, and still in the hall: the limit of delivery (许可法44) is met or missed here."""


@get("/counter")
async def counter_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The field for the next code, and what has to leave today."""
    return await _start(visit)


async def _start(visit: Visit, text: str = "", refusal: YichuangError | None = None) -> Response[Any]:
    day = visit.now.astimezone(visit.wording.zone).date() + timedelta(days=1)
    tomorrow = datetime.combine(day, time.min, visit.wording.zone)
    due = await reading.list_cases(visit.actor, states=_DELIVERING, due_before=tomorrow, limit=_DUE_SHOWN)
    return page(
        visit.request,
        "counter.html",
        status=refusal.status if refusal else 200,
        text=text,
        refusal=refusal,
        due=due,
        states=await titled_states(visit),
        most=_DUE_SHOWN,
    )


@post("/counter/find")
async def find_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Find whom a code, receipt or number belongs to; the code itself never stands in an address."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        found = await picking_up.find_case(visit.context, visit.actor, typed.get("text"), visit.now)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _start(visit, typed.get("text"), refusal)
    return go_to(f"/counter/at/{quote(found)}")


@get("/counter/at/{number:str}")
async def waiting_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """What waits for one applicant, with the form of the way that was chosen."""
    return await _show(visit, number, Way.of(visit.asked("way")))


async def _show(
    visit: Visit, number: str, way: Way, typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    waiting = await picking_up.read_waiting(visit.context, visit.actor, number, visit.now)
    single = next((row for row in waiting.alone if row["number"] == visit.asked("only")), None)
    offered = [single] if single else list(waiting.ready) or list(waiting.alone)[:1]
    return page(
        visit.request,
        "counter_at.html",
        status=refusal.status if refusal else 200,
        waiting=waiting,
        offered=offered,
        others=[row for row in [*waiting.ready, *waiting.alone] if row not in offered],
        states=await titled_states(visit),
        way=way,
        ways=list(Way),
        courier=visit.context.settings.courier_url is not None,
        id_kinds=[kind.value for kind in IdKind],
        typed=typed or Typed(),
        refusal=refusal,
        wrong=wrong_field(refusal),
        focus=first_field(way, wrong_field(refusal)),
        key=typed.get("key") if typed and refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@post("/counter/at/{number:str}/{way:str}")
async def give_from_page(visit: NamedDependency[Visit], number: FromPath[str], way: FromPath[str]) -> Response[Any]:
    """Hand over, post or send what is ticked; where it is refused, the form as it was."""
    typed, chosen = Typed.of((await visit.request.form()).multi_items()), Way.of(way)
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        return go_to(await _give(visit, chosen, typed))
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _show(visit, number, chosen, typed, refusal)


async def _give(visit: Visit, way: Way, typed: Typed) -> str:
    """Do it, and say where to go on."""
    versions, key = versions_of(typed), key_of(typed.get("key") or None)
    who = (visit.context, visit.actor)
    if way is Way.window:
        handed = await handing_over.hand_over(*who, versions, delivery_of(typed), visit.now, key)
        return f"/counter/receipt?document={quote(handed['document'])}&done=1"
    if way is Way.courier:
        receiver = _read(receiver_of(typed), Receiver)
        await shipping.order_post(*who, list(versions), receiver, visit.now, key)
        return "/counter/parcels?done=ordered"
    sent = posting_of(typed)
    await packaging.post_package(
        *who, list(versions), sent["carrier"], sent["waybill"], visit.now, key, versions=versions
    )
    return f"/counter/parcels/{quote(sent['waybill'], safe='')}"


def _read(raw: Mapping[str, Any], kind: type[T]) -> T:
    refuse_control_characters(raw)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
