"""What comes of a scan, whatever it evidences: bytes locked away, pages drawn, the verdict as a row."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from storage.file_kinds import FileKind
from storage.scan_files import process
from storage.scan_verdicts import Page, Processed
from workflows.errors import Unavailable

DAYS_A_YEAR: Final = 366
"""Retention in years is counted in days, on the safe side."""


async def lock_away(context: Context, row: dict[str, Any], key: str, retain_until: datetime) -> tuple[str, datetime]:
    """Copy an incoming object into the evidence; its version, and until when (UTC) it is locked as the store says.

    :param row: of the scan. :param key: under which the evidence is kept.
    :raises Unavailable: ``evidence_not_locked``.
    """
    version = await asyncio.to_thread(
        context.objects.promote,
        row["object_key"],
        key,
        digest=row["digest"],
        retain_until=retain_until,
        algorithm=row.get("digest_algorithm", "sha256"),
    )
    held = await asyncio.to_thread(context.objects.retained_until, key, version)
    if held is None:
        raise Unavailable(
            "evidence_not_locked",
            "对象存储没有锁定该证据文件，请检查其对象锁设置。",
            "The object store did not lock this evidence; check its object lock.",
        )
    return version, held


def put_page(context: Context, scan: UUID, page: Page) -> dict[str, Any]:
    """Keep a drawn page at its three sizes; the row that says where, and what was measured on it."""
    images = (("image_key", "", page.image), ("screen_key", "-screen", page.screen))
    keys = {}
    for name, suffix, path in (*images, ("thumbnail_key", "-thumbnail", page.thumbnail)):
        keys[name] = f"{scan}/{page.number}{suffix}"
        context.objects.put_view(keys[name], path.read_bytes(), "image/jpeg")
    return {
        **keys,
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "content_type": "image/jpeg",
        "advice": [msgspec.to_builtins(found) for found in page.advice],
    }


def stored_row(found: Processed, pages: int, key: str, locked: tuple[str, datetime], now: datetime) -> dict[str, Any]:
    """The verdict on a good scan.

    :param key: of the evidence. :param locked: its version, and until when (UTC) it is retained. :param now: UTC.
    """
    return {
        "state": "stored",
        "verdict": found.verdict.code,
        "verdict_zh": found.verdict.zh,
        "verdict_en": found.verdict.en,
        "pages": pages,
        "object_key": key,
        "object_version": locked[0],
        "retain_until": locked[1],
        "judged_at": now,
    }


def refused_row(code: str, zh: str, en: str, now: datetime) -> dict[str, Any]:
    """The verdict on a scan that is not kept; why, in both languages. :param now: UTC."""
    return {
        "state": "refused",
        "verdict": code,
        "verdict_zh": zh,
        "verdict_en": en,
        "pages": 0,
        "object_key": "",
        "object_version": "",
        "retain_until": None,
        "judged_at": now,
    }


Write = Callable[[dict[str, Any], list[dict[str, Any]]], Awaitable[None]]
"""Keeps a verdict and the pages that were drawn."""


async def judge_file(
    context: Context,
    row: dict[str, Any],
    key: str,
    retain_until: datetime,
    clock: Callable[[], datetime],
    write: Write,
) -> None:
    """Look into an incoming file that evidences no material line, and keep or refuse it. Repeated without harm.

    :param row: of the scan. :param key: under which the evidence is kept. :param retain_until: UTC.
    :param clock: says what time it is, UTC; asked once the verdict is known.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    folder = Path(tempfile.mkdtemp(prefix="yc-scan-"))
    try:
        await _judge(context, row, (key, retain_until), folder, clock, write)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await asyncio.to_thread(context.objects.drop_incoming, row["object_key"])


async def _judge(
    context: Context,
    row: dict[str, Any],
    place: tuple[str, datetime],
    folder: Path,
    clock: Callable[[], datetime],
    write: Write,
) -> None:
    original, pages = folder / "original", folder / "pages"
    pages.mkdir()
    digest = await asyncio.to_thread(
        context.objects.fetch_incoming, row["object_key"], original, row["digest_algorithm"]
    )
    if digest != row["digest"]:
        zh, en = "文件在存储中被改动，请重新上传。", "The stored bytes changed; upload it again."
        await write(refused_row("digest_mismatch", zh, en, clock()), [])
        return
    found = await asyncio.to_thread(process, original, FileKind(row["kind"]), pages)
    if not found.verdict.ok:
        await write(refused_row(found.verdict.code, found.verdict.zh, found.verdict.en, clock()), [])
        return
    locked = await lock_away(context, row, place[0], place[1])
    drawn = [await asyncio.to_thread(put_page, context, row["id"], page) for page in found.pages]
    await write(stored_row(found, len(drawn), place[0], locked, clock()), drawn)
