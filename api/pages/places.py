"""Pages of the tree of places: what there is, one place, one more below it."""

from __future__ import annotations

import re
from typing import Any, Final, get_args
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.sending import asked_for, sent
from api.pages.visit import Visit
from api.rest.cursors import CodePlace, read_cursor, write_cursor
from engine.administration import managing_places
from engine.administration.managing_places import PlaceChange
from workflows.errors import YichuangError
from workflows.place import Place, PlaceKind

PAGE_SIZE: Final = 50
ZONE: Final = "Asia/Shanghai"
_KINDS: Final = get_args(PlaceKind)
_DONE: Final = ("add", "change")
_SESSION: Final = re.compile(r"(\d{1,2}[:：]\d\d)\s*[-–—~至到]\s*(\d{1,2}[:：]\d\d)")


@get("/organisations")
async def places_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The places within the reader's reach, from the top down."""
    cursor, text, kind = visit.asked("cursor"), visit.asked("text")[:60], visit.asked("kind")[:20]
    after = read_cursor(cursor, CodePlace).code if cursor else ""
    rows = await managing_places.list_places(visit.actor, after=after, kind=kind, text=text, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = "/organisations?" + urlencode(
            {"text": text, "kind": kind, "cursor": write_cursor(CodePlace(rows[-1]["code"]))}
        )
    return page(
        visit.request,
        "places.html",
        rows=rows,
        kinds=_KINDS,
        text=text,
        kind=kind,
        next_page=following,
        further=bool(cursor),
    )


@get("/organisations/{code:str}")
async def place_page(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One place."""
    return await _place(visit, code, Typed())


@post("/organisations/{code:str}")
async def place_from_page(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """Change what people read of a place."""
    typed = await sent(visit)
    try:
        change = asked_for(PlaceChange, typed, ("name", "name_en", "phone"), hours=hours_of(typed))
        await managing_places.change_place(visit.actor, code, change, visit.now)
    except YichuangError as refusal:
        return await _place(visit, code, typed, refusal=refusal)
    return go_to(f"/organisations/{code}?done=change")


async def _place(visit: Visit, code: str, typed: Typed, *, refusal: YichuangError | None = None) -> Response[Any]:
    row = await managing_places.read_place(visit.actor, code)
    done = visit.asked("done")
    return page(
        visit.request,
        "place.html",
        status=refusal.status if refusal else 200,
        place=row,
        hours=hours_text(row["hours"]),
        below=_kinds_below(row),
        typed=typed,
        refusal=refusal,
        done=done if done in _DONE and not refusal else "",
    )


@get("/organisations/{code:str}/new")
async def new_place_page(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """The form for one more place below this one."""
    return await _new(visit, code, Typed())


@post("/organisations/{code:str}/new")
async def add_place_from_page(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """Add a place below this one."""
    typed = await sent(visit)
    above = await managing_places.read_place(visit.actor, code)
    try:
        request = _wanted(typed, above)
        await managing_places.add_place(visit.actor, request, visit.now)
    except YichuangError as refusal:
        return await _new(visit, code, typed, refusal=refusal)
    return go_to(f"/organisations/{request.code}?done=add")


async def _new(visit: Visit, code: str, typed: Typed, *, refusal: YichuangError | None = None) -> Response[Any]:
    above = await managing_places.read_place(visit.actor, code)
    return page(
        visit.request,
        "place_new.html",
        status=refusal.status if refusal else 200,
        above=above,
        below=_kinds_below(above),
        typed=typed,
        refusal=refusal,
    )


def _kinds_below(place: dict[str, Any]) -> list[str]:
    return [kind for kind in _KINDS if managing_places.lies_in(kind, place["kind"])]


def _wanted(typed: Typed, above: dict[str, Any]) -> Place:
    given = {name: text_of(typed, name) for name in ("uscc", "agency_word", "phone")}
    given |= {"parent": above["code"], "region": text_of(typed, "region") or above["region_code"]}
    return asked_for(Place, typed, ("code", "kind", "name", "name_en"), hours=hours_of(typed), **given)


def hours_of(typed: Typed) -> dict[str, Any] | str | None:
    """Hours as typed, ``08:30-12:00 14:30-17:30``; as they were typed where they cannot be understood."""
    text = text_of(typed, "hours")
    if not text:
        return None
    sessions = [[_clock(begin), _clock(end)] for begin, end in _SESSION.findall(text)]
    understood = sessions and not re.search(r"\d", _SESSION.sub("", text))
    return {"zone": text_of(typed, "zone") or ZONE, "sessions": sessions} if understood else text


def _clock(text: str) -> str:
    hour, minute = text.replace("：", ":").split(":")
    return f"{int(hour):02}:{minute}:00"


def hours_text(hours: dict[str, Any] | None) -> str:
    """Hours as :func:`hours_of` reads them."""
    return " ".join(f"{begin[:5]}-{end[:5]}" for begin, end in hours["sessions"]) if hours else ""
