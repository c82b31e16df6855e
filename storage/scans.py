"""Scans: files that evidence material lines, their verdicts and their page images. Bytes are in the object store."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Array, BigInt, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class Scan(Table, db=DB, tablename="scans"):
    """One uploaded file; ``state``: incoming (not judged), stored (evidence, locked), refused (bytes not kept).

    ``digest``: hexadecimal, taken while the upload arrived, by ``digest_algorithm`` (sha256 or sm3).
    """

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
    digest_algorithm = Varchar(length=10, default="sha256")


class ScanLink(Table, db=DB, tablename="scan_links"):
    """Which line of which case a scan evidences; one scan may evidence several.

    ``pages``: which of its pages, numbered from 1; null for all of them. ``returned``: pages taken back from the case
    because they are not its own; nobody sees them by way of it. ``replaces``: the scan whose place this one takes once
    it is stored; ``replaced_at``: when another scan took the place of this one. ``standing``: how many of its pages
    stand in the line after edits; null before any.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    scan_id = ForeignKey(Scan, null=False)
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    linked_at = Timestamptz()
    replaced_at = Timestamptz(null=True, default=None)
    pages = Array(base_column=Integer(), null=True, default=None)
    returned = Array(base_column=Integer(), default=list)
    replaces = UUIDColumn(null=True, default=None)
    standing = Integer(null=True, default=None)


class ScanPage(Table, db=DB, tablename="scan_pages"):
    """One page of a scan as it is shown: sizes in pixels, keys in the viewing bucket, what was measured on it.

    ``image_key`` is the page as scanned up to a bound, ``screen_key`` wide enough for a screen (empty on pages drawn
    before there was one), ``thumbnail_key`` the small picture. ``advice`` is a list of codes with measured values.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    scan_id = ForeignKey(Scan, null=False)
    number = Integer()
    width = Integer()
    height = Integer()
    image_key = Text()
    thumbnail_key = Text()
    content_type = Varchar(length=40)
    screen_key = Text(default="")
    advice = JSONB(default="[]")


async def add(connection: Connection, row: dict[str, Any], case: UUID, line: str, replaces: UUID | None = None) -> None:
    """Keep a new scan and link it to its line. :param replaces: the scan whose place it takes once it is stored."""
    await keep(connection, row)
    await connection.execute(
        "INSERT INTO scan_links (id, scan_id, case_id, line, linked_at, replaces)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5)",
        row["id"],
        case,
        line,
        row["uploaded_at"],
        replaces,
    )


async def link(connection: Connection, scan: UUID, case: UUID, line: str, pages: list[int], now: datetime) -> None:
    """Let some pages of a scan, numbered from 1, evidence a line; a link that is there stays as it is."""
    await connection.execute(
        "INSERT INTO scan_links (id, scan_id, case_id, line, linked_at, pages, standing)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, cardinality($5::int[]))"
        " ON CONFLICT (scan_id, case_id, line) DO NOTHING",
        scan,
        case,
        line,
        now,
        pages,
    )


async def set_standing(connection: Connection, scan: UUID, case: UUID, counts: dict[str, int]) -> None:
    """How many pages of a scan stand in each line of a case after an edit; in lines not named, none."""
    await connection.execute(
        "UPDATE scan_links l SET standing = coalesce((SELECT n.count FROM unnest($3::text[], $4::int[])"
        " AS n(line, count) WHERE n.line = l.line), 0) WHERE l.scan_id = $1 AND l.case_id = $2",
        scan,
        case,
        list(counts),
        list(counts.values()),
    )


async def has_page(connection: Connection, scan: UUID, case: UUID, page: int) -> bool:
    """Whether a page of a stored scan came to this case by any of its lines."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM scan_links l JOIN scans s ON s.id = l.scan_id"
        " WHERE l.scan_id = $1 AND l.case_id = $2 AND s.state = 'stored'"
        " AND (l.pages IS NULL AND $3 BETWEEN 1 AND s.pages OR $3 = ANY(l.pages)))",
        scan,
        case,
        page,
    )
    return found


async def take_back(connection: Connection, scan: UUID, case: UUID, page: int) -> None:
    """A page turned out to be another case's: nobody sees it by way of this one any more."""
    await connection.execute(
        "UPDATE scan_links SET returned = array_append(array_remove(returned, $3::int), $3::int)"
        " WHERE scan_id = $1 AND case_id = $2",
        scan,
        case,
        page,
    )


