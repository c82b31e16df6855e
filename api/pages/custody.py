"""Pages about papers: batches to pack, send, count and settle, and originals handed back from the page of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.case import Attempt, refused_page
from api.pages.custody_forms import arriving_of, packing_of, returning_of
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.papers import arriving, carrying, locating
from engine.papers.arriving import Arriving, Settling
from engine.papers.packing import Packing, pack
from engine.papers.returning import Returning, give_back
from workflows.counting import WORDS
from workflows.custody import TITLES, BatchState, BatchStep
from workflows.errors import Forbidden, NotAuthenticated, NotFound, YichuangError
from workflows.payload import payload_invalid, refuse_control_characters

T = TypeVar("T")
PAGE_SIZE: Final = 50
_OWED_SHOWN: Final = 20
_UNFINISHED: Final = [
    one.value for one in (BatchState.packed, BatchState.sent, BatchState.refused, BatchState.received_with_discrepancy)
]


@get("/papers")
async def papers_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The batches of the reader's halls and departments, and what is to be handed back; a code opens its batch."""
    if code := visit.asked("code"):
        try:
            found = await locating.read_batch(visit.context, visit.actor, code)
        except YichuangError as refusal:
            return await _overview(visit, refusal)
        return go_to(f"/papers/{found['code']}")
    return await _overview(visit)


async def _overview(visit: Visit, refusal: YichuangError | None = None) -> Response[Any]:
    cursor, everything = visit.asked("cursor"), bool(visit.asked("all"))
    before = read_cursor(cursor, KeyPlace).id if cursor else locating.NEWEST
    states = None if everything else _UNFINISHED
    rows = await locating.list_batches(visit.actor, states=states, before=before, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"/papers?cursor={write_cursor(KeyPlace(rows[-1]['id']))}{'&all=1' if everything else ''}"
    return page(
        visit.request,
        "papers.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        refusal=refusal,
        code=visit.asked("code"),
        everything=everything,
        owed=await _owed(visit),
        next_page=following,
        further=bool(cursor),
    )


async def _owed(visit: Visit) -> list[dict[str, Any]]:
    """What the reader's hall has to hand back; nothing for who works in no single hall."""
    try:
        return await locating.list_owed(visit.actor, limit=_OWED_SHOWN)
    except (Forbidden, NotFound):
        return []


@get("/papers/new")
async def new_batch_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form of a batch."""
    return await _packing_form(visit, Typed({"cases": (visit.asked("case"),), "to": (visit.asked("to"),)}))


@post("/papers/new")
async def pack_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Pack the batch and show it; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        request = _read(packing_of(typed), Packing)
        answer = await pack(visit.context, visit.actor, request, visit.now, key_of(typed.get("key") or None))
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _packing_form(visit, typed, refusal)
    return go_to(f"/papers/{answer['batch']}")


async def _packing_form(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        visit.request,
        "papers_new.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        refusal=refusal,
        receivers=await locating.list_receivers(visit.actor),
        key=_key(typed, refusal),
    )


def _read(raw: Mapping[str, Any], kind: type[T]) -> T:
    refuse_control_characters(raw)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


def _key(typed: Typed, refusal: YichuangError | None) -> str:
    """The key of a form: the same as long as the same thing is tried again."""
    return typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex


@get("/papers/{code:str}")
async def batch_page(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One batch: its lines, its people, what did not agree, and what the reader may do with it now."""
    return await _show(visit, code, done=visit.asked("done"))


async def _show(
    visit: Visit, code: str, typed: Typed | None = None, refusal: YichuangError | None = None, done: str = ""
) -> Response[Any]:
    batch = await locating.read_batch(visit.context, visit.actor, code)
    w = visit.wording
    return page(
        visit.request,
        "paper_batch.html",
        status=refusal.status if refusal else 200,
        batch=batch,
        typed=typed or Typed(),
        refusal=refusal,
        done=w.t("papers.done", step=w.pick(*TITLES[done])) if done in set(BatchStep) else "",
        words={name: w.pick(*both) for name, both in WORDS.items()},
        key=_key(typed or Typed(), refusal),
    )


@post("/papers/{code:str}/steps/{step:str}")
async def step_from_page(visit: NamedDependency[Visit], code: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Take one step with a batch and show it; where it is refused, with what was typed."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        await _take(visit, code, step, typed, key_of(typed.get("key") or None))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await _show(visit, code, typed, refusal)
    return go_to(f"/papers/{quote(code)}?done={quote(step)}")


async def _take(visit: Visit, code: str, step: str, typed: Typed, key: str) -> None:
    who = (visit.context, visit.actor, code)
    match step:
        case BatchStep.send:
            await carrying.send(*who, visit.now, key)
        case BatchStep.unpack:
            await carrying.unpack(*who, visit.now, key)
        case BatchStep.refuse:
            await carrying.refuse(*who, typed.get("reason"), visit.now, key)
        case BatchStep.receive | BatchStep.take_back:
            lines = (await locating.read_batch(*who))["lines"]
            request = _read(arriving_of(typed, lines), Arriving)
            count = arriving.receive if step == BatchStep.receive else arriving.take_back
            await count(*who, request, visit.now, key)
        case _:
            raise NotFound("action_not_found", "没有这个操作。", "There is no such action.")


@post("/papers/{code:str}/discrepancies/{discrepancy:uuid}")
async def settle_from_page(
    visit: NamedDependency[Visit], code: FromPath[str], discrepancy: FromPath[UUID]
) -> Response[Any]:
    """Settle one discrepancy and show the batch."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        request = _read({"outcome": typed.get("outcome"), "word": typed.get("word").strip()}, Settling)
        key = key_of(typed.get("key") or None)
        await arriving.settle(visit.context, visit.actor, code, discrepancy, request, visit.now, key)
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await _show(visit, code, typed, refusal)
    return go_to(f"/papers/{quote(code)}?done={BatchStep.settle}")


@post("/cases/{number:str}/paper/returns")
async def return_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Hand originals back and show the case; where it is refused, with the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        request = _read(returning_of(typed), Returning)
        await give_back(visit.context, visit.actor, number, request, visit.now, key_of(typed.get("key") or None))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await refused_page(visit, number, Attempt("paper", typed, refusal, _key(typed, refusal)))
    return go_to(f"/cases/{quote(number)}?done=paper_returned")
