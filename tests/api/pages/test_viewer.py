"""Leafing through a case in a browser: lines, pages in their order, turned ones, sizes, and taking pages away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import asyncpg
import httpx
from litestar import Litestar
from PIL import Image
from pypdf import PdfReader

from api.state import context_of
from engine.evidence import judge_scan
from storage.access import AccessEntry
from tests.api.filing import picture
from tests.api.hall import Caller, Clock
from tests.api.pages.browser import Browser, Page
from tests.databases import Database

At = Callable[..., Awaitable[Browser]]


async def filed(app: Litestar, clock: Clock, clerk: Caller) -> tuple[str, dict[str, str]]:
    """A case with two pages in one line and one in another; its number, and the scans by what they are."""
    number, scans = await clerk.open_case(), {}
    for name, line in (("first", "M01"), ("second", "M01"), ("third", "M04")):
        clock.now += timedelta(seconds=1)
        answer = await clerk.upload(number, line, picture(), name=f"{name}.jpg", kind="image/jpeg")
        scans[name] = answer.json()["scan"]
        await judge_scan(context_of(app), UUID(scans[name]), clock)
    return number, scans


def links(page: Page) -> dict[str, str]:
    """Where each key and link leads."""
    return {values["data-move"]: values["href"] for tag, values in page.elements if "data-move" in values}


def shown(page: Page) -> str:
    """The address of the large picture."""
    return next(values["src"] for tag, values in page.elements if values.get("id") == "picture")


async def test_a_case_is_leafed_through_line_by_line_and_page_by_page(
    app: Litestar, clock: Clock, clerk: Caller, at_desk: At, database: Database
) -> None:
    number, scans = await filed(app, clock, clerk)
    browser = await at_desk("clerk")
    root = f"/cases/{number}/pages"
    page = await browser.open(root)
    assert scans["first"] in shown(page)
    assert "食品经营许可申请书 第 1 页 / 2" in page.text
    assert "您的查看已记录" in page.text
    assert links(page) == {
        "next": f"{root}/M01/2", "line-next": f"{root}/M04/1", "larger": f"{root}/M01/1?zoom=width",
        "first": f"{root}/M01/1", "last": f"{root}/M01/2", "turn": f"{root}/M01/1?turn=90",
    }  # fmt: skip
    turned = await browser.open(f"{root}/M01/1?turn=270")
    assert "turned=270" in shown(turned)
    assert links(turned)["turn"] == f"{root}/M01/1"  # a whole turn is none
    assert "turned=" not in shown(await browser.open(f"{root}/M01/1?turn=45"))
    page = await browser.open(f"{root}/M01/2?zoom=full")
    assert scans["second"] in shown(page)
    assert "size=page" in shown(page)
    assert links(page)["next"] == f"{root}/M04/1?zoom=full"
    assert links(page)["smaller"] == f"{root}/M01/2?zoom=width"
    assert "larger" not in links(page)
    page = await browser.open(f"{root}/M04/1")
    assert links(page)["previous"] == f"{root}/M01/2"
    assert links(page)["line-previous"] == f"{root}/M01/1"
    assert "next" not in links(page)
    moved = await browser.open(f"/cases/{number}/scans/{scans['second']}/pages/1")
    assert moved.answer.url.path == f"{root}/M01/2"
    for wrong in (f"{root}/M01/3", f"{root}/M01/0", f"{root}/M99/1", f"/cases/{number}/scans/{scans['first']}/pages/9"):
        assert (await browser.open(wrong)).answer.status_code == 404
    assert (await (await at_desk("officer.health")).open(root)).answer.status_code == 404


async def test_pages_are_shown_as_they_stand_after_every_edit(
    app: Litestar, clock: Clock, clerk: Caller, at_desk: At, database: Database
) -> None:
    number, scans = await filed(app, clock, clerk)
    connection = await asyncpg.connect(database.superuser)
    for seq, (action, to_line, position, turned) in enumerate((("turn", "", 0, 90), ("move", "M04", 1, 0)), 1):
        await connection.execute(
            "INSERT INTO page_edits (id, case_id, seq, action, line, scan_id, page, to_line, position, turned, made_at)"
            " SELECT uuidv7(), id, $2, $3, 'M01', $4, 1, $5, $6, $7, now() FROM cases WHERE number = $1",
            number, seq, action, UUID(scans["second"]), to_line, position, turned,
        )  # fmt: skip
    await connection.close()
    browser = await at_desk("clerk")
    page = await browser.open(f"/cases/{number}/pages/M04/1")
    assert scans["second"] in shown(page)
    assert "顺时针旋转 90°" in page.text
    answer = await browser.http.get(shown(page))
    width, height = Image.open(BytesIO(answer.content)).size
    assert width > height
    page = await browser.send(page.form("/export"), reason="看")
    assert page.answer.status_code == 422
    assert "没有导出" in page.text
    assert page.form("/export").value("reason") == "看"
    form = page.form("/export")
    taken = await browser.http.post(form.action, data=dict(form.fields) | {"reason": "申请人申请查阅本人案卷"})
    assert taken.headers["content-type"] == "application/pdf"
    sheets = [one.mediabox for one in PdfReader(BytesIO(taken.content)).pages]
    assert [sheet.width > sheet.height for sheet in sheets] == [True, False]
    rows = await AccessEntry.select(AccessEntry.body).where(AccessEntry.action == "export.pages")
    assert ["申请人申请查阅本人案卷" in row["body"] for row in rows] == [True]
    forged = await browser.http.post(form.action, data={"csrf_token": "x", "reason": "申请人申请查阅本人案卷"})
    assert forged.status_code == 403


async def test_the_viewer_is_whole_in_both_languages(app: Litestar, clock: Clock, clerk: Caller, at_desk: At) -> None:
    number, _ = await filed(app, clock, clerk)
    empty = await clerk.open_case()
    clerk_desk, manager = await at_desk("clerk"), await at_desk("hall_manager")
    for language, words in (("zh", "还没有可以查看的页面"), ("en", "no pages to look at yet")):
        for browser in (clerk_desk, manager):
            await browser.open(f"/language/{language}")
        assert words in (await clerk_desk.open(f"/cases/{empty}/pages")).text
        page = await clerk_desk.open(f"/cases/{number}/pages")
        ids = [values["id"] for _, values in page.elements if "id" in values]
        assert len(ids) == len(set(ids))
        assert [tag for tag, _ in page.elements].count("h1") == 1
        for tag, values in page.elements:
            assert tag != "img" or values["alt"]
            assert not [key for key in values if key == "style" or key.startswith("on")]
            if tag in {"input", "select", "textarea"} and values.get("type") != "hidden":
                assert values.get("id") in page.labelled
        looking = await manager.open(f"/cases/{number}/pages")
        assert looking.answer.status_code == 200
        assert not [form for form in looking.forms if form.action.endswith(("/export", "/content"))]


async def test_the_small_script_is_served_and_named_by_its_content(http: httpx.AsyncClient, at_desk: At) -> None:
    page = await (await at_desk("clerk")).open("/cases/4601000000000000000/pages")
    assert page.answer.status_code == 404
    assert (await http.get("/static/viewer.js")).status_code == 200
