"""The scrubber: reads evidence again on a schedule, and raises an alarm where it is not as it was locked away.

A run takes a bounded portion, what was never read first and then what was read longest ago, so that in time everything
is read again and again (GB/T 18894: 定期检测). A store that does not answer says nothing about the evidence: the run
ends and nothing is recorded. What belongs to no row any more is the collector's (:mod:`engine.keeping.collecting`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

import structlog

from engine.context import Context
from storage import alarms, scrubs
from storage.db import transaction
from storage.digests import new_digest
from storage.objects import ObjectStore
from workflows.errors import NotFound, Unavailable

BROKEN: Final = ("altered", "missing", "unlocked", "unreadable")
"""What can be wrong with evidence; the alarm is ``evidence_`` and this word."""
_ROWS: Final = 50
"""How many rows are fetched at a time."""
_ROUNDING: Final = timedelta(seconds=2)
"""A store keeps the end of a lock to the second."""
_LOG: Final = structlog.get_logger("scrubber")


@dataclass
class Scrubbed:
    """What a run did: objects and bytes that were read, and how many were not whole, by result."""

    objects: int = 0
    size: int = 0
    broken: dict[str, int] = field(default_factory=dict)


async def scrub(
    context: Context, clock: Callable[[], datetime], *, portion: int, seconds: float, before: datetime | None = None
) -> Scrubbed:
    """Read a portion of the evidence again, one object at a time.

    :param clock: says what time it is, UTC. :param portion: bytes after which the run ends; one object at least is
        read. :param seconds: after which the run ends.
    :param before: leave out what was read at this moment (UTC) or later; the beginning of the run by default.
    :raises Unavailable: when the store or the database does not answer; what was read until then is recorded.
    """
    done, until, began = Scrubbed(), monotonic() + seconds, before or clock()
    while rows := await scrubs.due(_ROWS, began):
        for row in rows:
            if done.objects and (done.size >= portion or monotonic() >= until):
                return done
            await _check(context, row, clock, done)
    return done


async def _check(context: Context, row: dict[str, Any], clock: Callable[[], datetime], done: Scrubbed) -> None:
    result, found = await asyncio.to_thread(examine, context.objects, row)
    now = clock()
    detail = {
        "case": row["case_number"],
        row["kind"]: str(row["id"]),
        "key": row["key"],
        "version": row["version"],
        "expected": {"digest": row["digest"], "size": row["size"], "retain_until": row["retain_until"].isoformat()},
        "found": found,
    }
    async with transaction() as connection:
        await scrubs.record(connection, row["id"], row["kind"], result, detail, now)
        for code in BROKEN if row["result"] not in {None, "whole", result} else ():
            await alarms.close(connection, f"evidence_{code}", str(row["id"]), now)
        if result != "whole":
            await alarms.sound(connection, f"evidence_{result}", str(row["id"]), detail, now)
    done.objects += 1
    done.size += row["size"]
    if result != "whole":
        done.broken[result] = done.broken.get(result, 0) + 1
        _LOG.error("evidence broken", result=result, kind=row["kind"], id=str(row["id"]), case=row["case_number"])


def examine(objects: ObjectStore, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Look at one piece of evidence: is it there, locked as long as it must be, and the bytes that came in. Blocks.

    :param row: as :func:`storage.scrubs.due` gives it.
    :returns: ``whole``, or the one of :data:`BROKEN` that it is, and what was found.
    :raises Unavailable: when the store does not answer.
    """
    try:
        stored = objects.stat_evidence(row["key"], row["version"])
        held = objects.retained_until(row["key"], row["version"])
        digest = _read(objects, row) if stored.size == row["size"] else ""
    except NotFound:
        return "missing", {}
    found = {"size": stored.size, "digest": digest, "retain_until": held.isoformat() if held else None}
    if digest is None:
        return "unreadable", found
    if digest != row["digest"]:
        return "altered", found
    if held is None or held < row["retain_until"] - _ROUNDING:
        return "unlocked", found
    return "whole", found


def _read(objects: ObjectStore, row: dict[str, Any]) -> str | None:
    """The digest of the bytes as they are now; None where the store answers but cannot give them."""
    digest = new_digest(row["algorithm"])
    try:
        with objects.read_once(row["key"], row["version"]) as stream:
            for chunk in stream:
                digest.update(chunk)
    except Unavailable:
        if not objects.healthy():
            raise
        return None
    return digest.hexdigest()
