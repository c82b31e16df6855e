"""Scans: files that evidence material lines, their verdicts and their page images. Bytes are in the object store."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import BigInt, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class Scan(Table, db=DB, tablename="scans"):
    """One uploaded file; ``state``: incoming (not judged), stored (evidence, locked), refused (bytes not kept)."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    file_name = Varchar(length=200)
    kind = Varchar(length=10)
    size = BigInt()
    digest = Varchar(length=64)
    state = Varchar(length=10)
    verdict = Varchar(length=40, null=True, default=None)
    verdict_zh = Text(default="")
    verdict_en = Text(default="")
    pages = Integer(default=0)
    object_key = Text(default="")
    object_version = Text(default="")
    retain_until = Timestamptz(null=True, default=None)
    uploaded_by = ForeignKey(Person, null=True)
    uploaded_at = Timestamptz()
    judged_at = Timestamptz(null=True, default=None)


class ScanLink(Table, db=DB, tablename="scan_links"):
    """Which line of which case a scan evidences; one scan may evidence several."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    scan_id = ForeignKey(Scan, null=False)
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    linked_at = Timestamptz()
    replaced_at = Timestamptz(null=True, default=None)


class ScanPage(Table, db=DB, tablename="scan_pages"):
    """One page of a scan as an image: sizes in pixels, keys in the viewing bucket."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    scan_id = ForeignKey(Scan, null=False)
    number = Integer()
    width = Integer()
    height = Integer()
    image_key = Text()
    thumbnail_key = Text()
    content_type = Varchar(length=40)


async def add(connection: Connection, row: dict[str, Any], case: UUID, line: str) -> None:
    """Keep a new scan and link it to its line."""
    await keep(connection, row)
    await connection.execute(
        "INSERT INTO scan_links (id, scan_id, case_id, line, linked_at) VALUES (uuidv7(), $1, $2, $3, $4)",
        row["id"],
        case,
        line,
        row["uploaded_at"],
    )


async def keep(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new scan, incoming."""
    await connection.execute(
        "INSERT INTO scans (id, file_name, kind, size, digest, state, object_key, uploaded_by, uploaded_at)"
        " VALUES ($1, $2, $3, $4, $5, 'incoming', $6, $7, $8)",
        row["id"], row["file_name"], row["kind"], row["size"], row["digest"], row["object_key"], row["uploaded_by"],
        row["uploaded_at"],
    )  # fmt: skip


_OF_CASE = """
SELECT s.id, s.file_name, s.kind, s.size, s.digest, s.state, s.verdict, s.verdict_zh, s.verdict_en, s.pages,
  s.uploaded_at, s.retain_until, l.line
FROM scan_links l JOIN scans s ON s.id = l.scan_id JOIN cases c ON c.id = l.case_id
WHERE c.number = $1 AND l.replaced_at IS NULL ORDER BY l.line, s.uploaded_at, s.id
"""


async def of_case(number: str) -> list[dict[str, Any]]:
    """Every scan of a case, line by line."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OF_CASE, number)]


_WITH_CASE = """
SELECT s.*, l.line, c.id AS case_id, c.number AS case_number, c.hall_id, c.department_id, c.state AS case_state
FROM scans s JOIN scan_links l ON l.scan_id = s.id JOIN cases c ON c.id = l.case_id
WHERE s.id = $1 ORDER BY l.linked_at
"""


async def with_cases(scan: UUID) -> list[dict[str, Any]]:
    """A scan once for each case that it evidences."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_WITH_CASE, scan)]


async def judge(connection: Connection, scan: UUID, row: dict[str, Any]) -> bool:
    """Write the verdict on an incoming scan; False when it has one already."""
    done = await connection.fetchval(
        "UPDATE scans SET state = $2, verdict = $3, verdict_zh = $4, verdict_en = $5, pages = $6, object_key = $7,"
        " object_version = $8, retain_until = $9, judged_at = $10 WHERE id = $1 AND state = 'incoming' RETURNING id",
        scan, row["state"], row["verdict"], row["verdict_zh"], row["verdict_en"], row["pages"], row["object_key"],
        row["object_version"], row["retain_until"], row["judged_at"],
    )  # fmt: skip
    return done is not None


async def add_pages(connection: Connection, scan: UUID, rows: list[dict[str, Any]]) -> None:
    """Keep where the page images of a scan are; repeated without harm."""
    await connection.executemany(
        "INSERT INTO scan_pages (id, scan_id, number, width, height, image_key, thumbnail_key, content_type)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7) ON CONFLICT (scan_id, number) DO NOTHING",
        [
            (
                scan,
                r["number"],
                r["width"],
                r["height"],
                r["image_key"],
                r["thumbnail_key"],
                r["content_type"],
            )
            for r in rows
        ],
    )


async def page(scan: UUID, number: int) -> dict[str, Any] | None:
    """One page of a scan."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM scan_pages WHERE scan_id = $1 AND number = $2", scan, number)
    return dict(row) if row else None


async def waiting_keys(keys: list[str]) -> set[str]:
    """Which of these incoming object keys belong to a scan that waits for its verdict."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT object_key FROM scans WHERE object_key = ANY($1) AND state = 'incoming'", keys
        )
    return {row["object_key"] for row in rows}
