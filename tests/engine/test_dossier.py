"""案卷: one file of a case in filing order, with outline and page numbers, bound by a worker, for one person only."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
from PIL import Image
from pypdf import PdfReader

from engine.archive.dossier import drop_dossiers, find_dossier, open_dossier, order_dossier, read_dossier
from engine.archive.dossier_file import DossierFile
from engine.capture.arranging import edit_pages
from engine.context import Context
from engine.documents.drafting import render_documents
from engine.evidence import judge_scan, receive_scan
from engine.jobs import run_row
from engine.specimens import make_specimens
from storage import page_edits, views
from storage.db import reading
from storage.scan_files import UploadSink
from tests.databases import Database
from tests.engine.test_custody import pieces_of, sent
from tests.factories import PAYLOADS, STEPS, Story, complete, open_story
from tests.people import actor
from workflows.arrangement import Edit, PageEdit
from workflows.documents import KINDS
from workflows.dossier import TITLES
from workflows.errors import Forbidden, Malformed, NotFound

WHY = "行政复议机关调阅"


def later() -> datetime:
    return datetime.now(UTC)


def specimens(folder: Path) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """House rules of four pages and a card of one: name and bytes."""
    made = make_specimens(folder, 3)
    rules, card = (next(path for path in made if key in path.name) for key in ("rules", ".png"))
    return (rules.name, rules.read_bytes()), (card.name, card.read_bytes())


async def scan(story: Story, line: str, name: str, content: bytes) -> UUID:
    """A real scan of a line, judged."""
    with UploadSink(Path(gettempdir())) as sink:
        sink.feed(content)
        received = sink.finish(None, name)
        kept = await receive_scan(story.context, await actor("clerk"), story.number, line, received, story.now)
    await judge_scan(story.context, UUID(kept["scan"]), lambda: story.now)
    return UUID(kept["scan"])


async def with_scans(context: Context, folder: Path) -> Story:
    """An accepted case with a scan of every paper, one of four pages with one of them turned; its papers are sent."""
    context.objects.ensure_buckets()
    story = await open_story(context)
    rules, card = specimens(folder)
    counts = complete(story.item)
    for row in counts:
        if not row.get("exempt"):
            key = await scan(story, row["line"], *(rules if row["line"] == "M01" else card))
            if row["line"] == "M01":
                turn = PageEdit(Edit.TURN, "M01", key, 2, turned=90)
                await edit_pages(context, await actor("clerk"), story.number, [turn], story.now)
    await story.go("clerk", STEPS[0][2], materials=counts)
    await story.go("officer", STEPS[1][2])
    code = await sent([story])
    assert await pieces_of(context, code)
    return story


async def finish(story: Story) -> None:
    for _, who, what in STEPS[2:-1]:
        await story.go(who, what, **PAYLOADS.get(what, {}))
    await render_documents(story.context, story.number, lambda: story.now)


async def bind(context: Context) -> None:
    """What a worker does with orders of dossiers, once."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'dossier.bind' AND state = 'waiting'")
    for row in rows:
        assert await run_row(context, row["id"], later)


async def taken(context: Context, who: str, story: Story) -> PdfReader:
    content = await find_dossier(context, await actor(who), story.number, story.now)
    with await open_dossier(context, content, 0, content.size) as stream:
        return PdfReader(BytesIO(stream.read()))


