"""What an export is read from: one view of the database, and the moment that it is of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from engine.figures.as_of import facts_as_of
from storage import export_feed
from storage.db import Connection
from workflows.export import EVENT_LOGS, Wish


class Source(NamedTuple):
    """One view of the database. ``cases`` and ``notices``: what stands after FROM for facts. ``as_of``: UTC."""

    connection: Connection
    as_of: datetime
    cases: str = "case_facts"
    notices: str = "notice_facts"


Add = Callable[[Source, list[UUID]], Awaitable[int]]
"""Reads some cases and writes what the file tells of them; how many events or rows that were."""


@asynccontextmanager
async def open_source(wish: Wish, now: datetime) -> AsyncIterator[Source]:
    """The trail as it is now, or the facts as of the moment that was asked for, the newest settled one by default.

    :param now: UTC.
    :raises Conflict: ``moment_not_settled``. :raises Unavailable: ``facts_not_made``.
    """
    if wish.format in EVENT_LOGS:
        async with export_feed.snapshot() as connection:
            yield Source(connection, now)
    else:
        async with facts_as_of(wish.as_of) as then:
            yield Source(then.connection, then.moment, then.cases, then.notices)
