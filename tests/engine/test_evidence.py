"""Scans become evidence or are refused: judged in this process, the way a worker does it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from engine.auditing import verify
from engine.context import Context
from engine.evidence import collect_orphans, judge_scan, receive_scan
from engine.jobs import run_row
from engine.materials.checklists import list_materials
from engine.specimens import make_specimens
from engine.viewing.evidence_reading import find_content, read_page
from storage import scans
from storage.db import reading
from storage.scan_files import UploadSink
from tests.factories import FOOD, Story, bring, open_story, table_counts
from tests.people import actor
from tests.storage.hostile_files import coded, launches_a_program, pdf, picture
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act


@pytest.fixture(scope="module")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Scans as the demonstration makes them, by their ending; the PDF has four pages, the TIFF two."""
    made = make_specimens(tmp_path_factory.mktemp("specimens"), 3)
    return {path.suffix: path for path in made if not path.name.startswith(("2", "6"))}


@pytest.fixture(autouse=True)
def buckets(context: Context) -> None:
    """The three buckets of this test."""
    context.objects.ensure_buckets()


async def upload(story: Story, who: str, line: str, content: bytes, file: str | tuple[str, str]) -> dict[str, Any]:
    """Scan a file at the window. :param file: its name, or its name and an idempotency key."""
    name, key = (file, "") if isinstance(file, str) else file
    with UploadSink(Path(gettempdir())) as sink:
        sink.feed(content)
        received = sink.finish(None, name)
        return await receive_scan(story.context, await actor(who), story.number, line, received, story.now, key)


def later() -> datetime:
    return datetime.now(UTC)


async def judged(context: Context, scan: str) -> dict[str, Any]:
    """The scan row after its judgement."""
    await judge_scan(context, UUID(scan), later)
    return (await scans.with_cases(UUID(scan)))[0]


def incoming(context: Context) -> list[str]:
    return [one.key for one in context.objects.list_incoming(datetime.now(UTC) + timedelta(days=1))]


async def test_good_scans_are_locked_away_and_drawn(
    context: Context, specimens: dict[str, Path], tmp_path: Path
) -> None:
    story = await open_story(context)
    for suffix, line, pages in ((".pdf", "M01", 4), (".tif", "M03", 2), (".jpg", "M04", 1)):
        path = specimens[suffix]
        answer = await upload(story, "clerk", line, path.read_bytes(), path.name)
        assert (answer["state"], answer["line"]) == ("incoming", line)
        row = await judged(context, answer["scan"])
        assert (row["state"], row["verdict"], row["pages"]) == ("stored", "ok", pages)
        assert row["object_key"] == f"{story.number}/{answer['scan']}"
        locked = context.objects.retained_until(row["object_key"], row["object_version"])
        assert locked is not None
        assert locked >= later() + timedelta(days=30 * 365)
        kept = tmp_path / f"kept{suffix}"
        assert context.objects.fetch_evidence(row["object_key"], row["object_version"], kept) == answer["sha256"]
        assert kept.read_bytes() == path.read_bytes()
        clerk = await actor("clerk")
        content = await find_content(context, clerk, row["id"], later())
        assert (content.digest, content.size) == (answer["sha256"], path.stat().st_size)
        for number in range(1, pages + 1):
            for size, longest in (("page", 3600), ("thumbnail", 400)):
                image, kind = await read_page(context, clerk, row["id"], number, size=size, now=later())  # type: ignore[arg-type]  # one of two
                drawn = tmp_path / "drawn.jpg"
                drawn.write_bytes(image)
                with Image.open(drawn) as opened:
                    assert kind == "image/jpeg"
                    assert opened.height > opened.width
                    assert opened.height <= longest
        with pytest.raises(NotFound):
            await read_page(context, clerk, row["id"], pages + 1, size="page", now=later())
    assert incoming(context) == []
    assert await story.events() == ["open", *["received", "stored"] * 3]
    assert (await verify(story.number)).whole
    async with reading() as connection:
        reads = await connection.fetchval("SELECT count(*) FROM access_log WHERE action LIKE 'scan.%'")
    assert reads == 3 + 2 * 7


async def test_a_judgement_cut_short_after_the_lock_records_the_lock_that_the_evidence_has(context: Context) -> None:
    story = await open_story(context)
    scan = (await upload(story, "clerk", "M01", pdf(), "first.pdf"))["scan"]
    row = (await scans.with_cases(UUID(scan)))[0]
    first = (later() + timedelta(days=3650)).replace(microsecond=0)
    version = context.objects.promote(
        row["object_key"], f"{story.number}/{scan}", digest=row["digest"], retain_until=first
    )
    kept = await judged(context, scan)
    assert (kept["state"], kept["object_version"], kept["retain_until"]) == ("stored", version, first)
    told = next(event for event in await story.rows("events", "seq") if event["name"] == "scan:stored")
    assert told["data"]["retain_until"] == first.date().isoformat()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (pdf()[:200] + b"\0" * 300, "cut-off.pdf"),
        (pdf(launches_a_program), "launches.pdf"),
        (coded(picture(), "JPEG")[:3000], "half.jpg"),
    ],
    ids=["cut off", "launches a program", "half a picture"],
)
async def test_a_broken_or_forbidden_file_is_refused_on_its_line_and_not_kept(
    context: Context, content: bytes, name: str
) -> None:
    story = await open_story(context)
    answer = await upload(story, "clerk", "M01", content, name)
    row = await judged(context, answer["scan"])
    assert (row["state"], row["object_key"], row["object_version"], row["pages"]) == ("refused", "", "", 0)
    assert row["verdict"] != "ok"
    listed = await list_materials(context, await actor("clerk"), story.number, story.now)
    (line,) = [one for one in listed if one["line"] == "M01"]
    (shown,) = line["scans"]
    assert shown["verdict_zh"]
    assert shown["verdict_en"]
    assert incoming(context) == []
    with pytest.raises(NotFound):
        context.objects.stat_evidence(f"{story.number}/{answer['scan']}")
    with pytest.raises(Conflict) as found:
        await find_content(context, await actor("clerk"), row["id"], later())
    assert found.value.code == "scan_refused"
    with pytest.raises(Conflict) as counted:
        await story.go("clerk", Act.RECEIVE, materials=[{"line": "M01", "originals": 1}])
    assert counted.value.code == "scan_missing"
    assert await story.events() == ["open", "received", "refused"]


