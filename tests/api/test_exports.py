"""Exports over HTTP, from their page, and from the command line."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from litestar import Litestar

from api.cli import cli
from api.state import context_of
from engine.context import open_context
from engine.projecting import project
from engine.settings import Settings
from storage.db import connected
from tests.api.hall import Caller, Clock, caller, over, refused
from tests.api.pages.browser import Browser
from tests.api.test_archive import work
from tests.factories import bring
from tests.workflows.xes_rules import read_xes
from workflows.actor import Role
from workflows.errors import YichuangError
from workflows.export import FILES, Format

PATH = "/api/v1/exports"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


async def test_an_export_is_ordered_followed_and_taken_in_ranges(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, clerk: Caller
) -> None:
    auditor = await caller(http, "auditor", Role.auditor, "460000", clock.now)
    manager = await caller(http, "hall_manager", Role.hall_manager, "hall", clock.now)
    story = await bring(context_of(app), "CORRECTION")
    clock.now = story.now
    wish = {"format": "xes", "selection": MARCH}
    for body, status, code in (
        ({}, 422, "payload_invalid"),
        ({"format": "pdf"}, 422, "payload_invalid"),
        (wish | {"selection": {"of": "2026"}}, 422, "payload_invalid"),
        (wish | {"selection": {"from": "2026-03-31", "to": "2026-03-01"}}, 422, "range_reversed"),
        (wish | {"clear": True}, 422, "reason_needed"),
        (wish | {"selection": {"from": "2027-01-01"}}, 409, "selection_empty"),
        (wish | {"selection": {"numbers": ["460100000000000000"]}}, 404, "case_not_found"),
        (wish | {"selection": {"halls": ["elsewhere"]}}, 404, "organisation_not_found"),
    ):
        refused(await auditor.post(PATH, body), status, code)
    refused(await manager.post(PATH, wish | {"clear": True, "reason": "季度抽查"}), 403, "role_not_allowed")
    refused(await clerk.post(PATH, wish), 403, "role_not_allowed")
    refused(await clerk.get(PATH), 403, "role_not_allowed")
    assert (await auditor.get(PATH)).json() == {"exports": [], "next": None}

    ordered = await auditor.post(PATH, wish)
    assert ordered.status_code == 202
    order = ordered.json()
    assert (order["state"], order["percent"], order["as_of"]) == ("waiting", 0, None)
    assert order["wish"]["selection"]["from"] == "2026-03-01"
    own = f"{PATH}/{order['id']}"
    refused(await auditor.get(f"{own}/content"), 404, "export_not_there")
    refused(await auditor.post(f"{own}/retry"), 409, "export_not_over")
    await work(app, clock, "export.make")
    made = (await auditor.get(own)).json()
    assert (made["state"], made["percent"], made["cases"], made["rows"]) == ("ready", 100, 1, 3)
    whole = await auditor.get(f"{own}/content")
    assert hashlib.sha256(whole.content).hexdigest() == made["digest"]
    assert len(whole.content) == made["size"] == int(whole.headers["content-length"])
    assert whole.headers["content-type"].startswith("application/xml")
    assert "events-20260302T" in whole.headers["content-disposition"]
    assert [trace["concept:name"] for trace, _ in read_xes(whole.text)[1]] == [story.number]
    tag = whole.headers["etag"]
    part = await auditor.get(f"{own}/content", headers={"Range": "bytes=5-14", "If-Range": tag})
    assert (part.status_code, part.content) == (206, whole.content[5:15])
    refused(
        await auditor.get(f"{own}/content", headers={"Range": f"bytes={made['size']}-"}), 416, "range_not_satisfiable"
    )
    for path in (own, f"{own}/content"):
        refused(await manager.get(path), 404, "export_not_found")
    listed = (await auditor.get(f"{PATH}?limit=1")).json()
    assert [row["id"] for row in listed["exports"]] == [order["id"]]
    assert (await auditor.get(f"{PATH}?limit=1&cursor={listed['next']}")).json() == {"exports": [], "next": None}


async def test_an_export_is_ordered_and_taken_from_its_page(app: Litestar, clock: Clock) -> None:
    story = await bring(context_of(app), "CORRECTION")
    clock.now = story.now
    async with httpx.AsyncClient(transport=over(app), base_url="http://hall.test") as client:
        browser = Browser(client)
        await browser.sign_in("auditor")
        page = await browser.open("/exports")
        assert ("a", {"href": "/exports", "aria-current": "page"}) in page.elements
        assert "您还没有导出过数据" in page.text
        typed = {"format": "notices-csv", "from": "2026-03-31", "to": "2026-03-01", "reason": "<b>抽查</b>"}
        page = await browser.send(page.form("/exports"), **typed)
        assert page.answer.status_code == 422
        assert "起始日期晚于结束日期" in page.text
        form = page.form("/exports")
        assert [form.value(name) for name in typed] == list(typed.values())
        page = await browser.send(form, **MARCH, states="CORRECTION、NEW")
        assert "排队或生成中" in page.text
        await work(app, clock, "export.make")
        await project(seconds=60, now=clock.now)
        await work(app, clock, "export.make")
        page = await browser.open("/exports")
        assert "可下载" in page.text
        assert "1 件，1 条" in page.text
        assert "脱敏 可下载" in page.text
        assert "未脱敏 可下载" not in page.text
        assert "<b>" not in page.html.partition("</header>")[2]
        (link,) = [one["href"] for tag, one in page.elements if tag == "a" and one["href"].endswith("/content")]
        assert (await client.get(link)).text.startswith("case_id,number,kind,")
        page = await browser.open("/language/en?next=/exports")
        assert "1 cases, 1 rows" in page.text
        page = await browser.send(page.form("/exports"), format="cases-csv", clear="yes", reason="")
        assert "Say what people in clear are exported for" in page.text


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Awaitable[Result]]:
    """The command against this test's database, in this process."""
    for name in ("database_url", "objects_url", "broker_url"):
        monkeypatch.setenv(f"YICHUANG_{name.upper()}", getattr(settings, name).get_secret_value())
    monkeypatch.setenv("YICHUANG_KEY_FILE", str(settings.key_file))

    async def invoke(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ["export", *arguments])

    return invoke


