"""Evidence is read again: what was altered, lost or unlocked behind our back is found, and found to be whole again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from engine.context import Context
from engine.evidence import judge_scan, receive_scan
from engine.health import watch
from engine.jobs import run_row
from engine.keeping.collecting import UNCLAIMED, collect_evidence, collect_views
from engine.keeping.redrawing import REDRAW, redraw
from engine.keeping.scrubbing import scrub
from engine.viewing.evidence_reading import read_page
from storage import alarms, scans, views
from storage.db import reading, uuid7
from storage.objects import ObjectStore
from storage.objects_client import connect
from storage.scan_files import UploadSink
from tests.conftest import Servers
from tests.databases import Database
from tests.engine.store_tampering import Volumes
from tests.factories import Story, open_story
from tests.people import actor
from tests.storage.hostile_files import coded, picture
from workflows.errors import Conflict, Unavailable

MUCH = 2**40
LONG = 600.0


@pytest.fixture(autouse=True)
def buckets(context: Context) -> None:
    """The three buckets of this test."""
    context.objects.ensure_buckets()


def later() -> datetime:
    return datetime.now(UTC)


def drawing(number: int) -> bytes:
    """A page that no other looks like."""
    return coded(picture(300 + number, 400), "JPEG")


async def stored(story: Story, content: bytes, line: str = "M01") -> dict[str, Any]:
    """A scan of the line, judged and locked away."""
    settings = story.context.settings
    with UploadSink(Path(gettempdir()), algorithm=settings.digest_algorithm) as sink:
        sink.feed(content)
        received = sink.finish("image/jpeg", "a.jpg")
        answer = await receive_scan(story.context, await actor("clerk"), story.number, line, received, story.now)
    await judge_scan(story.context, UUID(answer["scan"]), later)
    return (await scans.with_cases(UUID(answer["scan"])))[0]


async def all_of_it(context: Context) -> dict[str, int]:
    """Read everything again; what was broken, by result."""
    done = await scrub(context, later, portion=MUCH, seconds=LONG)
    return done.broken


async def open_alarms() -> dict[str, dict[str, Any]]:
    """What every open alarm says, by its code and subject."""
    return {f"{row['code']} {row['subject']}": row["detail"] for row in await alarms.standing(UUID(int=0), 100)}


async def test_what_happens_to_evidence_behind_our_back_is_found(
    context: Context, servers: Servers, database: Database
) -> None:
    story = await open_story(context)
    pages = [drawing(number) for number in range(5)]
    rows = [await stored(story, page) for page in pages]
    assert await all_of_it(context) == {}
    assert await open_alarms() == {}

    volumes = Volumes(servers.data, context.objects.evidence)
    swapped = pages[0][:-40] + bytes(38) + pages[0][-2:]
    volumes.overwrite(pages[0], swapped, checksum=True)
    volumes.overwrite(pages[1], bytes(len(pages[1])), checksum=False)
    unlocked = unlocked_copy(context, pages[2])
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("UPDATE scans SET object_key = 'copy', object_version = $2 WHERE id = $1",
                             rows[2]["id"], unlocked)  # fmt: skip
    await connection.execute("UPDATE scans SET object_version = $2 WHERE id = $1", rows[3]["id"], "0" * 32)
    await connection.close()

    assert await all_of_it(context) == {"altered": 1, "unreadable": 1, "unlocked": 1, "missing": 1}
    found = await open_alarms()
    wanted = zip(("altered", "unreadable", "unlocked", "missing"), rows, strict=False)
    assert set(found) == {f"evidence_{result} {row['id']}" for result, row in wanted}
    told = found[f"evidence_altered {rows[0]['id']}"]
    assert (told["case"], told["scan"]) == (story.number, str(rows[0]["id"]))
    assert told["expected"]["digest"] == rows[0]["digest"] != told["found"]["digest"]
    state = await watch()
    assert state.broken == {"altered": 1, "unreadable": 1, "unlocked": 1, "missing": 1}
    assert state.alarms["evidence_missing"] == 1
    with pytest.raises(Conflict) as refusal:
        await redraw(context, rows[0]["id"])
    assert refusal.value.code == "digest_mismatch"

    volumes.overwrite(swapped, pages[0], checksum=True)
    volumes.overwrite(bytes(len(pages[1])), pages[1], checksum=False)
    assert await all_of_it(context) == {"unlocked": 1, "missing": 1}
    assert len(await open_alarms()) == 2


def unlocked_copy(context: Context, content: bytes) -> str:
    """The same bytes in the evidence bucket, but without a lock; the version."""
    client = connect(context.settings.objects_url.get_secret_value())
    return str(client.put_object(context.objects.evidence, "copy", BytesIO(content), len(content)).version_id)


async def test_a_run_is_bounded_and_takes_what_was_read_longest_ago(context: Context) -> None:
    story = await open_story(context)
    rows = [await stored(story, drawing(number)) for number in range(3)]
    for _ in rows:
        assert (await scrub(context, later, portion=1, seconds=LONG)).objects == 1
    order = [row["id"] for row in await checked()]
    assert set(order) == {row["id"] for row in rows}
    assert (await scrub(context, later, portion=1, seconds=LONG)).objects == 1
    assert [row["id"] for row in await checked()] == [*order[1:], order[0]]
    assert (await scrub(context, later, portion=MUCH, seconds=0)).objects == 1
    began = later()
    assert (await scrub(context, later, portion=MUCH, seconds=LONG)).objects == 3
    assert (await scrub(context, later, portion=MUCH, seconds=LONG, before=began)).objects == 0


async def checked() -> list[Any]:
    async with reading() as connection:
        return list(await connection.fetch("SELECT * FROM scrubs ORDER BY checked_at"))


async def test_a_store_that_does_not_answer_says_nothing_about_the_evidence(context: Context) -> None:
    story = await open_story(context)
    await stored(story, drawing(1))
    context.objects = ObjectStore("http://key:secret@127.0.0.1:1")
    with pytest.raises(Unavailable):
        await scrub(context, later, portion=MUCH, seconds=LONG)
    assert await checked() == []
    assert await open_alarms() == {}


async def test_evidence_under_sm3_is_judged_and_read_again_under_sm3(context: Context) -> None:
    context.settings = context.settings.model_copy(update={"digest_algorithm": "sm3"})
    story = await open_story(context)
    row = await stored(story, drawing(1))
    assert (row["state"], row["digest_algorithm"]) == ("stored", "sm3")
    kept = context.objects.stat_evidence(row["object_key"], row["object_version"])
    assert (kept.sm3, kept.sha256) == (row["digest"], None)
    assert await all_of_it(context) == {}
    assert await redraw(context, row["id"]) == 1


async def test_lost_pictures_are_drawn_again_the_same(context: Context) -> None:
    story = await open_story(context)
    row = await stored(story, drawing(1), "M03")
    clerk = await actor("clerk")
    before = {size: await read_page(context, clerk, row["id"], 1, size=size, now=later()) for size in SIZES}
    known = await views.of_scan(row["id"])
    context.objects.drop_views(f"{row['id']}/")
    for size in SIZES:
        with pytest.raises(Unavailable) as refusal:
            await read_page(context, clerk, row["id"], 1, size=size, now=later())
        assert refusal.value.code == "page_redrawn"
    async with reading() as connection:
        keys = [one["id"] for one in await connection.fetch("SELECT id FROM outbox WHERE topic = $1", REDRAW)]
    assert len(keys) == 1
    assert await run_row(context, keys[0], later)
    assert {size: await read_page(context, clerk, row["id"], 1, size=size, now=later()) for size in SIZES} == before
    assert await views.of_scan(row["id"]) == known
    assert await views.stored(UUID(int=0), 10, story.number) == [row["id"]]
    assert await views.stored(row["id"], 10) == []


SIZES: tuple[Any, ...] = ("page", "screen", "thumbnail")


async def test_what_nobody_names_goes_or_is_reported(
    context: Context, tmp_path: Path, days_later: Callable[[], datetime]
) -> None:
    story = await open_story(context)
    row = await stored(story, drawing(1))
    context.objects.put_view(f"{uuid7()}/1", b"left behind", "image/jpeg")
    context.objects.put_view("dossier/of-somebody-else", b"not ours to judge", "application/pdf")
    orphan, loose = f"{story.number}/{uuid7()}", f"{story.number}/{uuid7()}"
    (tmp_path / "orphan").write_bytes(drawing(2))
    context.objects.put_incoming("o", tmp_path / "orphan")
    digest = context.objects.fetch_incoming("o", tmp_path / "again")
    context.objects.promote("o", orphan, digest=digest, retain_until=later() + timedelta(days=900))
    client = connect(context.settings.objects_url.get_secret_value())
    client.put_object(context.objects.evidence, loose, BytesIO(b"never locked"), 12)
    assert await collect_views(context, later()) == 0
    assert await collect_evidence(context, later()) == 0
    views_gone = [await collect_views(context, days_later(), 2) for _ in range(4)]
    assert sum(views_gone) == 1
    found = [await collect_evidence(context, days_later(), 2) for _ in range(3)]
    assert sum(found) >= 2
    assert [key for key in await open_alarms() if key.startswith(UNCLAIMED)] == [f"{UNCLAIMED} {orphan[-36:]}"]
    kept = [one.key for one in context.objects.list_evidence("", 10)]
    assert sorted(kept) == sorted([row["object_key"], orphan])
    assert {one.key.partition("/")[0] for one in context.objects.list_views("", 10)} == {str(row["id"]), "dossier"}


@pytest.fixture
def days_later() -> Callable[[], datetime]:
    """Two days from now: what was written in this test has stood there for long enough."""
    return lambda: later() + timedelta(days=2)
