"""The reader's inbox; letters to print and calls to make by hand; messages that were not sent."""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Typed
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.sending import key_in, sent
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from engine.messages import informing, resending
from engine.messages.informing import HANDS, NEWEST
from engine.messages.resending import WATCHERS
from workflows.errors import NotAuthenticated, YichuangError

PAGE_SIZE: Final = 50
HERE: Final = "/inbox"

Rows = list[dict[str, Any]]


@get(HERE)
async def inbox_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What was left for the reader or for their role and is unread; ``show=all`` with what was read, 60 days back."""
    every = visit.asked("show") == "all"
    rows = await informing.list_inbox(
        visit.context, visit.actor, visit.now, unread=not every, before=_before(visit), limit=PAGE_SIZE
    )
    template = "inbox_rows.html" if asks_for_part(visit.request) else "inbox.html"
    return _page(visit, template, rows, {"show": "all"} if every else {}, every=every)


@post(HERE)
async def mark_read_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Mark what the page showed, or one of it, as read."""
    typed = await sent(visit)
    keys = [key_in(Typed({"one": (text,)}), "one") for text in typed.fields.get("message", ())]
    count = await informing.mark_read(visit.actor, keys[:PAGE_SIZE], visit.now) if keys else 0
    return go_to(f"{HERE}?{urlencode({'done': count} | ({'show': 'all'} if typed.get('show') == 'all' else {}))}")


@get(f"{HERE}/by-hand")
async def by_hand_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The letters to print; with ``way=voice`` the calls to make."""
    return await _by_hand(visit, visit.asked("way"))


@post(f"{HERE}/by-hand")
async def settle_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Say that a letter was printed or a call was made, or that nobody answered."""
    typed = await sent(visit)
    outcome: Literal["done", "not_reached"] = "not_reached" if typed.get("outcome") == "not_reached" else "done"
    try:
        done = await informing.settle_by_hand(visit.actor, key_in(typed, "message"), outcome, visit.now)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _by_hand(visit, typed.get("way"), refusal)
    asked = {"way": typed.get("way"), "done": done["state"], "case": done["case"]}
    return go_to(f"{HERE}/by-hand?{urlencode(asked)}")


@get(f"{HERE}/unsent")
async def unsent_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Messages that failed or were held back, and how the gateways are."""
    return await _unsent(visit)


@post(f"{HERE}/unsent")
async def send_again_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Let a message that was not sent be tried anew."""
    typed = await sent(visit)
    try:
        await resending.send_again(visit.context, visit.actor, key_in(typed, "message"), visit.now)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _unsent(visit, refusal)
    return go_to(f"{HERE}/unsent?done=waiting")


async def _by_hand(visit: Visit, wished: str, refusal: YichuangError | None = None) -> Response[Any]:
    way: Literal["letter", "voice"] = "voice" if wished == "voice" else "letter"
    rows = await informing.list_by_hand(visit.context, visit.actor, way, before=_before(visit), limit=PAGE_SIZE)
    case = visit.asked("case")
    return _page(visit, "by_hand.html", rows, {"way": way}, f"{HERE}/by-hand", refusal=refusal, way=way, case=case)


async def _unsent(visit: Visit, refusal: YichuangError | None = None) -> Response[Any]:
    rows = await resending.list_unsent(visit.actor, before=_before(visit), limit=PAGE_SIZE)
    gateways = await resending.list_gateways(visit.context, visit.actor)
    return _page(visit, "unsent.html", rows, {}, f"{HERE}/unsent", refusal=refusal, gateways=gateways)


def _before(visit: Visit) -> UUID:
    cursor = visit.asked("cursor")
    return read_cursor(cursor, KeyPlace).id if cursor else NEWEST


def _page(
    visit: Visit,
    template: str,
    rows: Rows,
    kept: dict[str, str],
    path: str = HERE,
    refusal: YichuangError | None = None,
    **shown: Any,
) -> Response[Any]:
    more = urlencode(kept | {"cursor": write_cursor(KeyPlace(rows[-1]["id"]))}) if len(rows) == PAGE_SIZE else ""
    return page(
        visit.request,
        template,
        status=refusal.status if refusal else 200,
        rows=rows,
        refusal=refusal,
        done="" if refusal else visit.asked("done"),
        next_page=f"{path}?{more}" if more else None,
        further=bool(visit.asked("cursor")),
        first_page=f"{path}?{urlencode(kept)}" if kept else path,
        by_hand=not visit.actor.roles.isdisjoint(HANDS),
        watches=not visit.actor.roles.isdisjoint(WATCHERS),
        **shown,
    )
