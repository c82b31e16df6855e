"""Facts as they were at a moment that is settled: asked for again, a year later, they are the same.

A moment is settled once everything stamped until then has been read by the projection; what comes in later with an
older stamp counts from the next settled moment on. So the facts as of a moment are made of events that cannot become
more or fewer: of each case those before the first one that was not known then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.projecting import derive
from storage import audit, facts
from storage.db import Connection, reading
from storage.facts import FIRST, Progress
from storage.facts_as_of import (
    any_touched,
    begin_then,
    end_then,
    plan_anew,
    put_down_then,
    relations_then,
    touched_since,
)  # fmt: skip
from workflows.errors import Conflict, Unavailable
from workflows.fact import CaseFact, NoticeFact

_HOME: Final = ZoneInfo("Asia/Shanghai")
PORTION: Final = 500
"""How many cases are derived again at once."""


class FactsAsOf(NamedTuple):
    """Where to read facts as of a moment.

    :param connection: within one snapshot, read only. :param moment: which they are as of, UTC.
    :param cases: what stands after FROM for facts of cases. :param notices: the same for notices.
    :param live: they are the facts as kept, so that what is kept beside them (sums of days) holds too.
    """

    connection: Connection
    moment: datetime
    cases: str
    notices: str
    live: bool


@asynccontextmanager
async def facts_as_of(moment: datetime | None = None, *, portion: int = PORTION) -> AsyncIterator[FactsAsOf]:
    """The facts as of a moment, for the length of a block; everything asked in it sees the same. Not in a transaction.

    :param moment: UTC; by default the newest one that is settled. :param portion: cases derived again at once.
    :raises Conflict: ``moment_not_settled``, naming the newest one that is.
    :raises Unavailable: ``facts_not_made`` before the first projection.
    """
    async with reading() as connection:
        async with _snapshot(connection):
            moment = require_settled(moment, await facts.progress(connection))
            if not await any_touched(connection, moment):
                yield FactsAsOf(connection, moment, "case_facts", "notice_facts", live=True)
                return
        await begin_then(connection)
        try:
            after = FIRST
            while True:
                async with _snapshot(connection):
                    lacking = await _lacking(connection, moment, after, portion)
                    if lacking is None:
                        yield FactsAsOf(connection, moment, *relations_then(moment), live=False)
                        return
                async with connection.transaction():
                    await put_down_then(connection, *lacking)
                after = lacking.touched[-1]
        finally:
            await end_then(connection)


@asynccontextmanager
async def _snapshot(connection: Connection) -> AsyncIterator[None]:
    """One view of everything. It writes nothing, so that no reader of commits has to wait for its end."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await plan_anew(connection)
        yield


def require_settled(moment: datetime | None, known: Progress | None) -> datetime:
    """The moment itself, or the newest one that is settled; refusals as of :func:`facts_as_of`."""
    if known is None or known.settled_at is None:
        raise Unavailable(
            "facts_not_made",
            "指标数据尚在生成，请稍后再试。",
            "The facts of the figures are still being made; ask again in a moment.",
        )
    if moment is not None and moment > known.settled_at:
        newest, here = known.settled_at.astimezone(UTC).isoformat(), known.settled_at.astimezone(_HOME)
        raise Conflict(
            "moment_not_settled",
            f"该截至时刻的数据尚未结清，目前最新可查至北京时间{here:%Y-%m-%d %H:%M:%S}。请稍后再试，或改用更早的时刻。",
            f"That moment is not settled yet; the newest one that is: {newest}. Ask later, or as of an earlier one.",
            settled_at=newest,
        )
    return moment or known.settled_at


class _Lacking(NamedTuple):
    """Some cases that were touched since, and what was known of them."""

    touched: list[UUID]
    cases: list[CaseFact]
    notices: list[NoticeFact]


async def _lacking(connection: Connection, moment: datetime, after: UUID, portion: int) -> _Lacking | None:
    """The next cases to be put down as of a moment; None once there are all of this snapshot.

    :param after: the last case put down before; those touched meanwhile may come before it.
    """
    known = await facts.progress(connection)
    touched = await touched_since(connection, moment, after, portion)
    touched = touched or await touched_since(connection, moment, FIRST, portion)
    if known is None or not touched:
        return None
    return _Lacking(touched, *derive(await audit.of_cases(connection, touched, known.place, moment)))
