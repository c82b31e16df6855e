"""The web application: routes, guards, headers. Nothing here decides anything about a case."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from api.attempts import Attempts
from api.auth import SESSION_COOKIE, Authentication, actor_of, signed_in
from api.draining import Draining
from api.errors import on_failure, on_http, on_refusal
from api.headers import SECURITY_HEADERS
from api.metrics import Metrics, measured
from api.pages import PAGES
from api.pages.refusals import by_audience
from api.rest import OPEN_ROUTES, ROUTES
from api.rest.requests import declared_only
from api.state import Clock, Engine, clock_of, context_of, server_clock
from engine.context import Context, open_context
from engine.live import END_STREAMS, Changes
from engine.logs import configure_logs
from engine.memory import settle_memory
from engine.parents import end_with_parent
from engine.relay import Waker
from engine.settings import Settings, load_settings
from storage.db import close_pool, open_pool, reading
from storage.migrate import can_rewrite_trail
from workflows.errors import DefinitionError, YichuangError

_SECURITY: Final[list[dict[str, list[str]]]] = [{"token": []}, {"session": []}]
_NOBODY_NEEDED: Final = ["^/health", "^/metrics$", "^/static", "^/public/", "^/api/v1/openapi.json"]


def serving_app() -> Draining:
    """The application as the server's process makes it, from the settings in its environment."""
    end_with_parent(os.getppid())
    settings = load_settings()
    configure_logs(settings.log_level)
    app = create_app(settings)
    settle_memory()
    return Draining(app)


def create_app(settings: Settings, clock: Clock = server_clock) -> Litestar:
    """The application of one process.

    :param clock: says what time it is, UTC.
    """
    api = Router("/api/v1", route_handlers=ROUTES, guards=[signed_in, declared_only], security=_SECURITY)
    everybody = Router("/", route_handlers=OPEN_ROUTES, guards=[declared_only])
    handlers: list[ControllerRouterHandler] = [api, everybody, *PAGES]
    app = Litestar(
        handlers,
        lifespan=[_connected],
        middleware=[measured, DefineMiddleware(Authentication, exclude=_NOBODY_NEEDED, exclude_http_methods=[])],
        dependencies={
            "context": Provide(_context, sync_to_thread=False),
            "actor": Provide(actor_of, sync_to_thread=False),
            "now": Provide(_now, sync_to_thread=False),
        },
        exception_handlers={
            YichuangError: by_audience(on_refusal),
            HTTPException: by_audience(on_http),
            Exception: by_audience(on_failure),
        },
        openapi_config=_described(),
        request_max_body_size=settings.payload_max_bytes,
        response_headers=SECURITY_HEADERS,
        logging_config=None,  # the process that serves sets up its logs; addresses hold query codes
    )
    equip(app, settings, clock)
    return app


def equip(app: Litestar, settings: Settings, clock: Clock) -> None:
    """Give an application that is not connected its settings and its clock, and counts that begin at nought.

    Its routes stay, and with them ``payload_max_bytes`` of the settings with which it was made.
    """
    app.state.settings = settings
    app.state.clock = clock
    app.state.metrics = Metrics()
    app.state.attempts = Attempts()


def _described() -> OpenAPIConfig:
    """The description at ``/api/v1/openapi.json``; without pages that would load scripts from elsewhere."""
    return OpenAPIConfig(
        title="Yichuang 一窗",
        version="1",
        summary="Unified-window case engine",
        description="Times are RFC 3339 in UTC; days are dates of the hall. Every refusal is a problem document"
        " (RFC 9457) with a stable `code`, Chinese in `detail`, English in `title`, and the article in `basis` where a"
        " law bars the act.",
        path="/api/v1/openapi.json",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path="/")],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="For machines."),
                "session": SecurityScheme(
                    type="apiKey", name=SESSION_COOKIE, security_scheme_in="cookie", description="For people."
                ),
            }
        ),
    )


@asynccontextmanager
async def _connected(app: Litestar) -> AsyncIterator[None]:
    """Connect before the first request; refuse to serve as a role that could rewrite the trail."""
    settings: Settings = app.state.settings
    await open_pool(settings.database_url.get_secret_value(), size=settings.database_connections, warm=True)
    try:
        async with reading() as connection:
            if await can_rewrite_trail(connection):
                raise DefinitionError(
                    "role_too_strong",
                    "应用的数据库角色可以改写审计记录，拒绝启动。请使用权限受限的角色。",
                    "The application's database role could rewrite the trail; use the restricted role.",
                )
        app.state.context = open_context(settings)
        app.state.context.wake = Waker()
        app.state.changes = changes = Changes(settings.database_url.get_secret_value())
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(END_STREAMS, changes.end)
        yield
        await changes.close()
    finally:
        await close_pool()


def _context(request: Request[Any, Any, Any]) -> Context:
    return context_of(request.app)


def _now(request: Request[Any, Any, Any], context: Engine) -> datetime:  # noqa: ARG001  # see actor_of
    return clock_of(request.app)()
