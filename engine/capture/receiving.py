"""The bytes of one request of a resumable upload: put away as parts, and with the last of them made into a scan."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from engine import evidence
from engine.capture import capturing
from engine.context import Context
from engine.work import Answer
from storage import uploads
from storage.db import transaction, uuid7
from storage.scan_files import Received, UploadSink
from storage.upload_parts import PartFile
from workflows.actor import Actor
from workflows.errors import Conflict, TooLarge, Unavailable, YichuangError

KEPT: Final = timedelta(hours=24)
"""How long an upload waits for its next bytes."""
PART_BYTES: Final = 4 * 2**20
"""How much may arrive before it is kept: what a process that falls over costs at most."""


class TakenBytes:
    """The bytes of one request on their way into parts.

    :param whole: nothing is kept before everything has arrived and was checked.
    """

    def __init__(self, context: Context, row: dict[str, Any], now: datetime, *, whole: bool) -> None:
        self._context, self._row, self._now, self._whole = context, row, now, whole
        self._offset: int = row["received"]
        self._buffer = bytearray()
        self._parts: list[tuple[int, int, str]] = []

    async def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._buffer += chunk
        if self._offset + len(self._buffer) > self._row["size"]:
            raise TooLarge(
                "upload_longer_than_said",
                "收到的字节比声明的文件长度多，请重新上传。",
                "More bytes came than the upload was said to have; begin again.",
            )
        # The last bytes wait: they count only with the scan.
        if len(self._buffer) >= PART_BYTES and self._offset + len(self._buffer) < self._row["size"]:
            await self._put()
            if not self._whole:
                await self._commit()

    async def end(self, actor: Actor) -> None:
        """The request is over, or was cut: keep what came, and make a scan of it if that was all."""
        if self._offset + len(self._buffer) == self._row["size"]:
            if self._whole:
                await self._commit()
            await _finish(self._context, actor, self._row, bytes(self._buffer), self._offset, self._now)
            return
        if self._buffer:
            await self._put()
        await self._commit()

    async def _put(self) -> None:
        key = f"uploads/{self._row['id']}/{self._offset:012d}-{uuid7().hex[-8:]}"
        size = len(self._buffer)
        with PartFile(Path(self._context.settings.upload_dir or tempfile.gettempdir())) as part:
            await asyncio.to_thread(part.write, bytes(self._buffer))
            await asyncio.to_thread(self._context.objects.put_incoming, key, part.path)
        self._parts.append((self._offset, size, key))
        self._offset += size
        self._buffer.clear()

    async def _commit(self) -> None:
        if not self._parts:
            return
        async with transaction() as connection:
            kept = await uploads.advance(connection, self._row["id"], self._parts, self._now + KEPT)
        if not kept:
            await self.drop()
            raise offset_wrong(None)
        self._parts.clear()

    async def drop(self) -> None:
        """Give up what was put away and does not count."""
        for _, _, key in self._parts:
            await asyncio.to_thread(self._context.objects.drop_incoming, key)
        self._parts.clear()


async def _finish(context: Context, actor: Actor, row: dict[str, Any], last: bytes, offset: int, now: datetime) -> None:
    """Put the parts and the last bytes together and hand them on as any upload; repeated without harm.

    A process that falls over in here has told nobody that all has arrived: the last bytes come again, and the same key
    finds the scan that there may be already.
    """
    parts = await uploads.parts_of(row["id"])
    if sum(part["size"] for part in parts) != offset:
        raise offset_wrong(None)
    directory = Path(context.settings.upload_dir or tempfile.gettempdir())
    try:
        with UploadSink(directory, context.settings.upload_max_bytes, context.settings.digest_algorithm) as sink:
            await asyncio.to_thread(_assemble, context, sink, parts, last)
            received = await asyncio.to_thread(sink.finish, row["media_type"] or None, row["file_name"])
            answer = await _hand_on(context, actor, row, received, now)
    except Unavailable:
        raise
    except YichuangError as refusal:
        await _end(context, row, parts, None, {"code": refusal.code, "zh": refusal.zh, "en": refusal.en})
        raise
    await _end(context, row, parts, UUID(answer["scan"]), None)


def _assemble(context: Context, sink: UploadSink, parts: list[dict[str, Any]], last: bytes) -> None:
    for part in parts:
        with context.objects.open_incoming(part["object_key"]) as stream:
            for chunk in stream:
                sink.feed(chunk)
    sink.feed(last)


async def _hand_on(context: Context, actor: Actor, row: dict[str, Any], received: Received, now: datetime) -> Answer:
    key = f"upload:{row['id']}"
    if row["batch_id"] is not None:
        return await capturing.add_file(context, actor, row["batch_id"], received, now, key)
    return await evidence.receive_scan(
        context, actor, row["case_number"], row["line"], received, now, key, replaces=row["replaces"]
    )


async def _end(
    context: Context,
    row: dict[str, Any],
    parts: list[dict[str, Any]],
    scan: UUID | None,
    refusal: dict[str, str] | None,
) -> None:
    await uploads.end(row["id"], scan, refusal)
    for part in parts:
        await asyncio.to_thread(context.objects.drop_incoming, part["object_key"])


def offset_wrong(received: int | None) -> Conflict:
    """The refusal of bytes that do not follow those that are there. :param received: bytes that are there, if known."""
    known: dict[str, Any] = {} if received is None else {"offset": received}
    return Conflict(
        "upload_offset_wrong",
        "上传位置与已收到的字节不一致，可能有另一个程序同时在传。请查询当前位置后继续。",
        "The offset is not where the upload stands; ask for it (HEAD) and go on from there.",
        **known,
    )
