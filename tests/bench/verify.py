"""Events of the trail verified per second, beside hashing the same bytes and beside COPY out of the same rows."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop

from engine.auditing import Report, verify
from engine.checkpoints.spread_verifying import verify_spread
from storage import audit
from storage.db import close_pool, reading
from storage.embedded import with_database
from tests.bench.hall import Hall, connected_context, running_hall
from tests.factories import bring
from workflows import events

CASES = 10_000
ROUNDS = 3
_OUT = ", ".join(f'"{name}"' for name in events.CHAINED if name != "case")
_KEY = "00000000-0000-7000-8001-{:012x}"


def _copies(rows: list[dict[str, Any]], number: str) -> Iterator[dict[str, Any]]:
    """The trail of a case as that of another one, with a chain of its own."""
    previous = events.GENESIS.hex()
    for row in rows:
        copy = row | {"case": number, "previous": previous}
        previous = events.digest(copy).hex()
        yield copy | {"digest": previous}


async def _fill(hall: Hall, number: str) -> tuple[int, float]:
    """So many more cases with whole trails; how many events there are, and events a second that are only hashed."""
    rows = [row async for row in audit.every_of_case(number)]
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: b"\1" + msgspec.json.encode(value), decoder=bytes,
        format="binary",
    )  # fmt: skip
    names = [name for name in rows[0] if name != "case"]
    blobs: list[bytes] = []
    heads, records = [], []
    for n in range(CASES):
        trail = list(_copies(rows, f"verify-{n}"))
        blobs += [events.canonical(row) for row in trail]
        heads.append((UUID(_KEY.format(n)), f"verify-{n}", trail[-1]["digest"]))
        records += [(UUID(int=n << 16 | row["seq"]), heads[-1][0], *(row[name] for name in names)) for row in trail]
    begin = time.perf_counter()
    for blob in blobs:
        hashlib.sha256(blob).digest()
    hashed = len(blobs) / (time.perf_counter() - begin)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("CREATE TEMP TABLE made (id uuid, number text, head text)")
    await connection.copy_records_to_table("made", records=heads)
    columns = await connection.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'cases'")
    own = {"id": "m.id", "number": "m.number", "query_code": "m.number", "head_digest": "m.head"}
    listed = [row["column_name"] for row in columns]
    values = ", ".join(own.get(name, f'c."{name}"') for name in listed)
    quoted = ", ".join(f'"{name}"' for name in listed)
    await connection.execute(
        f"INSERT INTO cases ({quoted}) SELECT {values} FROM cases c, made m WHERE c.number = $1", number
    )
    await connection.copy_records_to_table("events", records=records, columns=["id", "case_id", *names])
    await connection.execute("ANALYZE cases; ANALYZE events; CHECKPOINT")
    await connection.close()
    return len(blobs), hashed


async def _copied() -> float:
    """Seconds to read what is hashed out by COPY, into nothing."""

    async def sink(_: bytes) -> None:
        return None

    begin = time.perf_counter()
    async with reading() as connection:
        await connection.copy_from_query(f"SELECT {_OUT} FROM events ORDER BY case_id, seq", output=sink)
    return time.perf_counter() - begin


async def _rounds(hall: Hall) -> list[dict[str, float]]:
    context, _, _ = await connected_context(hall, 4)
    story = await bring(context, "DELIVERED")
    count, hashed = await _fill(hall, story.number)
    found = []
    for _ in range(ROUNDS):
        told: dict[str, float] = {"hashed": hashed, "copied": count / await _copied()}
        for name, operation in (("verified", verify()), ("spread", verify_spread(context.settings, 2))):
            begin = time.perf_counter()
            report: Report = await operation
            told[name] = report.events / (time.perf_counter() - begin)
            assert report.whole, report.breaches[:1]
            assert report.events >= count
        found.append(told)
    await close_pool()
    return found


def verify_rounds() -> list[dict[str, float]]:
    """Events a second that are hashed, copied out, verified by one process and by two, round by round.

    In a hall of their own: other measurements copy trails without making their chains good.
    """
    with running_hall() as hall:
        return uvloop.run(_rounds(hall))
