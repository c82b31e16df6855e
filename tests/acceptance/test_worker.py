"""Uploads judged end to end: outbox, relay, Redis, a Celery worker in a process of its own, object store."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from api.cli.machine import environment_of
from engine.auditing import verify
from engine.context import Context
from engine.settings import Settings
from engine.worker import configure, sweep_cases
from storage import scans
from storage.db import reading
from storage.embedded import Child, Supervisor
from storage.scan_verdicts import GOOD
from tests.engine.test_evidence import incoming, upload
from tests.factories import FOOD, bring, complete, open_story
from tests.storage import hostile_files as hostile
from tests.storage.hostile_files import coded, launches_a_program, pdf, picture
from workflows.events import Act


def poison() -> dict[str, tuple[bytes, str]]:
    """Files that take all the time, memory or pixels that they can get, and their verdicts."""
    heavy = coded(Image.new("RGB", (9900, 9900)), "TIFF", compression="tiff_lzw")
    return {
        "loops.pdf": (pdf(hostile.draws_without_end), "processing_limit"),
        "wide.png": (hostile.bilevel_png(35_000, 35_000), "page_too_large"),
        "unpacks.pdf": (pdf(hostile.unpacks_without_end), "decompression_bomb"),
        "circle.pdf": (pdf(hostile.runs_in_a_circle), "pdf_loop"),
        "script.pdf": (pdf(hostile.runs_a_script_from_a_link), "pdf_script"),
        "heavy.tif": (heavy[:-9000], "file_broken"),
    }


def test_a_turn_waits_behind_other_work_and_is_not_dropped_at_once(settings: Settings) -> None:
    """One queue for everything: what expires before its turn comes would leave the facts as they were for hours."""
    for name, entry in configure(settings).conf.beat_schedule.items():
        wait = entry.get("options", {}).get("expires", float("inf"))
        assert wait >= max(300, 3 * entry["schedule"]), name
    assert isinstance(sweep_cases.expires, float)
    assert sweep_cases.expires >= 300


@contextmanager
def at_work(settings: Settings, tmp_path: Path, *names: str) -> Iterator[Supervisor]:
    """The relay, a worker or the timer as `yichuang up` runs them; they end with this process, however it ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("YICHUANG_")}
    environment = clean | environment_of(settings) | {"YICHUANG_WORKER_PROCESSES": "1", "PYTHONUNBUFFERED": "1"}
    program = (sys.executable, "-m", "api.cli")
    root = Path(__file__).parents[2]
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(*(Child(name, (*program, name), environment, root) for name in names))
        yield supervisor


@pytest.fixture
def working(settings: Settings, tmp_path: Path) -> Iterator[Supervisor]:
    """The relay and a worker."""
    with at_work(settings, tmp_path, "worker", "relay") as supervisor:
        yield supervisor


async def until_settled(seconds: float = 45) -> list[dict[str, Any]]:
    """Until every row of the outbox is done or dead."""
    async with asyncio.timeout(seconds), reading() as connection:
        while True:
            rows = await connection.fetch("SELECT topic, state, error FROM outbox ORDER BY id")
            if {row["state"] for row in rows} <= {"done", "dead"}:
                return [dict(row) for row in rows]
            await connection.execute("SELECT pg_sleep(0.1)")


async def test_uploads_become_evidence_or_are_refused_by_a_real_worker(context: Context, working: Supervisor) -> None:
    context.objects.ensure_buckets()
    story = await open_story(context, at=datetime.now(UTC) - timedelta(hours=3))
    good, bad = coded(picture(), "JPEG"), pdf(launches_a_program)
    for line in ("M01", "M03", "M04", "M05"):
        await upload(story, "clerk", line, good, "a.jpg")
    await upload(story, "clerk", "M05", bad, "b.pdf")
    await story.go("clerk", Act.RECEIVE, materials=complete(FOOD))
    assert {row["state"] for row in await until_settled()} == {"done"}
    judged = await scans.of_case(story.number)
    assert [(row["line"], row["state"]) for row in judged] == [
        ("M01", "stored"),
        ("M03", "stored"),
        ("M04", "stored"),
        ("M05", "stored"),
        ("M05", "refused"),
    ]
    assert incoming(context) == []
    for row in await evidence_rows():
        locked = context.objects.retained_until(row["object_key"], row["object_version"])
        assert locked == row["retain_until"].replace(microsecond=locked.microsecond if locked else 0)
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"
    await until_settled()
    assert (await verify()).whole
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM alarms") == 0
    assert set(working.pids) == {"worker", "relay"}


async def test_poisonous_files_cost_themselves_only(context: Context, working: Supervisor) -> None:
    context.objects.ensure_buckets()
    story, files = await open_story(context, at=datetime.now(UTC) - timedelta(hours=3)), poison()
    files["good.jpg"] = (coded(picture(), "JPEG"), "ok")
    files["invoice.ofd"] = (hostile.ofd(), "ok_without_preview")
    before = dict(working.pids)
    sent = []
    for line in ("M01", "M03"):
        for name, (data, verdict) in files.items():
            if name != "loops.pdf" or line == "M01":  # one that takes all of its time is enough to wait for
                await upload(story, "clerk", line, data, name)
                sent.append((line, name, verdict, "stored" if verdict in GOOD else "refused"))
    processes = set(psutil.Process(before["worker"]).children())
    assert {row["state"] for row in await until_settled(90)} == {"done"}
    judged = [
        (row["line"], row["file_name"], row["verdict"], row["state"]) for row in await scans.of_case(story.number)
    ]
    assert sorted(judged) == sorted(sent)
    assert incoming(context) == []
    assert dict(working.pids) == before
    assert processes <= set(psutil.Process(before["worker"]).children()), "a worker process was lost"


async def test_a_worker_that_starts_sees_to_what_came_due_while_it_was_away(
    context: Context, settings: Settings, tmp_path: Path
) -> None:
    """Without waiting for the timer."""
    story = await bring(context, "RECEIVED")
    with at_work(settings, tmp_path, "worker"):
        async with asyncio.timeout(45), reading() as connection:
            while (await story.row())["state"] == "RECEIVED":
                await connection.execute("SELECT pg_sleep(0.1)")
    assert (await story.row())["flags"] == ["deemed"]
    assert "notice_missed" in {row["rule"] for row in await story.rows("cards")}


async def evidence_rows() -> list[dict[str, Any]]:
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch("SELECT * FROM scans WHERE state = 'stored'")]
