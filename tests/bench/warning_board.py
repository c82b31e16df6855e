"""The warning board among many open cases, beside one bare pass over the rows that it counts."""

from __future__ import annotations

import os
import statistics
import time
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import uvloop

from engine.compliance.warning_board import list_warned, read_board
from engine.context import Context
from storage.db import close_pool
from storage.embedded import with_database
from tests.bench.hall import Hall, connected_context
from tests.factories import bring
from tests.people import actor
from workflows.actor import Actor
from workflows.light import Light

SIZES: Final = (10_000, int(os.environ.get("WARNED_CASES", "100000")))
"""Open cases; for each of them there are two that are closed."""
LOOKS: Final = 15
_FILL: Final = """
WITH d AS MATERIALIZED (SELECT array_agg(id) AS ids FROM organisations WHERE kind = 'department'),
  p AS MATERIALIZED (SELECT array_agg(id) AS ids FROM people)
INSERT INTO cases ({names})
SELECT {values} FROM (SELECT n, now() + (random() * 28 - 3) * interval '1 day' AS due
  FROM generate_series($2::int, $3::int) AS n) x CROSS JOIN d CROSS JOIN p CROSS JOIN cases c WHERE c.number = $1
"""
_MADE: Final = {
    "id": "uuidv7()",
    "number": "'warned-' || n",
    "query_code": "'warned-' || n",
    "due_at": "CASE WHEN n % 3 = 0 THEN due END",
    "red_at": "CASE WHEN n % 3 = 0 THEN due END",
    "yellow_at": "CASE WHEN n % 3 = 0 THEN due - interval '34 hours' END",
    "amber_at": "CASE WHEN n % 3 = 0 THEN due - interval '4 days' END",
    "closed_at": "CASE WHEN n % 3 <> 0 THEN now() END",
    "department_id": "d.ids[1 + n % cardinality(d.ids)]",
    "handler_id": "p.ids[1 + n % cardinality(p.ids)]",
}
"""A third of the cases is open; limits end from three days ago to twenty-five days ahead."""


async def _fill(connection: Any, number: str, first: int, last: int) -> None:
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'cases' AND table_schema = 'public'"
    )
    names = [row["column_name"] for row in rows]
    values = ", ".join(_MADE.get(name, f'c."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    await connection.execute(_FILL.format(names=quoted, values=values), number, first, last)
    await connection.execute("VACUUM ANALYZE cases")


async def _looks(context: Context, who: Actor, connection: Any, now: datetime) -> dict[str, float]:
    """Median seconds of the board, of the list behind its largest number, and of one pass over the rows."""
    found: dict[str, list[float]] = {"board": [], "list": [], "pass": []}
    for _ in range(LOOKS):
        begin = time.perf_counter()
        await read_board(context, who, now)
        found["board"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        await list_warned(context, who, now, level=Light.red)
        found["list"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        await connection.fetch(
            "SELECT department_id, handler_id, count(*), max(red_at), max(yellow_at) FROM cases"
            " WHERE amber_at < now() + interval '3 days' AND state <> 'NEW' GROUP BY 1, 2"
        )
        found["pass"].append(time.perf_counter() - begin)
    return {name: statistics.median(times) for name, times in found.items()}


async def _sizes(hall: Hall) -> dict[str, dict[str, float]]:
    context, _, _ = await connected_context(hall, 4)
    now = datetime.now(UTC)
    story, supervisor = await bring(context, "REVIEW"), await actor("supervisor")
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    found, filled = {}, 0
    for size in SIZES:
        await _fill(connection, story.number, filled + 1, size * 3)
        filled = size * 3
        found[f"{size:,}"] = await _looks(context, supervisor, connection, now)
    await connection.close()
    await close_pool()
    return found


def warning_rounds(hall: Hall) -> dict[str, dict[str, float]]:
    """By the number of open cases: seconds of the board, of a list behind it, and of a bare pass over the rows."""
    return uvloop.run(_sizes(hall))
