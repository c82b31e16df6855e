"""Acting on a case from its page: the same operations as the JSON interface, refusals shown beside the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.case import Attempt, refused_page, upload_refusal, whole
from api.pages.forms import Typed, payload_of
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.sections import noted
from api.pages.visit import Visit
from api.rest.documents import PDF, PRIVATE
from api.rest.requests import key_of
from api.uploads import receive_file
from engine import reading
from engine.documents.drafting import preview
from engine.evidence import check_target, receive_scan
from engine.materials.checklists import list_materials
from engine.operations import act
from engine.viewing.leafing import lines_of
from engine.work import Command
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.events import Act


@post("/cases/{number:str}/actions/{action:str}")
async def act_on_case(visit: NamedDependency[Visit], number: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """Do one act with what was typed, then show the case; where it is refused, with the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    if typed.get("more"):
        return await refused_page(visit, number, Attempt(action, typed, key=typed.get("key")))
    try:
        await act(visit.context, await command_of(visit, number, action, typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        key = "" if refusal.code == "key_reused" else typed.get("key")
        return await refused_page(visit, number, Attempt(action, typed, refusal, key))
    since = whole(typed.get("seen"))
    return go_to(f"/cases/{quote(number)}?done={quote(action)}" + (f"&since={since}" if since else ""))


@post("/cases/{number:str}/actions/{action:str}/preview", status_code=200)
async def preview_act(visit: NamedDependency[Visit], number: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """Show what an act would issue with what was typed, as a sample; where the act is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        sample = await preview(visit.context, await command_of(visit, number, action, typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await refused_page(visit, number, Attempt(action, typed, refusal, typed.get("key")))
    return Response(sample, media_type=PDF, headers=PRIVATE)


async def command_of(visit: Visit, number: str, action: str, typed: Typed) -> Command:
    """The act that a form asks for, with what was typed into it.

    :raises NotFound: ``action_not_found``.
    """
    try:
        wished = Act(action)
    except ValueError:
        raise NotFound("action_not_found", "没有这个操作。", "There is no such action.") from None
    offered = await reading.list_actions(visit.context, visit.actor, number, visit.now)
    fields: Mapping[str, Any] = next((row["fields"] for row in offered if row["action"] == wished), {})
    version = typed.get("version")
    return Command(
        visit.actor,
        number,
        wished,
        payload_of(fields, typed),
        visit.now,
        key=key_of(typed.get("key") or None),
        version=int(version) if version.isdecimal() else 0,
    )


@post("/cases/{number:str}/materials/{line:str}/scans", request_max_body_size=None)
async def upload_scan(visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Take one file in for a material line; ``csrf_token``, ``key`` and ``replaces`` come before the file."""
    context, actor, sent = visit.context, visit.actor, dict[str, str]()

    def check(fields: Mapping[str, str]) -> None:
        check_csrf(visit.request, fields.get("csrf_token", ""))
        sent.update(fields)

    try:
        await check_target(context, actor, number, line)
        async with receive_file(visit.request, context.settings, check) as received:
            key, replaces = key_of(sent.get("key") or None), _scan_of(sent.get("replaces", ""))
            await receive_scan(context, actor, number, line, received, visit.now, key, replaces=replaces)
    except NotFound:
        raise
    except YichuangError as refusal:
        if refusal.code == "csrf_refused":
            raise
        if asks_for_part(visit.request):
            return await _scans(visit, number, line, refusal)
        return await refused_page(visit, number, Attempt(line, refusal=refusal))
    if asks_for_part(visit.request):
        return await _scans(visit, number, line)
    return go_to(f"/cases/{quote(number)}?done=uploaded#line-{quote(line)}")


@get("/cases/{number:str}/materials/{line:str}/scans")
async def scans_of_line(visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """The scans of a line as they stand now, for the page that is open; by itself it leads to the page."""
    if not asks_for_part(visit.request):
        return go_to(f"/cases/{quote(number)}#line-{quote(line)}")
    return await _scans(visit, number, line)


async def _scans(visit: Visit, number: str, line: str, refusal: YichuangError | None = None) -> Response[Any]:
    context, actor = visit.context, visit.actor
    case, _ = await reading.seen_case(context, actor, number)
    lines = await list_materials(context, actor, number, visit.now)
    found = next((row for row in lines if row["line"] == line), None)
    if found is None:
        raise NotFound("line_not_found", "没有这一项材料。", "There is no such line.")
    item = await context.item(case["item_id"])
    return page(
        visit.request,
        "case_scans_part.html",
        status=refusal.status if refusal else 200,
        case=case,
        line=noted([found], visit.wording)[0],
        standing=await lines_of(item, number),
        upload_refusal=await upload_refusal(context, actor, number, [found]),
        attempt=Attempt(line, refusal=refusal) if refusal else Attempt(""),
        key=uuid4().hex,
    )


def _scan_of(text: str) -> UUID | None:
    """:raises NotFound: ``scan_not_found`` for what is no key of a scan."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("scan_not_found", "没有这份扫描件。", "There is no such scan.") from None
