"""One pool, one transaction at a time: nobody waits for a second connection, and a server that dies costs none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from engine.context import open_context
from engine.invariants import check_case
from engine.operations import act
from engine.relay import Waker
from engine.settings import Settings
from storage.db import DB, connected, reading, transaction
from storage.outbox import CHANNEL
from storage.people import Person
from tests.conftest import Database
from tests.factories import bring, firm
from workflows.errors import Unavailable
from workflows.events import Act

CASES = 12
POOL = 2
BACKENDS = "SELECT pg_backend_pid()"
KILL = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture
async def superuser(database: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection beside the pool, under the superuser."""
    connection = await asyncpg.connect(database.superuser)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("login", "what", "payload", "state"),
    [
        pytest.param("officer", Act.ACCEPT, {}, "ACCEPTED", id="under-the-lock"),
        pytest.param("clerk", Act.ESCALATE, {"reason": "存疑", "article": "32"}, "ESCALATED", id="at-once"),
    ],
)
async def test_many_first_acts_pass_through_a_small_pool(
    settings: Settings, database: Database, login: str, what: Act, payload: dict[str, str], state: str
) -> None:
    async with connected(database.app):
        context = open_context(settings)
        stories = [await bring(context, "RECEIVED", who=firm(number)) for number in range(1, CASES + 1)]
        commands = [await story.command(login, what, payload) for story in stories]
    async with connected(database.app, size=POOL):
        cold = open_context(settings)
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*(act(cold, command) for command in commands))
        assert [answer["state"] for answer in answers] == [state] * CASES
        for story in stories:
            assert await check_case(cold, story.number, story.now) == []


async def test_reading_inside_a_transaction_sees_what_it_wrote(database: Database) -> None:
    async with connected(database.app, size=1), transaction() as connection, asyncio.timeout(5):
        await connection.execute("UPDATE people SET name = '改名' WHERE login = 'clerk'")
        async with reading() as inner:
            assert inner is connection
        assert await Person.select(Person.name).where(Person.login == "clerk").first() == {"name": "改名"}


async def test_a_server_that_kills_every_connection_costs_no_connection(
    database: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    async with connected(database.app, size=POOL):
        for _ in range(POOL + 1):
            with pytest.raises(Unavailable):
                await _write_and_be_cut_off(superuser)
            assert DB.current_transaction.get() is None
            async with transaction() as connection:
                assert await connection.fetchval("SELECT count(*) FROM people WHERE name = '未提交'") == 0
        assert len(await _backends_at_once(POOL)) == POOL


async def _write_and_be_cut_off(superuser: asyncpg.Connection[asyncpg.Record]) -> None:
    async with transaction() as connection:
        await connection.execute("UPDATE people SET name = '未提交' WHERE login = 'clerk'")
        assert await superuser.fetchval(KILL) >= 1
        await Person.select(Person.name).first()


async def _backends_at_once(count: int) -> set[int]:
    """The server processes behind this many transactions that are open at the same time."""
    all_open = asyncio.Barrier(count)

    async def one() -> int:
        async with transaction() as connection:
            await all_open.wait()
            backend: int = await connection.fetchval(BACKENDS)
            return backend

    async with asyncio.timeout(10):
        return set(await asyncio.gather(*(one() for _ in range(count))))


async def test_a_wake_up_asked_for_inside_a_transaction_does_not_wait_for_its_commit(
    database: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    heard = asyncio.Event()
    await superuser.add_listener(CHANNEL, lambda *_: heard.set())
    async with connected(database.app, size=POOL), transaction() as connection:
        await connection.execute("UPDATE people SET name = name WHERE login = 'clerk'")
        Waker()()
        async with asyncio.timeout(5):
            await heard.wait()


async def test_a_missing_file_is_not_blamed_on_the_database(database: Database, tmp_path: Path) -> None:
    async with connected(database.app, size=1):
        with pytest.raises(FileNotFoundError):
            async with transaction():
                (tmp_path / "missing").read_bytes()  # nothing is read
        async with transaction() as connection:
            assert await connection.fetchval("SELECT 1") == 1
