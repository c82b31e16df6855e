"""The timer sweep: 1,000 things to be done among few running clocks and among very many."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvloop

from engine.context import Context
from engine.sweeping import sweep
from storage import clocks
from storage.db import close_pool
from storage.embedded import with_database
from tests.bench.hall import CLIENTS, Hall, connected_context, received_cases
from workflows.actor import Actor

DUE = 1008
FEW = 10_000
KINDS = ("statutory", "promise", "delivery", "correction", "tolerance", "handover", "stage", "reply")
LOOKS = 15
ROUNDS = 3

_CASES = """
INSERT INTO cases ({names})
SELECT {values} FROM generate_series($2::bigint, $3::bigint) AS n, (SELECT * FROM cases WHERE number = $1) AS c
"""
_CLOCKS = """
INSERT INTO clocks (id, case_id, kind, running, suspended, started_at, due_on, due_at, provisional, next_at)
SELECT uuidv7(), c.id, k.kind, true, false, now(), current_date + 900, now() + interval '900 days', false,
  now() + interval '800 days' + random() * interval '90 days'
FROM cases c CROSS JOIN unnest($1::text[]) AS k(kind) WHERE c.query_code LIKE 'bench-%'
ON CONFLICT (case_id, kind) DO NOTHING
"""


async def _fill(hall: Hall, template: str, running: int) -> None:
    """Running clocks that are not due for years, eight to a case, beside those that are there."""
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    have = await connection.fetchval("SELECT count(*) FROM clocks WHERE running")
    first = await connection.fetchval("SELECT count(*) FROM cases WHERE query_code LIKE 'bench-%'")
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'cases' ORDER BY ordinal_position"
    )
    made = {"id": "uuidv7()", "number": "'bench-' || n", "query_code": "'bench-' || n"}
    names = [row["column_name"] for row in rows]
    statement = _CASES.format(
        names=", ".join(f'"{name}"' for name in names),
        values=", ".join(made.get(name, f'c."{name}"') for name in names),
    )
    more = max(0, running - have) // len(KINDS)
    await connection.execute(statement, template, first + 1, first + more)
    await connection.execute(_CLOCKS, list(KINDS))
    await connection.execute("ANALYZE cases; ANALYZE clocks")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def _round(hall: Hall, context: Context, clerk: Actor, running: int) -> tuple[float, float]:
    """Seconds to find what is due, and to find it and carry it out."""
    numbers, _ = await received_cases(context, clerk, DUE)
    await _fill(hall, numbers[0], running)
    soon = max(
        row.next_at for row in await clocks.overdue(datetime(2100, 1, 1, tzinfo=UTC), clocks.FROM_THE_START, DUE)
    )
    now = soon.replace(second=1)
    looks = []
    for _ in range(LOOKS):
        begin = time.perf_counter()
        found = await clocks.overdue(now, clocks.FROM_THE_START, DUE + 1)
        looks.append(time.perf_counter() - begin)
        assert len(found) == DUE, len(found)
    begin = time.perf_counter()
    swept = await sweep(context, now, seconds=600)
    assert swept == (DUE, 0, True), swept
    return statistics.median(looks), time.perf_counter() - begin


async def _sizes(hall: Hall, many: int) -> dict[str, dict[str, float]]:
    context, clerk, _ = await connected_context(hall, CLIENTS)
    found: dict[str, Any] = {}
    for running in (FEW, many):
        rounds = [await _round(hall, context, clerk, running) for _ in range(ROUNDS)]
        find, whole = (statistics.median(one) for one in zip(*rounds, strict=True))
        found[f"{running:,}"] = {"find": find, "sweep": whole}
    await close_pool()
    return found


def sweeps(hall: Hall, many: int) -> dict[str, dict[str, float]]:
    """By the number of running clocks: seconds to find 1,008 that are due, and to carry them out as well."""
    return uvloop.run(_sizes(hall, many))
