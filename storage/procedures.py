"""What a review may have to do before a decision: special procedures, the hearing, third parties told and heard."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, uuid7
from storage.people import Person


class SpecialProcedureRow(Table, db=DB, tablename="special_procedures"):
    """One special procedure (特别程序, 许可法45): told with D09 (``document``), served, begun, ended."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    kind = Varchar(length=40)
    basis = Text()
    planned_start = Date()
    planned_end = Date()
    document = Varchar(length=60)
    told_at = Timestamptz()
    served_at = Timestamptz(null=True, default=None)
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    result = Text(default="")


class Hearing(Table, db=DB, tablename="hearings"):
    """The hearing of a case (听证, 许可法46 to 48), from the right that was told to the record.

    ``document`` is the D12 with which the right was told; the term to use it begins when that is served.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, unique=True)
    told_at = Timestamptz(null=True, default=None)
    document = Varchar(length=60, default="")
    requested_at = Timestamptz(null=True, default=None)
    requested_by = Varchar(length=200, default="")
    waived_at = Timestamptz(null=True, default=None)
    waived_by = Varchar(length=200, default="")
    notified_at = Timestamptz(null=True, default=None)
    held_on = Date(null=True, default=None)
    place = Varchar(length=200, default="")
    host = ForeignKey(Person, null=True)
    recorded_at = Timestamptz(null=True, default=None)
    record = Text(default="")


class ThirdParty(Table, db=DB, tablename="third_parties"):
    """Somebody with a major interest (许可法36): told with D13 (``document``), and heard."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    name = Varchar(length=200)
    interest = Text()
    document = Varchar(length=60)
    told_at = Timestamptz()
    heard_at = Timestamptz(null=True, default=None)
    statement = Text(default="")


async def special_of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The latest special procedure of a case."""
    row = await connection.fetchrow(
        "SELECT kind, basis, planned_start, planned_end, document, told_at, served_at, started_at, finished_at"
        " FROM special_procedures WHERE case_id = $1 ORDER BY seq DESC LIMIT 1",
        case,
    )
    return dict(row) if row else None


async def tell_special(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a special procedure that the applicant is told of. :param row: the columns up to ``told_at``."""
    await connection.execute(
        "INSERT INTO special_procedures (id, case_id, seq, kind, basis, planned_start, planned_end, document, told_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row["id"], row["case_id"], row["seq"], row["kind"], row["basis"], row["planned_start"], row["planned_end"],
        row["document"], row["told_at"],
    )  # fmt: skip


async def mark_served(connection: Connection, case: UUID, document: str, at: datetime) -> None:
    """The notice of a special procedure has reached the applicant; other documents change nothing here.

    :param document: number of the document that was served. :param at: when, UTC; the first service counts.
    """
    await connection.execute(
        "UPDATE special_procedures SET served_at = $3 WHERE case_id = $1 AND document = $2 AND served_at IS NULL",
        case, document, at,
    )  # fmt: skip


async def start_special(connection: Connection, case: UUID, at: datetime) -> None:
    """The special procedure that was told of last has begun. :param at: UTC."""
    await connection.execute(
        "UPDATE special_procedures SET started_at = $2 WHERE case_id = $1 AND started_at IS NULL"
        " AND seq = (SELECT max(seq) FROM special_procedures WHERE case_id = $1)",
        case, at,
    )  # fmt: skip


async def finish_special(connection: Connection, case: UUID, at: datetime, result: str) -> None:
    """The special procedure that is under way has ended, if there is one. :param at: UTC."""
    await connection.execute(
        "UPDATE special_procedures SET finished_at = $2, result = $3"
        " WHERE case_id = $1 AND started_at IS NOT NULL AND finished_at IS NULL",
        case, at, result,
    )  # fmt: skip


async def examiners_of(connection: Connection, case: UUID) -> list[UUID]:
    """Everybody who examined the object of a case: on site, or by an inspection or test."""
    rows = await connection.fetch(
        "SELECT DISTINCT p.id FROM events e CROSS JOIN jsonb_array_elements(e.data -> 'payload' -> 'officers') o"
        " JOIN people p ON p.login = o ->> 'login' WHERE e.case_id = $1"
        " AND e.name IN ('case:start_site_check', 'case:finish_site_check', 'case:start_special')",
        case,
    )
    return [row["id"] for row in rows]


async def hearing_of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The hearing of a case, if its right was ever told or one was wanted."""
    row = await connection.fetchrow(
        "SELECT told_at, document, requested_at, requested_by, waived_at, waived_by, notified_at, held_on, host,"
        " recorded_at FROM hearings WHERE case_id = $1",
        case,
    )
    return dict(row) if row else None


_HEARING_COLUMNS: Final = frozenset(
    {"told_at", "document", "requested_at", "requested_by", "waived_at", "waived_by", "notified_at", "held_on", "place",
     "host", "recorded_at", "record"}
)  # fmt: skip


async def change_hearing(connection: Connection, case: UUID, columns: dict[str, Any]) -> None:
    """Set columns of the hearing of a case, which need not have a row yet."""
    names = sorted(columns.keys() & _HEARING_COLUMNS)
    marks = ", ".join(f"${number}" for number, _ in enumerate(names, 3))
    await connection.execute(
        f"INSERT INTO hearings (id, case_id, {', '.join(names)}) VALUES ($1, $2, {marks})"  # noqa: S608  # names of the list above only
        f" ON CONFLICT (case_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in names)}",
        uuid7(), case, *(columns[name] for name in names),
    )  # fmt: skip


async def third_parties_of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Who was told of the case as having an interest in it."""
    rows = await connection.fetch(
        "SELECT name, document, told_at, heard_at FROM third_parties WHERE case_id = $1 ORDER BY seq, id", case
    )
    return [dict(row) for row in rows]


async def tell_third_parties(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Keep those who are told of a case. :param rows: the columns up to ``told_at``."""
    await connection.executemany(
        "INSERT INTO third_parties (id, case_id, seq, name, interest, document, told_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (row["id"], row["case_id"], row["seq"], row["name"], row["interest"], row["document"], row["told_at"])
            for row in rows
        ],
    )


async def hear_third_party(connection: Connection, case: UUID, name: str, at: datetime, statement: str) -> None:
    """Keep what a third party had to say, behind what they said before. :param at: UTC; the first time counts."""
    await connection.execute(
        "UPDATE third_parties SET heard_at = coalesce(heard_at, $3),"
        " statement = concat_ws(chr(10), nullif(statement, ''), $4::text) WHERE case_id = $1 AND name = $2",
        case, name, at, statement,
    )  # fmt: skip
