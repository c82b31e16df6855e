"""Everything that the database holds about one case, table by table, for the archive."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from uuid import UUID

from piccolo.columns import Bytea

from storage.db import Connection

LEFT_OUT: Final = frozenset(
    {"events", "outbox", "pickup_codes", "archive_packages", "dossiers", "case_facts", "notice_facts", "late_events"}
)
"""Tables that a package does not repeat: the trail stands beside them with all that is derived from it, and machines'
work is nobody's record."""


@cache
def _tables() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tables with rows of a case, and their columns but for sealed ones and what those are found by."""
    from storage.piccolo_app import APP_CONFIG  # noqa: PLC0415  # knows every table, so it must be asked last

    found = []
    for table in APP_CONFIG.table_classes:
        about = table._meta  # noqa: SLF001  # Piccolo's own way to ask a table
        names = tuple(column._meta.name for column in about.columns if not isinstance(column, Bytea))  # noqa: SLF001  # idem
        if "case_id" in names and about.tablename not in LEFT_OUT:
            found.append((about.tablename, names))
    return tuple(sorted(found))


async def record(connection: Connection, case: UUID) -> dict[str, list[dict[str, Any]]]:
    """The rows of a case in every table that has any, oldest first; must run in one snapshot."""
    kept = {}
    for table, names in _tables():
        columns = ", ".join(f'"{name}"' for name in names)
        rows = await connection.fetch(f'SELECT {columns} FROM "{table}" WHERE case_id = $1 ORDER BY id', case)  # noqa: S608  # names of our own tables
        if rows:
            kept[table] = [dict(row) for row in rows]
    return kept


_ORIGINALS: Final = """
SELECT s.id, s.file_name, s.kind, s.size, s.digest, s.digest_algorithm, s.object_key, s.object_version,
  array_agg(DISTINCT l.line ORDER BY l.line) AS lines, bool_or(l.pages IS NULL) AS whole
FROM scan_links l JOIN scans s ON s.id = l.scan_id
WHERE l.case_id = $1 AND s.state = 'stored' GROUP BY s.id ORDER BY min(l.linked_at), s.id
"""
_PAGES: Final = """
SELECT DISTINCT p.scan_id, p.number, p.image_key FROM scan_links l
JOIN scans s ON s.id = l.scan_id JOIN scan_pages p ON p.scan_id = s.id AND p.number = ANY(l.pages)
WHERE l.case_id = $1 AND s.state = 'stored' AND s.id <> ALL($2) ORDER BY p.scan_id, p.number
"""
_DOCUMENTS: Final = """
SELECT d.code, d.number, d.seq, p.size, p.digest, p.object_key, p.object_version
FROM documents d JOIN papers p ON p.document_id = d.id WHERE d.case_id = $1 ORDER BY d.seq, d.code
"""
_ISSUED: Final = """
SELECT d.code, d.number, d.issued_at, p.pages, p.object_key, p.object_version
FROM documents d LEFT JOIN papers p ON p.document_id = d.id WHERE d.case_id = $1 ORDER BY d.seq, d.code
"""


async def issued(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """The documents of a case in the order of issue; ``pages`` is None where one has no file yet."""
    return [dict(row) for row in await connection.fetch(_ISSUED, case)]


async def originals(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """The stored scans of a case, also replaced ones; ``whole`` is false for a batch that other cases have pages of."""
    return [dict(row) for row in await connection.fetch(_ORIGINALS, case)]


async def shared_pages(connection: Connection, case: UUID, whole: list[UUID]) -> list[dict[str, Any]]:
    """The drawn pages of a case out of batches. :param whole: scans that are its own."""
    return [dict(row) for row in await connection.fetch(_PAGES, case, whole)]


async def documents(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """The documents of a case that have a file, in the order of issue."""
    return [dict(row) for row in await connection.fetch(_DOCUMENTS, case)]
