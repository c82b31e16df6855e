"""留存期满的查阅记录: old days of the access log written into files, and only then taken out of the database.

The file of a day holds every entry with its digests, so that the chain can be followed in it; the head of the day stays
in the database and under a signed checkpoint. Nothing leaves before six months are over (网络安全法21(3)).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.settings import Settings
from storage import access, access_archives, checkpoints
from storage.db import connected, transaction
from workflows.errors import Conflict, Malformed
from workflows.hall_hours import HallHours

_MONTHS: Final = 12
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class ArchivedDay:
    """A day of the log in a file. :param digest: SHA-256 of the file, hexadecimal. :param dropped: how many."""

    day: date
    entries: int
    path: Path
    digest: str
    dropped: int


def last_day_to_keep(settings: Settings, now: datetime) -> date:
    """Days before this one may leave the database. :param now: UTC."""
    today = HallHours().day(now)
    months = today.year * _MONTHS + today.month - 1 - settings.access_log_months
    return date(months // _MONTHS, months % _MONTHS + 1, 1)


async def archive_days(
    settings: Settings, folder: Path, now: datetime, *, before: date | None = None, drop: bool = False
) -> list[ArchivedDay]:
    """Write every day of the log before ``before`` into a file of its own, the oldest first.

    :param before: by default as :func:`last_day_to_keep` says; no later. :param now: UTC.
    :param drop: take the entries out of the database once their file is written, read again and found whole.
    :raises Malformed: ``access_day_too_young``.
    :raises Conflict: ``access_chain_broken``, ``access_file_differs``, ``access_day_unsealed``; days before stay done.
    """
    latest = last_day_to_keep(settings, now)
    if before is not None and before > latest:
        raise Malformed(
            "access_day_too_young",
            f"查阅记录保存期未满：只能移出{latest.isoformat()}之前的。",
            f"The log is still within its term: only days before {latest.isoformat()} may leave.",
        )
    owner = settings.migration_database_url or settings.database_url
    async with connected(owner.get_secret_value(), size=2):
        async with transaction() as connection:
            days = await access_archives.days_before(connection, before or latest)
        return [await _archive(folder, row, now, drop=drop) for row in days]


async def _archive(folder: Path, head: dict[str, Any], now: datetime, *, drop: bool) -> ArchivedDay:
    path = folder / f"access-{head['day'].isoformat()}.jsonl"
    async with transaction() as connection:
        entries = await access_archives.entries_of(connection, head["day"])
        _check(head, entries)
        text = b"".join(_encode(line) + b"\n" for line in [head, *entries])
        digest = await asyncio.to_thread(_write, path, text)
        dropped = 0
        if drop:
            await _check_sealed(head)
            row = {"day": head["day"], "entries": head["seq"], "digest": head["digest"], "file_digest": digest}
            dropped = await access_archives.drop_day(connection, row | {"archived_at": now})
    return ArchivedDay(head["day"], len(entries), path, digest, dropped)


def _check(head: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Follow the chain of a day from its beginning to its head."""
    before = access.GENESIS
    for place, entry in enumerate(entries, 1):
        fits = (entry["seq"], entry["previous"], entry["digest"]) == (
            place, before, access.digest_of(before, entry["body"])
        )  # fmt: skip
        if not fits:
            break
        before = entry["digest"]
    if (len(entries), before) != (head["seq"], head["digest"]):
        raise Conflict(
            "access_chain_broken",
            f"{head['day']}的查阅记录与链不符，先运行 yichuang audit verify 查明。",
            f"The access log of {head['day']} does not fit its chain; run yichuang audit verify first.",
        )


async def _check_sealed(head: dict[str, Any]) -> None:
    """Only what a signed checkpoint seals may leave: the file can then be held against it for good."""
    sealed = await checkpoints.sealed([f"access:{head['day'].isoformat()}"])
    if not any((one.seq, one.digest) == (head["seq"], head["digest"]) for _, _, one in sealed):
        raise Conflict(
            "access_day_unsealed",
            f"{head['day']}的查阅记录尚未由校验点封存，先运行 yichuang audit checkpoint。",
            f"No checkpoint seals the access log of {head['day']} yet; run yichuang audit checkpoint first.",
        )


def _write(path: Path, text: bytes) -> str:
    """Write a file that lasts, or find it as it was written before; its digest as read back."""
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != hashlib.sha256(text).hexdigest():
        raise Conflict(
            "access_file_differs",
            f"文件 {path.name} 已存在且内容不同，请换一个目录。",
            f"There is a file {path.name} with other content; choose another folder.",
        )
    return digest
