"""The figures of a month for a hall manager: with ten times the history, and with ten times the cases of the month."""

from __future__ import annotations

import os
import statistics
import time
from datetime import UTC, date, datetime, timedelta

import asyncpg
import uvloop

from engine.context import Context
from engine.figures.asking import Asked
from engine.figures.day_summing import sum_days
from engine.figures.figuring import read_figures
from engine.projecting import project
from storage.db import close_pool
from storage.embedded import with_database
from tests.bench.hall import Hall, connected_context
from tests.factories import START, bring
from tests.people import actor
from workflows.figure_catalogue import FIGURES

CASES = int(os.environ.get("YICHUANG_BENCH_BOARD_CASES", "100000"))
"""How many cases there are in a year; the larger boards have ten times as many."""
TIMES = 5
YEAR, MONTH = 365, 30
OPEN = "n % {days} < 10 AND n % 2 = 0"
"""Half of the cases of the last ten days are still in progress."""
_ENDS = {f"{end}_{kind}" for end in ("closed", "decided", "delivered", "ready") for kind in ("at", "on")} | {
    "archived_at", "promise_in_time", "statutory_in_time",
}  # fmt: skip

_EMPTY = "TRUNCATE case_facts, notice_facts, figure_days, figure_days_due, figure_day_editions"
_COPIES = """
INSERT INTO {table} ({names}) SELECT {values} FROM generate_series(1, $1::int) AS n CROSS JOIN (
  SELECT * FROM kept_{table} ORDER BY case_id LIMIT 1) x
"""
_KEY = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_SPREAD = "(ARRAY[{}])[1 + n % {}]"


async def _fill(connection: asyncpg.Connection[asyncpg.Record], cases: int, days: int) -> None:
    """So many cases and notices, spread over so many days before the last one, over departments and items."""
    await connection.execute(f"{_EMPTY}; SET session_replication_role = replica")
    items = await connection.fetch(
        "SELECT DISTINCT ON (i.code) i.code, d.code AS department FROM item_versions i JOIN organisations d"
        " ON d.id = i.department_id WHERE i.version = 1 ORDER BY i.code LIMIT 30"
    )
    spread = {
        "case_id": _KEY,
        "id": "uuidv7()",
        "item": _SPREAD.format(", ".join(f"'{row['code']}'" for row in items), len(items)),
        "department": _SPREAD.format(", ".join(f"'{row['department']}'" for row in items), len(items)),
        "outcome": f"CASE WHEN {OPEN} THEN '' ELSE x.outcome END",
    }
    for table in ("case_facts", "notice_facts"):
        listed = await connection.fetch(
            "SELECT column_name AS name, data_type AS kind FROM information_schema.columns WHERE table_name = $1", table
        )
        values = [spread.get(row["name"]) or _value(row["name"], row["kind"]) for row in listed]
        names = ", ".join(f'"{row["name"]}"' for row in listed)
        text = _COPIES.format(table=table, names=names, values=", ".join(values)).replace("{days}", str(days))
        await connection.execute(text, cases, timeout=3600)
    await connection.execute("VACUUM ANALYZE case_facts, notice_facts", timeout=3600)
    await connection.execute("CHECKPOINT")


def _value(name: str, kind: str) -> str:
    value = f'x."{name}"'
    if kind == "date" or kind.startswith("timestamp"):
        value = f"({value} - (n % {{days}}) * interval '1 day')::{'date' if kind == 'date' else 'timestamptz'}"
    return f"CASE WHEN {OPEN} THEN NULL ELSE {value} END" if name in _ENDS else value


async def _kept(hall: Hall, context: Context) -> asyncpg.Connection[asyncpg.Record]:
    """A connection with the facts of one delivered case and one notice to copy."""
    await bring(context, "DELIVERED")
    await bring(context, "CORRECTION")
    await project(seconds=60, now=datetime.now(UTC))
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    for table in ("case_facts", "notice_facts"):
        where = "WHERE delivered_at IS NOT NULL" if table == "case_facts" else ""
        await connection.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} {where}")
    return connection


async def _board(context: Context, last: date) -> float:
    """Seconds for every figure of the month by department, the median of some rounds."""
    manager = await actor("hall_manager")
    asked = Asked(last - timedelta(days=MONTH - 1), last, by=("department",))
    found = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        answer = await read_figures(context, manager, list(FIGURES), asked)
        found.append(time.perf_counter() - begin)
    assert all(figure["total"]["numerator"] is not None for figure in answer["figures"] if figure["cells"])
    return statistics.median(found)


async def _rounds(hall: Hall) -> dict[str, dict[str, float]]:
    context, _, _ = await connected_context(hall, 4)
    connection = await _kept(hall, context)
    last = (await connection.fetchval("SELECT max(closed_on) FROM kept_case_facts")) or START.date()
    found = {}
    for cases, years in ((CASES, 1), (10 * CASES, 10), (10 * CASES, 1)):
        name, days = f"{cases:,} cases in {years} y", YEAR * years
        await _fill(connection, cases, days)
        counted = await _board(context, last)
        begin = time.perf_counter()
        assert await sum_days(seconds=3600)
        summed = time.perf_counter() - begin
        found[name] = {"cases": cases, "counted": counted, "board": await _board(context, last), "summing": summed}
    await connection.execute(_EMPTY)
    await connection.close()
    await close_pool()
    return found


def board_rounds(hall: Hall) -> dict[str, dict[str, float]]:
    """Seconds of the board of a month, counted from facts and read from sums of days, for each number of cases."""
    return uvloop.run(_rounds(hall))
