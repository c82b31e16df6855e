"""Signatures (签收): the scan or the drawing with which somebody signed a document of a case, kept as evidence."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person
from storage.results import Document
from storage.scans import Scan


class Signature(Table, db=DB, tablename="document_signatures"):
    """One signature under a document. ``way``: pad (drawn at the counter) or slip (signed on paper, then scanned).

    It counts once its scan is stored; one whose scan was refused is followed by another one.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    document_id = ForeignKey(Document, null=False, index=True)
    case_id = ForeignKey(Case, null=False, index=True)
    scan_id = ForeignKey(Scan, null=False, unique=True)
    way = Varchar(length=4)
    kept_by = ForeignKey(Person, null=True)
    kept_at = Timestamptz()


_SIGNABLE: Final = """
SELECT d.id, d.number, d.code, d.case_id, c.number AS "case", h.path AS hall_path,
  coalesce((SELECT jsonb_agg(line->'case') FROM jsonb_array_elements(d.data->'lines') line), '[]') AS others,
  (SELECT s.state FROM document_signatures g JOIN scans s ON s.id = g.scan_id
    WHERE g.document_id = d.id ORDER BY g.kept_at DESC, g.id DESC LIMIT 1) AS signed
FROM documents d JOIN cases c ON c.id = d.case_id JOIN organisations h ON h.id = c.hall_id
WHERE d.number = $1
"""


async def signable(connection: Connection, document: str) -> dict[str, Any] | None:
    """A document by its number: its case and the ``others`` that it lists, and the state of its newest signature."""
    row = await connection.fetchrow(_SIGNABLE, document)
    return dict(row) if row else None


async def lock(connection: Connection, document: str) -> None:
    """Let nobody else sign a document until the transaction ends. :param document: its number."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"signature:{document}")


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a signature."""
    await connection.execute(
        "INSERT INTO document_signatures (id, document_id, case_id, scan_id, way, kept_by, kept_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6)",
        row["document_id"], row["case_id"], row["scan_id"], row["way"], row["kept_by"], row["kept_at"],
    )  # fmt: skip


_OF_SCAN: Final = """
SELECT s.*, g.way, g.kept_at, d.number AS document, d.code, d.data->'lines' AS lines, c.number AS case_number,
  p.name AS kept_by_name
FROM document_signatures g JOIN scans s ON s.id = g.scan_id JOIN documents d ON d.id = g.document_id
JOIN cases c ON c.id = g.case_id LEFT JOIN people p ON p.id = g.kept_by
WHERE {which} ORDER BY g.kept_at DESC, g.id DESC LIMIT 1
"""
_BY_SCAN: Final = _OF_SCAN.format(which="s.id = $1")
_BY_DOCUMENT: Final = _OF_SCAN.format(which="d.number = $1")


async def of_scan(scan: UUID) -> dict[str, Any] | None:
    """The scan of a signature, with its document and its case."""
    async with reading() as connection:
        row = await connection.fetchrow(_BY_SCAN, scan)
    return dict(row) if row else None


async def issued_for(document: str) -> str | None:
    """The number of the case that issued a document; others of a package only cite it."""
    async with reading() as connection:
        number: str | None = await connection.fetchval(
            "SELECT c.number FROM documents d JOIN cases c ON c.id = d.case_id WHERE d.number = $1", document
        )
    return number


async def newest(document: str) -> dict[str, Any] | None:
    """The newest signature under a document, by its number, with its scan."""
    async with reading() as connection:
        row = await connection.fetchrow(_BY_DOCUMENT, document)
    return dict(row) if row else None
