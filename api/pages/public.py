"""The applicant's own page: where the case stands, by the code on the receipt and four characters of their number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Stream

from api.attempts import address_of, attempts_of
from api.pages.public_guide import opening_times
from api.pages.rendering import PageRequest, go_to, page
from api.pages.session import from_here
from api.rest.documents import headers_of
from api.rest.streams import chunks_of
from api.state import Engine, Now
from engine.applicants import status_asking, status_reading
from engine.context import Context
from engine.documents.printing import open_printed
from workflows.errors import Malformed, NotFound, YichuangError

STATUS_COOKIE: Final = "yc_status"
_LONGEST: Final = 200
"""Characters of a code as typed, or of the address around it as a scanner reads it."""
_WRONG: Final = {"query_code_wrong": "code", "last_four_wrong": "last_four"}
"""Refusals that are about one field, and that field."""
STAGES: Final = ("prepare", "received", "accepted", "decided", "collect")
"""The stages that the page shows as a way, in this order."""


@get("/status")
async def status_form(request: PageRequest, context: Engine, now: Now) -> Response[Any]:
    """Asks for the code; where the hall asks for nothing else, answers to it."""
    code = str(request.query_params.get("code", "")).strip()[:_LONGEST]
    return await _status(request, context, code, now) if code else _ask(request, context)


@get("/status/{query_code:str}")
async def status_page(request: PageRequest, query_code: FromPath[str], context: Engine, now: Now) -> Response[Any]:
    """The status behind one code: the address that a receipt's QR code names."""
    return await _status(request, context, query_code.strip()[:_LONGEST], now)


@post("/status", guards=[from_here])
async def ask_from_page(request: PageRequest, context: Engine, now: Now) -> Response[Any]:
    """Let the applicant in for some minutes, and show the case; a wrong answer says nothing of which was wrong."""
    form = await request.form()
    code, last_four = str(form.get("code", "")).strip()[:_LONGEST], str(form.get("last_four", ""))[:20]
    attempts, address = attempts_of(request), address_of(request)
    try:
        attempts.check(address)
        known, shown = await status_asking.ask_status(context, code, last_four, now)
    except YichuangError as refusal:
        if isinstance(refusal, NotFound | Malformed):
            attempts.count(address)
        return _ask(request, context, code, refusal)
    return go_to(f"/status/{quote(known)}", [_cookie(context, shown, context.settings.status_minutes * 60)])


@post("/status/leave", guards=[from_here])
async def leave_from_page(request: PageRequest, context: Engine) -> Response[Any]:
    """Forget the applicant in this browser, which may be one that others use after them."""
    await request.form()
    return go_to("/status", [_cookie(context, "", 0)])


def _cookie(context: Context, value: str, seconds: int) -> Cookie:
    secure = context.settings.secure_cookies
    return Cookie(
        STATUS_COOKIE, value=value, max_age=seconds, path="/status", httponly=True, samesite="strict", secure=secure
    )


@get("/status/{query_code:str}/documents/{document:str}")
async def document_page(
    request: PageRequest, query_code: FromPath[str], document: FromPath[str], context: Engine, now: Now
) -> Stream:
    """Hand out a document that is addressed to the applicant, as it was printed."""
    printed = await status_reading.find_document(context, query_code, shown_by(request), document, now)
    return Stream(chunks_of(await open_printed(context, printed)), headers=headers_of(printed))


def shown_by(request: PageRequest) -> str:
    """What this browser was given for showing whose case it is; empty without."""
    return request.cookies.get(STATUS_COOKIE, "")


async def _status(request: PageRequest, context: Context, code: str, now: datetime) -> Response[Any]:
    attempts, address = attempts_of(request), address_of(request)
    try:
        attempts.check(address)
        known = status_asking.read_code(code)
        found = await status_reading.read_status(context, known, shown_by(request), now)
    except YichuangError as refusal:
        if isinstance(refusal, NotFound | Malformed):
            attempts.count(address)
        return _ask(request, context, code, refusal)
    if found is None:
        return _ask(request, context, known)
    times = opening_times(found["hall_hours"])
    return page(request, "status.html", code=known, found=found, stages=_way(found["stage"]), times=times)


def _way(stage: str) -> Sequence[tuple[str, str]]:
    """Each stage with how it stands: past, now or ahead; all are past once the case is over."""
    here = STAGES.index(stage) if stage in STAGES else len(STAGES)
    return [(name, "past" if n < here else "now" if n == here else "ahead") for n, name in enumerate(STAGES)]


def _ask(request: PageRequest, context: Context, code: str = "", refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        request,
        "public_ask.html",
        status=refusal.status if refusal else 200,
        code=code,
        refusal=refusal,
        wrong=_WRONG.get(refusal.code, "") if refusal else "",
        asks_phone=context.settings.status_asks_phone,
    )
