"""Resumable uploads: bytes that arrived stay, whatever falls over, until the last one makes a scan of them.

Parts lie as objects in the incoming store, so that any process behind a proxy goes on where another one ended. The last
bytes count only together with the scan: whoever is told that everything has arrived has a scan, for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine import evidence
from engine.capture import capturing
from engine.capture.receiving import KEPT, TakenBytes, offset_wrong
from engine.context import Context
from storage import uploads
from storage.db import transaction, uuid7
from storage.file_kinds import safe_name
from storage.upload_parts import Checksum
from workflows.actor import Actor
from workflows.errors import Conflict, Malformed, NotFound, TooLarge, TooMany, YichuangError

MOST_OPEN: Final = 200
"""Unfinished uploads of one person or machine."""
_FORGET_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be uploaded, and what it will be: a scan of a line (``case``, ``line``), or a file of a batch.

    :param size: bytes. :param replaces: a scan of that line whose place it takes.
    """

    name: str
    size: int
    media_type: str = ""
    case: str = ""
    line: str = ""
    batch: UUID | None = None
    replaces: UUID | None = None


async def create_upload(context: Context, actor: Actor, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Begin an upload. :param now: UTC.

    :raises Malformed: ``empty_file``, ``unsafe_file_name``, ``upload_target_missing``.
    :raises TooLarge: ``file_too_large``. :raises TooMany: ``uploads_too_many``.
    :raises Conflict: as in :func:`engine.evidence.check_target` or :func:`engine.capture.capturing.require_open_batch`.
    """
    if wanted.size <= 0:
        raise Malformed("empty_file", "文件是空的，没有任何内容。", "The file is empty.")
    if wanted.size > context.settings.upload_max_bytes:
        raise _too_large(context.settings.upload_max_bytes)
    name = safe_name(wanted.name)
    await _check_target(context, actor, wanted)
    row = {
        "id": uuid7(),
        "owner_id": actor.person,
        "file_name": name,
        "media_type": wanted.media_type[:80],
        "size": wanted.size,
        "case_number": wanted.case,
        "line": wanted.line,
        "batch_id": wanted.batch,
        "replaces": wanted.replaces,
        "created_at": now,
        "expires_at": now + KEPT,
    }
    async with transaction() as connection:
        if await uploads.count_open(connection, actor.person) >= MOST_OPEN:
            raise TooMany(
                "uploads_too_many",
                f"未完成的上传超过{MOST_OPEN}个。请先完成或取消其中一些。",
                f"More than {MOST_OPEN} uploads are unfinished; finish or end some first.",
            )
        await uploads.add(connection, row)
    return {**row, "received": 0, "state": "open"}


async def _check_target(context: Context, actor: Actor, wanted: Wanted) -> None:
    if wanted.batch is not None:
        await capturing.require_open_batch(actor, wanted.batch)
    elif wanted.case and wanted.line:
        await evidence.check_target(context, actor, wanted.case, wanted.line)
    else:
        raise Malformed(
            "upload_target_missing",
            "须指明文件归入哪个办件的哪项材料（case、line），或哪个扫描批次（batch）。",
            "Say in Upload-Metadata where the file goes: case and line, or batch.",
        )


async def find_upload(actor: Actor, upload: UUID, now: datetime) -> dict[str, Any]:
    """An upload of the actor's own. :param now: UTC.

    :raises NotFound: ``upload_not_found``, also for somebody else's and for one whose time has run out.
    """
    row = await uploads.read(upload, actor.person)
    if row is None or row["expires_at"] < now:
        raise NotFound(
            "upload_not_found",
            "没有这个上传，或者它已过期。请重新上传。",
            "There is no such upload, or its time has run out; begin again.",
        )
    return row


async def take_bytes(
    context: Context,
    actor: Actor,
    upload: UUID,
    offset: int,
    chunks: AsyncIterator[bytes],
    now: datetime,
    checksum: Checksum | None = None,
) -> dict[str, Any]:
    """Take the next bytes of an upload; with its last byte it becomes a scan. What arrives before a cut stays.

    :param offset: of the first of these bytes, from 0. :param now: UTC.
    :param checksum: of exactly these bytes; then they are kept only if it fits.
    :returns: the upload as it is now.
    :raises NotFound: ``upload_not_found``. :raises Conflict: ``upload_offset_wrong``, ``upload_over``.
    :raises TooLarge: ``upload_longer_than_said``. :raises ChecksumMismatch: the bytes are not what was sent.
    :raises YichuangError: what the finished file is refused for; then the upload is over.
    :raises Unavailable: a server does not answer; the bytes since the last offset are to be sent again.
    """
    row = await find_upload(actor, upload, now)
    _require_next(row, offset)
    taken = TakenBytes(context, row, now, whole=checksum is not None)
    try:
        async for chunk in chunks:
            if checksum is not None:
                checksum.feed(chunk)
            await taken.feed(chunk)
        if checksum is not None:
            checksum.require_match()
    except YichuangError:
        await taken.drop()
        raise
    await taken.end(actor)
    return await find_upload(actor, upload, now)


async def end_upload(context: Context, actor: Actor, upload: UUID, now: datetime) -> None:
    """Give an upload up; its bytes go. A scan that it has become already stays.

    :raises NotFound: ``upload_not_found``.
    """
    await find_upload(actor, upload, now)
    await _drop(context, upload)


async def collect_expired(context: Context, now: datetime) -> int:
    """Remove uploads whose time has run out, with their bytes; how many. :param now: UTC."""
    gone = await uploads.expired(now, _FORGET_AT_ONCE)
    for upload in gone:
        await _drop(context, upload)
    return len(gone)


async def _drop(context: Context, upload: UUID) -> None:
    parts = await uploads.parts_of(upload)
    await uploads.forget(upload)
    for part in parts:
        await asyncio.to_thread(context.objects.drop_incoming, part["object_key"])


def _require_next(row: dict[str, Any], offset: int) -> None:
    if row["state"] != "open":
        raise Conflict("upload_over", "这个上传已经结束。", "This upload is over.", state=row["state"])
    if offset != row["received"]:
        raise offset_wrong(row["received"])


def _too_large(limit: int) -> TooLarge:
    mebibytes = limit / 1024**2
    return TooLarge(
        "file_too_large",
        f"文件超过 {mebibytes:g} MB。请降低分辨率（建议 300 dpi）或拆分后上传。",
        f"The file is larger than {mebibytes:g} MB. Scan at a lower resolution or split it.",
        max_bytes=limit,
    )
