"""The collector of what nobody names: page images without a scan go, evidence without a scan is reported.

A crash between a copy and its row leaves an object behind. Both walks take a bounded portion and go on where the last
one ended. Evidence under lock cannot be deleted by anybody; once its lock has ended, it goes too.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from engine.context import Context
from storage import alarms, scrubs
from storage.db import transaction
from storage.objects import Stored
from workflows.errors import NotFound

PORTION: Final = 2000
"""How many keys of a bucket one run looks at."""
_GRACE: Final = timedelta(days=1)
_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_VIEW: Final = re.compile(rf"({_UUID})/.+")
_SCAN: Final = re.compile(rf".+/({_UUID})")
UNCLAIMED: Final = "evidence_unclaimed"
"""The alarm of evidence under lock that no scan names."""
_LOG: Final = structlog.get_logger("collector")


async def collect_views(context: Context, now: datetime, portion: int = PORTION) -> int:
    """Delete page images older than a day that no page of a scan names; how many. :param now: UTC."""
    found = await _walk(context, "viewing", now, portion)
    scans = {one.key: UUID(match[1]) for one in found if (match := _VIEW.fullmatch(one.key))}
    named = await scrubs.named_views(sorted(set(scans.values())))
    gone = [key for key in scans if key not in named]
    for key in gone:
        await asyncio.to_thread(context.objects.drop_view, key)
    return len(gone)


async def collect_evidence(context: Context, now: datetime, portion: int = PORTION) -> int:
    """Report evidence older than a day that no scan names, and drop what is not locked any more; how many were found.

    :param now: UTC.
    """
    found = await _walk(context, "evidence", now, portion)
    keys = [one.key for one in found if _SCAN.fullmatch(one.key)]
    named = await scrubs.named_evidence(keys)
    orphans = [key for key in keys if key not in named]
    for key in orphans:
        await _report(context, key, now)
    return len(orphans)


async def _walk(context: Context, bucket: str, now: datetime, portion: int) -> list[Stored]:
    """The next keys of a bucket that have stood there for a day; the walk begins anew after the last one."""
    listed = context.objects.list_views if bucket == "viewing" else context.objects.list_evidence
    found = await asyncio.to_thread(listed, await scrubs.place(bucket), portion)
    await scrubs.move(bucket, found[-1].key if len(found) == portion else "", now)
    return [one for one in found if one.modified < now - _GRACE]


async def _report(context: Context, key: str, now: datetime) -> None:
    try:
        stored = await asyncio.to_thread(context.objects.stat_evidence, key)
    except NotFound:
        return
    version = stored.version or ""
    held = await asyncio.to_thread(context.objects.retained_until, key, version)
    scan = key[-36:]
    if held is None or held < now:
        await asyncio.to_thread(context.objects.drop_evidence, key, version)
        async with transaction() as connection:
            await alarms.close(connection, UNCLAIMED, scan, now)
        return
    _LOG.warning("evidence without a scan", key=key)
    detail = {"key": key, "version": version, "size": stored.size, "retain_until": held.isoformat()}
    async with transaction() as connection:
        await alarms.sound(connection, UNCLAIMED, scan, detail, now)
