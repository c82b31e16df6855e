"""Figures read from the sums of days, and from the facts of those days that are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from storage.db import Connection
from storage.figure_days import DIMENSIONS, KEPT
from storage.figure_relations import SOURCES, Facts, Selection, Statement
from storage.figure_sums import denominator_sql, numerator_sql
from workflows.figure import Basis, Measure
from workflows.figure_catalogue import EDITION


async def days_due(connection: Connection, basis: Basis, since: date, until: date) -> list[date] | None:
    """Which days of a period are due; None where there are no sums of this basis and edition."""
    if basis.name not in KEPT:
        return None
    rows = await connection.fetch(
        "SELECT d.day FROM figure_day_editions e LEFT JOIN figure_days_due d ON d.basis = $2"
        " AND d.day BETWEEN $3 AND $4 WHERE e.edition = $1",
        EDITION, basis.name, since, until,
    )  # fmt: skip
    return [row["day"] for row in rows if row["day"] is not None] if rows else None


def serves(basis: Basis, asked: Selection) -> bool:
    """Whether the sums of a basis are told apart by what is asked for."""
    return basis.name in KEPT and {*asked.by, *(name for name, _ in asked.where)} <= set(DIMENSIONS)


async def sums(
    connection: Connection,
    facts: Facts,
    basis: Basis,
    measures: Sequence[Measure],
    asked: Selection,
    limit: int,
    due: list[date],
) -> list[tuple[Any, ...]]:
    """The same as :func:`storage.figure_sums.sums`, from the sums of days, and from the facts of those that are due.

    Only for the facts as they are kept, and where :func:`serves`. :param due: what :func:`days_due` says.
    """
    statement = Statement()
    width = len(asked.by) + bool(asked.time)
    parts = [_of_days(statement, basis, measures, asked, due)]
    if due:
        parts.append(_of_facts(statement, facts, basis, measures, asked, due))
    names = [f"k{n}" for n in range(width)]
    values = [f"coalesce(sum(v{n}), 0)::bigint" for n in range(2 * len(measures))]
    grouped = f" GROUP BY {', '.join(names)} LIMIT {statement.bind(limit, 'int')}" if names else ""
    text = f"SELECT {', '.join((*names, *values))} FROM ({' UNION ALL '.join(parts)}) u{grouped}"  # noqa: S608  # constants, parameters
    return [tuple(row) for row in await connection.fetch(text, *statement.args)]


def _columns(keys: Iterable[str], values: Iterable[str]) -> str:
    found = [f"{key} AS k{n}" for n, key in enumerate(keys)] + [f"{value} AS v{n}" for n, value in enumerate(values)]
    return ", ".join(found)


def _bucket(day: str, time: str) -> list[str]:
    if not time:
        return []
    return [day if time == "day" else f"date_trunc('{time}', ({day})::timestamp)::date"]


def _of_days(statement: Statement, basis: Basis, measures: Sequence[Measure], asked: Selection, due: list[date]) -> str:
    every = KEPT[basis.name].measures
    places = [2 * every.index(measure) + side for measure in measures for side in (1, 2)]
    columns = _columns(
        [*(f"d.{name}" for name in asked.by), *_bucket("d.day", asked.time)], [f"d.sums[{n}]" for n in places]
    )
    period = f"d.day BETWEEN {statement.bind(asked.since, 'date')} AND {statement.bind(asked.until, 'date')}"
    within = (
        f"(d.hall = ANY({statement.bind(list(asked.halls), 'uuid[]')})"
        f" OR d.department = ANY({statement.bind(list(asked.departments), 'text[]')}))"
    )
    found = [f"d.basis = {statement.bind(basis.name, 'text')}", period, within]
    found += [_filter(statement, name, value) for name, value in asked.where]
    found += [f"NOT d.day = ANY({statement.bind(due, 'date[]')})"] if due else []
    return f"SELECT {columns} FROM figure_days d WHERE {' AND '.join(found)}"  # noqa: S608  # constants, parameters


def _filter(statement: Statement, name: str, value: Any) -> str:
    if value is None:
        return f"d.{name} IS NULL"
    return f"d.{name} = {statement.bind(value, 'uuid' if name == 'hall' else 'text')}"


def _of_facts(
    statement: Statement,
    facts: Facts,
    basis: Basis,
    measures: Sequence[Measure],
    asked: Selection,
    due: list[date],
) -> str:
    known = SOURCES[basis.table].columns
    keys = [*(known[name] for name in asked.by), *_bucket(basis.day, asked.time)]
    values = [sql for measure in measures for sql in (numerator_sql(measure), denominator_sql(measure))]
    rows = f"{statement.rows(basis, facts, asked)} AND {basis.day} = ANY({statement.bind(due, 'date[]')})"
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {_columns(keys, values)} {rows}{grouped}"
