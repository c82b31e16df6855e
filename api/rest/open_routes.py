"""For everybody: the status of a case and its rating by its code, health, metrics."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from api.attempts import address_of, attempts_of
from api.metrics import TEXT, metrics_of
from api.rest.answers import PublicStatus, shape
from api.rest.bodies import Strict
from api.rest.hall_answers import Rated
from api.rest.problems import problems
from api.state import Engine, Now
from engine import reading
from engine.health import check_parts, outbox_depths, watch
from engine.messages.resending import gateway_states
from engine.ratings import rating
from workflows.errors import Malformed, NotFound
from workflows.numbers import normalise_query_code
from workflows.payload import Text

_CONTENT: Final = Example(summary="Satisfied", value={"level": 2, "comment": "办得很快。"})


class Opinion(Struct, forbid_unknown_fields=True, frozen=True):
    """What the applicant thinks: 1 very satisfied to 5 very dissatisfied (GB/T 39046 A.8)."""

    level: Annotated[int, Meta(ge=1, le=5)]
    comment: Text | None = None


@get(
    "/public/cases/{query_code:str}",
    operation_id="readPublicStatus",
    summary="Where my case stands",
    tags=["public"],
    responses=problems(404, 429),
)
async def read_status(
    request: Request[Any, Any, Any], context: Engine, now: Now, query_code: FromPath[str]
) -> Response[PublicStatus]:
    """Read where a case stands, with the code printed on the receipt; no names, papers or codes for collection.

    Those are on the applicant's page, once they have shown who they are.
    """
    attempts, address = attempts_of(request), address_of(request)
    attempts.check(address)
    try:
        status = await reading.public_status(context, normalise_query_code(query_code), now)
    except (NotFound, Malformed):
        attempts.count(address)
        raise
    return Response(shape(PublicStatus, status), headers={"Cache-Control": "no-store"})


@post(
    "/public/cases/{query_code:str}/rating",
    operation_id="rateCase",
    summary="Rate my case",
    tags=["public"],
    status_code=201,
    dto=Strict[Opinion],
    return_dto=None,
    responses=problems(404, 409, 413, 415, 429),
)
async def rate_case(
    request: Request[Any, Any, Any],
    context: Engine,
    now: Now,
    query_code: FromPath[str],
    data: Annotated[Opinion, Body(examples=[_CONTENT])],
) -> Response[Rated]:
    """Rate a case that was delivered, once, with the code printed on the receipt. Nobody has to."""
    attempts, address = attempts_of(request), address_of(request)
    attempts.check(address)
    try:
        done = await rating.rate(context, query_code, data.level, data.comment or "", now)
    except (NotFound, Malformed):
        attempts.count(address)
        raise
    return Response(shape(Rated, done), headers={"Cache-Control": "no-store"})


@get("/health/live", operation_id="live", summary="The process runs", tags=["health"])
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/health/ready", operation_id="ready", summary="The process can serve", tags=["health"])
async def ready(context: Engine) -> Response[dict[str, Any]]:
    """Ask the database, the object store and the broker, each for three seconds at most; 503 names what fails.

    How the gateways of messages are is said too, and which alarms are open; they keep nobody from serving.
    """
    parts = await check_parts(context)
    good = all(parts.values())
    body = {
        "status": "ok" if good else "failing",
        "parts": {name: "ok" if up else "failing" for name, up in parts.items()},
        "gateways": await gateway_states(context) if parts["database"] else {},
        "alarms": (await watch()).alarms if parts["database"] else {},
    }
    return Response(body, status_code=200 if good else 503, headers={"Cache-Control": "no-store"})


@get("/metrics", operation_id="metrics", summary="Prometheus metrics", tags=["health"], media_type=TEXT)
async def metrics(request: Request[Any, Any, Any]) -> bytes:
    """Expose counts and times of requests of this process, how deep the outbox is, and what the watchmen found."""
    return metrics_of(request.app).expose(await outbox_depths(), await watch())
