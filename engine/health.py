"""Whether the three servers behind us answer, each asked by itself and none waited for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from kombu import Connection as Broker
from kombu.exceptions import KombuError, OperationalError

from engine.context import Context
from storage import alarms, outbox, scrubs
from storage.db import LOST, reading
from workflows.errors import YichuangError

_SECONDS: Final = 3.0
"""How long one server may take to answer."""
_LOG: Final = structlog.get_logger("health")


async def check_parts(context: Context) -> dict[str, bool]:
    """Which of ``database``, ``objects`` and ``broker`` answers within three seconds."""
    parts: dict[str, Awaitable[bool]] = {
        "database": _database(),
        "objects": asyncio.to_thread(context.objects.healthy),
        "broker": asyncio.to_thread(_broker, context.settings.broker_url.get_secret_value()),
    }
    answers = await asyncio.gather(*(_within(name, part) for name, part in parts.items()))
    return dict(zip(parts, answers, strict=True))


async def _within(name: str, part: Awaitable[bool]) -> bool:
    try:
        return await asyncio.wait_for(part, _SECONDS)
    except (TimeoutError, YichuangError, KombuError, OperationalError, *LOST) as problem:
        _LOG.warning("no answer", part=name, kind=type(problem).__name__)
        return False


async def _database() -> bool:
    async with reading() as connection:
        return bool(await connection.fetchval("SELECT true"))


def _broker(url: str) -> bool:
    limits = {"socket_connect_timeout": 2, "socket_timeout": 2}
    with Broker(url, connect_timeout=2, transport_options=limits) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        return bool(broker.connected)


async def outbox_depths() -> dict[str, int]:
    """How many rows of the outbox wait, are sent, or failed for good.

    :raises Unavailable: when the database does not answer.
    """
    return await outbox.depths()


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watchmen found.

    :param alarms: how many are open, by code. :param broken: evidence that was not whole when it was last read, by
        result. :param oldest: the oldest moment (UTC) at which any evidence was last read; None before any was.
    """

    alarms: dict[str, int]
    broken: dict[str, int]
    oldest: datetime | None


async def watch() -> Watch:
    """The alarms that are open, and how the evidence is.

    :raises Unavailable: when the database does not answer.
    """
    broken, oldest = await scrubs.state()
    return Watch(await alarms.counts(), broken, oldest)
