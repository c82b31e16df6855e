"""Facts of cases per second, beside COPY out of the same events."""

from __future__ import annotations

import os
import time

import asyncpg
import uvloop

from engine.projecting import project, rebuild
from storage.db import close_pool, reading
from storage.embedded import with_database
from tests.bench.hall import Hall, connected_context
from tests.factories import bring
from workflows.events import CHAINED

CASES = int(os.environ.get("YICHUANG_BENCH_FACTS_CASES", "10000"))
ROUNDS = 3

_COPIES = """
INSERT INTO {table} ({names}) SELECT {values}
FROM generate_series(1, $2::int) AS n CROSS JOIN {table} x JOIN cases c ON c.id = x.{case} WHERE c.number = $1
"""
_KEY = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_OUT = ", ".join(f'"{name}"' for name in CHAINED if name != "case")


async def _fill(hall: Hall, number: str) -> int:
    """So many more cases with the trail of one that was delivered; how many events there are then."""
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    made = {
        "cases": {"id": _KEY, "number": "'facts-' || n", "query_code": "'facts-' || n"},
        "events": {"id": "uuidv7()", "case_id": _KEY},
    }
    for table, case in (("cases", "id"), ("events", "case_id")):
        listed = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
        )
        names = [row["column_name"] for row in listed]
        values = ", ".join(made[table].get(name, f'x."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        statement = _COPIES.format(table=table, names=quoted, values=values, case=case)
        await connection.execute(statement, number, CASES)
    await connection.execute("ANALYZE cases; ANALYZE events; CHECKPOINT")
    events = await connection.fetchval("SELECT count(*) FROM events")
    await connection.close()
    return int(events)


async def copied() -> float:
    """Seconds to read every event out by COPY, into nothing."""

    async def sink(_: bytes) -> None:
        return None

    begin = time.perf_counter()
    async with reading() as connection:
        await connection.copy_from_query(f"SELECT {_OUT} FROM events ORDER BY case_id, seq", output=sink)
    return time.perf_counter() - begin


async def _emptied(hall: Hall) -> None:
    """No facts are left, so that every round makes all of them."""
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    await connection.execute("TRUNCATE case_facts, notice_facts, figure_days, figure_days_due, figure_day_editions")
    await connection.close()


async def _rounds(hall: Hall) -> list[dict[str, float]]:
    context, _, _ = await connected_context(hall, 4)
    story = await bring(context, "DELIVERED")
    events = await _fill(hall, story.number)
    found = []
    for _ in range(ROUNDS):
        await _emptied(hall)
        out = await copied()
        begin = time.perf_counter()
        done = await rebuild(seconds=600)
        seconds = time.perf_counter() - begin
        assert done.whole
        assert done.cases > CASES, done
        found.append({"copied": events / out, "projected": events / seconds})
    assert (await project(seconds=1)).cases == 0
    await close_pool()
    return found


def fact_rounds(hall: Hall) -> list[dict[str, float]]:
    """Events a second that are copied out, and that become facts, round by round."""
    return uvloop.run(_rounds(hall))
