"""The suite's own PostgreSQL, S3 and Redis: started once, and gone when the test process is gone, even by SIGKILL."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from engine.context import Context, open_context
from engine.sample import load_sample
from engine.settings import Settings, load_settings
from storage.db import close_pool, open_pool
from storage.embedded import Addresses, Embedded, Supervisor, with_database
from storage.migrate import migrate
from storage.sealing import new_key_file
from tests.databases import KEEP, Database, Databases
from workflows.sample_hall import load_hall

__all__ = ["PASSWORD", "Database", "Servers", "settings_for"]
TEMPLATE = "yichuang_template"
PASSWORD = "Sample-2026"
LOADED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LONGEST = (
    "test_any_order.py", "test_demo.py", "test_kills.py", "test_clock_oracle.py", "test_approver_client.py",
    "test_year.py", "test_embedded.py", "test_worker.py", "test_scan_fuzz.py", "test_hands.py",
)  # fmt: skip
"""Files that take many seconds each. Each file is one process's work, so they come first and all end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others in their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@dataclass(frozen=True)
class Servers:
    """The three servers of this test session."""

    data: Path
    addresses: Addresses
    key_file: Path


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL, S3 and Redis in a folder of their own; pytest removes what a killed session left."""
    data = tmp_path_factory.mktemp("servers")
    embedded = Embedded(data / "var", durable=False)
    embedded.prepare()
    key_file = data / "keys.toml"
    new_key_file(key_file)
    try:
        with Supervisor(data / "var") as supervisor:
            supervisor.start(*embedded.commands())
            yield Servers(data, embedded.addresses(), key_file)
    finally:
        embedded.close()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def objects_url(servers: Servers) -> str:
    """The S3 server of this session."""
    return servers.addresses.objects_url


@pytest.fixture(scope="session")
def template(servers: Servers) -> str:
    """A database with every migration and the sample hall, to clone for each test."""

    async def build() -> None:
        connection = await asyncpg.connect(servers.addresses.superuser_database_url)
        await connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER yichuang_owner TEMPLATE template0")
        await connection.close()
        owner = with_database(servers.addresses.migration_database_url, TEMPLATE)
        app = with_database(servers.addresses.database_url, TEMPLATE)
        await migrate(owner, app)
        await open_pool(app, size=2)
        await load_sample(LOADED, {person.login: PASSWORD for person in load_hall().people})
        await close_pool()
        connection = await asyncpg.connect(with_database(servers.addresses.superuser_database_url, TEMPLATE))
        await connection.execute(KEEP)
        await connection.close()

    asyncio.run(build())
    return TEMPLATE


@pytest.fixture(scope="session")
def databases(servers: Servers, template: str) -> Databases:
    """Clones of the template, used again where a test changed no more than rows."""
    return Databases(servers.addresses, template)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """A database with the template's rows and no others."""
    found = await databases.take()
    try:
        yield found
    finally:
        await databases.give_back(found)


@pytest.fixture
def settings(servers: Servers, database: Database) -> Settings:
    """Settings of a production-like process that points at this test's database."""
    return settings_for(servers, database.app)


def settings_for(servers: Servers, database_url: str) -> Settings:
    """Settings of a process on these servers, with buckets of its own."""
    return load_settings(
        database_url=database_url,
        database_connections=4,
        objects_url=servers.addresses.objects_url,
        broker_url=servers.addresses.broker_url,
        key_file=servers.key_file,
        bucket_prefix=f"t-{uuid4().hex[:16]}",
    )


@pytest.fixture
async def context(settings: Settings) -> AsyncIterator[Context]:
    """A connected engine."""
    await open_pool(settings.database_url.get_secret_value(), size=8)
    try:
        yield open_context(settings)
    finally:
        await close_pool()