async def test_an_export_is_written_into_a_file_by_command(
    run: Callable[..., Awaitable[Result]], settings: Settings, tmp_path: Path
) -> None:
    async with connected(settings.database_url.get_secret_value()):
        await bring(open_context(settings), "CORRECTION")
        await project(seconds=60)
    for one in Format:
        path = tmp_path / f"{one}.{FILES[one].suffix}"
        done = await run(one.value, "--as", "auditor", "--from", "2026-03-02", "--state", "CORRECTION", "-o", str(path))
        assert done.exit_code == 0, (done.output, done.exception)
        assert "1 cases" in done.output
        assert path.stat().st_size > 0
    assert len(await asyncio.to_thread(os.listdir, tmp_path)) == len(Format)
    xes, again = str(tmp_path / "xes.xes"), str(tmp_path / "again.xes")
    assert (await run("xes", "--as", "auditor", "-o", xes)).exit_code == 2
    assert (await run("word", "--as", "auditor", "-o", again)).exit_code == 2
    for arguments, code in (
        (("--as", "nobody"), "person_not_found"),
        (("--as", "clerk"), "role_not_allowed"),
        (("--as", "auditor", "--clear"), "reason_needed"),
        (("--as", "auditor", "--from", "2026-03-03", "--to", "2026-03-02"), "range_reversed"),
        (("--as", "auditor", "--number", "1" * 61), "payload_invalid"),
        (("--as", "auditor", "--item", "none"), "selection_empty"),
    ):
        done = await run("xes", *arguments, "-o", again)
        assert isinstance(done.exception, YichuangError), done.output
        assert done.exception.code == code
    assert len(await asyncio.to_thread(os.listdir, tmp_path)) == len(Format)
