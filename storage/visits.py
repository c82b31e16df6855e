"""On-site visits (上门服务): to applicants who cannot come, by two people."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Boolean, Bytea, Date, ForeignKey, Text, Time, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.parties import Party
from storage.people import Person


class Visit(Table, db=DB, tablename="visits"):
    """One visit: to whom, when (hall time), where (sealed), by which two people, and what was found.

    ``in_area``: the place is within the hall's fixed area. ``immobile``: the person cannot come. ``conscious``: the
    person was conscious when it took place; null before. ``state`` is ``booked``, ``done`` or ``cancelled``.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False, index=True)
    principal_id = ForeignKey(Party, null=False, index=True)
    principal = JSONB()
    day = Date()
    at_time = Time()
    place_sealed = Bytea()
    place_masked = Varchar(length=200)
    in_area = Boolean()
    immobile = Boolean()
    matter = Text()
    first_id = ForeignKey(Person, null=False)
    second_id = ForeignKey(Person, null=False)
    state = Varchar(length=10)
    booked_by = ForeignKey(Person, null=True)
    booked_at = Timestamptz()
    conscious = Boolean(null=True, default=None)
    outcome = Text(default="")
    recorded_by = ForeignKey(Person, null=True)
    recorded_at = Timestamptz(null=True, default=None)


_COLUMNS = (
    "id", "hall_id", "principal_id", "principal", "day", "at_time", "place_sealed", "place_masked", "in_area",
    "immobile", "matter", "first_id", "second_id", "state", "booked_by", "booked_at",
)  # fmt: skip


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new visit."""
    marks = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))
    await connection.execute(
        f"INSERT INTO visits ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608  # constants of this module
        *(row[name] for name in _COLUMNS),
    )


_READ = """
SELECT v.*, h.path AS hall_path, h.code AS hall, h.hours AS hall_hours, a.name AS first, b.name AS second
FROM visits v JOIN organisations h ON h.id = v.hall_id
JOIN people a ON a.id = v.first_id JOIN people b ON b.id = v.second_id
"""


async def lock(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """A visit with its hall and its people, locked until the transaction ends."""
    row = await connection.fetchrow(_READ + "WHERE v.id = $1 FOR UPDATE OF v", key)
    return dict(row) if row else None


async def read(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """The same without a lock."""
    row = await connection.fetchrow(_READ + "WHERE v.id = $1", key)
    return dict(row) if row else None


async def record(connection: Connection, row: dict[str, Any]) -> None:
    """Write what became of a visit."""
    await connection.execute(
        "UPDATE visits SET state = $2, conscious = $3, outcome = $4, recorded_by = $5, recorded_at = $6 WHERE id = $1",
        row["id"], row["state"], row["conscious"], row["outcome"], row["recorded_by"], row["recorded_at"],
    )  # fmt: skip


_PAGE = f"""
{_READ}
WHERE (v.first_id = $1 OR v.second_id = $1 OR v.hall_id = ANY($2::uuid[]))
  AND ($3::date IS NULL OR (v.day, v.id) > ($3, $4)) AND v.day >= $5
ORDER BY v.day, v.id LIMIT $6
"""


async def page(
    person: UUID, halls: list[UUID], since: date, after: tuple[date, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """A page of the visits of one person and of those of these halls, from a day on, the earliest first.

    :param after: ``day`` and ``id`` of the last row of the page before.
    """
    day, key = after or (None, None)
    async with reading() as connection:
        rows = await connection.fetch(_PAGE, person, halls, day, key, since, limit)
    return [dict(row) for row in rows]


async def done_at(connection: Connection, key: UUID) -> UUID | None:
    """The party at whose place a visit took place; None for one that has not."""
    found: UUID | None = await connection.fetchval(
        "SELECT principal_id FROM visits WHERE id = $1 AND state = 'done'", key
    )
    return found
