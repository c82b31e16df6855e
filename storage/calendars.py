"""The published working-day calendar: yearly editions and their exceptional days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading, uuid7
from workflows.calendar import Holiday, YearEdition


class CalendarEdition(Table, db=DB, tablename="calendar_editions"):
    """One year as a notice published it; the highest version of a year is in force."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    year = Integer()
    version = Integer()
    source = Text()
    published_on = Date()
    loaded_at = Timestamptz()


class CalendarDay(Table, db=DB, tablename="calendar_days"):
    """A day that is not what its weekday says: ``off`` on a weekday, ``work`` on a weekend."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    edition_id = ForeignKey(CalendarEdition, null=False)
    day = Date()
    kind = Varchar(length=4)
    name = Varchar(length=40)
    name_en = Varchar(length=60)


_IN_FORCE = """
SELECT e.year, e.version, e.source, e.published_on, d.day, d.kind, d.name, d.name_en
FROM (SELECT DISTINCT ON (year) * FROM calendar_editions ORDER BY year, version DESC) e
JOIN calendar_days d ON d.edition_id = e.id ORDER BY e.year, d.day
"""


async def in_force() -> list[YearEdition]:
    """The edition in force of every year, oldest year first."""
    async with reading() as connection:
        rows = await connection.fetch(_IN_FORCE)
    days: dict[tuple[int, int, str, date], dict[tuple[str, str], dict[str, list[date]]]] = {}
    for row in rows:
        year = days.setdefault((row["year"], row["version"], row["source"], row["published_on"]), {})
        holiday = year.setdefault((row["name"], row["name_en"]), {"off": [], "work": []})
        holiday[row["kind"]].append(row["day"])
    return [
        YearEdition(
            year=year,
            version=version,
            source=source,
            published_on=published_on,
            holiday=tuple(
                Holiday(name=name, name_en=name_en, off=tuple(found["off"]), work=tuple(found["work"]))
                for (name, name_en), found in holidays.items()
            ),
        )
        for (year, version, source, published_on), holidays in days.items()
    ]


async def stamp() -> int:
    """How many editions were imported so far; another number means another calendar."""
    async with reading() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM calendar_editions")
    return count


_OF_YEARS = """
SELECT DISTINCT ON (year) year, version, source, published_on FROM calendar_editions
WHERE year BETWEEN $1 AND $2 AND ($3::timestamptz IS NULL OR loaded_at <= $3) ORDER BY year, version DESC
"""


async def editions_of(
    connection: Connection, first: int, last: int, moment: datetime | None = None
) -> list[dict[str, Any]]:
    """The editions of some years without their days: those in force, or at a moment (UTC).

    :param first: year. :param last: year, included.
    """
    return [dict(row) for row in await connection.fetch(_OF_YEARS, first, last, moment)]


_EDITIONS = """
SELECT e.year, e.version, e.source, e.published_on, e.loaded_at,
  e.version = max(e.version) OVER (PARTITION BY e.year) AS in_force
FROM calendar_editions e ORDER BY e.year DESC, e.version DESC
"""


async def editions() -> list[dict[str, Any]]:
    """Every edition without its days, the newest first; whether it is the one in force of its year."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_EDITIONS)]


_DAYS = """
SELECT d.day, d.kind, d.name, d.name_en FROM calendar_days d JOIN calendar_editions e ON e.id = d.edition_id
WHERE e.year = $1 AND e.version = $2 ORDER BY d.day
"""


async def days_of(year: int, version: int) -> list[dict[str, Any]]:
    """The exceptional days of one edition."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_DAYS, year, version)]


async def hold(connection: Connection) -> None:
    """Let nobody else import a year until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('calendar_editions', 0))")


async def add(connection: Connection, edition: YearEdition, now: datetime) -> UUID | None:
    """Keep an edition; its key, or None when that version of the year is there already."""
    key = uuid7()
    done = await connection.fetchval(
        "INSERT INTO calendar_editions (id, year, version, source, published_on, loaded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (year, version) DO NOTHING RETURNING id",
        key, edition.year, edition.version, edition.source, edition.published_on, now,
    )  # fmt: skip
    if done is None:
        return None
    days = [(h, day, "off") for h in edition.holiday for day in h.off] + [
        (h, day, "work") for h in edition.holiday for day in h.work
    ]
    await connection.executemany(
        "INSERT INTO calendar_days (id, edition_id, day, kind, name, name_en) VALUES (uuidv7(), $1, $2, $3, $4, $5)",
        [(key, day, kind, h.name, h.name_en) for h, day, kind in days],
    )
    return key
