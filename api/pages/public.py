"""The page of the applicant: where the case stands, by the code on the receipt, in large type."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from api.pages.rendering import PageRequest, page
from api.state import Engine, Now
from engine.context import Context
from engine.reading import public_status
from workflows.errors import NotFound


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


async def _status(request: PageRequest, context: Context, code: str, now: datetime) -> Response[Any]:
    try:
        found = await public_status(context, code[:40].upper(), now)
    except NotFound as refusal:
        return page(request, "status.html", status=refusal.status, code=code, found=None, refusal=refusal)
    return page(request, "status.html", code=code, found=found, refusal=None)
