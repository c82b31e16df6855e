"""Scrubs: when each piece of evidence was last read again and what was found; how far walks through buckets are."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading


class Scrub(Table, db=DB, tablename="scrubs"):
    """What was found the last time; ``id`` is that of the scan, paper, slip or package whose file it is.

    ``result``: whole, altered, missing, unlocked, unreadable. ``detail``: what was expected and what was found.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    kind = Varchar(length=10)
    checked_at = Timestamptz()
    result = Varchar(length=12)
    detail = JSONB()


class StoreWalk(Table, db=DB, tablename="store_walks"):
    """How far the collector has come through a bucket: it goes on behind this key, and begins anew at the end."""

    bucket = Varchar(length=20, primary_key=True)
    after = Text(default="")
    walked_at = Timestamptz()


_EVIDENCE: Final = """
SELECT s.id, s.id::text AS name, 'scan' AS kind, s.object_key AS key, s.object_version AS version, s.digest,
  s.digest_algorithm AS algorithm, s.size, s.retain_until,
  (SELECT min(c.number) FROM scan_links l JOIN cases c ON c.id = l.case_id WHERE l.scan_id = s.id) AS case_number
FROM scans s WHERE s.state = 'stored'
UNION ALL
SELECT p.id, d.number, 'paper', p.object_key, p.object_version, p.digest, 'sha256', p.size, p.retain_until, c.number
FROM papers p JOIN documents d ON d.id = p.document_id JOIN cases c ON c.id = d.case_id
UNION ALL
SELECT s.id, s.id::text, 'slip', s.object_key, s.object_version, s.digest, 'sha256', s.size, s.retain_until, NULL
FROM slips s WHERE s.object_key IS NOT NULL
UNION ALL
SELECT a.id, a.id::text, 'package', a.object_key, a.object_version, a.digest, a.algorithm, a.size, a.retain_until,
  c.number
FROM archive_packages a JOIN cases c ON c.id = a.case_id WHERE a.state = 'ready'
UNION ALL
SELECT k.id, k.number::text, 'checkpoint', k.object_key, k.object_version, k.object_digest, 'sha256', k.size,
  k.retain_until, NULL
FROM checkpoints k
UNION ALL
SELECT f.id, f.id::text, 'report', f.object_key, f.object_version, f.digest, 'sha256', f.size, f.retain_until, NULL
FROM report_files f
"""
_UNREAD: Final = f"""
SELECT e.*, NULL AS result FROM ({_EVIDENCE}) e
WHERE NOT EXISTS (SELECT FROM scrubs b WHERE b.id = e.id) LIMIT $1
"""  # noqa: S608  # a constant of this module
_OLDEST: Final = f"""
SELECT e.*, b.result FROM (SELECT * FROM scrubs WHERE checked_at < $2 ORDER BY checked_at LIMIT $1) b
JOIN LATERAL (SELECT * FROM ({_EVIDENCE}) one WHERE one.id = b.id) e ON true ORDER BY b.checked_at
"""  # noqa: S608  # idem


async def due(limit: int, before: datetime) -> list[dict[str, Any]]:
    """Evidence to be read again: what never was, then what was read longest ago.

    :param limit: how many at most. :param before: leave out what was read at this moment (UTC) or later.
    :returns: ``key``, ``version``, ``digest``, ``algorithm``, ``size`` (bytes), ``retain_until`` (UTC) and ``result``
        of the last time.
    """
    async with reading() as connection:
        rows = list(await connection.fetch(_UNREAD, limit))
        if len(rows) < limit:
            rows += await connection.fetch(_OLDEST, limit - len(rows), before)
    return [dict(row) for row in rows]


_TOLD: Final = f"""
SELECT e.*, told.digest AS told FROM (SELECT * FROM ({_EVIDENCE}) every
  WHERE every.kind <> 'checkpoint' {{chosen}}) e
LEFT JOIN LATERAL (
  SELECT v.data->>'digest' AS digest FROM cases c JOIN events v ON v.case_id = c.id
  WHERE c.number = e.case_number AND v.data ? 'digest'
    AND coalesce(v.data->>'scan', v.data->>'document', v.data->>'package') = e.name
  ORDER BY v.seq LIMIT 1) told ON true
ORDER BY e.id
"""  # noqa: S608  # a constant of this module
_NEXT: Final = _TOLD.format(chosen="AND every.id > $1 ORDER BY every.id LIMIT $2")
_SAMPLE: Final = _TOLD.format(chosen="ORDER BY md5($1 || every.id::text), every.id LIMIT $2")
_OF_CASE: Final = _TOLD.format(
    chosen="""AND (every.case_number = $1 OR every.id IN (
    SELECT l.scan_id FROM scan_links l JOIN cases c ON c.id = l.case_id WHERE c.number = $1))"""
)


async def walk(after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of all evidence by key, each beside ``told``: the digest that the trail wrote down of it, if it did.

    Checkpoints are left out: a verification of the trail reads every one of them.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_NEXT, after, limit)]


async def sample(seed: str, limit: int) -> list[dict[str, Any]]:
    """So much of all evidence, chosen by a seed: the same seed chooses the same again. Rows as of :func:`walk`."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_SAMPLE, seed, limit)]


async def of_case(number: str) -> list[dict[str, Any]]:
    """All evidence of one case. Rows as of :func:`walk`."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OF_CASE, number)]


async def record(
    connection: Connection, key: UUID, kind: str, result: str, detail: dict[str, Any], now: datetime
) -> None:
    """Keep what was found, in place of what was found before. :param now: UTC."""
    await connection.execute(
        "INSERT INTO scrubs (id, kind, checked_at, result, detail) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET checked_at = $3, result = $4, detail = $5",
        key,
        kind,
        now,
        result,
        detail,
    )


async def state() -> tuple[dict[str, int], datetime | None]:
    """How much evidence was not whole when it was last read, by result; and the oldest moment at which any was read."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT result, count(*) AS n FROM scrubs WHERE result <> 'whole' GROUP BY result"
        )
        oldest: datetime | None = await connection.fetchval("SELECT min(checked_at) FROM scrubs")
    return {row["result"]: row["n"] for row in rows}, oldest


async def place(bucket: str) -> str:
    """Behind which key the collector goes on; empty for the beginning."""
    async with reading() as connection:
        return await connection.fetchval("SELECT after FROM store_walks WHERE bucket = $1", bucket) or ""


async def move(bucket: str, after: str, now: datetime) -> None:
    """Remember how far the collector has come."""
    async with reading() as connection:
        await connection.execute(
            "INSERT INTO store_walks (bucket, after, walked_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (bucket) DO UPDATE SET after = $2, walked_at = $3",
            bucket,
            after,
            now,
        )


async def named_views(scans: list[UUID]) -> set[str]:
    """The keys of every viewing copy of these scans."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT image_key, thumbnail_key, screen_key FROM scan_pages WHERE scan_id = ANY($1)", scans
        )
    return {key for row in rows for key in row}


async def named_evidence(keys: list[str]) -> set[str]:
    """Which of these keys of the evidence a scan names, or will name once it is judged."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT k FROM unnest($1::text[]) k WHERE EXISTS (SELECT FROM scans s"
            " WHERE s.id = right(k, 36)::uuid AND (s.object_key = k OR s.state = 'incoming'))",
            keys,
        )
    return {row["k"] for row in rows}
