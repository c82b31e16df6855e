"""What passes: work that is done and deliveries that are over are dropped after some days; the trail stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from engine.context import Context
from storage import outbox, status_attempts, webhook_deliveries

_PORTION: Final = 5000
_MOST: Final = 40
"""How many portions one run drops; the next run goes on."""


async def purge(context: Context, now: datetime) -> dict[str, int]:
    """Drop what was done, delivered or tried and is over, once ``passing_days`` have gone by.

    Rows of the outbox, webhook deliveries, attempts on query codes.

    :param now: UTC. :returns: how many of each.
    """
    before = now - timedelta(days=context.settings.passing_days)
    return {
        "outbox": await _portions(outbox.purge, before),
        "deliveries": await _portions(webhook_deliveries.purge, before),
        "status_attempts": await _portions(status_attempts.purge, before),
    }


async def _portions(drop: Callable[[datetime, int], Awaitable[int]], before: datetime) -> int:
    dropped = 0
    for _ in range(_MOST):
        count = await drop(before, _PORTION)
        dropped += count
        if count < _PORTION:
            break
    return dropped
