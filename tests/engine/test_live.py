"""Open pages are told that something was committed, soon and not too often, and let go when the process stops."""

from __future__ import annotations

import asyncio

import asyncpg

from engine.context import Context
from engine.live import Changes
from engine.settings import Settings
from storage import outbox
from tests.conftest import Database


async def listening(database: Database) -> None:
    """Until somebody listens."""
    async with asyncio.timeout(10):
        admin = await asyncpg.connect(database.superuser)
        try:
            while True:
                if await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'"):
                    return
                await asyncio.sleep(0.02)  # another server's state; it tells nobody
        finally:
            await admin.close()


async def test_a_page_is_told_of_a_commit_and_once_of_many(
    context: Context, settings: Settings, database: Database
) -> None:
    changes = Changes(settings.database_url.get_secret_value())
    told = changes.follow(gap=0.05, lifetime=30)
    first = asyncio.ensure_future(anext(told))
    await listening(database)
    for _ in range(5):
        await outbox.wake()
    assert await asyncio.wait_for(first, 5) is True
    second = asyncio.ensure_future(anext(told))
    await outbox.wake()
    assert await asyncio.wait_for(second, 5) is True
    await changes.close()
    assert [one async for one in told] == []


async def test_the_database_goes_away_and_the_page_looks_once_more_when_it_is_back(
    context: Context, settings: Settings, database: Database
) -> None:
    changes = Changes(settings.database_url.get_secret_value())
    told = changes.follow(gap=0, lifetime=30)
    following = asyncio.ensure_future(anext(told))
    await listening(database)
    admin = await asyncpg.connect(database.superuser)
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'")
    await admin.close()
    assert await asyncio.wait_for(following, 10) is True
    await listening(database)
    await changes.close()


async def test_everything_that_follows_ends_when_the_process_is_to_stop(context: Context, settings: Settings) -> None:
    changes = Changes(settings.database_url.get_secret_value())
    several = [asyncio.ensure_future(_whole(changes)) for _ in range(3)]
    await asyncio.sleep(0)
    changes.end()
    assert await asyncio.wait_for(asyncio.gather(*several), 5) == [[False]] * 3
    await changes.close()


async def _whole(changes: Changes) -> list[bool]:
    return [one async for one in changes.follow(gap=60, lifetime=60)]
