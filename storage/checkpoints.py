"""校验点: daily checkpoints of every chain, to which the application may only add, and the heads that each seals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import BigInt, Date, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from workflows.checkpoint import Head


class Checkpoint(Table, db=DB, tablename="checkpoints"):
    """One checkpoint. ``header``: the exact text that is signed; ``digest``: of it. Size in bytes, digests in hex.

    Its file, with header, signature and every head, lies in the evidence under retention.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Integer()
    day = Date()
    header = Text()
    digest = Varchar(length=64)
    key = Varchar(length=40)
    signature = Text()
    object_key = Text()
    object_version = Text()
    object_digest = Varchar(length=64)
    size = BigInt()
    retain_until = Timestamptz()
    made_at = Timestamptz()


class SealedHead(Table, db=DB, tablename="sealed_heads"):
    """A head that a checkpoint seals. ``place``: the number of the checkpoint × 2³² + its place in it, from 0."""

    place = BigInt(primary_key=True)
    chain = Varchar(length=60)
    seq = Integer()
    digest = Varchar(length=64)


_STEP: Final = 2**32
_LOCK: Final = "hashtextextended('checkpoints', 0)"
_SEALED: Final = "SELECT s.seq FROM sealed_heads s WHERE s.chain = {chain} ORDER BY s.seq DESC LIMIT 1"

_CASE_HEADS: Final = f"""
SELECT c.number AS chain, e.seq, e.digest FROM cases c
LEFT JOIN LATERAL ({_SEALED.format(chain="c.number")}) sealed ON true
CROSS JOIN LATERAL (
  SELECT coalesce(min(later.seq) - 1, c.head_seq) AS seq FROM events later
  WHERE later.case_id = c.id AND later.seq > coalesce(sealed.seq, 0) AND later.at >= $1) reached
JOIN events e ON e.case_id = c.id AND e.seq = reached.seq
WHERE c.number > $2 AND c.head_seq > coalesce(sealed.seq, 0) AND reached.seq > coalesce(sealed.seq, 0)
ORDER BY c.number LIMIT $3
"""  # noqa: S608  # constants of this module
CALENDAR_HEADS: Final = """
SELECT 'calendar:' || y.year AS chain, y.version AS seq, encode(sha256(convert_to(y.year || '|' || y.version || '|'
  || y.source || '|' || y.published_on || coalesce(string_agg(E'\\n' || d.day || '|' || d.kind || '|' || d.name || '|'
  || d.name_en, '' ORDER BY d.day), ''), 'UTF8')), 'hex') AS digest
FROM calendar_editions y LEFT JOIN calendar_days d ON d.edition_id = y.id
GROUP BY y.year, y.version, y.source, y.published_on
"""
_OTHER_HEADS: Final = f"""
SELECT * FROM (
  SELECT 'access:' || day AS chain, seq, digest FROM access_heads
  UNION ALL SELECT 'flow:' || name, version, digest FROM flow_versions
  UNION ALL SELECT 'item:' || code, version, digest FROM item_versions
  UNION ALL {CALENDAR_HEADS}
) head
WHERE seq > coalesce((SELECT max(s.seq) FROM sealed_heads s WHERE s.chain = head.chain), 0)
ORDER BY chain, seq
"""  # noqa: S608  # idem


@asynccontextmanager
async def held() -> AsyncIterator[bool]:
    """Keep every other maker of checkpoints out as long as the block lasts; False where another one is at it."""
    async with reading() as connection:
        mine: bool = await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCK})")
        try:
            yield mine
        finally:
            if mine and not connection.is_closed():
                await connection.execute(f"SELECT pg_advisory_unlock({_LOCK})")


async def case_heads(connection: Connection, until: datetime, after: str, limit: int) -> list[Head]:
    """The heads of cases that grew since they were sealed, by number.

    :param until: events that are stamped at this moment (UTC) or later wait, and what follows them.
    :param after: the number of the case to go on behind.
    """
    return [Head(*row) for row in await connection.fetch(_CASE_HEADS, until, after, limit)]


async def other_heads(connection: Connection) -> list[Head]:
    """The heads of days of the access log, and the published versions, that are not sealed yet."""
    return [Head(*row) for row in await connection.fetch(_OTHER_HEADS)]


async def add(connection: Connection, row: dict[str, Any], heads: Sequence[Head]) -> None:
    """Keep a checkpoint and what it seals."""
    await connection.execute(
        "INSERT INTO checkpoints (id, number, day, header, digest, key, signature, object_key, object_version,"
        " object_digest, size, retain_until, made_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        row["number"], row["day"], row["header"], row["digest"], row["key"], row["signature"], row["object_key"],
        row["object_version"], row["object_digest"], row["size"], row["retain_until"], row["made_at"],
    )  # fmt: skip
    first = row["number"] * _STEP
    await connection.copy_records_to_table(
        "sealed_heads",
        records=((first + at, *head) for at, head in enumerate(heads)),
        columns=("place", "chain", "seq", "digest"),
    )


