"""What was settled stays: facts as of a moment, beside people who go on, come late, or are not done yet."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import datetime, timedelta

import asyncpg
import pytest

from engine.context import Context
from engine.figures.as_of import facts_as_of
from engine.projecting import project
from storage.db import close_pool, open_pool, reading
from storage.migrate import migrate
from tests.databases import Database
from tests.engine.test_projecting import DAY, NO_HURRY, Everything, another, everything, everything_as_of, settled_again
from tests.factories import START, bring, open_story
from workflows.errors import Conflict, Unavailable
from workflows.events import Act


async def settle(now: datetime) -> int:
    """Read everything and settle a moment; how many cases had something new."""
    done = await project(seconds=NO_HURRY, now=now)
    assert done.whole
    return done.cases


async def numbers(moment: datetime) -> set[str]:
    async with facts_as_of(moment) as then:
        return {row["number"] for row in await then.connection.fetch(f"SELECT number FROM {then.cases} f")}


async def late() -> int:
    async with reading() as connection:
        found: int = await connection.fetchval("SELECT count(*)::int FROM late_events")
        return found


async def test_a_settled_moment_is_told_the_same_whatever_comes_after(context: Context, database: Database) -> None:
    told: dict[datetime, Everything] = {}
    await rights_of_production(database)
    with pytest.raises(Unavailable, match="facts_not_made"):
        await everything_as_of()
    case = await bring(context, "CORRECTION", at=START)
    first = case.now + timedelta(hours=1)
    await settle(first)
    async with facts_as_of() as then:
        assert (then.moment, then.cases, then.live) == (first, "case_facts", True)
    told[first] = await everything()

    await case.go("officer", Act.ADD_NOTICE_LINES, at=first + DAY, lines=[another(case.item)])
    other = await open_story(context, at=first + DAY)
    assert await settle(first + 2 * DAY) == 2
    await settled_again(told)
    assert await numbers(first) == {case.number}
    told[first + 2 * DAY] = await everything()
    with pytest.raises(Conflict, match="moment_not_settled") as refused:
        await everything_as_of(first + 3 * DAY)
    assert refused.value.extra["settled_at"] == (first + 2 * DAY).isoformat()

    await somebody_is_late(context, told, first + 2 * DAY)
    await somebody_is_not_done(context, database, told, first + 4 * DAY)
    await nobody_waits_for_a_reader(context, first)
    await settled_again(told, portion=1)
    assert {case.number, other.number} < await numbers(first + 4 * DAY)


async def test_a_late_event_that_somebody_invents_moves_no_settled_moment(context: Context, database: Database) -> None:
    case = await bring(context, "RECEIVED", at=START)
    now = case.now + timedelta(hours=1)
    await settle(now)
    admin = await asyncpg.connect(database.superuser)
    try:
        await admin.execute(
            "INSERT INTO late_events (event_id, case_id, known_at) SELECT id, case_id, $1 FROM events LIMIT 1",
            now + timedelta(hours=12),
        )
    finally:
        await admin.close()
    await open_story(context, at=now)
    assert await settle(now + timedelta(minutes=5)) == 1
    moment, _ = await everything_as_of()
    assert moment == now + timedelta(minutes=5)
    with pytest.raises(Conflict, match="moment_not_settled"):
        await everything_as_of(now + timedelta(hours=12))


async def rights_of_production(database: Database) -> None:
    """Nobody has rights in the database but who was given them."""
    admin = await asyncpg.connect(database.superuser)
    try:
        await admin.execute(f"REVOKE ALL ON DATABASE {database.name} FROM PUBLIC")
        await admin.execute(f"GRANT CONNECT ON DATABASE {database.name} TO PUBLIC")
    finally:
        await admin.close()
    await close_pool()
    await migrate(database.owner, database.app)
    await open_pool(database.app, size=8)


async def somebody_is_late(context: Context, told: dict[datetime, Everything], settled: datetime) -> None:
    """What is stamped before a settled moment and comes after it is known from the next one on."""
    story = await open_story(context, at=settled - timedelta(minutes=1))
    assert await late() == 0
    assert await settle(settled + DAY) == 1
    assert await late() == 1
    await settled_again(told)
    assert story.number not in await numbers(settled + DAY - timedelta(seconds=1))
    assert story.number in await numbers(settled + DAY)
    told[settled + DAY] = await everything()


async def somebody_is_not_done(
    context: Context, database: Database, told: dict[datetime, Everything], settled: datetime
) -> None:
    """While an older transaction is open, what is committed meanwhile is not read, so the moment is settled without."""
    known = await bring(context, "RECEIVED", at=settled - timedelta(hours=3))
    older = await asyncpg.connect(database.superuser)
    try:
        opened = older.transaction()
        await opened.start()
        await older.fetchval("SELECT pg_current_xact_id()")
        story = await open_story(context, at=settled - timedelta(hours=1))
        await known.go("officer", Act.ACCEPT, at=settled - timedelta(hours=1))
        assert await settle(settled) == 1
        told[settled] = (await everything_as_of(settled))[1]
        assert await numbers(settled) >= {known.number}
        assert story.number not in await numbers(settled)
        await opened.rollback()
        assert await settle(settled) == 2
        await settled_again(told)
        assert story.number not in await numbers(settled)
        moment, _ = await everything_as_of()
        assert moment > settled
        assert story.number in await numbers(moment)
    finally:
        await older.close()


async def nobody_waits_for_a_reader(context: Context, moment: datetime) -> None:
    """People act, and the projection goes on, while somebody reads what was settled long ago."""
    async with facts_as_of(moment) as then:
        assert not then.live
        before = await everything(then.cases, then.notices)

        async def meanwhile() -> None:
            story = await open_story(context, at=moment + 9 * DAY)
            assert await settle(moment + 9 * DAY) == 1
            assert story.number in await numbers(moment + 9 * DAY)

        await asyncio.create_task(meanwhile(), context=contextvars.Context())
        assert await everything(then.cases, then.notices) == before
