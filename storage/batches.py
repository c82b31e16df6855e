"""Capture batches (扫描批次): what one run of a scanner gave, its files, and what became of each page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, BigInt, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person
from storage.scans import Scan


class Batch(Table, db=DB, tablename="batches"):
    """One batch of a hall; ``closed_at``: nothing more comes; ``sorted_at``: its pages have found their lines.

    ``opened_as``: who opened it with the grants of that moment, for the worker that sorts it for them.
    ``case_id`` and ``line``: where pages go that no separator sheet says anything about; null and empty for nowhere.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False)
    case_id = ForeignKey(Case, null=True)
    line = Varchar(length=40, default="")
    name = Varchar(length=200, default="")
    opened_by = ForeignKey(Person, null=True)
    opened_as = JSONB()
    opened_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)
    sorted_at = Timestamptz(null=True, default=None)


class BatchFile(Table, db=DB, tablename="batch_files"):
    """One file of a batch in its place, from 1. ``refusal``: why it was not taken (code, zh, en); then no scan.

    ``codes``: what was read from separator sheets, by page number.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    batch_id = ForeignKey(Batch, null=False)
    position = Integer()
    file_name = Varchar(length=200)
    size = BigInt(default=0)
    digest = Varchar(length=64, default="")
    scan_id = ForeignKey(Scan, null=True)
    refusal = JSONB(null=True, default=None)
    codes = JSONB(null=True, default=None)
    added_at = Timestamptz()


class BatchPage(Table, db=DB, tablename="batch_pages"):
    """What became of one page; ``state``: separator, filed (in a line of a case), unsorted, discarded.

    ``reason``: why it is unsorted, a code; its sentences are beside it.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    batch_id = ForeignKey(Batch, null=False)
    scan_id = ForeignKey(Scan, null=False)
    page = Integer()
    state = Varchar(length=10)
    case_id = ForeignKey(Case, null=True)
    line = Varchar(length=40, default="")
    reason = Varchar(length=40, default="")
    reason_zh = Text(default="")
    reason_en = Text(default="")
    changed_at = Timestamptz()


_READ: Final = """
SELECT b.*, h.path AS hall_path, h.code AS hall, h.name AS hall_name, h.name_en AS hall_name_en,
  c.number AS case_number, p.name AS opened_by_name
FROM batches b JOIN organisations h ON h.id = b.hall_id LEFT JOIN cases c ON c.id = b.case_id
LEFT JOIN people p ON p.id = b.opened_by
"""


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new batch, open."""
    await connection.execute(
        "INSERT INTO batches (id, hall_id, case_id, line, name, opened_by, opened_as, opened_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row["id"], row["hall_id"], row["case_id"], row["line"], row["name"], row["opened_by"], row["opened_as"],
        row["opened_at"],
    )  # fmt: skip


async def read(batch: UUID) -> dict[str, Any] | None:
    """A batch with its hall and the number of its case."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE b.id = $1", batch)
    return dict(row) if row else None


async def lock(connection: Connection, batch: UUID) -> dict[str, Any] | None:
    """The same, locked until the transaction ends."""
    if await connection.fetchval("SELECT true FROM batches WHERE id = $1 FOR UPDATE", batch) is None:
        return None
    row = await connection.fetchrow(_READ + "WHERE b.id = $1", batch)
    return dict(row) if row else None


_OF_HALLS: Final = f"""
SELECT found.*, (SELECT count(*) FROM batch_files f WHERE f.batch_id = found.id) AS files,
  (SELECT count(*) FROM batch_pages g WHERE g.batch_id = found.id AND g.state = 'unsorted') AS unsorted
FROM ({_READ} WHERE b.hall_id = ANY($1) ORDER BY b.id DESC LIMIT $2) found ORDER BY found.id DESC
"""  # noqa: S608  # a constant of this module


async def of_halls(halls: list[UUID], limit: int) -> list[dict[str, Any]]:
    """The newest batches of these halls, with how many files and unsorted pages each has."""
    async with reading() as connection:
        rows = await connection.fetch(_OF_HALLS, halls, limit)
    return [dict(row) for row in rows]


async def close(connection: Connection, batch: UUID, now: datetime) -> None:
    """Nothing more comes."""
    await connection.execute("UPDATE batches SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", batch, now)


async def mark_sorted(connection: Connection, batch: UUID, now: datetime) -> None:
    """Its pages have found their lines."""
    await connection.execute("UPDATE batches SET sorted_at = $2 WHERE id = $1", batch, now)


async def add_file(connection: Connection, row: dict[str, Any]) -> int:
    """Keep a file of a locked batch behind those before it; its place."""
    place: int = await connection.fetchval(
        "INSERT INTO batch_files (id, batch_id, position, file_name, size, digest, scan_id, refusal, added_at)"
        " SELECT uuidv7(), $1, 1 + coalesce(max(position), 0), $2, $3, $4, $5, $6, $7 FROM batch_files"
        " WHERE batch_id = $1 RETURNING position",
        row["batch_id"], row["file_name"], row["size"], row["digest"], row["scan_id"], row["refusal"], row["added_at"],
    )  # fmt: skip
    return place


