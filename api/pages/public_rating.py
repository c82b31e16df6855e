"""Rating a case by the QR code on the slip: five buttons, words to tick, one page, no sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath

from api.attempts import address_of, attempts_of
from api.pages.forms import Typed, payload_of
from api.pages.rendering import PageRequest, go_to, page
from api.pages.session import from_here
from api.rest.open_routes import Opinion
from api.state import Engine, Now
from engine.applicants import status_reading
from engine.applicants.status_asking import read_code
from engine.context import Context
from engine.ratings import rating
from workflows.errors import Malformed, NotFound, YichuangError
from workflows.payload import read_payload
from workflows.rating_words import WORDS

_FIELDS: Final = {"level": {"type": "rating_level"}, "comment": {"type": "text"}}
_NAMED: Final = {"named": True, "anonymous": False}


@get("/status/{query_code:str}/rating")
async def rating_page(request: PageRequest, query_code: FromPath[str], context: Engine, now: Now) -> Response[Any]:
    """The rating of one case, or thanks for it, or until when it could be rated."""
    return await _rating(request, context, query_code, now)


@post("/status/{query_code:str}/rating", guards=[from_here])
async def rate_from_page(request: PageRequest, query_code: FromPath[str], context: Engine, now: Now) -> Response[Any]:
    """Rate a case that was delivered; where it is refused, with what was typed."""
    typed = Typed.of((await request.form()).multi_items())
    attempts, address = attempts_of(request), address_of(request)
    attempts.check(address)
    try:
        code = read_code(query_code)
        opinion = read_payload(Opinion, payload_of(_FIELDS, typed))
        tags, named = list(typed.fields.get("tags", ())), _NAMED.get(typed.get("named"))
        await rating.rate(context, code, opinion["level"], opinion.get("comment", ""), now, tags=tags, named=named)
    except YichuangError as refusal:
        if isinstance(refusal, NotFound | Malformed):
            attempts.count(address)
        return await _rating(request, context, query_code, now, refusal, typed)
    return go_to(f"/status/{quote(code)}/rating")


async def _rating(
    request: PageRequest,
    context: Context,
    query_code: str,
    now: datetime,
    refusal: YichuangError | None = None,
    typed: Typed | None = None,
) -> Response[Any]:
    attempts, address = attempts_of(request), address_of(request)
    attempts.check(address)
    try:
        code = read_code(query_code)
        found = await status_reading.read_rating(context, code, now)
    except (NotFound, Malformed):
        attempts.count(address)
        raise
    return page(
        request,
        "public_rating.html",
        status=refusal.status if refusal else 200,
        code=code,
        found=found,
        refusal=refusal,
        typed=typed or Typed(),
        words=[(tag, {"title": zh, "title_en": en}) for tag, (zh, en) in WORDS.items()],
    )
