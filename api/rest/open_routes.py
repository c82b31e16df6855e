"""For everybody: the status of a case by its code, health, metrics."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from api.metrics import TEXT, metrics_of
from api.rest.answers import PublicStatus, shape
from api.rest.problems import problems
from api.state import Engine, Now
from engine import reading
from engine.health import check_parts, outbox_depths
from workflows.numbers import normalise_query_code


@get(
    "/public/cases/{query_code:str}",
    operation_id="readPublicStatus",
    summary="Where my case stands",
    tags=["public"],
    responses=problems(404),
)
async def read_status(context: Engine, now: Now, query_code: FromPath[str]) -> Response[PublicStatus]:
    """Read where a case stands, with the code printed on the receipt; no names."""
    status = shape(PublicStatus, await reading.public_status(context, normalise_query_code(query_code), now))
    return Response(status, headers={"Cache-Control": "no-store"})


@get("/health/live", operation_id="live", summary="The process runs", tags=["health"])
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/health/ready", operation_id="ready", summary="The process can serve", tags=["health"])
async def ready(context: Engine) -> Response[dict[str, Any]]:
    """Ask the database, the object store and the broker, each for three seconds at most; 503 names what fails."""
    parts = await check_parts(context)
    good = all(parts.values())
    body = {
        "status": "ok" if good else "failing",
        "parts": {name: "ok" if up else "failing" for name, up in parts.items()},
    }
    return Response(body, status_code=200 if good else 503, headers={"Cache-Control": "no-store"})


@get("/metrics", operation_id="metrics", summary="Prometheus metrics", tags=["health"], media_type=TEXT)
async def metrics(request: Request[Any, Any, Any]) -> bytes:
    """Expose counts and times of requests of this process, and how deep the outbox is."""
    return metrics_of(request.app).expose(await outbox_depths())
