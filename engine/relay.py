"""Carries outbox rows to the broker. Several relays may run; the broker may lose everything and is sent it again."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import structlog

from storage import outbox
from storage.db import LOST, Connection, transaction
from workflows.errors import Unavailable

T = TypeVar("T")

Send = Callable[[list[tuple[UUID, str]]], None]
"""Hands rows (key, topic) to the broker; raises when it could not."""

Waiting = Callable[[], int]
"""How many rows wait at the broker for a worker; raises when it could not be asked."""

_BATCH: Final = 200
MOST_WAITING: Final = 2_000
"""What may wait at the broker; more stays in the table, which has room, until the workers have caught up."""
_IDLE_SECONDS: Final = 1.0
_LOG: Final = structlog.get_logger("relay")


async def relay_once(send: Send, now: datetime, resend: timedelta, waiting: Waiting = lambda: 0) -> int:
    """Send what is due; how many rows. What could not be sent, or finds a broker with much to do, stays due.

    :param now: UTC. :param resend: how long a sent row may stay undone before it is sent again.
    :raises Unavailable: ``broker_unavailable``, ``database_unavailable``; nothing counts as sent.
    """
    room = MOST_WAITING - await _ask(waiting)
    if room <= 0:
        return 0
    async with transaction() as connection:
        rows = await outbox.claim(connection, now, min(room, _BATCH), resend)
        if rows:
            await _ask(partial(send, rows))
    return len(rows)


async def _ask(question: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(question)
    except Exception as problem:  # the broker's client raises its own; whatever it is, the rows are still there
        raise Unavailable(
            "broker_unavailable",
            "任务队列暂时无法连接，任务仍在待发送之列。",
            "The broker does not answer; the rows stay due.",
        ) from problem


async def relay_forever(
    send: Send, url: str, resend: timedelta, stop: asyncio.Event, waiting: Waiting = lambda: 0
) -> None:
    """Relay until told to stop: at once when woken, else every second. Outlives its servers.

    :param url: the database, for the connection that listens.
    """
    woken = asyncio.Event()
    listener: Connection | None = None
    while not stop.is_set():
        woken.clear()
        try:
            if listener is None or listener.is_closed():
                listener = await _listen(url, woken)
            sent = await relay_once(send, datetime.now(UTC), resend, waiting)
        except (Unavailable, *LOST, asyncpg.PostgresError) as problem:
            _LOG.warning("waiting for a server", kind=getattr(problem, "code", type(problem).__name__))
            sent = 0
        if sent < _BATCH:
            await _wait(woken, stop)
    if listener is not None:
        await listener.close(timeout=2)


async def _listen(url: str, woken: asyncio.Event) -> Connection:
    connection = await asyncpg.connect(url, timeout=5)

    def wake(*_: Any) -> None:
        woken.set()

    await connection.add_listener(outbox.CHANNEL, wake)
    return connection


async def _wait(woken: asyncio.Event, stop: asyncio.Event) -> None:
    waiting = [asyncio.create_task(woken.wait()), asyncio.create_task(stop.wait())]
    await asyncio.wait(waiting, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


class Waker:
    """Tells relays that there is work, at most every 20 ms, however many acts there are."""

    def __init__(self) -> None:
        self._pending: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        """Ask for a wake-up soon; returns at once."""
        if self._pending is None or self._pending.done():
            # In a context of its own: an act's transaction must not be taken along.
            self._pending = asyncio.get_running_loop().create_task(self._wake(), context=contextvars.Context())

    async def _wake(self) -> None:
        await asyncio.sleep(0.02)
        try:
            await outbox.wake()
        except (Unavailable, *LOST):
            _LOG.info("wake-up lost")  # the relay looks every second by itself
