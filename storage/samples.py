"""Samples that auditors drew: who, when, with which seed, from which population. Never changed, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, Array, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.people import Person

LARGEST_POPULATION: Final = 200_000
"""How many cases a sample is drawn from at most."""


class Sample(Table, db=DB, tablename="samples"):
    """One sample. ``population`` is its text (see :func:`workflows.sampling.canonical`), compressed with zlib.

    ``halls`` says whose cases they are, ``criteria`` how the population was chosen, ``weights`` what each risk counted
    then, ``drawn`` the cases with weight, stratum and risks, in the order in which they were drawn.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    halls = Array(base_column=UUIDColumn())
    drawn_by = ForeignKey(Person, null=False)
    drawn_at = Timestamptz()
    purpose = Text()
    seed = Varchar(length=100)
    method = Varchar(length=12)
    strata = Varchar(length=12, default="")
    allocation = Varchar(length=12, default="")
    algorithm = Integer()
    size = Integer()
    criteria = JSONB()
    weights = JSONB()
    population_size = Integer()
    population_digest = Varchar(length=64)
    population = Bytea()
    drawn = JSONB()


_ADD: Final = """
INSERT INTO samples (id, halls, drawn_by, drawn_at, purpose, seed, method, strata, allocation, algorithm, size,
  criteria, weights, population_size, population_digest, population, drawn)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""


async def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a sample. :param row: every column."""
    await connection.execute(
        _ADD, row["id"], row["halls"], row["drawn_by"], row["drawn_at"], row["purpose"], row["seed"], row["method"],
        row["strata"], row["allocation"], row["algorithm"], row["size"], row["criteria"], row["weights"],
        row["population_size"], row["population_digest"], row["population"], row["drawn"],
    )  # fmt: skip


_SHOWN: Final = (
    "s.id, s.drawn_at, s.purpose, s.seed, s.method, s.strata, s.allocation, s.algorithm, s.size, s.criteria, s.weights,"
    " s.population_size, s.population_digest, p.name AS drawn_by_name"
)


async def page(halls: list[UUID], before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the samples from no other halls than these, the newest first, without their cases."""
    async with reading() as connection:
        rows = await connection.fetch(
            f"SELECT {_SHOWN} FROM samples s JOIN people p ON p.id = s.drawn_by"  # noqa: S608  # a constant
            " WHERE s.halls <@ $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3",
            halls,
            before,
            limit,
        )
    return [dict(row) for row in rows]


async def read(key: UUID, halls: list[UUID]) -> dict[str, Any] | None:
    """One sample with its cases and its population, if it is from no other halls than these."""
    async with reading() as connection:
        row = await connection.fetchrow(
            f"SELECT {_SHOWN}, s.drawn, s.population FROM samples s JOIN people p ON p.id = s.drawn_by"  # noqa: S608  # idem
            " WHERE s.id = $1 AND s.halls <@ $2",
            key,
            halls,
        )
    return dict(row) if row else None


_POPULATION: Final = """
SELECT f.number, f.item, f.department, h.code AS hall, f.statutory_in_time, f.promise_in_time, f.cards_red,
  f.notice_in_time, f.notices, f.lines_offending, f.deemed_at, f.reassignments, f.specials, f.extensions, f.tolerated,
  f.promised, f.outcome, f.rating,
  EXISTS (SELECT FROM events e JOIN LATERAL (
    SELECT s.at FROM events s WHERE s.case_id = e.case_id AND s.seq < e.seq AND s.name = 'case:submit_review'
    ORDER BY s.seq DESC LIMIT 1) handed_up ON e.at - handed_up.at < $7
    WHERE e.case_id = f.case_id AND e.name = ANY($8)) AS same_minute
FROM case_facts f JOIN organisations h ON h.id = f.hall
WHERE f.hall = ANY($1) AND f.{dated}_on BETWEEN $2 AND $3
  AND ($4::text IS NULL OR f.item = $4) AND ($5::text[] IS NULL OR f.department = ANY($5))
ORDER BY f.number LIMIT $6
"""
DATED: Final = ("opened", "accepted", "decided", "closed")
"""By which of their days cases are chosen."""


async def population(halls: list[UUID], dated: str, criteria: tuple[Any, ...]) -> list[Any]:
    """Every case of these halls with the day ``dated`` in a period, by number, and what its risks are found from.

    :param dated: one of :data:`DATED`.
    :param criteria: first and last day, item and departments (codes) or None, limit of rows, how soon after the review
        a decision is suspicious, names of the events that decide.
    """
    if dated not in DATED:
        raise ValueError(dated)
    async with reading() as connection:
        rows: list[Any] = await connection.fetch(_POPULATION.format(dated=dated), halls, *criteria)
    return rows