def outline(reader: PdfReader) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Heads with their page, and what is below each."""
    found: list[tuple[str, int, list[tuple[str, int]]]] = []
    for one in cast("list[Any]", reader.outline):
        if isinstance(one, list):
            found[-1][2].extend((inner.title, reader.get_destination_page_number(inner) or 0) for inner in one)
        else:
            found.append((one.title, reader.get_destination_page_number(one) or 0, []))
    return found


async def test_a_dossier_has_everything_in_filing_order_under_one_count_of_pages(
    context: Context, database: Database, tmp_path: Path
) -> None:
    story = await with_scans(context, tmp_path)
    clerk = await actor("clerk")
    first = (await order_dossier(context, clerk, story.number, WHY, story.now))["dossier"]
    again = (await order_dossier(context, clerk, story.number, WHY, story.now))["dossier"]
    assert (first["id"], first["state"], first["percent"]) == (again["id"], "waiting", 0)
    await bind(context)
    early = (await read_dossier(context, clerk, story.number))["dossier"]
    assert (early["state"], early["working_copy"], early["percent"]) == ("ready", True, 100), early["failure"]
    reader = await taken(context, "clerk", story)
    assert "工作副本" in reader.pages[0].extract_text()
    assert "（尚未生成）" in reader.pages[1].extract_text()

    await finish(story)
    await order_dossier(context, clerk, story.number, WHY, story.now + timedelta(days=1))
    await bind(context)
    made = (await read_dossier(context, clerk, story.number))["dossier"]
    reader = await taken(context, "clerk", story)
    assert made["pages"] == made["pages_done"] == len(reader.pages)
    await check_pages(story, reader)
    assert [await looks(database, word) for word in ("dossier.order", "dossier.content", WHY)] == [3, 2, 5]
    await nobody_else_takes_it(story)
    assert await drop_dossiers(context, later()) == 0
    assert await drop_dossiers(context, later() + timedelta(days=8)) == 2
    assert (await read_dossier(context, clerk, story.number))["dossier"]["state"] == "dropped"
    with pytest.raises(NotFound):
        context.objects.stat_view(made["object_key"])
    with pytest.raises(NotFound):
        await taken(context, "clerk", story)
    await lose_documents(database)
    await order_dossier(context, clerk, story.number, WHY, story.now + timedelta(days=2))
    await bind(context)
    lost = (await read_dossier(context, clerk, story.number))["dossier"]
    assert lost["state"] == "failed"
    assert (await story.documents())["D01"] in lost["failure"]


async def check_pages(story: Story, reader: PdfReader) -> None:
    """Cover, contents, outline, count and what lies under each name."""
    texts = [page.extract_text() for page in reader.pages]
    for at, text in enumerate(texts, 1):
        assert f"{at} / {len(texts)}" in text
    assert "工作副本" not in texts[0]
    assert {story.number, f"{len(texts)}页"} <= set(texts[0].split())
    heads = outline(reader)
    names = [title for title, *_ in heads]
    assert names == ["封面", "目录", *(title for title in TITLES.values() if title in names)]
    shown = {title: inner for title, _, inner in heads}
    assert [title.split()[-1] for title, _ in shown["申请材料"]] == sorted(await page_edits.arranged(story.number))
    (form, begins), (_, ends) = shown["申请材料"][:2]
    assert (form.split()[-1], ends - begins) == ("M01", 4)
    upright, turned = (next(iter(reader.pages[begins + n].images)).image for n in (0, 1))
    assert upright
    assert turned
    assert (upright.width > upright.height) != (turned.width > turned.height)
    (first, *_) = (await page_edits.arranged(story.number))["M01"]
    assert drawn(reader, begins) == copy(story.context, await views.of_scan(first.scan)), "nothing is drawn anew"
    pages = {title: at for _, _, inner in heads for title, at in inner}
    assert list(pages.values()) == sorted(pages.values())
    contents = "".join(texts[1 : min(pages.values())]).split()
    for code, number in (await story.documents()).items():
        at = pages[f"{KINDS[code].title} {number}"]
        assert number in "".join(texts[at].split())
        assert str(at + 1) in contents
    trail = "".join(texts[pages["办理过程记录"] :])
    events = await story.rows("events", "seq")
    assert all(row["digest"][:16] in trail for row in events)
    assert not [row["name"] for row in events if row["name"] in trail]
    assert "在途" in "".join(texts[pages["纸质材料去向登记"] : pages["办理过程记录"]])


def drawn(reader: PdfReader, at: int) -> bytes:
    """The picture on a page, as it was bound in."""
    (picture,) = cast("Any", reader.pages[at])["/Resources"]["/XObject"].values()
    found: bytes = picture.get_object()._data  # the bytes before any filter
    return found


def copy(context: Context, rows: list[dict[str, Any]]) -> bytes:
    """The viewing copy of the first page of a scan."""
    with context.objects.open_view(rows[0]["screen_key"]) as stream:
        return stream.read()


async def nobody_else_takes_it(story: Story) -> None:
    """It names who had it bound; others have their own bound."""
    approver = await actor("approver")
    with pytest.raises(NotFound) as found:
        await find_dossier(story.context, approver, story.number, story.now)
    assert found.value.code == "dossier_not_found"
    assert (await read_dossier(story.context, approver, story.number))["dossier"] is None


async def lose_documents(database: Database) -> None:
    """The store has none of the printed documents any more."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("UPDATE papers SET object_version = 'gone'")
    finally:
        await connection.close()


