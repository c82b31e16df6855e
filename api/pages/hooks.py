"""Pages of the departments' systems: where they are told (webhooks), what was delivered, and delivering it again."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.sending import asked_for, key_in, sent
from api.pages.visit import Visit
from api.rest.cursors import FeedPlace, KeyPlace, read_cursor, write_cursor
from engine.administration.choosing_places import places_within
from engine.webhooks import subscribing
from engine.webhooks.subscribing import Subscribed, Subscribing
from storage.feed import Place
from workflows.errors import YichuangError

PAGE_SIZE: Final = 50
_OWN_WORDS: Final = ("grant", "deny")
"""Acts that every procedure calls differently."""
_STATES: Final = ("waiting", "delivered", "dead")
_DONE: Final = ("resume", "retry", "replay", "end")


@get("/webhooks")
async def hooks_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The webhooks within the reader's reach, with how they stand."""
    return await _list(visit, Typed())


@post("/webhooks")
async def add_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Add a webhook, and show its secret this once."""
    typed = await sent(visit)
    try:
        request = asked_for(Subscribing, typed, ("organisation", "url", "name"))
        added = await subscribing.subscribe(visit.context, visit.actor, request, visit.now)
    except YichuangError as refusal:
        return await _list(visit, typed, refusal=refusal)
    return await _list(visit, Typed(), added=added)


async def _list(
    visit: Visit, typed: Typed, *, refusal: YichuangError | None = None, added: Subscribed | None = None
) -> Response[Any]:
    cursor = visit.asked("cursor")
    after = read_cursor(cursor, KeyPlace).id if cursor else subscribing.FIRST
    rows = await subscribing.list_webhooks(visit.actor, after=after, limit=PAGE_SIZE)
    following = f"/webhooks?cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "webhooks.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        places=await places_within(visit.actor, "department"),
        next_page=following,
        further=bool(cursor),
        typed=typed,
        refusal=refusal,
        added=added,
        place=write_cursor(FeedPlace(*added.place)) if added else "",
        ended=visit.asked("done") == "end" and not refusal,
        now=visit.now,
    )


@get("/webhooks/{webhook:uuid}")
async def hook_page(visit: NamedDependency[Visit], webhook: FromPath[UUID]) -> Response[Any]:
    """One webhook with what was or is to be delivered."""
    return await _show(visit, webhook, Typed())


@post("/webhooks/{webhook:uuid}")
async def step_from_page(visit: NamedDependency[Visit], webhook: FromPath[UUID]) -> Response[Any]:
    """Serve it again, try a delivery again, deliver again from a place, or end it, as the form says."""
    typed = await sent(visit)
    act = typed.get("act")
    try:
        told = await _step(visit, webhook, typed)
    except YichuangError as refusal:
        return await _show(visit, webhook, typed, refusal)
    return go_to("/webhooks?done=end" if act == "end" else f"/webhooks/{webhook}?done={act}{told}")


async def _step(visit: Visit, webhook: UUID, typed: Typed) -> str:
    """Carry it out; what the page is to be told of it, as a part of its address."""
    context, actor, now, act = visit.context, visit.actor, visit.now, typed.get("act")
    if act == "end":
        await subscribing.unsubscribe(actor, webhook, now)
    elif act == "resume":
        await subscribing.resume(context, actor, webhook, now)
    elif act == "retry":
        await subscribing.retry_delivery(context, actor, webhook, key_in(typed, "delivery"), now)
    else:
        read = read_cursor(typed.get("place").strip(), FeedPlace)
        count, end, more = await subscribing.replay(context, actor, webhook, Place(read.txid, read.id), now)
        return f"&count={count}" + (f"&more={write_cursor(FeedPlace(*end))}" if more else "")
    return ""


async def _show(visit: Visit, webhook: UUID, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    cursor, asked, done = visit.asked("cursor"), visit.asked("state"), visit.asked("done")
    state = asked if asked in _STATES else None
    after = read_cursor(cursor, KeyPlace).id if cursor else subscribing.FIRST
    row = await subscribing.read_webhook(visit.actor, webhook)
    rows = await subscribing.list_deliveries(visit.actor, webhook, state=state, after=after, limit=PAGE_SIZE)
    here = f"/webhooks/{webhook}{f'?state={state}' if state else ''}"
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"{here}{'&' if state else '?'}cursor={write_cursor(KeyPlace(rows[-1]['id']))}"
    return page(
        visit.request,
        "webhook.html",
        status=refusal.status if refusal else 200,
        webhook=row,
        rows=rows,
        acts=await _acts(visit),
        states=_STATES,
        state=state,
        first=here,
        next_page=following,
        further=bool(cursor),
        typed=typed,
        refusal=refusal,
        done=done if done in _DONE and not refusal else "",
        count=visit.asked("count")[:6],
        more=visit.asked("more")[:200],
        now=visit.now,
    )


async def _acts(visit: Visit) -> dict[str, str]:
    """What the flows in force call each act: the shortest title, which says no more than is common to its steps."""
    flows = await visit.context.newest_flows()
    titles: dict[str, set[str]] = {}
    for step in (step for flow in flows for step in flow.steps):
        titles.setdefault(step.definition.action.value, set()).add(visit.wording.of(step.definition))
    shortest = {act: min(sorted(found), key=len) for act, found in titles.items()}
    return shortest | {act: visit.wording.word("hook_act", act) for act in _OWN_WORDS}