async def same_bytes(connection: Connection, batch: UUID, digest: str) -> list[int]:
    """The places of files of a batch that hold exactly these bytes."""
    rows = await connection.fetch(
        "SELECT position FROM batch_files WHERE batch_id = $1 AND digest = $2 AND scan_id IS NOT NULL"
        " ORDER BY position",
        batch,
        digest,
    )
    return [row["position"] for row in rows]


async def count_files(connection: Connection, batch: UUID) -> int:
    """How many files a batch has."""
    count: int = await connection.fetchval("SELECT count(*) FROM batch_files WHERE batch_id = $1", batch)
    return count


_FILES: Final = """
SELECT f.position, f.file_name, f.size, f.digest, f.scan_id, f.refusal, f.codes, s.state, s.verdict, s.verdict_zh,
  s.verdict_en, s.pages, s.kind, s.object_key, s.object_version, s.retain_until
FROM batch_files f LEFT JOIN scans s ON s.id = f.scan_id WHERE f.batch_id = $1 ORDER BY f.position
"""


async def files_of(connection: Connection, batch: UUID) -> list[dict[str, Any]]:
    """The files of a batch in order, with what was said of each."""
    return [dict(row) for row in await connection.fetch(_FILES, batch)]


async def of_scan(scan: UUID) -> dict[str, Any] | None:
    """A scan with the batch that it came in."""
    async with reading() as connection:
        row = await connection.fetchrow(
            "SELECT s.*, f.batch_id, h.path AS hall_path FROM scans s JOIN batch_files f ON f.scan_id = s.id"
            " JOIN batches b ON b.id = f.batch_id JOIN organisations h ON h.id = b.hall_id WHERE s.id = $1",
            scan,
        )
    return dict(row) if row else None


async def write_codes(connection: Connection, scan: UUID, codes: dict[str, str]) -> None:
    """What was read from the separator sheets of a file, by page number."""
    await connection.execute("UPDATE batch_files SET codes = $2 WHERE scan_id = $1", scan, codes)


async def waiting(connection: Connection, batch: UUID) -> int:
    """How many files of a batch have no verdict yet."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM batch_files f JOIN scans s ON s.id = f.scan_id"
        " WHERE f.batch_id = $1 AND s.state = 'incoming'",
        batch,
    )
    return count


_PAGES: Final = """
SELECT g.scan_id, g.page, g.state, g.line, g.reason, g.reason_zh, g.reason_en, c.number AS case_number, f.position,
  f.file_name, coalesce(p.advice, '[]') AS advice
FROM batch_pages g JOIN batch_files f ON f.scan_id = g.scan_id AND f.batch_id = g.batch_id
LEFT JOIN scan_pages p ON p.scan_id = g.scan_id AND p.number = g.page
LEFT JOIN cases c ON c.id = g.case_id WHERE g.batch_id = $1 ORDER BY f.position, g.page
"""


async def pages_of(batch: UUID) -> list[dict[str, Any]]:
    """What became of every page of a batch, in the order of the scanner."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PAGES, batch)]


async def page_of(connection: Connection, scan: UUID, page: int) -> dict[str, Any] | None:
    """What became of one page, locked until the transaction ends."""
    row = await connection.fetchrow(
        "SELECT g.*, c.number AS case_number FROM batch_pages g LEFT JOIN cases c ON c.id = g.case_id"
        " WHERE g.scan_id = $1 AND g.page = $2 FOR UPDATE OF g",
        scan,
        page,
    )
    return dict(row) if row else None


async def add_pages(connection: Connection, batch: UUID, rows: list[dict[str, Any]], now: datetime) -> None:
    """Keep what became of the pages of a batch."""
    await connection.executemany(
        "INSERT INTO batch_pages (id, batch_id, scan_id, page, state, case_id, line, reason, reason_zh, reason_en,"
        " changed_at) VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (batch, r["scan_id"], r["page"], r["state"], r["case_id"], r["line"], r["reason"], r["reason_zh"],
             r["reason_en"], now)
            for r in rows
        ],
    )  # fmt: skip


async def change_page(connection: Connection, scan: UUID, page: int, row: dict[str, Any], now: datetime) -> None:
    """A page has found another place: filed in a line, unsorted again, or discarded."""
    await connection.execute(
        "UPDATE batch_pages SET state = $3, case_id = $4, line = $5, reason = $6, reason_zh = $7, reason_en = $8,"
        " changed_at = $9 WHERE scan_id = $1 AND page = $2",
        scan, page, row["state"], row["case_id"], row["line"], row["reason"], row["reason_zh"], row["reason_en"], now,
    )  # fmt: skip
