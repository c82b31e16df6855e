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
from engine.arranging import edit_pages
from engine.drafting import render_documents
from PIL import Image
from pypdf import PdfReader

from engine.context import Context
from engine.dossier import drop_dossiers, find_dossier, open_dossier, order_dossier, read_dossier
from engine.dossier_file import DossierFile
from engine.evidence import judge_scan, receive_scan
from engine.jobs import run_row
from engine.specimens import make_specimens
from storage import page_edits, views
from storage.db import reading
from storage.scan_files import UploadSink
from tests.conftest import Database
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


async def with_scans(context: Context, folder: Path) -> Story:
    """An accepted case with a real scan of every paper; one of four pages, one page of it turned; papers on their way."""
    context.objects.ensure_buckets()
    story = await open_story(context)
    whole, single = (next(path for path in make_specimens(folder, 3) if key in path.name) for key in ("rules", ".png"))
    counts = complete(story.item)
    for row in counts:
        if not row.get("exempt"):
            path = whole if row["line"] == "M01" else single
            with UploadSink(Path(gettempdir())) as sink:
                sink.feed(path.read_bytes())
                received = sink.finish(None, path.name)
                kept = await receive_scan(context, await actor("clerk"), story.number, row["line"], received, story.now)
            await judge_scan(context, UUID(kept["scan"]), lambda: story.now)
            if row["line"] == "M01":
                turn = PageEdit(Edit.TURN, "M01", UUID(kept["scan"]), 2, turned=90)
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
    texts = [page.extract_text() for page in reader.pages]
    assert made["pages"] == made["pages_done"] == len(texts)
    for at, text in enumerate(texts, 1):
        assert f"{at} / {len(texts)}" in text.replace("\n", " ")
    assert "工作副本" not in texts[0]
    assert {story.number, f"{len(texts)}页", story.item.name} <= set(texts[0].replace("\n", " ").split())
    heads = outline(reader)
    assert [title for title, *_ in heads] == ["封面", "目录", *(
        TITLES[part] for part in TITLES if any(title == TITLES[part] for title, *_ in heads)
    )]  # fmt: skip
    shown = {title: inner for title, _, inner in heads}
    lines = await page_edits.arranged(story.number)
    assert [title.split()[-1] for title, _ in shown["申请材料"]] == sorted(lines)
    (form, begins), (_, ends) = shown["申请材料"][:2]
    assert (form.split()[-1], ends - begins) == ("M01", 4)
    upright, turned = (next(iter(reader.pages[begins + n].images)).image for n in (0, 1))
    assert upright and turned
    assert (upright.width > upright.height) != (turned.width > turned.height)
    pages = {title: at for _, _, inner in heads for title, at in inner}
    assert list(pages.values()) == sorted(pages.values())
    for code, number in (await story.documents()).items():
        at = pages[f"{KINDS[code].title} {number}"]
        assert number in texts[at].replace("\n", "")
        assert any(number in text and str(at + 1) in text.split() for text in texts[1 : min(pages.values())])
    trail = "".join(texts[pages["办理过程记录"] :])
    assert all(row["digest"][:16] in trail for row in (await story.rows("events", "seq"))[:-1])
    assert not [name for name in {row["name"] for row in await story.rows("events")} if name in trail]
    assert "在途" in "".join(texts[pages["纸质材料去向登记"] : pages["办理过程记录"]]) or shown["材料移交与退还"]

    with pytest.raises(NotFound):
        await find_dossier(context, await actor("approver"), story.number, story.now)
    assert (await read_dossier(context, await actor("approver"), story.number))["dossier"] is None
    connection = await asyncpg.connect(database.superuser)
    told = [row["body"] for row in await connection.fetch("SELECT body FROM access_log WHERE body LIKE '%dossier%'")]
    await connection.close()
    assert all(WHY in body for body in told)
    assert sum('"dossier.content"' in body for body in told) == 2
    assert await drop_dossiers(context, later()) == 0
    assert await drop_dossiers(context, later() + timedelta(days=8)) == 2
    assert (await read_dossier(context, clerk, story.number))["dossier"]["state"] == "dropped"
    with pytest.raises(NotFound):
        context.objects.stat_view(made["object_key"])
    with pytest.raises(NotFound):
        await taken(context, "clerk", story)


async def test_a_dossier_that_cannot_be_bound_says_why_and_is_ordered_again(context: Context, tmp_path: Path) -> None:
    story = await with_scans(context, tmp_path)
    clerk = await actor("clerk")
    for who in ("agent", "hall_manager"):
        with pytest.raises((Forbidden, NotFound)):
            await order_dossier(context, await actor(who), story.number, WHY, story.now)
    with pytest.raises(NotFound):
        await order_dossier(context, await actor("officer.health"), story.number, WHY, story.now)
    for reason in ("看", "长" * 201):
        with pytest.raises(Malformed):
            await order_dossier(context, clerk, story.number, reason, story.now)
    (scan,) = {page.scan for page in (await page_edits.arranged(story.number))["M01"]}
    page = (await views.of_scan(scan))[2]
    context.objects.drop_view(page["screen_key"])
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
    assert (await read_dossier(context, clerk, story.number))["dossier"]["state"] == "ready"


def test_memory_does_not_grow_with_the_pictures_of_a_dossier(tmp_path: Path) -> None:
    paths = []
    for at in range(30):
        paths.append(tmp_path / f"{at}.jpg")
        Image.effect_noise((1240, 1754), 90).save(paths[-1], "JPEG", quality=90)
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
