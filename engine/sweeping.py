"""The sweep: finds the cases to which time has something to do, the oldest first, and lets it be done."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from engine.context import Context
from engine.logs import reason_of
from engine.timing import fire_case
from storage import alarms, clocks
from storage.clocks import Overdue
from storage.db import transaction
from workflows.errors import Unavailable

_LOG: Final = structlog.get_logger("sweep")
_BATCH: Final = 500


class Swept(NamedTuple):
    """What a sweep came to: how much was carried out, on how many cases it failed, whether it saw everything."""

    carried_out: int
    failed: int
    whole: bool


async def sweep(context: Context, now: datetime, *, limit: int = _BATCH, seconds: float = 20) -> Swept:
    """Carry out everything whose moment lies before ``now``, the oldest first.

    Sweeps may run side by side: each thing is done once. A case on which it fails sounds an alarm and stops nobody;
    it is tried again at the end of every sweep.

    :param now: UTC. :param limit: rows to a page. :param seconds: how long it may take; the next sweep goes on.
    :raises Unavailable: when the database went away; what was done stays done.
    """
    until = time.monotonic() + seconds
    carried_out = failed = 0
    async for case in _each(now, limit):
        if time.monotonic() > until:
            return Swept(carried_out, failed, whole=False)
        count = await _attempt(context, case, now)
        carried_out, failed = carried_out + (count or 0), failed + (count is None)
    return Swept(carried_out, failed, whole=True)


async def _each(now: datetime, limit: int) -> AsyncIterator[Overdue]:
    """Every case with something to be done, once; those on which an earlier attempt failed come last."""
    seen: dict[str, Overdue] = {}
    after = clocks.FROM_THE_START
    while True:
        page = await clocks.overdue(now, after, limit)
        for case in page:
            if case.number not in seen and not case.alarmed:
                yield case
            seen.setdefault(case.number, case)
        if len(page) < limit:
            break
        after = page[-1].next_at, page[-1].case_id
    for case in seen.values():
        if case.alarmed:
            yield case


async def _attempt(context: Context, case: Overdue, now: datetime) -> int | None:
    """How much was carried out on a case; None, an alarm and a line in the log when it failed."""
    try:
        count = await fire_case(context, case.number, now)
        if case.alarmed:
            async with transaction() as connection:
                await alarms.close(connection, clocks.FAILED, case.number, now)
    except Unavailable:
        raise
    except Exception as problem:  # of whatever kind: one case must not keep time from the others
        reason = reason_of(problem)
        _LOG.error("timer failed", case=case.number, reason=reason)
        async with transaction() as connection:
            await alarms.sound(connection, clocks.FAILED, case.number, {"reason": reason}, now)
        return None
    return count
