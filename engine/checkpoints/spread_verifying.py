"""The walk through all trails, spread over processes that look at the same moment of the database."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import uvloop

from engine.auditing import Report, look_at_order, walk_access, walk_trails
from engine.parents import end_with_parent
from engine.settings import Settings
from storage import audit
from storage.db import connected, transaction

_PARTS: Final = 4
"""Parts for each process, so that all of them end at about the same time."""


async def verify_spread(settings: Settings, processes: int) -> Report:
    """What :func:`engine.auditing.verify` finds, by several processes.

    :raises Unavailable: when the database does not answer.
    """
    url = settings.database_url.get_secret_value()
    spawn = multiprocessing.get_context("spawn")
    loop = asyncio.get_running_loop()
    report = Report()
    async with transaction() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot, spans = await audit.share(connection, processes * _PARTS)
        with ProcessPoolExecutor(processes, spawn, initializer=end_with_parent, initargs=(os.getpid(),)) as pool:
            parts = [loop.run_in_executor(pool, verify_part, url, snapshot, span) for span in spans]
            await walk_access(report, connection)
            await look_at_order(report, connection)
            found = await asyncio.gather(*parts)
    for part in found:
        report.cases, report.events = report.cases + part.cases, report.events + part.events
    report.breaches = [*(breach for part in found for breach in part.breaches), *report.breaches]
    return report


def verify_part(url: str, snapshot: str, span: audit.Span) -> Report:
    """Walk the trails of some cases; in a process of its own.

    :param snapshot: the moment at which the process that asks looks. :param span: the cases.
    """
    return uvloop.run(_verify_part(url, snapshot, span))


async def _verify_part(url: str, snapshot: str, span: audit.Span) -> Report:
    report = Report()
    async with connected(url, size=1), transaction() as connection:
        await audit.look_with(connection, snapshot)
        await walk_trails(report, audit.walk(connection, span=span))
    return report