async def newest() -> dict[str, Any] | None:
    """The last checkpoint."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM checkpoints ORDER BY number DESC LIMIT 1")
    return dict(row) if row else None


async def listed(after: int, limit: int) -> list[dict[str, Any]]:
    """Checkpoints in order. :param after: the number to go on behind."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT * FROM checkpoints WHERE number > $1 ORDER BY number LIMIT $2", after, limit
        )
    return [dict(row) for row in rows]


async def chosen(numbers: list[int]) -> list[dict[str, Any]]:
    """These checkpoints, in order."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT * FROM checkpoints WHERE number = ANY($1) ORDER BY number", numbers)
    return [dict(row) for row in rows]


async def heads_of(number: int) -> list[Head]:
    """What a checkpoint seals, in order."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT chain, seq, digest FROM sealed_heads WHERE place >= $1 AND place < $2 ORDER BY place",
            number * _STEP,
            (number + 1) * _STEP,
        )
    return [Head(*row) for row in rows]


async def sealed(chains: list[str]) -> list[tuple[int, int, Head]]:
    """The heads of these chains that are sealed, in order: number of the checkpoint, place in it from 0, head."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT place, chain, seq, digest FROM sealed_heads WHERE chain = ANY($1) ORDER BY place", chains
        )
    return [(*divmod(row["place"], _STEP), Head(row["chain"], row["seq"], row["digest"])) for row in rows]


_CASES_FOUND: Final = """
SELECT s.place, s.chain, s.seq, s.digest FROM sealed_heads s
LEFT JOIN cases c ON c.number = s.chain LEFT JOIN events e ON e.case_id = c.id AND e.seq = s.seq
WHERE {chosen} AND e.digest IS DISTINCT FROM s.digest
"""
_CASE_FOUND: Final = _CASES_FOUND.format(chosen="s.chain = $1") + "ORDER BY place"
_FOUND: Final = f"""
WITH sealed AS MATERIALIZED (
  SELECT place, chain, seq, digest, split_part(chain, ':', 1) AS kind, split_part(chain, ':', 2) AS name
  FROM sealed_heads WHERE strpos(chain, ':') > 0 AND place >= $1 AND place < $2
), calendars AS ({CALENDAR_HEADS})
{_CASES_FOUND.format(chosen="strpos(s.chain, ':') = 0 AND s.place >= $1 AND s.place < $2")}
UNION ALL
SELECT s.place, s.chain, s.seq, s.digest FROM sealed s
LEFT JOIN access_log l ON l.day = s.name::date AND l.seq = s.seq
LEFT JOIN access_heads h ON h.day = s.name::date
LEFT JOIN access_archives a ON a.day = h.day AND (a.entries, a.digest) = (h.seq, h.digest)
WHERE s.kind = 'access' AND coalesce(l.digest, CASE WHEN a.day IS NULL THEN '' WHEN s.seq < h.seq THEN s.digest
  WHEN s.seq = h.seq THEN h.digest END) IS DISTINCT FROM s.digest
UNION ALL
SELECT s.place, s.chain, s.seq, s.digest FROM sealed s
LEFT JOIN flow_versions f ON f.name = s.name AND f.version = s.seq
WHERE s.kind = 'flow' AND encode(sha256(convert_to(f.source, 'UTF8')), 'hex') IS DISTINCT FROM s.digest
UNION ALL
SELECT s.place, s.chain, s.seq, s.digest FROM sealed s
LEFT JOIN item_versions i ON i.code = s.name AND i.version = s.seq
WHERE s.kind = 'item' AND i.digest IS DISTINCT FROM s.digest
UNION ALL
SELECT s.place, s.chain, s.seq, s.digest FROM sealed s
LEFT JOIN calendars y ON y.chain = s.chain AND y.seq = s.seq
WHERE s.kind = 'calendar' AND y.digest IS DISTINCT FROM s.digest
ORDER BY place LIMIT $3
"""  # noqa: S608  # idem


async def strayed_of(number: str) -> list[tuple[int, Head]]:
    """Heads of one case that are sealed and are not what is there now: number of the checkpoint, and what it sealed."""
    async with reading() as connection:
        return _numbered(await connection.fetch(_CASE_FOUND, number))


async def strayed(number: int, limit: int) -> list[tuple[int, Head]]:
    """The same for everything that one checkpoint seals.

    Of a day of the access log that was lawfully taken out, the head is what is there.
    """
    async with reading() as connection:
        return _numbered(await connection.fetch(_FOUND, number * _STEP, (number + 1) * _STEP, limit))


def _numbered(rows: Sequence[Any]) -> list[tuple[int, Head]]:
    return [(row["place"] // _STEP, Head(row["chain"], row["seq"], row["digest"])) for row in rows]


async def items() -> list[dict[str, Any]]:
    """Every published version of an item: ``code``, ``version``, ``data`` and ``digest``."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT code, version, data, digest FROM item_versions ORDER BY code, version")
    return [dict(row) for row in rows]