async def give_again(connection: Connection, scan: UUID, case: UUID, page: int) -> None:
    """A page that was taken back belongs to the case after all."""
    await connection.execute(
        "UPDATE scan_links SET returned = array_remove(returned, $3::int) WHERE scan_id = $1 AND case_id = $2",
        scan,
        case,
        page,
    )


_REPLACED_BY = """
SELECT l.scan_id, r.scan_id AS newer, r.state AS newer_state, r.uploaded_at AS newer_at, r.name AS newer_by
FROM scan_links l LEFT JOIN LATERAL (
  SELECT n.scan_id, s.state, s.uploaded_at, coalesce(p.name, '') AS name
  FROM scan_links n JOIN scans s ON s.id = n.scan_id LEFT JOIN people p ON p.id = s.uploaded_by
  WHERE n.case_id = l.case_id AND n.line = l.line AND n.replaces = l.scan_id AND s.state <> 'refused'
  ORDER BY n.linked_at DESC LIMIT 1) r ON true
WHERE l.case_id = $1 AND l.line = $2 AND l.scan_id = $3
"""


async def replaced_by(connection: Connection, case: UUID, line: str, scan: UUID) -> dict[str, Any] | None:
    """A scan of a line, and the one (``newer``) that has taken its place or waits for it."""
    row = await connection.fetchrow(_REPLACED_BY, case, line, scan)
    return dict(row) if row else None


async def mark_replaced(connection: Connection, case: UUID, line: str, scan: UUID, now: datetime) -> bool:
    """Another scan took the place of this one; False when one had it before."""
    done = await connection.fetchval(
        "UPDATE scan_links SET replaced_at = $4 WHERE case_id = $1 AND line = $2 AND scan_id = $3"
        " AND replaced_at IS NULL RETURNING id",
        case,
        line,
        scan,
        now,
    )
    return done is not None


async def same_bytes(connection: Connection, case: UUID, digest: str) -> list[UUID]:
    """The scans of a case that hold exactly these bytes and were not refused."""
    rows = await connection.fetch(
        "SELECT DISTINCT s.id FROM scans s JOIN scan_links l ON l.scan_id = s.id"
        " WHERE s.digest = $2 AND l.case_id = $1 AND s.state <> 'refused' ORDER BY s.id",
        case,
        digest,
    )
    return [row["id"] for row in rows]


async def extend(connection: Connection, scan: UUID, retain_until: datetime) -> None:
    """The store now keeps a scan for longer (UTC)."""
    await connection.execute(
        "UPDATE scans SET retain_until = greatest(retain_until, $2) WHERE id = $1", scan, retain_until
    )


async def keep(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new scan, incoming."""
    await connection.execute(
        "INSERT INTO scans (id, file_name, kind, size, digest, state, object_key, uploaded_by, uploaded_at,"
        " digest_algorithm) VALUES ($1, $2, $3, $4, $5, 'incoming', $6, $7, $8, $9)",
        row["id"], row["file_name"], row["kind"], row["size"], row["digest"], row["object_key"], row["uploaded_by"],
        row["uploaded_at"], row.get("digest_algorithm", "sha256"),
    )  # fmt: skip


_OF_CASE = """
SELECT s.id, s.file_name, s.kind, s.size, s.digest, s.state, s.verdict, s.verdict_zh, s.verdict_en,
  coalesce(l.standing, cardinality(l.pages), s.pages) AS pages, s.uploaded_at, s.retain_until, l.line
FROM scan_links l JOIN scans s ON s.id = l.scan_id JOIN cases c ON c.id = l.case_id
WHERE c.number = $1 AND l.replaced_at IS NULL AND l.standing IS DISTINCT FROM 0 ORDER BY l.line, s.uploaded_at, s.id
"""


async def of_case(number: str) -> list[dict[str, Any]]:
    """Every scan of a case that stands, line by line; ``pages``: how many of its pages stand there."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OF_CASE, number)]


_WITH_CASE = """
SELECT s.*, l.line, l.pages AS link_pages, l.returned, l.replaces, c.id AS case_id,
  c.number AS case_number, c.hall_id, c.department_id, c.state AS case_state
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
        "INSERT INTO scan_pages"
        " (id, scan_id, number, width, height, image_key, screen_key, thumbnail_key, content_type, advice)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (scan_id, number) DO NOTHING",
        [
            (scan, r["number"], r["width"], r["height"], r["image_key"], r["screen_key"], r["thumbnail_key"],
             r["content_type"], r["advice"])
            for r in rows
        ],
    )  # fmt: skip


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
