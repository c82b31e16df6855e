"""Work that an act leaves behind is done once, whatever the relay, the broker or the worker do in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from engine.context import Context
from engine.jobs import run_row
from engine.operating import list_dead_letters, retry_dead_letter
from engine.relay import MOST_WAITING, Waker, relay_forever, relay_once
from engine.settings import Settings
from engine.worker import configure, send_rows, waiting_rows
from storage import outbox
from storage.db import reading
from tests.conftest import Database
from tests.factories import bring
from tests.people import actor
from workflows.errors import Forbidden, NotFound, Unavailable

RESEND = timedelta(minutes=1)


def soon(**more: float) -> datetime:
    """A moment just after everything that was written so far."""
    return datetime.now(UTC) + timedelta(seconds=1, **more)


async def rows() -> list[dict[str, Any]]:
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch("SELECT * FROM outbox ORDER BY id")]


async def leave(topic: str, data: dict[str, Any]) -> UUID:
    """A row of its own, without an act."""
    async with reading() as connection:
        await connection.execute("UPDATE outbox SET state = 'done' WHERE state = 'waiting'")
        await outbox.add(connection, topic, data, None, datetime.now(UTC))
    (row,) = [row for row in await rows() if row["state"] == "waiting"]
    key: UUID = row["id"]
    return key


async def test_every_act_leaves_its_row_in_its_own_transaction(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    left = await rows()
    assert [(row["state"], row["data"]) for row in left if row["topic"] == "case.changed"] == [
        ("waiting", {"case": story.number, "seq": seq}) for seq in (1, 2, 3)
    ]
    (told,) = [row for row in await story.rows("notifications") if row["way"] == "sms"]
    assert [(row["state"], row["data"]) for row in left if row["topic"] == "notification.send"] == [
        ("waiting", {"notification": str(told["id"])})
    ]


async def test_two_relays_never_send_the_same_row(context: Context) -> None:
    for _ in range(4):
        await bring(context, "REVIEW")
    sent: list[UUID] = []
    counts = await asyncio.gather(
        *(relay_once(lambda found: sent.extend(key for key, _ in found), soon(), RESEND) for _ in range(6))
    )
    assert sum(counts) == len(sent) == len(set(sent)) == len(await rows()) >= 20
    assert await relay_once(lambda found: sent.extend(key for key, _ in found), soon(), RESEND) == 0


async def test_a_broker_that_is_down_or_forgets_loses_nothing(context: Context) -> None:
    await bring(context, "NEW")

    def down(found: list[tuple[UUID, str]]) -> None:
        raise ConnectionRefusedError

    with pytest.raises(Unavailable) as found:
        await relay_once(down, soon(), RESEND)
    assert found.value.code == "broker_unavailable"
    assert [row["state"] for row in await rows()] == ["waiting"]
    sent: list[tuple[UUID, str]] = []
    assert await relay_once(sent.extend, soon(), RESEND) == 1
    assert await relay_once(sent.extend, soon(), RESEND) == 0
    assert await relay_once(sent.extend, soon(minutes=2), RESEND) == 1
    assert sent[0] == sent[1]


async def test_a_backlog_waits_in_the_table_and_not_in_the_memory_of_the_broker(context: Context) -> None:
    for _ in range(3):
        await bring(context, "NEW")
    sent: list[tuple[UUID, str]] = []
    assert await relay_once(sent.extend, soon(), RESEND, lambda: MOST_WAITING) == 0
    assert {row["state"] for row in await rows()} == {"waiting"}
    assert await relay_once(sent.extend, soon(), RESEND, lambda: MOST_WAITING - 2) == 2
    assert await relay_once(sent.extend, soon(), RESEND, lambda: 0) == len(await rows()) - 2 > 0


async def test_the_broker_says_how_much_waits_there(settings: Settings) -> None:
    queue = f"waiting-{uuid4().hex}"
    app = configure(settings)
    app.conf.task_default_queue = queue
    try:
        assert await asyncio.to_thread(waiting_rows) == 0
        await asyncio.to_thread(send_rows, [(uuid4(), "case.changed")] * 3)
        assert await asyncio.to_thread(waiting_rows) == 3
        with app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            assert channel.queue_purge(queue) == 3
    finally:
        app.conf.task_default_queue = "yichuang"


async def test_a_row_is_done_once_however_often_it_arrives(context: Context) -> None:
    await bring(context, "NEW")
    ((key, _),) = [(row["id"], row["topic"]) for row in await rows()]
    done = await asyncio.gather(*(run_row(context, key, soon) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    assert await run_row(context, key, soon) is False
    assert await run_row(context, UUID(int=7), soon) is False
    (row,) = await rows()
    assert (row["state"], row["attempts"], row["error"]) == ("done", 0, "")
    assert await relay_once(lambda _: None, soon(hours=1), RESEND) == 0


async def test_a_worker_that_dies_holding_a_row_frees_it(context: Context, database: Database) -> None:
    await bring(context, "NEW")
    (row,) = await rows()
    worker = await asyncpg.connect(database.app)
    assert (await outbox.take(worker, row["id"])) is not None
    assert await run_row(context, row["id"], soon) is False
    pid = worker.get_server_pid()
    async with reading() as connection:
        worker.terminate()
        async with asyncio.timeout(10):
            while await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid):
                pass
    assert await run_row(context, row["id"], soon) is True


async def test_a_failure_waits_longer_each_time_and_is_dead_in_the_end(context: Context) -> None:
    key = await leave("case.changed", {"cas": "错"})
    now, waits = soon(), []
    for _ in range(context.settings.outbox_attempts):
        assert await relay_once(lambda _: None, now, RESEND) == 1
        assert await run_row(context, key, lambda now=now: now) is True
        (row,) = [row for row in await rows() if row["id"] == key]
        waits.append(round((row["due_at"] - now).total_seconds()))
        if row["state"] == "waiting":
            assert await relay_once(lambda _: None, row["due_at"] - timedelta(seconds=1), RESEND) == 0
            now = row["due_at"]
    assert waits[:-1] == [2, 4, 8, 16, 32, 64, 128]
    assert (row["state"], row["attempts"]) == ("dead", 8)
    assert row["error"].startswith("KeyError at jobs.py:")
    assert await relay_once(lambda _: None, soon(days=30), RESEND) == 0
    assert await run_row(context, key, soon) is False


async def test_dead_work_is_seen_by_the_system_administrator_and_can_be_tried_again(context: Context) -> None:
    story = await bring(context, "NEW")
    key = await leave("no.such.topic", {"case": story.number, "seq": 1})
    async with reading() as connection:
        await connection.execute("UPDATE outbox SET attempts = 7 WHERE id = $1", key)
    await run_row(context, key, soon)
    admin, clerk = await actor("system_admin"), await actor("clerk")
    (letter,) = await list_dead_letters(admin, after=UUID(int=0), limit=10)
    assert (letter["id"], letter["attempts"], letter["error"][:8]) == (key, 8, "KeyError")
    for who in (clerk, await actor("security_admin")):
        with pytest.raises(Forbidden):
            await list_dead_letters(who, after=UUID(int=0), limit=10)
        with pytest.raises(Forbidden):
            await retry_dead_letter(context, who, key, soon())
    async with reading() as connection:
        await connection.execute("UPDATE outbox SET topic = 'case.changed' WHERE id = $1", key)
    await retry_dead_letter(context, admin, key, soon())
    with pytest.raises(NotFound):
        await retry_dead_letter(context, admin, key, soon())
    assert await run_row(context, key, soon) is True
    assert {row["state"] for row in await rows()} == {"done"}
    assert await list_dead_letters(admin, after=UUID(int=0), limit=10) == []


async def test_the_relay_sends_at_once_what_an_act_left(context: Context, database: Database) -> None:
    stop, sent = asyncio.Event(), asyncio.Queue[UUID]()
    loop = asyncio.get_running_loop()

    def send(found: list[tuple[UUID, str]]) -> None:
        for key, _ in found:
            loop.call_soon_threadsafe(sent.put_nowait, key)

    context.wake = Waker()
    relay = asyncio.create_task(relay_forever(send, database.app, RESEND, stop))
    try:
        await bring(context, "NEW")
        async with asyncio.timeout(5):
            assert await sent.get() == (await rows())[0]["id"]
    finally:
        stop.set()
        await relay


async def test_the_relay_outlives_a_broker_that_is_down(context: Context, database: Database) -> None:
    stop, tried = asyncio.Event(), asyncio.Queue[str]()
    loop = asyncio.get_running_loop()

    def send(found: list[tuple[UUID, str]]) -> None:
        first = tried.empty() and not seen
        seen.append(found[0][0])
        loop.call_soon_threadsafe(tried.put_nowait, "failed" if first else "sent")
        if first:
            raise RuntimeError("broker")

    seen: list[UUID] = []
    await bring(context, "NEW")
    relay = asyncio.create_task(relay_forever(send, database.app, RESEND, stop))
    try:
        async with asyncio.timeout(5):
            assert [await tried.get(), await tried.get()] == ["failed", "sent"]
    finally:
        stop.set()
        await relay
    assert seen[0] == seen[1]
