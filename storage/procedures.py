"""What a review may have to do before a decision: special procedures, the hearing, third parties told and heard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection
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
    """The hearing of a case (听证, 许可法46 to 48), from the right that was told to the record."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, unique=True)
    told_at = Timestamptz(null=True, default=None)
    request_until = Date(null=True, default=None)
    requested_at = Timestamptz(null=True, default=None)
    requested_by = Varchar(length=200, default="")
    waived_at = Timestamptz(null=True, default=None)
    notified_at = Timestamptz(null=True, default=None)
    held_on = Date(null=True, default=None)
    place = Varchar(length=200, default="")
    host = ForeignKey(Person, null=True)
    recorded_at = Timestamptz(null=True, default=None)
    record = Text(default="")


class ThirdParty(Table, db=DB, tablename="third_parties"):
    """Somebody with a major interest (许可法36): told, and heard."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    name = Varchar(length=200)
    interest = Text()
    told_at = Timestamptz()
    answer_until = Date()
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


async def hearing_of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The hearing of a case, if its right was ever told or one was wanted."""
    row = await connection.fetchrow(
        "SELECT told_at, request_until, requested_at, waived_at, notified_at, held_on, host, recorded_at"
        " FROM hearings WHERE case_id = $1",
        case,
    )
    return dict(row) if row else None


async def third_parties_of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Who was told of the case as having an interest in it."""
    rows = await connection.fetch(
        "SELECT name, told_at, answer_until, heard_at FROM third_parties WHERE case_id = $1 ORDER BY seq, id", case
    )
    return [dict(row) for row in rows]
