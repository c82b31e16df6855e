"""Documents as they were printed: the file that was made once, and where it is locked away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.results import Document


class Paper(Table, db=DB, tablename="papers"):
    """The PDF/A of a document: its place in the evidence, SHA-256 (hexadecimal), size in bytes; made once for good."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    document_id = ForeignKey(Document, null=False, unique=True)
    object_key = Text()
    object_version = Text()
    digest = Varchar(length=64)
    size = BigInt()
    pages = Integer()
    bilingual = Boolean(default=False)
    rendered_at = Timestamptz()
    retain_until = Timestamptz()


_ISSUED = """
SELECT d.id AS document_id, d.code, d.number, d.agency, d.data, d.issued_at, d.seq, e.name, e.at, e.actor_name, e.role,
  e.data AS event_data, e.clocks, e.from_state, e.to_state, e.flow, e.flow_version, i.id AS item_id,
  i.name AS item_name, i.data->>'name_en' AS item_name_en, p.object_key, p.object_version, p.digest, p.size, p.pages,
  (SELECT min(n.seq) FROM documents n WHERE n.case_id = d.case_id AND n.code = d.code AND n.seq > d.seq) AS next_seq
FROM documents d
JOIN cases c ON c.id = d.case_id
JOIN events e ON e.case_id = d.case_id AND e.seq = d.seq
JOIN item_versions i ON i.code = c.item_code AND i.version = e.item_version
LEFT JOIN papers p ON p.document_id = d.id
WHERE c.number = $1
"""
_UNPRINTED = _ISSUED + "AND p.id IS NULL ORDER BY d.seq, d.code"
_ONE = _ISSUED + "AND d.number = $2"


async def unprinted(case: str) -> list[dict[str, Any]]:
    """The documents of a case that were not printed yet, each with the event that issued it; oldest first.

    :returns: ``next_seq`` is the event that issued the next document of the same kind, or None.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_UNPRINTED, case)]


async def read(case: str, document: str) -> dict[str, Any] | None:
    """One document of a case by its number, with its event and, once printed, its file. :param document: 文号."""
    async with reading() as connection:
        row = await connection.fetchrow(_ONE, case, document)
    return dict(row) if row else None


async def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep where the file of a document is; False when it had one already."""
    added = await connection.fetchval(
        "INSERT INTO papers (id, document_id, object_key, object_version, digest, size, pages, bilingual, rendered_at,"
        " retain_until) VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (document_id) DO NOTHING RETURNING id",
        row["document_id"], row["object_key"], row["object_version"], row["digest"], row["size"], row["pages"],
        row["bilingual"], row["rendered_at"], row["retain_until"],
    )  # fmt: skip
    return added is not None


_OPINIONS = """
SELECT kind, result, opinion, article, signed_name, signed_at FROM decisions
WHERE case_id = $1 AND seq >= $2 AND ($3::int IS NULL OR seq < $3) ORDER BY seq, id
"""


async def opinions(case: UUID, first: int, before: int | None) -> list[dict[str, Any]]:
    """The signed opinions of a case from one event on. :param before: up to this event, which is not included."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OPINIONS, case, first, before)]


async def certificate(number: str) -> dict[str, Any] | None:
    """The certificate of this number, as it was made."""
    async with reading() as connection:
        row = await connection.fetchrow(
            "SELECT name, holder, issuer, valid_from, valid_to FROM certificates WHERE number = $1", number
        )
    return dict(row) if row else None
