"""Pages of the stewards: plans that move cases in flight to other versions, with the dry run and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.moves import migrating, planning_moves
from engine.moves.planning_moves import Planning
from workflows.actor import Role
from workflows.errors import NotFound, YichuangError
from workflows.payload import payload_invalid

PAGE_SIZE: Final = 50
_NUMBERS: Final = ("flow_from", "flow_to", "item_from", "item_to")
_TEXTS: Final = ("flow", "reason", "item", "organisation")
_ONLY: Final = ("moves", "stays", "moved", "refused", "gone")
_FIRST: Final = UUID(int=0)


@get("/moves")
async def moves_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The plans within the reader's reach, and for stewards the form of a new one, begun as the address says."""
    begun = {name: (value,) for name in (*_TEXTS, *_NUMBERS) if (value := visit.asked(name)[:50])}
    return await _list(visit, Typed(begun))


@post("/moves")
async def plan_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Make a plan and show it; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    key = key_of(typed.get("key") or None)
    try:
        answer = await planning_moves.plan(visit.context, visit.actor, _planning(typed), visit.now, key)
    except YichuangError as refusal:
        return await _list(visit, typed, refusal)
    return go_to(f"/moves/{answer['plan']}")


def _planning(typed: Typed) -> Planning:
    """The request as it was typed. :raises Malformed: ``payload_invalid``, with the field."""
    raw: dict[str, Any] = {name: value for name in _TEXTS if (value := text_of(typed, name))}
    raw |= {name: int(value) if value.isdecimal() else value for name in _NUMBERS if (value := text_of(typed, name))}
    try:
        return msgspec.convert(raw, Planning)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


async def _list(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    cursor = visit.asked("cursor")
    before = read_cursor(cursor, KeyPlace).id if cursor else None
    rows = await migrating.list_plans(visit.actor, before=before, limit=PAGE_SIZE)
    following = f"/moves?cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "moves.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        next_page=following,
        further=bool(cursor),
        may_plan=Role.item_steward in visit.actor.roles,
        flows=await visit.context.newest_flows(),
        begun=bool(typed),
        typed=typed,
        refusal=refusal,
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@get("/moves/{plan:uuid}")
async def move_page(visit: NamedDependency[Visit], plan: FromPath[UUID]) -> Response[Any]:
    """One plan: its counts, its cases with the reasons, and what the reader may do with it."""
    return await _show(visit, plan)


async def _show(visit: Visit, plan: UUID, refusal: YichuangError | None = None) -> Response[Any]:
    cursor, asked = visit.asked("cursor"), visit.asked("only")
    only = asked if asked in _ONLY else ""
    after = read_cursor(cursor, KeyPlace).id if cursor else _FIRST
    row = await migrating.read_plan(visit.actor, plan, only=only, after=after, limit=PAGE_SIZE)
    flow = await visit.context.flow(row["flow"], row["flow_from"])
    lines, following = row["lines"], None
    if len(lines) == PAGE_SIZE:
        following = f"/moves/{plan}?only={only}&cursor={write_cursor(KeyPlace(lines[-1]['id']))}"
    return page(
        visit.request,
        "move.html",
        status=refusal.status if refusal else 200,
        plan=row,
        states={name: visit.wording.of(state) for name, state in flow.states.items()},
        only=only,
        choices=_ONLY,
        next_page=following,
        further=bool(cursor),
        refusal=refusal,
        key=uuid4().hex,
    )


@post("/moves/{plan:uuid}/approval")
async def approve_from_page(visit: NamedDependency[Visit], plan: FromPath[UUID]) -> Response[Any]:
    """Approve a plan and show it."""
    return await _done(visit, plan, lambda key: migrating.approve(visit.actor, plan, visit.now, key))


@post("/moves/{plan:uuid}/carrying-out")
async def carry_out_from_page(visit: NamedDependency[Visit], plan: FromPath[UUID]) -> Response[Any]:
    """Let the cases of a plan move and show it."""
    return await _done(visit, plan, lambda key: migrating.carry_out(visit.context, visit.actor, plan, visit.now, key))


@post("/moves/{plan:uuid}/cancellation")
async def cancel_from_page(visit: NamedDependency[Visit], plan: FromPath[UUID]) -> Response[Any]:
    """Give a plan up and show it."""
    return await _done(visit, plan, lambda key: migrating.cancel(visit.actor, plan, visit.now, key))


async def _done(visit: Visit, plan: UUID, step: Callable[[str], Awaitable[Any]]) -> Response[Any]:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        await step(key_of(typed.get("key") or None))
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, plan, refusal)
    return go_to(f"/moves/{plan}")
