"""Pages of the administrators: work that failed for good, how the parts are, and the alarms that are open."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.sending import key_in, sent
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from engine import operating
from engine.administration.machine_state import read_machine
from workflows.errors import YichuangError

PAGE_SIZE: Final = 50
_FIRST: Final = UUID(int=0)


@get("/dead-letters")
async def letters_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """How the parts of the machine are, and the work that failed for good."""
    return await _list(visit)


@post("/dead-letters")
async def retry_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Let failed work be tried again."""
    typed = await sent(visit)
    try:
        await operating.retry_dead_letter(visit.context, visit.actor, key_in(typed, "letter"), visit.now)
    except YichuangError as refusal:
        return await _list(visit, refusal)
    return go_to("/dead-letters?done=retry")


async def _list(visit: Visit, refusal: YichuangError | None = None) -> Response[Any]:
    cursor = visit.asked("cursor")
    after = read_cursor(cursor, KeyPlace).id if cursor else _FIRST
    rows = await operating.list_dead_letters(visit.actor, after=after, limit=PAGE_SIZE)
    following = f"/dead-letters?cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "letters.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        machine=await read_machine(visit.context, visit.actor),
        next_page=following,
        further=bool(cursor),
        typed=Typed(),
        refusal=refusal,
        done=visit.asked("done") == "retry" and not refusal,
        now=visit.now,
    )


@get("/alarms")
async def alarms_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The alarms that are open; each closes by itself when its cause is gone."""
    cursor = visit.asked("cursor")
    after = read_cursor(cursor, KeyPlace).id if cursor else _FIRST
    rows = await operating.list_alarms(visit.actor, after=after, limit=PAGE_SIZE)
    following = f"/alarms?cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "alarms.html",
        rows=rows,
        next_page=following,
        further=bool(cursor),
        now=visit.now,
    )
