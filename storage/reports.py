"""报表: reports of figures from the order, or the end of their period, to the files that are locked away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, Array, BigInt, Boolean, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Report(Table, db=DB, tablename="reports"):
    """One report; ``state``: waiting, ready, failed. Cases of ``halls`` (keys) and ``departments`` (codes) are counted.

    ``hall_id``: of a scheduled one. ``wish`` is what was ordered. ``since`` and ``until`` are hall days, ``as_of`` the
    moment (UTC) that it tells of. ``content_digest``: SHA-256 (hexadecimal) of what it says, in whichever file.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    kind = Varchar(length=10)
    scheduled = Boolean(default=False)
    hall_id = ForeignKey(Organisation, null=True)
    since = Date()
    until = Date()
    as_of = Timestamptz()
    wish = JSONB()
    wish_digest = Varchar(length=64)
    halls = Array(base_column=UUIDColumn(), default=list)
    departments = Array(base_column=Varchar(length=60), default=list)
    state = Varchar(length=10)
    ordered_by = ForeignKey(Person, null=True)
    ordered_at = Timestamptz()
    steps_done = Integer(default=0)
    steps = Integer(default=0)
    failure = Text(default="")
    content_digest = Varchar(length=64, default="")
    ended_at = Timestamptz(null=True, default=None)


class ReportFile(Table, db=DB, tablename="report_files"):
    """A file of a report, ``xlsx`` or ``pdf``, and where it is locked away. Size in bytes, SHA-256 in hexadecimal."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    report_id = ForeignKey(Report, null=False)
    format = Varchar(length=4)
    object_key = Text()
    object_version = Text()
    digest = Varchar(length=64)
    size = BigInt()
    retain_until = Timestamptz()


_ADD: Final = """
INSERT INTO reports (id, kind, scheduled, hall_id, since, until, as_of, wish, wish_digest, halls, departments, state,
  ordered_by, ordered_at, steps_done, steps, failure, content_digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting', $12, $13, 0, 0, '', '')
ON CONFLICT DO NOTHING RETURNING id
"""
_COLUMNS: Final = (
    "id", "kind", "scheduled", "hall_id", "since", "until", "as_of", "wish", "wish_digest", "halls", "departments",
    "ordered_by", "ordered_at",
)  # fmt: skip
_ROWS: Final = """
SELECT r.*, p.name AS ordered_by_name, h.name AS hall_name, h.name_en AS hall_name_en, h.code AS hall,
  coalesce((SELECT jsonb_object_agg(f.format, f.size) FROM report_files f WHERE f.report_id = r.id), '{}') AS files
FROM reports r LEFT JOIN people p ON p.id = r.ordered_by LEFT JOIN organisations h ON h.id = r.hall_id
"""
_PAGE: Final = f"""{_ROWS}
WHERE r.halls <@ $1::uuid[] AND r.departments <@ $2::varchar[] AND ($3::varchar IS NULL OR r.kind = $3) AND r.id < $4
ORDER BY r.id DESC LIMIT $5
"""


async def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep an order; False where the period of a hall has its scheduled report, or the same wish of a person waits."""
    return await connection.fetchval(_ADD, *(row[name] for name in _COLUMNS)) is not None


async def newest_of(connection: Connection, person: UUID, digest: str) -> UUID:
    """The newest order of a wish by a person; there is one."""
    key: UUID = await connection.fetchval(
        "SELECT id FROM reports WHERE ordered_by = $1 AND wish_digest = $2 ORDER BY id DESC LIMIT 1", person, digest
    )
    return key


async def waiting(connection: Connection, person: UUID) -> int:
    """How many orders of a person wait."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM reports WHERE ordered_by = $1 AND state = 'waiting'", person
    )
    return count


async def newest_days(connection: Connection, hall: UUID) -> dict[str, date]:
    """By kind, the first day of the newest period of which a hall has a scheduled report."""
    rows = await connection.fetch(
        "SELECT kind, max(since) AS since FROM reports WHERE hall_id = $1 AND scheduled GROUP BY kind", hall
    )
    return {row["kind"]: row["since"] for row in rows}


async def read(key: UUID) -> dict[str, Any] | None:
    """One report."""
    async with reading() as connection:
        row = await connection.fetchrow(_ROWS + "WHERE r.id = $1", key)
    return _plain(row) if row else None


async def within(
    halls: Sequence[UUID], departments: Sequence[str], kind: str | None, before: UUID, limit: int
) -> list[dict[str, Any]]:
    """A page of the reports that count nothing beyond these halls and departments, the newest order first.

    :param kind: only of this kind. :param before: the key of the last one of the page before.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            _PAGE,
            halls,
            departments,
            kind,
            before,
            limit,
        )
    return [_plain(row) for row in rows]


def _plain(row: Any) -> dict[str, Any]:
    return {**row, "departments": list(row["departments"])}


async def progress(key: UUID, done: int, steps: int) -> None:
    """Note how far a worker is."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE reports SET steps_done = $2, steps = $3 WHERE id = $1 AND state = 'waiting'", key, done, steps
        )


async def finish(
    connection: Connection, key: UUID, content_digest: str, files: Sequence[dict[str, Any]], now: datetime
) -> bool:
    """Note where the files are; False where another worker was quicker, whose files stay the ones.

    :param files: ``format``, ``object_key``, ``object_version``, ``digest``, ``size``, ``retain_until``.
    """
    done = await connection.fetchval(
        "UPDATE reports SET state = 'ready', steps_done = steps, content_digest = $2, failure = '', ended_at = $3"
        " WHERE id = $1 AND state = 'waiting' RETURNING id",
        key,
        content_digest,
        now,
    )
    if done is None:
        return False
    for file in files:
        await connection.execute(
            "INSERT INTO report_files (id, report_id, format, object_key, object_version, digest, size, retain_until)"
            " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7)",
            key, file["format"], file["object_key"], file["object_version"], file["digest"], file["size"],
            file["retain_until"],
        )  # fmt: skip
    return True


async def fail(key: UUID, failure: str, now: datetime) -> None:
    """Note why a report cannot be made."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE reports SET state = 'failed', failure = $2, ended_at = $3 WHERE id = $1 AND state = 'waiting'",
            key,
            failure,
            now,
        )


async def again(connection: Connection, key: UUID) -> bool:
    """Let a failed report wait anew; False when it has not failed."""
    done = await connection.fetchval(
        "UPDATE reports SET state = 'waiting', failure = '', steps_done = 0, ended_at = NULL"
        " WHERE id = $1 AND state = 'failed' RETURNING id",
        key,
    )
    return done is not None


async def file_of(key: UUID, form: str) -> dict[str, Any] | None:
    """Where a file of a report is."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM report_files WHERE report_id = $1 AND format = $2", key, form)
    return dict(row) if row else None
