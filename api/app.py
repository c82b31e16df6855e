"""The web application: routes, guards, headers. Nothing here decides anything about a case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ControllerRouterHandler

from api.auth import Authentication, actor_of, signed_in
from api.errors import on_failure, on_http, on_refusal
from api.state import Clock, clock_of, context_of, server_clock
from engine.context import Context, open_context
from engine.relay import Waker
from engine.settings import Settings
from storage.db import close_pool, open_pool, reading
from storage.migrate import can_rewrite_trail
from workflows.errors import DefinitionError, YichuangError

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(settings: Settings, clock: Clock = server_clock) -> Litestar:
    """The application of one process.

    :param clock: says what time it is, UTC.
    """
    from api.pages import PAGES  # noqa: PLC0415  # the route lists import this module's helpers
    from api.rest import OPEN_ROUTES, ROUTES  # noqa: PLC0415  # idem

    api = Router("/api/v1", route_handlers=ROUTES, guards=[signed_in])
    handlers: list[ControllerRouterHandler] = [api, *OPEN_ROUTES, *PAGES]
    app = Litestar(
        handlers,
        lifespan=[_connected],
        middleware=[DefineMiddleware(Authentication, exclude=["^/health", "^/static"])],
        dependencies={
            "context": Provide(_context, sync_to_thread=False),
            "actor": Provide(actor_of, sync_to_thread=False),
            "now": Provide(_now, sync_to_thread=False),
        },
        exception_handlers={YichuangError: on_refusal, HTTPException: on_http, Exception: on_failure},
        openapi_config=OpenAPIConfig(title="Yichuang", version="1", path="/api/v1", render_plugins=[]),
        request_max_body_size=settings.payload_max_bytes,
        response_headers=HEADERS,
    )
    app.state.settings = settings
    app.state.clock = clock
    return app


@asynccontextmanager
async def _connected(app: Litestar) -> AsyncIterator[None]:
    """Connect before the first request; refuse to serve as a role that could rewrite the trail."""
    settings: Settings = app.state.settings
    await open_pool(settings.database_url.get_secret_value(), size=settings.database_connections)
    try:
        async with reading() as connection:
            if await can_rewrite_trail(connection):
                raise DefinitionError(
                    "role_too_strong",
                    "应用的数据库角色可以改写审计记录,拒绝启动。请使用权限受限的角色。",
                    "The application's database role could rewrite the trail; use the restricted role.",
                )
        app.state.context = open_context(settings)
        app.state.context.wake = Waker()
        yield
    finally:
        await close_pool()


def _context(request: Request[Any, Any, Any]) -> Context:
    return context_of(request.app)


def _now(request: Request[Any, Any, Any]) -> datetime:
    return clock_of(request.app)()
