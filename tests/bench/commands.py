"""Acts per second: in process, over HTTP, and pgbench writing the same rows."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import asyncpg
import uvloop

from engine.operations import act
from engine.work import Command
from storage.db import close_pool
from storage.embedded import with_database
from storage.embedded.binaries import postgres_folder
from tests.bench.hall import CLIENTS, Hall, connected_context, received_cases, served
from workflows.events import Act

CASES = 1024
WARM_UP = 1.0
ESCALATE = {"reason": "经营场所不在本辖区。", "article": "行政许可法32(1)(2)"}
OVERRULE = {"reason": "属于本机关职权范围，应予受理。"}

_FLOOR = r"""
\set n random(1, {cases})
BEGIN;
SELECT c.*, (SELECT jsonb_agg(k.*) FROM clock_entries k WHERE k.case_id = c.id AND k.seq < 4) FROM bench_cases b
  JOIN cases c ON c.id = b.id WHERE b.n = :n FOR UPDATE OF c;
WITH moved AS (
  UPDATE cases SET state = 'ESCALATED', version = version + 1, head_seq = head_seq + 1, changed_at = now(),
    due_at = now()
  FROM bench_cases b WHERE cases.id = b.id AND b.n = :n
  RETURNING cases.id, cases.head_seq, cases.item_version
), told AS (
  INSERT INTO events (id, case_id, seq, name, at, actor_name, role, from_state, to_state, reason, data, item_version,
    flow, flow_version, clocks, algorithm, previous, digest)
  SELECT uuidv7(), id, head_seq, 'case_escalate', now(), '李明哲', 'clerk', 'RECEIVED', 'ESCALATED', 'bench',
    '{data}'::jsonb, item_version, 'PERMIT', 1, '{clocks}'::jsonb, 'sha256', '{digest}', '{digest}' FROM moved
), ledger AS (
  INSERT INTO clock_entries (id, case_id, seq, ordinal, kind, act, at, amount, unit, basis, by, note)
  SELECT uuidv7(), id, head_seq, 0, 'reply', 'start', now(), 1, 'working_days', '窗口无否决权', '综合窗口受理员', ''
  FROM moved
), indexed AS (
  INSERT INTO clocks (id, case_id, kind, running, suspended, started_at, due_on, due_at, provisional)
  SELECT uuidv7(), id, 'reply', true, false, now(), current_date, now(), false FROM moved
  ON CONFLICT (case_id, kind) DO UPDATE SET running = excluded.running, started_at = excluded.started_at,
    due_at = excluded.due_at
), work AS (
  INSERT INTO outbox (id, topic, case_id, data, state, attempts, created_at, due_at, error)
  SELECT uuidv7(), 'case.changed', id, '{{"case": "x", "seq": 1}}'::jsonb, 'waiting', 0, now(), now(), '' FROM moved
)
INSERT INTO idempotency_keys (id, actor, key, payload_digest, answer, created_at)
SELECT uuidv7(), id, gen_random_uuid()::text, '{digest}', '{answer}'::jsonb, now() FROM moved;
COMMIT;
"""


async def _in_process(hall: Hall, seconds: float) -> tuple[float, float]:
    context, clerk, officer = await connected_context(hall, CLIENTS)
    numbers, receipts = await received_cases(context, clerk, CASES)
    counted = time.perf_counter() + WARM_UP
    deadline = counted + seconds
    done = 0

    async def client(mine: list[str]) -> None:
        nonlocal done
        version = 2
        while True:
            for what, who, payload in ((Act.ESCALATE, clerk, ESCALATE), (Act.OVERRULE_ESCALATION, officer, OVERRULE)):
                for number in mine:
                    now = datetime.now(UTC)
                    await act(context, Command(who, number, what, payload, now, key=str(uuid4()), version=version))
                    done += time.perf_counter() > counted
                    if time.perf_counter() > deadline:
                        return
                version += 1

    await asyncio.gather(*(client(numbers[n::CLIENTS]) for n in range(CLIENTS)))
    rate = done / (time.perf_counter() - counted)
    await close_pool()
    return rate, receipts


def in_process(hall: Hall, seconds: float) -> tuple[float, float]:
    """Acts per second of 16 clients in one process, each one commit; and the same of acts with a numbered document."""
    return uvloop.run(_in_process(hall, seconds))


def floor(hall: Hall, seconds: float) -> float:
    """Transactions per second of pgbench, 16 clients, writing the rows that an act writes."""
    uvloop.run(_floor_cases(hall))
    known = {
        "cases": CASES,
        "data": json.dumps({"payload": ESCALATE}, ensure_ascii=False),
        "clocks": json.dumps({"notice": {"status": "running", "due_on": "2026-12-01", "provisional": False}}),
        "digest": "a" * 64,
        "answer": json.dumps({"case": "4601002611210000018", "act": "escalate", "state": "ESCALATED", "version": 3}),
    }
    url = urlsplit(hall.addresses.superuser_database_url)
    host = parse_qs(url.query).get("host", [url.hostname or ""])[0]
    environment = os.environ | {"PGPASSWORD": unquote(url.password or ""), "PGHOST": host, "PGUSER": url.username or ""}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_FLOOR.format(**known))
        script.flush()
        command = [str(postgres_folder() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
        done = subprocess.run(
            [*command, "-T", str(int(seconds)), "-f", script.name, "yichuang"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stderr[-600:]
    return float(found[1])


async def _floor_cases(hall: Hall) -> None:
    """Number the cases that pgbench is to write to."""
    context, clerk, _ = await connected_context(hall, CLIENTS)
    numbers, _ = await received_cases(context, clerk, CASES)
    await close_pool()
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    await connection.execute("DROP TABLE IF EXISTS bench_cases; CREATE TABLE bench_cases (n int PRIMARY KEY, id uuid)")
    await connection.execute(
        "INSERT INTO bench_cases SELECT row_number() OVER (), id FROM cases WHERE number = ANY($1)", numbers
    )
    await connection.close()


class _Http:
    """One keep-alive connection that speaks just enough HTTP to cost the machine little."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._reader: asyncio.StreamReader | None = None

    async def post(self, path: str, body: dict[str, Any], version: int) -> int:
        """Send one act; the status."""
        if self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        content = json.dumps(body, ensure_ascii=False).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._token}\r\n"
            f'If-Match: "{version}"\r\nIdempotency-Key: {uuid4()}\r\nContent-Type: application/json\r\n'
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length: ")[1].split(b"\r\n")[0])
        await self._reader.readexactly(length)
        return int(answer[9:12])


