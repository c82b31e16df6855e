"""The application in this process, over ASGI, on a database and buckets of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from litestar import Litestar

from api.app import create_app, equip
from api.state import context_of
from engine.settings import Settings
from tests.api.hall import Caller, Clock, Unchanged, caller, over
from tests.conftest import Database, Servers, settings_for
from workflows.actor import Role


@pytest.fixture
def clock() -> Clock:
    """The server's time."""
    return Clock()


@pytest.fixture(scope="session")
def routes(servers: Servers) -> Litestar:
    """The application with its routes, made once: that takes longer than most tests."""
    return create_app(settings_for(servers, servers.addresses.database_url))


@pytest.fixture
async def app(routes: Litestar, settings: Settings, clock: Clock) -> AsyncIterator[Litestar]:
    """The application with settings, clock and counts of this test, connected."""
    app = routes
    equip(app, settings, clock)
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # One task from start to end: the framework's task group must be left by the task that entered it.
        async with app.lifespan():
            ready.set()
            await over.wait()

    life = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({life, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        if not life.done():
            await asyncio.to_thread(context_of(app).objects.ensure_buckets)
            yield app
    finally:
        over.set()
        await life


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client without an identity."""
    async with httpx.AsyncClient(transport=over(app), base_url="http://hall.test") as client:
        yield client


@pytest.fixture
def unchanged(app: Litestar, database: Database) -> Callable[..., Unchanged]:
    """``async with unchanged():`` fails when the block wrote anything, but into tables that are named."""
    return lambda *but: Unchanged(database.superuser, context_of(app), but)


@pytest.fixture
async def clerk(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "clerk", Role.clerk, "hall", clock.now)


@pytest.fixture
async def officer(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "officer", Role.officer, "amr", clock.now)


@pytest.fixture
async def reviewer(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "reviewer", Role.reviewer, "amr", clock.now)


@pytest.fixture
async def approver(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "approver", Role.approver, "amr", clock.now)


@pytest.fixture
async def issuer(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "issuer", Role.issuer, "hall", clock.now)


@pytest.fixture
async def other_officer(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "officer.health", Role.officer, "health", clock.now)


@pytest.fixture
async def system_admin(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "system_admin", Role.system_admin, "460000", clock.now)


@pytest.fixture
async def security_admin(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "security_admin", Role.security_admin, "460000", clock.now)
