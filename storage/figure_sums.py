"""The sums that figures are made of, one statement for all figures of a basis; and the rows behind one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from storage.db import Connection
from storage.figure_relations import SOURCES, Facts, Selection, Statement
from workflows.figure import Basis, Measure

PARTS: Final = ("numerator", "denominator", "rest")
"""What of a figure rows may be behind; the rest is the denominator without the numerator."""


class Behind(NamedTuple):
    """After this row in a list of what is behind a figure: its key, and its place among rows of one key."""

    key: UUID
    place: int


FIRST: Final = Behind(UUID(int=0), -1)
"""Where the first page begins."""


def numerator_sql(measure: Measure) -> str:
    """The aggregate that sums what rows ``f`` add to the numerator."""
    return _sum(measure.met_amount, f"({measure.of}) AND ({measure.met})")


def denominator_sql(measure: Measure) -> str:
    """The aggregate that sums what rows ``f`` add to the denominator."""
    return _sum(measure.of_amount, measure.of)


def _sum(amount: str, condition: str) -> str:
    if amount == "1":
        return f"count(*) FILTER (WHERE {condition})"
    return f"coalesce(sum({amount}) FILTER (WHERE {condition}), 0)::bigint"


async def plan_anew(connection: Connection) -> None:
    """Let each statement of this transaction be planned for its own period, which decides what is quickest."""
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")


async def sums(
    connection: Connection, facts: Facts, basis: Basis, measures: Sequence[Measure], asked: Selection, limit: int
) -> list[tuple[Any, ...]]:
    """The sums of some measures of one basis, by the dimensions asked for.

    :returns: rows of the key of each dimension, that of time last, then numerator and denominator of each measure;
        ``limit`` rows at most. Without dimensions always one row.
    """
    statement = Statement()
    columns = SOURCES[basis.table].columns
    keys = [columns[name] for name in asked.by] + ([_bucket(basis, asked.time)] if asked.time else [])
    aggregates = [sql for measure in measures for sql in (numerator_sql(measure), denominator_sql(measure))]
    text = f"SELECT {', '.join((*keys, *aggregates))} {statement.rows(basis, facts, asked)}"
    if keys:
        text += f" GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))} LIMIT {statement.bind(limit, 'int')}"
    return [tuple(row) for row in await connection.fetch(text, *statement.args)]


def _bucket(basis: Basis, time: str) -> str:
    """The day that names the part of the period which a row lies in."""
    if not basis.day:
        return "p.begin"
    return basis.day if time == "day" else f"date_trunc('{time}', ({basis.day})::timestamp)::date"


async def behind(
    connection: Connection,
    facts: Facts,
    measures: Sequence[Measure],
    part: str,
    asked: Selection,
    after: Behind,
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the rows behind a part of a figure, by key, each with the ``amount`` that it adds to that part.

    :param part: one of :data:`PARTS`. :returns: ``key``, ``place``, ``case``, ``subject``, ``item``, ``department``,
        ``day`` (hall day that put it in the period), ``amount``; rows that add nothing are left out.
    """
    statement = Statement()
    found = " UNION ALL ".join(_rows(statement, facts, measure, part, asked) for measure in measures)
    place = f"({statement.bind(after.key, 'uuid')}, {statement.bind(after.place, 'int')})"
    text = (
        f"SELECT * FROM ({found}) r WHERE amount <> 0 AND (key, place) > {place}"  # noqa: S608  # constants, parameters
        f" ORDER BY key, place LIMIT {statement.bind(limit, 'int')}"
    )
    return [dict(row) for row in await connection.fetch(text, *statement.args)]


def _rows(statement: Statement, facts: Facts, measure: Measure, part: str, asked: Selection) -> str:
    source, basis = SOURCES[measure.basis.table], measure.basis
    met = f"CASE WHEN ({measure.of}) AND ({measure.met}) THEN {measure.met_amount} ELSE 0 END"
    whole = f"CASE WHEN {measure.of} THEN {measure.of_amount} ELSE 0 END"
    amount = {"numerator": met, "denominator": whole, "rest": f"({whole}) - ({met})"}[part]
    return (
        f'SELECT {source.key} AS key, {source.place} AS place, {source.case} AS "case", {source.subject} AS subject,'
        f" {source.item} AS item, {source.department} AS department, {basis.day or 'p.last'} AS day,"
        f" ({amount})::bigint AS amount {statement.rows(basis, facts, asked)}"
    )
