"""What the trail tells is held against rows and seals: evidence whose row is gone, events that were dated back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from storage.db import reading

CaseKeys = list[UUID]
"""A portion of all cases, by key."""


class Told(NamedTuple):
    """What an event names and is not there as it says.

    ``kind``: scan, document or paper; ``name``: its key or number.
    """

    case: str
    seq: int
    kind: str
    name: str


async def portions(number: str | None, limit: int) -> AsyncIterator[CaseKeys]:
    """The keys of all cases in portions, or of one case. :param limit: cases in a portion at most."""
    after = UUID(int=0)
    while True:
        async with reading() as connection:
            rows = await connection.fetch(
                "SELECT id FROM cases WHERE id > $1 AND ($2::text IS NULL OR number = $2) ORDER BY id LIMIT $3",
                after,
                number,
                limit,
            )
        if not rows:
            return
        yield [row["id"] for row in rows]
        after = rows[-1]["id"]


_MISSING: Final = """
WITH trail AS (
  SELECT c.number, e.seq, e.name, e.data FROM cases c JOIN events e ON e.case_id = c.id WHERE c.id = ANY($1)
), told AS (
  SELECT number, seq, 'scan' AS kind, data->>'scan' AS name, data->>'digest' AS mark FROM trail
  WHERE name = 'scan:stored'
  UNION ALL SELECT number, seq, 'scan', file->>'scan', file->>'digest'
  FROM trail, jsonb_path_query(data, 'lax $.files[*]') file WHERE name = 'scan:filed'
  UNION ALL SELECT number, seq, 'document', paper->>'number', paper->>'code'
  FROM trail, jsonb_path_query(data, 'lax $.documents[*]') paper WHERE data ? 'documents'
  UNION ALL SELECT number, seq, 'paper', data->>'document', data->>'digest' FROM trail
  WHERE name = 'document:rendered'
)
SELECT t.number, t.seq, t.kind, coalesce(t.name, '') AS name FROM told t
CROSS JOIN LATERAL (SELECT CASE t.kind
  WHEN 'scan' THEN (SELECT s.digest FROM scans s WHERE s.state = 'stored'
    AND s.id = CASE WHEN t.name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN t.name::uuid END)
  WHEN 'paper' THEN (SELECT p.digest FROM documents d JOIN papers p ON p.document_id = d.id WHERE d.number = t.name)
  ELSE (SELECT d.code FROM documents d WHERE d.number = t.name) END AS mark) found
WHERE found.mark IS NULL OR found.mark <> t.mark
ORDER BY t.number, t.seq, t.kind, t.name
"""


async def missing(cases: CaseKeys) -> list[Told]:
    """What the trails of these cases say was stored or issued and has no row with the same digest or kind.

    Scans that were refused and uploads that never became scans leave no such event.
    """
    async with reading() as connection:
        return [Told(*row) for row in await connection.fetch(_MISSING, cases)]


_BACKDATED: Final = """
WITH heads AS (
  SELECT c.id, s.seq, (s.place >> 32)::int AS checkpoint FROM cases c JOIN sealed_heads s ON s.chain = c.number
  WHERE c.id = ANY($1)
  UNION ALL SELECT id, 2147483647, 0 FROM cases WHERE id = ANY($1)
), spans AS (
  SELECT id, lag(seq, 1, 0) OVER (PARTITION BY id ORDER BY seq) AS after, seq AS upto, checkpoint FROM heads
), bounds AS (SELECT * FROM unnest($2::int[], $3::timestamptz[]) AS b (checkpoint, moment))
SELECT DISTINCT ON (c.number) c.number, e.seq FROM spans JOIN bounds USING (checkpoint) JOIN cases c USING (id)
JOIN events e ON e.case_id = c.id AND e.seq > spans.after AND e.seq <= spans.upto AND e.at < bounds.moment
ORDER BY c.number, e.seq
"""


async def backdated(cases: CaseKeys, bounds: Mapping[int, datetime]) -> list[tuple[str, int]]:
    """The first event of each of these cases that is stamped before the bound of the first checkpoint that seals it.

    :param bounds: by number of the checkpoint, UTC; 0 for what none seals yet. Where there is none, nothing is found.
    """
    async with reading() as connection:
        rows = await connection.fetch(_BACKDATED, cases, list(bounds), list(bounds.values()))
    return [(row["number"], row["seq"]) for row in rows]