async def test_bytes_that_changed_on_their_way_are_refused(context: Context, tmp_path: Path) -> None:
    story = await open_story(context)
    answer = await upload(story, "clerk", "M01", coded(picture(), "JPEG"), "a.jpg")
    other = tmp_path / "other.jpg"
    other.write_bytes(coded(picture(300, 400), "JPEG"))
    context.objects.put_incoming(answer["scan"], other)
    assert (await judged(context, answer["scan"]))["verdict"] == "digest_mismatch"


async def test_a_scan_where_none_belongs_is_refused_before_anything_is_kept(context: Context) -> None:
    story, over = await open_story(context), await bring(context, "WITHDRAWN")
    routed = await bring(context, "RECEIVED")
    content = coded(picture(), "JPEG")
    before = await table_counts()
    for case, who, line, code, kind in (
        (story, "clerk", "M99", "material_not_on_list", Conflict),
        (story, "clerk", "M06", "material_not_on_list", Conflict),
        (over, "clerk", "M01", "case_closed", Conflict),
        (story, "officer", "M01", "case_not_found", NotFound),
        (routed, "officer.hrss", "M01", "case_not_found", NotFound),
        (routed, "clerk.town", "M01", "case_not_found", NotFound),
        (routed, "approver", "M01", "role_not_allowed", Forbidden),
        (routed, "auditor", "M01", "role_not_allowed", Forbidden),
    ):
        with pytest.raises(kind) as found:
            await upload(case, who, line, content, "a.jpg")
        assert isinstance(found.value, YichuangError)
        assert found.value.code == code
    assert await table_counts() == before
    assert incoming(context) == []


async def test_the_same_upload_again_is_one_scan(context: Context) -> None:
    story = await open_story(context)
    content = coded(picture(), "JPEG")
    first = await upload(story, "clerk", "M01", content, ("a.jpg", "k-1"))
    again = await asyncio.gather(*(upload(story, "clerk", "M01", content, ("a.jpg", "k-1")) for _ in range(3)))
    assert all(answer == first for answer in again)
    assert incoming(context) == [first["scan"]]
    assert await story.events() == ["open", "received"]
    for line, other in (("M03", content), ("M01", coded(picture(300, 400), "JPEG"))):
        with pytest.raises(Malformed) as found:
            await upload(story, "clerk", line, other, ("a.jpg", "k-1"))
        assert found.value.code == "key_reused"
    assert incoming(context) == [first["scan"]]


async def test_a_verdict_is_given_once(context: Context) -> None:
    story = await open_story(context)
    answer = await upload(story, "clerk", "M01", coded(picture(), "JPEG"), "a.jpg")
    await asyncio.gather(*(judge_scan(context, UUID(answer["scan"]), later) for _ in range(2)))
    row = await judged(context, answer["scan"])
    assert row["state"] == "stored"
    assert await story.events() == ["open", "received", "stored"]
    assert len(await pages_of(row["id"])) == 1


async def pages_of(scan: UUID) -> list[Any]:
    async with reading() as connection:
        return list(await connection.fetch("SELECT * FROM scan_pages WHERE scan_id = $1", scan))


async def test_a_worker_that_died_after_the_copy_is_made_good_by_the_next(context: Context) -> None:
    """The evidence was written, the row was not: the same version is taken, nothing is stored twice."""
    story = await open_story(context)
    answer = await upload(story, "clerk", "M01", coded(picture(), "JPEG"), "a.jpg")
    key = f"{story.number}/{answer['scan']}"
    version = context.objects.promote(
        answer["scan"], key, digest=answer["sha256"], retain_until=later() + timedelta(days=1)
    )
    assert (await judged(context, answer["scan"]))["object_version"] == version


async def test_the_outbox_row_of_an_upload_judges_it(context: Context) -> None:
    story = await open_story(context)
    answer = await upload(story, "clerk", "M01", coded(picture(), "JPEG"), "a.jpg")
    async with reading() as connection:
        key = await connection.fetchval("SELECT id FROM outbox WHERE topic = 'scan.judge'")
    assert await run_row(context, key, later) is True
    assert (await scans.of_case(story.number))[0]["state"] == "stored"
    assert FOOD.retention_years == 30
    assert answer["kind"] == "jpeg"


async def test_bytes_that_no_case_knows_are_collected_after_a_day(context: Context, tmp_path: Path) -> None:
    story = await open_story(context)
    waiting = await upload(story, "clerk", "M01", coded(picture(), "JPEG"), "a.jpg")
    orphan = tmp_path / "orphan"
    orphan.write_bytes(b"left behind by a crash")
    context.objects.put_incoming("orphan", orphan)
    assert await collect_orphans(context, later()) == 0
    assert await collect_orphans(context, later() + timedelta(days=1, minutes=1)) == 1
    assert incoming(context) == [waiting["scan"]]
