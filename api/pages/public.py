"""The page of the applicant: where the case stands and how it was, by the code on the receipt, in large type."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath

from api.attempts import address_of, attempts_of
from api.pages.forms import Typed, payload_of
from api.pages.rendering import PageRequest, go_to, page
from api.pages.session import from_here
from api.rest.open_routes import Opinion
from api.state import Engine, Now
from engine.context import Context
from engine.ratings import rating
from engine.reading import public_status
from workflows.errors import Malformed, NotFound, YichuangError
from workflows.payload import read_payload

_FIELDS = {"level": {"type": "rating_level"}, "comment": {"type": "text"}}


@get("/status")
async def status_form(request: PageRequest, context: Engine, now: Now) -> Response[Any]:
    """Asks for the code, and answers to it."""
    code = str(request.query_params.get("code", "")).strip()
    if code:
        return await _status(request, context, code, now)
    return page(request, "status.html", code="", found=None, refusal=None)


@get("/status/{query_code:str}")
async def status_page(request: PageRequest, query_code: FromPath[str], context: Engine, now: Now) -> Response[Any]:
    """The status behind one code: the address that a receipt's QR code names."""
    return await _status(request, context, query_code.strip(), now)


@post("/status/{query_code:str}/rating", guards=[from_here])
async def rate_from_page(request: PageRequest, query_code: FromPath[str], context: Engine, now: Now) -> Response[Any]:
    """Rate a case that was delivered; where it is refused, with what was typed."""
    code, typed = query_code.strip(), Typed.of((await request.form()).multi_items())
    attempts, address = attempts_of(request), address_of(request)
    attempts.check(address)
    try:
        opinion = read_payload(Opinion, payload_of(_FIELDS, typed))
        await rating.rate(context, code, opinion["level"], opinion.get("comment", ""), now)
    except YichuangError as refusal:
        if isinstance(refusal, NotFound | Malformed):
            attempts.count(address)
        return await _status(request, context, code, now, refusal, typed)
    return go_to(f"/status/{quote(code)}?rated=1")


async def _status(
    request: PageRequest,
    context: Context,
    code: str,
    now: datetime,
    refused: YichuangError | None = None,
    typed: Typed | None = None,
) -> Response[Any]:
    try:
        found = await public_status(context, code[:40].upper(), now)
    except NotFound as refusal:
        return page(request, "status.html", status=refusal.status, code=code, found=None, refusal=refusal)
    return page(
        request,
        "status.html",
        status=refused.status if refused else 200,
        code=code,
        found=found,
        refusal=refused,
        typed=typed or Typed(),
        rated=bool(request.query_params.get("rated")),
    )