async def looks(database: Database, word: str) -> int:
    """How many entries of the access log about dossiers hold a word."""
    connection = await asyncpg.connect(database.superuser)
    try:
        told = await connection.fetch("SELECT body FROM access_log WHERE action LIKE 'dossier.%'")
    finally:
        await connection.close()
    return sum(word in row["body"] for row in told)


async def test_a_dossier_that_cannot_be_bound_says_why_and_is_ordered_again(context: Context, tmp_path: Path) -> None:
    context.objects.ensure_buckets()
    story, clerk = await open_story(context), await actor("clerk")
    rows = await views.of_scan(await scan(story, "M02", *specimens(tmp_path)[1]))
    clean = copy(context, rows)
    for who in ("agent", "hall_manager"):
        with pytest.raises((Forbidden, NotFound)):
            await order_dossier(context, await actor(who), story.number, WHY, story.now)
    with pytest.raises(NotFound):
        await order_dossier(context, await actor("officer.health"), story.number, WHY, story.now)
    for reason in ("看", "长" * 201):
        with pytest.raises(Malformed):
            await order_dossier(context, clerk, story.number, reason, story.now)
    context.objects.drop_view(rows[0]["screen_key"])
    await order_dossier(context, clerk, story.number, WHY, story.now)
    for _ in range(context.settings.outbox_attempts):
        await bind(context)
    failed = (await read_dossier(context, clerk, story.number))["dossier"]
    assert (failed["state"], failed["size"]) == ("failed", 0)
    assert "重新生成" in failed["failure"]
    async with reading() as connection:
        redraw = await connection.fetchval("SELECT id FROM outbox WHERE topic = 'views.redraw' AND state = 'waiting'")
    assert await run_row(context, redraw, later)
    await order_dossier(context, clerk, story.number, WHY, story.now)
    await bind(context)
    reader = await taken(context, "clerk", story)
    (at,) = [at for title, _, inner in outline(reader) if title == "申请材料" for _, at in inner]
    assert drawn(reader, at) != clean == copy(context, rows), "a page of personal data names who has it, a copy nobody"


def test_memory_does_not_grow_with_the_pictures_of_a_dossier(tmp_path: Path) -> None:
    noise = BytesIO()
    Image.effect_noise((620, 877), 90).save(noise, "JPEG", quality=90)
    paths = [tmp_path / f"{at}.jpg" for at in range(20)]
    for path in paths:
        path.write_bytes(noise.getvalue())
    every = sum(path.stat().st_size for path in paths)
    tracemalloc.start()
    file = DossierFile("案卷", len(paths))
    for path in paths:
        file.add_picture(path)
    file.write(tmp_path / "dossier.pdf")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "dossier.pdf").stat().st_size > every
    assert peak < every / 4, (peak, every)
    assert len(PdfReader(tmp_path / "dossier.pdf").pages) == len(paths)
