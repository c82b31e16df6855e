"""Pages of the stewards: drafts to propose and to settle."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.versions import by_part
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.catalogue import approving, proposing, templating
from engine.catalogue.approving import Returning
from engine.catalogue.proposing import Proposal
from workflows.errors import Malformed, NotFound, YichuangError
from workflows.payload import payload_invalid

PAGE_SIZE: Final = 50
_KINDS: Final = ("item", "flow", "suspension", "resumption", "cancellation")
_FIELDS: Final = ("kind", "item", "in_force_from", "last_day", "reason")


@get("/drafts")
async def drafts_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The drafts within the reader's reach; those that wait, where the reader asks for them."""
    cursor, waiting = visit.asked("cursor"), bool(visit.asked("waiting"))
    after = read_cursor(cursor, KeyPlace).id if cursor else None
    rows = await approving.list_drafts(visit.actor, state="proposed" if waiting else None, after=after, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"/drafts?cursor={write_cursor(KeyPlace(rows[-1]['id']))}{'&waiting=1' if waiting else ''}"
    return page(visit.request, "drafts.html", rows=rows, waiting=waiting, next_page=following, further=bool(cursor))


@get("/drafts/new")
async def new_draft_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form of a draft, with the newest version to begin from."""
    kind, item, flow = visit.asked("kind"), visit.asked("item"), visit.asked("flow")
    kind = kind if kind in _KINDS else "item"
    text = ""
    if kind == "item" and item:
        text = await templating.next_item(visit.context, item, visit.now)
    elif kind == "flow" and flow:
        text = await templating.next_flow(visit.context, flow)
    return _form(visit, Typed({"kind": (kind,), "item": (item,), "text": (text,)}))


@post("/drafts/new")
async def propose_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Propose, and show the draft; where it is refused, the form as it was."""
    form = await visit.request.form()
    typed = Typed.of(form.multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    key = key_of(typed.get("key") or None)
    try:
        text = await _chosen(form.get("file")) or typed.get("text")
        answer = await proposing.propose(visit.context, visit.actor, _proposal(typed, text), visit.now, key)
    except YichuangError as refusal:
        return _form(visit, typed, refusal)
    return go_to(f"/drafts/{answer['draft']}")


async def _chosen(file: Any) -> str:
    """The text of the file that was chosen; empty where none was. :raises Malformed: ``text_not_utf8``."""
    if not isinstance(file, UploadFile):
        return ""
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed(
            "text_not_utf8",
            "文件不是 UTF-8 文本，请另存为 UTF-8 后重试。",
            "The file is no UTF-8 text; save it as UTF-8.",
        ) from None


def _proposal(typed: Typed, text: str) -> Proposal:
    """The request as it was typed. :raises Malformed: ``payload_invalid``, with the field."""
    raw = {name: value for name in _FIELDS if (value := text_of(typed, name))}
    try:
        return msgspec.convert(raw | {"text": text}, Proposal)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


def _form(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        visit.request,
        "draft_new.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        refusal=refusal,
        kind=typed.get("kind") if typed.get("kind") in _KINDS else "item",
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@get("/drafts/{draft:uuid}")
async def draft_page(visit: NamedDependency[Visit], draft: FromPath[UUID]) -> Response[Any]:
    """One draft: what differs, what bars it, and what the reader may do with it."""
    return await _show(visit, draft)


async def _show(
    visit: Visit, draft: UUID, typed: Typed | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    row = await approving.read_draft(visit.context, visit.actor, draft, visit.now)
    return page(
        visit.request,
        "draft.html",
        status=refusal.status if refusal else 200,
        draft=row,
        groups=by_part(row["changes"]),
        typed=typed or Typed(),
        refusal=refusal,
        key=uuid4().hex,
    )


@post("/drafts/{draft:uuid}/publication")
async def publish_from_page(visit: NamedDependency[Visit], draft: FromPath[UUID]) -> Response[Any]:
    """Publish a draft and show it."""
    return await _settled(visit, draft, "publish")


@post("/drafts/{draft:uuid}/return")
async def return_from_page(visit: NamedDependency[Visit], draft: FromPath[UUID]) -> Response[Any]:
    """Return a draft with a reason and show it."""
    return await _settled(visit, draft, "return")


@post("/drafts/{draft:uuid}/withdrawal")
async def withdraw_from_page(visit: NamedDependency[Visit], draft: FromPath[UUID]) -> Response[Any]:
    """Withdraw a draft and show it."""
    return await _settled(visit, draft, "withdraw")


async def _settled(visit: Visit, draft: UUID, what: str) -> Response[Any]:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        key = key_of(typed.get("key") or None)
        if what == "publish":
            await approving.publish(visit.context, visit.actor, draft, visit.now, key)
        elif what == "withdraw":
            await approving.withdraw(visit.actor, draft, visit.now, key)
        else:
            await approving.send_back(visit.actor, draft, _returning(typed), visit.now, key)
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, draft, typed, refusal)
    return go_to(f"/drafts/{draft}")


def _returning(typed: Typed) -> Returning:
    try:
        return msgspec.convert({"reason": typed.get("reason").strip()}, Returning)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
