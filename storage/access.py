"""Who looked at whose data and why: a log chained per day, to which the application may only add."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import msgspec
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading

GENESIS: Final = "0" * 64
"""What the first entry of a day names as the digest before it."""


class AccessHead(Table, db=DB, tablename="access_heads"):
    """Where the chain of a day stands."""

    day = Date(primary_key=True)
    seq = Integer(default=0)
    digest = Varchar(length=64)


class AccessEntry(Table, db=DB, tablename="access_log"):
    """One look at personal data. ``body`` is the exact text that the digest covers, after the digest before it."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    day = Date()
    seq = Integer()
    at = Timestamptz()
    actor = UUIDColumn(default=None, null=True)
    subject = Varchar(length=60)
    action = Varchar(length=30)
    body = Text()
    previous = Varchar(length=64)
    digest = Varchar(length=64)


_ADD = """
WITH head AS (
  INSERT INTO access_heads AS h (day, seq, digest)
  VALUES ($1, 1, encode(sha256(convert_to(repeat('0', 64) || $2::text, 'UTF8')), 'hex'))
  ON CONFLICT (day) DO UPDATE SET seq = h.seq + 1, digest = encode(sha256(convert_to(h.digest || $2::text, 'UTF8')),
  'hex') RETURNING old.digest AS previous, new.seq AS seq, new.digest AS digest
)
INSERT INTO access_log (id, day, seq, at, actor, subject, action, body, previous, digest)
SELECT uuidv7(), $1, head.seq, $3, $4, $5, $6, $2, coalesce(head.previous, repeat('0', 64)), head.digest FROM head
"""


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Chain one entry to its day (UTC).

    :param row: ``at`` (UTC), ``actor``, ``subject`` (a case or scan, never a name), ``action``, ``purpose``.
    """
    body = msgspec.json.encode(row, order="sorted").decode()
    await connection.execute(_ADD, row["at"].date(), body, row["at"], row["actor"], row["subject"], row["action"])


def digest_of(previous: str, body: str) -> str:
    """What the database computed for an entry: SHA-256 over the digest before it and its text, hexadecimal."""
    return hashlib.sha256((previous + body).encode()).hexdigest()


def agrees(row: dict[str, Any]) -> bool:
    """Whether the columns that searches use say the same as the text that the digest covers."""
    try:
        told = msgspec.json.decode(row["body"] or "")
    except msgspec.DecodeError:
        return False
    return (told["actor"], told["subject"], told["action"]) == (str(row["actor"]), row["subject"], row["action"])


_LOOKS: Final = """
SELECT a.id, a.at, a.subject, a.action, a.body::jsonb->>'purpose' AS purpose, coalesce(p.name, '') AS name
FROM access_log a LEFT JOIN people p ON p.id = a.actor
WHERE a.id < $2 AND (a.subject = $1 OR a.subject IN (
  SELECT l.scan_id::text FROM scan_links l JOIN cases c ON c.id = l.case_id WHERE c.number = $1))
ORDER BY a.id DESC LIMIT $3
"""


async def of_case(number: str, before: UUID, limit: int) -> list[dict[str, Any]]:
    """Who looked at a case and its scans, the newest first. :param before: the key of the entry to go on behind."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_LOOKS, number, before, limit)]


_WALK: Final = """
SELECT day, h.seq AS head_seq, h.digest AS head_digest, l.seq, l.at, l.actor, l.subject, l.action, l.body, l.previous,
  l.digest, coalesce((a.entries, a.digest) = (h.seq, h.digest), false) AS archived, a.sealed, a.in_term
FROM access_heads h FULL JOIN access_log l USING (day) LEFT JOIN (
  SELECT kept.*, EXISTS (SELECT FROM sealed_heads s JOIN checkpoints k ON k.number = s.place >> 32
      WHERE (s.chain, s.seq, s.digest) = ('access:' || kept.day, kept.entries, kept.digest)) AS sealed,
    kept.archived_at < (kept.day + interval '6 months') AT TIME ZONE 'UTC'
      OR kept.archived_at > now() + interval '1 hour' AS in_term
  FROM access_archives kept) a USING (day)
ORDER BY day, l.seq
"""


async def walk(connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """Every entry of every day in order, beside what the head of the day remembers. Needs a transaction.

    ``archived``: the entries of the day may be gone, for an archive holds as many under the same head. ``sealed``: a
    checkpoint seals that head. ``in_term``: they left while they still had to be kept, or at a moment yet to come.
    """
    async for row in connection.cursor(_WALK, prefetch=500):
        yield dict(row)
