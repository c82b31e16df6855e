"""The stream that tells open pages to look again; see :mod:`engine.live`. The pages work without it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, cast

from litestar import get
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.pages.rendering import NO_STORE
from api.pages.visit import Visit
from engine.live import Changes

GAP_SECONDS: Final = 3.0
"""How often a page is told to look again, at most."""
_LIFETIME_SECONDS: Final = 600.0
"""After so long a browser connects anew, and is asked anew who it is."""
_RETRY_MILLISECONDS: Final = 3000


@get("/live")
async def live(visit: NamedDependency[Visit]) -> ServerSentEvent:
    """An event ``changed`` whenever anything was committed; a comment now and then, to find out who has left."""
    changes = cast("Changes", visit.request.app.state.changes)
    return ServerSentEvent(_events(changes), headers={**NO_STORE, "X-Accel-Buffering": "no"})


async def _events(changes: Changes) -> AsyncIterator[ServerSentEventMessage]:
    yield ServerSentEventMessage(retry=_RETRY_MILLISECONDS, comment="begin")
    async for changed in changes.follow(gap=GAP_SECONDS, lifetime=_LIFETIME_SECONDS):
        yield ServerSentEventMessage(event="changed", data="") if changed else ServerSentEventMessage(comment="here")
