"""Lists of the issue counter: what waits to be collected, what is still to be made, parcels on their way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.bulk import acts_for_many
from api.pages.counter_forms import drawn_code, titled_states
from api.pages.forms import Typed, payload_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.cursors import MomentPlace, UrgentPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine import reading
from engine.issue import counter, parcels_under_way, shipping
from engine.operations import act
from engine.work import Command
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.events import Act
from workflows.party import mask_name

PAGE_SIZE: Final = 50
_MAKING: Final = ["GRANTED", "CERT_MAKING"]
_ACTS: Final = {
    "waiting": (Act.RECORD_CONTACT, Act.RENEW_PICKUP_CODE),
    "making": (Act.MAKE_CERTIFICATE, Act.MARK_READY),
}
"""What is done from a row of each list."""


@get("/counter/waiting")
async def shelf_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What waits in the hall, the longest first; with ``long``, what is to be followed up (催领)."""
    return await _waiting(visit)


async def _waiting(
    visit: Visit, number: str = "", typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    long, place, cursor = bool(visit.asked("long")), visit.asked("shelf"), visit.asked("cursor")
    after = (spot.at, spot.id) if (spot := read_cursor(cursor, MomentPlace) if cursor else None) else counter.FIRST
    rows = await counter.list_shelf(
        visit.actor, visit.now, place=place or None, days=counter.LONG if long else 0, after=after, limit=PAGE_SIZE
    )
    kept = {name: value for name, value in (("long", "1" if long else ""), ("shelf", place)) if value}
    following = None
    if len(rows) == PAGE_SIZE:
        last = write_cursor(MomentPlace(rows[-1]["in_at"], rows[-1]["id"]))
        following = f"/counter/waiting?{urlencode({**kept, 'cursor': last})}"
    today = visit.now.astimezone(visit.wording.zone).date()
    shown = [
        {**row, "days": (today - row["in_at"].astimezone(visit.wording.zone).date()).days, "applicant": _masked(row)}
        for row in rows
    ]
    return await _page(
        visit, "waiting", shown, number, typed, refusal,
        long=long, limit=counter.LONG, shelf=place, next_page=following, further=bool(cursor),
        first_page=f"/counter/waiting?{urlencode(kept)}",
    )  # fmt: skip


def _masked(row: dict[str, Any]) -> str:
    return mask_name(row["applicant"]) if row["applicant_kind"] == "person" else str(row["applicant"])


@get("/counter/making")
async def making_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Granted, and no certificate on the shelf yet: the first due first (许可法44)."""
    return await _making(visit)


async def _making(
    visit: Visit, number: str = "", typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    cursor = visit.asked("cursor")
    spot = read_cursor(cursor, UrgentPlace) if cursor else None
    after = (spot.rank, spot.urgency, spot.id) if spot else reading.NOWHERE
    rows = await reading.list_cases(visit.actor, states=_MAKING, after=after, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        last = write_cursor(UrgentPlace(rows[-1]["rank"], rows[-1]["urgency"], rows[-1]["id"]))
        following = f"/counter/making?cursor={last}"
    return await _page(
        visit, "making", rows, number, typed, refusal,
        next_page=following, further=bool(cursor), first_page="/counter/making",
    )  # fmt: skip


async def _page(
    visit: Visit,
    name: str,
    rows: list[dict[str, Any]],
    number: str,
    typed: Typed | None,
    refusal: YichuangError | None,
    **more: Any,
) -> Response[Any]:
    flows = await visit.context.newest_flows()
    return page(
        visit.request,
        f"counter_{name}.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        acts=acts_for_many(flows, {row["state"] for row in rows}, visit.actor, visit.wording),
        states=await titled_states(visit),
        number=number,
        typed=typed or Typed(),
        refusal=refusal,
        done=visit.asked("done"),
        key=uuid4().hex,
        **more,
    )


@post("/counter/{name:str}/{number:str}/{action:str}")
async def act_from_list(
    visit: NamedDependency[Visit], name: FromPath[str], number: FromPath[str], action: FromPath[str]
) -> Response[Any]:
    """Do one act from a row and show the list again; where it is refused, with what was typed."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    if action not in _ACTS.get(name, ()):
        raise NotFound("action_not_found", "没有这个操作。", "There is no such action.")
    try:
        await act(visit.context, await _command(visit, number, Act(action), typed))
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await (_waiting if name == "waiting" else _making)(visit, number, typed, refusal)
    return go_to(f"/counter/{name}?{urlencode({'done': number})}")


async def _command(visit: Visit, number: str, action: Act, typed: Typed) -> Command:
    offered = await reading.list_actions(visit.context, visit.actor, number, visit.now)
    fields: Mapping[str, Any] = next((row["fields"] for row in offered if row["action"] == action), {})
    version = typed.get("version")
    return Command(
        visit.actor,
        number,
        action,
        payload_of(fields, typed),
        visit.now,
        key=key_of(typed.get("key") or None),
        version=int(version) if version.isdecimal() else None,
    )


@get("/counter/parcels")
async def parcels_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Parcels on their way, and what the courier was asked to carry."""
    return await _parcels(visit)


async def _parcels(
    visit: Visit, waybill: str = "", typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    return page(
        visit.request,
        "counter_parcels.html",
        status=refusal.status if refusal else 200,
        rows=await parcels_under_way.list_under_way(visit.actor, limit=PAGE_SIZE),
        orders=await shipping.list_orders(visit.actor, limit=PAGE_SIZE),
        waybill=waybill,
        typed=typed or Typed(),
        refusal=refusal,
        done=visit.asked("done"),
        key=uuid4().hex,
    )


@get("/counter/parcels/{waybill:str}")
async def parcel_page(visit: NamedDependency[Visit], waybill: FromPath[str]) -> Response[Any]:
    """The slip that is packed with a parcel: its waybill and what lies in it."""
    parcel = await parcels_under_way.read_parcel(visit.actor, waybill, visit.now)
    return page(visit.request, "counter_parcel.html", parcel=parcel, drawn=drawn_code(waybill))


@post("/counter/parcels/{waybill:str}/{ending:str}")
async def end_from_page(visit: NamedDependency[Visit], waybill: FromPath[str], ending: FromPath[str]) -> Response[Any]:
    """A parcel was signed for, or came back; where that is refused, the list with what was typed."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    key, who = key_of(typed.get("key") or None), (visit.context, visit.actor, waybill)
    try:
        if ending == "signed":
            await parcels_under_way.sign_off(*who, typed.get("signed_by").strip(), visit.now, key)
        else:
            await parcels_under_way.take_back(*who, typed.get("reason").strip(), visit.now, key)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _parcels(visit, waybill, typed, refusal)
    return go_to(f"/counter/parcels?{urlencode({'done': quote(ending)})}")