async def _over_http(hall: Hall, port: int, seconds: float) -> tuple[float, float, float]:
    context, clerk, _ = await connected_context(hall, CLIENTS)
    numbers, _ = await received_cases(context, clerk, CASES)
    await close_pool()
    waits: list[float] = []
    counted = time.perf_counter() + WARM_UP
    deadline = counted + seconds

    async def client(mine: list[str]) -> None:
        desks = (
            (_Http(port, hall.clerk), "escalate", ESCALATE),
            (_Http(port, hall.officer), "overrule_escalation", OVERRULE),
        )
        version = 2
        while True:
            for desk, what, payload in desks:
                for number in mine:
                    begin = time.perf_counter()
                    status = await desk.post(f"/api/v1/cases/{number}/actions/{what}", payload, version)
                    if begin > counted:
                        waits.append(time.perf_counter() - begin)
                    assert status in {200, 201}, status
                    if time.perf_counter() > deadline:
                        return
                version += 1

    await asyncio.gather(*(client(numbers[n::CLIENTS]) for n in range(CLIENTS)))
    rate = len(waits) / (time.perf_counter() - counted)
    waits.sort()
    return rate, waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000


def over_http(hall: Hall, seconds: float) -> tuple[float, float, float]:
    """Acts per second through one API process, 16 connections; median and 99th percentile in milliseconds."""
    with served(hall) as port:
        return uvloop.run(_over_http(hall, port, seconds))
