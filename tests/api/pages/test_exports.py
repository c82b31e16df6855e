"""The page on which cases are taken out: chosen by ticking names, followed while a worker makes the file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Litestar

from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.api.test_archive import work
from tests.factories import Story

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_an_export_is_ordered_by_names_followed_and_taken(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    await case_in("GRANTED")
    manager = await at_desk("hall_manager")
    page = await manager.open("/exports")
    assert "示例市市场监督管理局" in page.text, "departments are chosen by their names"
    ordered = await manager.send(page.form("/exports"), format="xes", departments=["amr", "hrss"], numbers="")
    assert "amr hrss" in ordered.text
    assert 'hx-trigger="every 5s"' in ordered.html, "the list looks again while a file is made"
    part = await manager.http.get("/exports", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<section class="card" id="export-list"')
    await work(app, clock, "export.make")
    ready = await manager.http.get("/exports", headers={"HX-Request": "true"})
    assert "下载" in ready.text
    assert "hx-trigger" not in ready.text
