"""Scans as they are shown: original bytes and drawn pages, only through a case that the actor sees, and logged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from engine.agency import seen_mandate
from engine.context import Context
from engine.reading import log_access, seen_case
from storage import mandates, scans
from storage.file_kinds import FileKind
from storage.object_stream import ObjectStream
from workflows.actor import Actor
from workflows.errors import Conflict, NotFound

Size = Literal["page", "thumbnail"]


@dataclass(frozen=True, slots=True)
class Content:
    """Evidence that may be handed out; sizes in bytes.

    :param sha256: hex digest, taken while the upload arrived.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    key: str
    version: str


async def seen_scan(context: Context, actor: Actor, scan: UUID) -> dict[str, Any]:
    """The scan row, by way of a case within the actor's sight, or of the mandate that it evidences.

    :raises NotFound: ``scan_not_found``, also for a scan of cases out of sight; ``mandate_not_found`` for that of a
        mandate.
    """
    for row in await scans.with_cases(scan):
        try:
            await seen_case(context, actor, row["case_number"])
        except NotFound:
            continue
        return row
    paper = await mandates.of_scan(scan)
    if paper is not None:
        await seen_mandate(actor, paper["mandate_id"])
        return paper
    raise _not_found()


async def find_content(context: Context, actor: Actor, scan: UUID, now: datetime) -> Content:
    """The evidence of a scan; the look is logged before a byte is shown.

    :param now: UTC.
    :raises NotFound: ``scan_not_found``. :raises Conflict: ``scan_not_judged``, ``scan_refused``.
    """
    row = await seen_scan(context, actor, scan)
    _require_stored(row)
    await log_access(actor, str(scan), "scan.content", now)
    media_type = FileKind(row["kind"]).media_type
    return Content(row["file_name"], media_type, row["size"], row["digest"], row["object_key"], row["object_version"])


async def open_content(context: Context, content: Content, first: int, length: int) -> ObjectStream:
    """Some bytes of the evidence, to be read off the event loop and closed.

    :param first: the first byte, from 0. :param length: how many.
    :raises Unavailable: when the object store does not answer.
    """
    return await asyncio.to_thread(context.objects.open_evidence, content.key, content.version, first, length)


async def read_page(
    context: Context, actor: Actor, scan: UUID, number: int, *, size: Size, now: datetime
) -> tuple[bytes, str]:
    """One drawn page of a scan and its media type; the look is logged.

    :param number: from 1. :param now: UTC.
    :raises NotFound: ``scan_not_found``, ``page_not_found``. :raises Conflict: ``scan_not_judged``, ``scan_refused``.
    """
    row = await seen_scan(context, actor, scan)
    _require_stored(row)
    page = await scans.page(scan, number)
    if page is None:
        raise NotFound("page_not_found", "该扫描件没有这一页。", "The scan has no such page.", pages=row["pages"])
    await log_access(actor, str(scan), f"scan.{size}", now)
    key = page["image_key"] if size == "page" else page["thumbnail_key"]
    return await asyncio.to_thread(_read, context, key), page["content_type"]


def _read(context: Context, key: str) -> bytes:
    with context.objects.open_view(key) as stream:
        return stream.read()


def _require_stored(row: dict[str, Any]) -> None:
    if row["state"] == "incoming":
        raise Conflict(
            "scan_not_judged",
            "扫描件正在核验，请几秒后再试。",
            "The scan is still being checked; try again in a few seconds.",
        )
    if row["state"] == "refused":
        raise Conflict(
            "scan_refused",
            f"该文件未被采用，原件未保存。{row['verdict_zh']}",
            f"The file was refused and its bytes were not kept. {row['verdict_en']}",
            verdict=row["verdict"],
        )


def _not_found() -> NotFound:
    return NotFound(
        "scan_not_found",
        "没有找到该扫描件，或者它不在您的管辖范围内。",
        "There is no such scan within your organisation.",
    )
