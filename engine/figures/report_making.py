"""A worker makes a report: its content from one snapshot, as a workbook and as a printed form, both locked away.

Repeated without harm: the same order gives the same bytes, so that a killed worker's files are found again.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.documents.typesetting import typesetter
from engine.figures.asking import Asked, Reach
from engine.figures.report_book import write_book
from engine.figures.report_content import STEPS, compose
from engine.figures.report_paper import values_of
from engine.figures.reporting import where_of
from engine.judging import DAYS_A_YEAR, lock_away
from storage import reports
from storage.db import transaction
from workflows.errors import Unavailable, YichuangError
from workflows.report import Kind, ReportWish, content_digest

YEARS_KEPT: Final = 10
"""How long the files of a report are kept, in years (保管期限10年, default)."""


async def make_report(context: Context, key: UUID, clock: Callable[[], datetime]) -> None:
    """Make an ordered report that is not made yet; what cannot be made says why.

    :param clock: says what time it is, UTC. :raises Unavailable: when a server does not answer; to be tried again.
    """
    order = await reports.read(key)
    if order is None or order["state"] != "waiting":
        return

    async def told(done: int) -> None:
        await _aside(reports.progress(key, done, STEPS))

    folder = Path(tempfile.mkdtemp(prefix="yc-report-"))
    try:
        content = await _content(context, order, told)
        files = await asyncio.to_thread(_files, context, content, order["as_of"], folder)
        kept = [await _lock(context, key, path, clock()) for path in files]
        async with transaction() as connection:
            await reports.finish(connection, key, content_digest(content), kept, clock())
    except Unavailable:
        raise
    except YichuangError as refusal:
        await reports.fail(key, f"{refusal.zh} {refusal.en}", clock())
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _content(context: Context, order: dict[str, Any], told: Callable[[int], Awaitable[None]]) -> dict[str, Any]:
    wish = msgspec.convert(order["wish"], ReportWish)
    reach = Reach(tuple(order["halls"]), tuple(order["departments"]))
    asked = Asked(order["since"], order["until"], (), where_of(wish), order["as_of"])
    return await compose(context, Kind(order["kind"]), reach, asked, told)


async def _aside(work: Awaitable[None]) -> None:
    """Do something on a connection of its own: the one that this task holds reads a snapshot and can write nothing."""

    async def alone() -> None:
        await work

    await asyncio.get_running_loop().create_task(alone(), context=contextvars.Context())


def _files(context: Context, content: dict[str, Any], at: datetime, folder: Path) -> list[Path]:
    """The workbook and the printed form. Blocks."""
    book, paper = folder / "report.xlsx", folder / "report.pdf"
    write_book(book, content)
    paper.write_bytes(typesetter(context.settings).pdf(values_of(content), at))
    return [book, paper]


async def _lock(context: Context, key: UUID, path: Path, now: datetime) -> dict[str, Any]:
    """Lock a file away; a repeated try finds its own bytes again. :param now: UTC."""
    digest, size = await asyncio.to_thread(_measured, path)
    incoming = {"object_key": f"report-{digest}", "digest": digest}
    place = f"reports/{key}/{digest}"
    await asyncio.to_thread(context.objects.put_incoming, incoming["object_key"], path)
    version, held = await lock_away(context, incoming, place, now + timedelta(days=DAYS_A_YEAR * YEARS_KEPT))
    await asyncio.to_thread(context.objects.drop_incoming, incoming["object_key"])
    return {"format": path.suffix[1:], "object_key": place, "object_version": version, "digest": digest, "size": size,
            "retain_until": held}  # fmt: skip


def _measured(path: Path) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size (bytes) of a file. Blocks."""
    with path.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest(), path.stat().st_size
