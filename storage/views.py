"""Viewing copies: by way of what a page is seen, and where its pictures are. They can always be drawn again."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from storage.db import Connection, reading

_WAYS: Final = """
SELECT s.*, c.number AS case_number, array_agg(DISTINCT l.line) || coalesce((SELECT array_agg(DISTINCT e.to_line)
    FROM page_edits e WHERE e.case_id = c.id AND e.scan_id = s.id AND e.page = $2 AND e.to_line <> ''), '{}') AS lines,
  bool_or((l.pages IS NULL OR $2 = ANY(l.pages) OR EXISTS (SELECT FROM page_edits e WHERE e.case_id = c.id
    AND e.scan_id = s.id AND e.page = $2 AND e.action = 'place')) AND NOT $2 = ANY(l.returned)) AS shown,
  bool_or(l.pages IS NULL AND l.returned = '{}') AS whole
FROM scans s JOIN scan_links l ON l.scan_id = s.id JOIN cases c ON c.id = l.case_id
WHERE s.id = $1 GROUP BY s.id, c.id, c.number ORDER BY min(l.linked_at)
"""


async def ways(scan: UUID, page: int = 0) -> list[dict[str, Any]]:
    """A scan once for each case that it evidences.

    :param page: from 1; 0 where no page is asked for.
    :returns: beside the scan, ``lines`` in which the page stands or stood, ``shown``: whether the page is one of those
        that evidence the case, ``whole``: whether every page of the scan is.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_WAYS, scan, page)]


async def stored(after: UUID, limit: int, case: str | None = None) -> list[UUID]:
    """The keys of stored scans with pages, in order, from behind ``after`` on. :param case: only those of this case."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT s.id FROM scans s WHERE s.state = 'stored' AND s.pages > 0 AND s.id > $1 AND ($3::text IS NULL"
            " OR EXISTS (SELECT FROM scan_links l JOIN cases c ON c.id = l.case_id"
            " WHERE l.scan_id = s.id AND c.number = $3)) ORDER BY s.id LIMIT $2",
            after,
            limit,
            case,
        )
    return [row["id"] for row in rows]


async def original(scan: UUID) -> dict[str, Any] | None:
    """The row of a stored scan; nothing where there is none."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM scans WHERE id = $1 AND state = 'stored'", scan)
    return dict(row) if row else None


async def of_scan(scan: UUID) -> list[dict[str, Any]]:
    """The pages of a scan in order, with the keys of their pictures."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT * FROM scan_pages WHERE scan_id = $1 ORDER BY number", scan)
    return [dict(row) for row in rows]


async def replace(connection: Connection, scan: UUID, rows: list[dict[str, Any]]) -> None:
    """Keep where the pictures of a scan are now, drawn again."""
    await connection.executemany(
        "UPDATE scan_pages SET width = $3, height = $4, image_key = $5, thumbnail_key = $6, content_type = $7,"
        " screen_key = $8, advice = $9 WHERE scan_id = $1 AND number = $2",
        [
            (
                scan,
                row["number"],
                row["width"],
                row["height"],
                row["image_key"],
                row["thumbnail_key"],
                row["content_type"],
                row.get("screen_key", ""),
                row.get("advice", []),
            )
            for row in rows
        ],
    )


async def redraw_ordered(connection: Connection, topic: str, scan: UUID) -> bool:
    """Whether a redrawing of this scan waits already; asked under a lock of the scan, so that it is ordered once."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{topic}:{scan}")
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM outbox WHERE topic = $1 AND state IN ('waiting', 'sent') AND data->>'scan' = $2)",
        topic,
        str(scan),
    )
    return found
