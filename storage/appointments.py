"""Days on which a hall is closed beyond the calendar (typhoon, power cut), and the visits booked with it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Text, Time, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Closure(Table, db=DB, tablename="closures"):
    """One hall, one day, why. It moves appointments; a statutory day it never moves."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False)
    day = Date()
    reason = Text()
    declared_by = ForeignKey(Person, null=True)
    declared_at = Timestamptz()


class Appointment(Table, db=DB, tablename="appointments"):
    """One visit booked for a case, in hall time; ``first_day`` is the day that was booked, ``day`` where it moved to.

    ``state``: booked, cancelled (another one was booked instead). That somebody came is said by the receipt.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    hall_id = ForeignKey(Organisation, null=False)
    day = Date()
    at_time = Time()
    first_day = Date()
    state = Varchar(length=10)
    booked_at = Timestamptz()


async def hold_closures(connection: Connection, hall: UUID, *, to_declare: bool = False) -> None:
    """Keep the closures of a hall as they are until the transaction ends; many may, but only one while declaring."""
    lock = "pg_advisory_xact_lock" if to_declare else "pg_advisory_xact_lock_shared"
    await connection.execute(f"SELECT {lock}(hashtextextended('closures:' || $1::text, 0))", str(hall))


async def close(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep a closure; False when that hall is closed on that day already."""
    done = await connection.fetchval(
        "INSERT INTO closures (id, hall_id, day, reason, declared_by, declared_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (hall_id, day) DO NOTHING RETURNING id",
        row["id"], row["hall_id"], row["day"], row["reason"], row["declared_by"], row["declared_at"],
    )  # fmt: skip
    return done is not None


async def closures_of(connection: Connection, hall: UUID, since: date) -> dict[date, str]:
    """The days from ``since`` on which a hall is closed beyond the calendar, each with its reason."""
    rows = await connection.fetch(
        "SELECT day, reason FROM closures WHERE hall_id = $1 AND day >= $2 ORDER BY day", hall, since
    )
    return {row["day"]: row["reason"] for row in rows}


async def list_closures(halls: list[UUID], after: tuple[date, UUID], limit: int) -> list[dict[str, Any]]:
    """A page of the closures of these halls, by day: ``id``, hall (code and name), day, reason, when declared.

    :param after: ``day`` and ``id`` of the last row of the page before.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT c.id, o.code AS hall, o.name AS hall_name, o.name_en AS hall_name_en, c.day, c.reason,"
            " c.declared_at FROM closures c JOIN organisations o ON o.id = c.hall_id"
            " WHERE c.hall_id = ANY($1) AND (c.day, c.id) > ($2, $3) ORDER BY c.day, c.id LIMIT $4",
            halls,
            *after,
            limit,
        )
    return [dict(row) for row in rows]


async def booked(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The visit that is booked for a case."""
    row = await connection.fetchrow("SELECT * FROM appointments WHERE case_id = $1 AND state = 'booked'", case)
    return dict(row) if row else None


async def book(connection: Connection, row: dict[str, Any]) -> None:
    """Book a visit; one that was booked for the case before is cancelled with it."""
    await connection.execute(
        "UPDATE appointments SET state = 'cancelled' WHERE case_id = $1 AND state = 'booked'", row["case_id"]
    )
    await connection.execute(
        "INSERT INTO appointments (id, case_id, hall_id, day, at_time, first_day, state, booked_at)"
        " VALUES ($1, $2, $3, $4, $5, $4, 'booked', $6)",
        row["id"], row["case_id"], row["hall_id"], row["day"], row["at_time"], row["booked_at"],
    )  # fmt: skip


async def move(connection: Connection, key: UUID, day: date) -> None:
    """Let a booked visit take place on another day, at the same time of day."""
    await connection.execute("UPDATE appointments SET day = $2 WHERE id = $1", key, day)


_EXPECTED = """
SELECT a.id, a.day, c.number FROM appointments a JOIN cases c ON c.id = a.case_id
WHERE a.state = 'booked' AND c.received_at IS NULL AND c.closed_at IS NULL
  AND ($1::uuid IS NULL OR a.hall_id = $1) AND a.day >= $2 AND ($3::date IS NULL OR a.day <= $3) AND a.id > $4
ORDER BY a.id LIMIT $5
"""


async def expected(
    connection: Connection, hall: UUID | None, since: date, until: date | None, after: UUID, limit: int
) -> list[dict[str, Any]]:
    """A page of the booked visits that have not taken place: key, day and case number, in the order of the keys.

    :param hall: None for every hall. :param until: None for no last day.
    """
    return [dict(row) for row in await connection.fetch(_EXPECTED, hall, since, until, after, limit)]


async def count_expected(connection: Connection, hall: UUID, day: date) -> int:
    """How many visits are booked for a day in a hall and have not taken place."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM appointments a JOIN cases c ON c.id = a.case_id WHERE a.hall_id = $1 AND a.day = $2"
        " AND a.state = 'booked' AND c.received_at IS NULL AND c.closed_at IS NULL",
        hall,
        day,
    )
    return count


async def of_case(number: str) -> list[dict[str, Any]]:
    """Every visit that was booked for a case, oldest first."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT a.day, a.at_time, a.first_day, a.state, a.booked_at FROM appointments a"
            " JOIN cases c ON c.id = a.case_id WHERE c.number = $1 ORDER BY a.booked_at, a.id",
            number,
        )
    return [dict(row) for row in rows]
