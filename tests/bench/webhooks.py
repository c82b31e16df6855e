"""Deliveries to a department's system per second, beside bare posts of the same messages with the same client."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import uvloop

from engine.context import Context
from engine.later import Later
from engine.webhooks import pushing
from engine.webhooks.subscribing import Subscribing, replay, subscribe, unsubscribe
from storage import webhook_deliveries
from storage.db import close_pool
from storage.feed import START
from tests.bench.hall import CLIENTS, Hall, connected_context, received_cases
from tests.people import actor

MESSAGES = 1008
ROUNDS = 3
AT_ONCE = 8
_SERVER = """
import asyncio, uvloop
from tests.receiver import receiving
async def main():
    async with receiving() as receiver:
        print(receiver.port, flush=True)
        await asyncio.Event().wait()
uvloop.run(main())
"""


@contextmanager
def _receiver() -> Iterator[int]:
    """The port of a receiver in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait(10)


async def _bare(url: str, body: bytes, count: int) -> float:
    """Posts per second, so many at once over kept connections."""
    async with httpx.AsyncClient(trust_env=False) as http:

        async def one() -> None:
            for _ in range(count // AT_ONCE):
                answer = await http.post(url, content=body, headers={"Content-Type": "application/json"})
                assert answer.status_code == 204

        begin = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        return count / (time.perf_counter() - begin)


async def _delivered(context: Context, key: UUID) -> float:
    """Deliveries per second of runs that follow each other, as one worker process makes them."""
    now = datetime.now(UTC) + timedelta(minutes=1)
    begin = time.perf_counter()
    done = False
    while not done:
        try:
            await pushing.deliver(context, key, lambda: now)
            done = True
        except Later:
            pass
    seconds = time.perf_counter() - begin
    rows = await webhook_deliveries.page(key, "delivered", UUID(int=0), 10 * MESSAGES)
    assert len(rows) >= 500, len(rows)
    return len(rows) / seconds


async def _rounds(hall: Hall, port: int) -> list[dict[str, float]]:
    context, clerk, _ = await connected_context(hall, CLIENTS)
    mine = {"webhook_networks": "127.0.0.0/8", "webhook_plain_http": True}
    context.settings = context.settings.model_copy(update=mine)
    await received_cases(context, clerk, MESSAGES)
    steward, url = await actor("item_steward"), f"http://127.0.0.1:{port}/hook"
    found = []
    for _ in range(ROUNDS):
        now = datetime.now(UTC)
        added = await subscribe(context, steward, Subscribing("amr", url, "bench"), now)
        place, more = START, True
        while more:
            _, place, more = await replay(context, steward, added.id, place, now)
        rate = await _delivered(context, added.id)
        found.append({"bare": await _bare(url, bytes(480), MESSAGES), "delivered": rate})
        await unsubscribe(steward, added.id, now)
    await close_pool()
    return found


def webhook_rounds(hall: Hall) -> list[dict[str, float]]:
    """For each round: bare posts and deliveries per second, eight at once, one process."""
    with _receiver() as port:
        return uvloop.run(_rounds(hall, port))
