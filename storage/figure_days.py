"""Sums of figures day by day, so that a long period costs what its days cost and not what its cases cost.

They are kept for every basis whose rows are facts and belong to one day. A day of which a fact has changed is due: it
is summed anew later, and until then whoever reads it counts its facts. So what is read is always what the facts say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Array, BigInt, Date, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection
from storage.figure_relations import SOURCES
from storage.figure_sums import denominator_sql, numerator_sql
from workflows.figure import Basis, Measure
from workflows.figure_catalogue import EDITION, FIGURES


class FigureDay(Table, db=DB, tablename="figure_days"):
    """What the facts of one day add up to, for one hall, department and item; null where there is none.

    ``sums``: numerator and denominator of every measure of the basis, in the order of :data:`KEPT`.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    basis = Varchar(length=40, default="")
    day = Date()
    hall = UUIDColumn(null=True, default=None)
    department = Varchar(length=40, null=True, default=None)
    item = Varchar(length=50, null=True, default=None)
    sums = Array(base_column=BigInt(), default=list)


class FigureDayDue(Table, db=DB, tablename="figure_days_due"):
    """A day of which a fact has changed since it was summed."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    basis = Varchar(length=40, default="")
    day = Date()


class FigureDayEdition(Table, db=DB, tablename="figure_day_editions"):
    """The edition of the definitions that the sums are made by; one row at most."""

    edition = Varchar(length=64, primary_key=True)


class Kept(NamedTuple):
    """A basis whose sums are kept, with every measure there is of it."""

    basis: Basis
    measures: tuple[Measure, ...]


_ASKED: Final = re.compile(r"\b[kp]\.")
"""What depends on the moment or the period that is asked about; it is no sum of days."""
DIMENSIONS: Final = ("hall", "department", "item")
"""By what the sums are told apart, beside the day."""


def _is_kept(measure: Measure) -> bool:
    basis = measure.basis
    texts = (basis.counted, measure.of, measure.met, measure.of_amount, measure.met_amount)
    facts_only = basis.table in {"cases", "notices", "materials"}
    return facts_only and bool(basis.day) and not any(_ASKED.search(text) for text in texts)


def _kept() -> Mapping[str, Kept]:
    found: dict[str, Kept] = {}
    measures = dict.fromkeys(measure for figure in FIGURES.values() for measure in figure.measures)
    for measure in filter(_is_kept, measures):
        kept = found.get(measure.basis.name, Kept(measure.basis, ()))
        found[measure.basis.name] = kept._replace(measures=(*kept.measures, measure))
    return MappingProxyType(found)


KEPT: Final = _kept()
"""The bases whose sums are kept, by name."""
_TABLES: Final = ("case_facts", "notice_facts")


def _days_of(table: str) -> str:
    """The days of the facts of some cases, with the basis that puts a fact on its day."""
    mine = [kept.basis for kept in KEPT.values() if (kept.basis.table == "notices") is (table == "notice_facts")]
    days = ", ".join(f"('{basis.name}', {basis.day})" for basis in mine)
    return f"SELECT d.basis, d.day FROM {table} f CROSS JOIN LATERAL (VALUES {days}) AS d(basis, day)"  # noqa: S608  # definitions, constants


_DUE: Final = """
INSERT INTO figure_days_due (id, basis, day) SELECT uuidv7(), basis, day FROM ({days}) touched WHERE day IS NOT NULL
ON CONFLICT DO NOTHING
"""
_TOUCHED: Final = _DUE.format(days=" UNION ".join(f"{_days_of(table)} WHERE f.case_id = ANY($1)" for table in _TABLES))


async def mark_due(connection: Connection, cases: list[UUID]) -> None:
    """The days on which the facts of some cases fall are due; ask before they change and after."""
    await connection.execute(_TOUCHED, cases)


_BEGIN: Final = (
    "DELETE FROM figure_days",
    "DELETE FROM figure_days_due",
    "DELETE FROM figure_day_editions",
    _DUE.format(days=" UNION ".join(map(_days_of, _TABLES))),
)


async def begin(connection: Connection, *, anew: bool = False) -> None:
    """Every day is due, where the sums are not those of this edition of the definitions, or in any case (``anew``).

    Ask in the transaction that projects: facts may not change meanwhile.
    """
    held = "SELECT EXISTS (SELECT FROM figure_day_editions WHERE edition = $1)"
    if anew or not await connection.fetchval(held, EDITION):
        for statement in _BEGIN:
            await connection.execute(statement)
        await connection.execute("INSERT INTO figure_day_editions (edition) VALUES ($1)", EDITION)


def _summing(kept: Kept) -> str:
    basis, source = kept.basis, SOURCES[kept.basis.table]
    keys = ", ".join((basis.day, *(source.columns[name] for name in DIMENSIONS)))
    sums = ", ".join(sql for measure in kept.measures for sql in (numerator_sql(measure), denominator_sql(measure)))
    rows = source.rows.format(cases="case_facts", notices="notice_facts")
    return f"""
INSERT INTO figure_days (id, basis, day, hall, department, item, sums)
SELECT uuidv7(), '{basis.name}', {keys}, ARRAY[{sums}] FROM {rows}
WHERE {basis.counted} AND {basis.day} = ANY($1) GROUP BY {keys}
"""  # noqa: S608  # definitions, constants


_SUM: Final = {name: _summing(kept) for name, kept in KEPT.items()}


async def sum_due(connection: Connection, limit: int) -> int:
    """Sum some days that are due, the newest first; how many. Ask in the transaction that projects.

    :param limit: days at most, each of one basis.
    """
    rows = await connection.fetch(
        "DELETE FROM figure_days_due WHERE id IN (SELECT id FROM figure_days_due ORDER BY day DESC, basis LIMIT $1)"
        " RETURNING basis, day",
        limit,
    )
    for basis in sorted({row["basis"] for row in rows}):
        days = [row["day"] for row in rows if row["basis"] == basis]
        await connection.execute("DELETE FROM figure_days WHERE basis = $1 AND day = ANY($2)", basis, days)
        await connection.execute(_SUM[basis], days)
    return len(rows)
