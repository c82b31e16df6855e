"""Viewing copies drawn again from the evidence, by command or because somebody asked for one that is gone."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.judging import put_page
from storage import outbox, views
from storage.db import transaction
from storage.file_kinds import FileKind
from storage.scan_files import process
from workflows.errors import Conflict

REDRAW: Final = "views.redraw"
"""The outbox topic of a scan whose pages are to be drawn again."""


async def order_redraw(context: Context, scan: UUID, now: datetime) -> None:
    """Leave it to a worker to draw the pages of a scan again, once however often it is asked for. :param now: UTC."""
    async with transaction() as connection:
        if not await views.redraw_ordered(connection, REDRAW, scan):
            await outbox.add(connection, REDRAW, {"scan": str(scan)}, None, now)
    context.wake()


async def redraw(context: Context, scan: UUID) -> int:
    """Draw the pages of a stored scan again; how many. Repeated without harm.

    :raises NotFound: the evidence itself is gone. :raises Conflict: ``digest_mismatch``, ``pages_differ``.
    :raises Unavailable: when a server does not answer.
    """
    row = await views.original(scan)
    known = await views.of_scan(scan)
    if row is None or not known:
        return 0
    folder = Path(tempfile.mkdtemp(prefix="yc-redraw-"))
    try:
        drawn = await _draw(context, row, folder, len(known))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    async with transaction() as connection:
        await views.replace(connection, scan, drawn)
    return len(drawn)


async def _draw(context: Context, row: dict[str, Any], folder: Path, expected: int) -> list[dict[str, Any]]:
    original, pages = folder / "original", folder / "pages"
    pages.mkdir()
    digest = await asyncio.to_thread(
        context.objects.fetch_evidence, row["object_key"], row["object_version"], original, row["digest_algorithm"]
    )
    if digest != row["digest"]:
        raise Conflict(
            "digest_mismatch",
            "证据文件与上传时的摘要不一致，不能据以重绘页面图像。请系统管理员核查。",
            "The evidence is not what was uploaded; its pages are not drawn. The administrator must look into it.",
        )
    found = await asyncio.to_thread(process, original, FileKind(row["kind"]), pages)
    if len(found.pages) != expected:
        raise Conflict(
            "pages_differ",
            f"重绘得到 {len(found.pages)} 页，原有 {expected} 页，未作改动。请系统管理员核查。",
            f"Drawn again there are {len(found.pages)} pages instead of {expected}; nothing was changed.",
        )
    return [await asyncio.to_thread(put_page, context, row["id"], page) for page in found.pages]
