"""Figures, reports and the wall screen as a manager sees them: every number opens its cases, charts say the same."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
from litestar import Litestar

from api.state import context_of
from engine.projecting import project
from engine.ratings.rating import rate
from engine.timing import fire_case
from tests.api.hall import Clock, caller, refused
from tests.api.pages.browser import Browser, Page
from tests.api.test_archive import work
from tests.factories import LABOUR, START, Story, bring, firm
from workflows.actor import Role
from workflows.figure_catalogue import FIGURES

At = Callable[..., Awaitable[Browser]]
LINK = re.compile(r'<a href="(/figures/[^"]+/cases[^"]*)">([\d,]+)</a>')
PERIOD = "from=2026-03-01&to=2026-03-31"
DAY = timedelta(days=1)


def links(page: Page) -> list[tuple[str, int]]:
    """The numbers of a page that open what they are made of."""
    return [(address.replace("&amp;", "&"), int(number)) for address, number in LINK.findall(page.html)]


def amounts(page: Page) -> int:
    """What the rows of a list come to."""
    return sum(int(one) for one in re.findall(r'<td class="number">(\d+)</td>', page.html))


async def month(app: Litestar, clock: Clock) -> Story:
    """One case delivered and rated, one of another department, one that nobody answered."""
    context = context_of(app)
    delivered = await bring(context, "DELIVERED")
    await rate(context, (await delivered.row())["query_code"], 5, "等了很久", delivered.now)
    await bring(context, "CORRECTION", LABOUR, who=firm(3), at=START + DAY)
    forgotten = await bring(context, "RECEIVED", who=firm(2), at=START + DAY)
    await fire_case(context, forgotten.number, START + 20 * DAY)
    clock.now = START + 21 * DAY
    await project(seconds=60, now=clock.now)
    return forgotten


async def test_every_number_opens_what_it_is_made_of(
    app: Litestar, http: httpx.AsyncClient, at_desk: At, clock: Clock
) -> None:
    forgotten = await month(app, clock)
    manager = await at_desk("hall_manager")
    board = await manager.open("/figures")
    assert board.answer.status_code == 200, board.text
    for figure in FIGURES.values():
        assert figure.title.zh in board.text
    assert "2026年3月1日至2026年3月23日" in board.text, "this month up to today"
    assert len(links(board)) > 30
    for address, number in links(board):
        listed = await manager.open(address)
        assert listed.answer.status_code == 200, (address, listed.text)
        assert amounts(listed) == number, address
    late = next(address for address, _ in links(board) if address.startswith("/figures/overdue_open/"))
    assert f'href="/cases/{forgotten.number}"' in (await manager.open(late)).html
    await one_figure_by_dimension(manager)
    await what_cannot_be_asked(manager, at_desk)
    await the_wall_names_nobody(manager, at_desk, forgotten)
    await a_report_is_ordered_and_taken(app, http, manager, clock)
    await manager.open("/language/en")
    for address, words in (("/figures", "Rated"), ("/figures/closed", "Definition"), ("/reports", "Order a report")):
        assert words.lower() in (await manager.open(address)).text.lower()


async def one_figure_by_dimension(manager: Browser) -> None:
    """By department at first; the chart, the table and the file of the table say the same."""
    first = await manager.open("/figures/received")
    assert "示例市市场监督管理局" in first.text, "by department until the reader chooses"
    page = await manager.open(f"/figures/received?{PERIOD}&by=department&over=week")
    assert FIGURES["received"].numerator.zh in page.text, "the definition is quoted"
    found = re.search(r'id="chart-data">(.*?)</script>', page.html, re.DOTALL)
    assert found
    chart = json.loads(found[1])
    assert (chart["kind"], chart["percent"], chart["labels"][:2]) == ("line", False, ["2026-02-23", "2026-03-02"])
    assert (chart["unit"], chart["low"]) == ("件", 0)
    assert "2026-03-02～03-08" in page.text, "the table says which days a week has"
    assert sorted(sum(one["values"]) for one in chart["series"]) == [1, 2]
    for address, number in links(page):
        assert amounts(await manager.open(address)) == number, address
    taken = await manager.http.get(f"/figures/received/table.csv?{PERIOD}&by=department&over=week")
    assert taken.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(taken.text.removeprefix("\ufeff"))))
    assert {(row["department"], row["week"], row["numerator"]) for row in rows} == {
        ("amr", "2026-03-02", "2"), ("hrss", "2026-03-02", "1"),
    }  # fmt: skip
    rate_page = await manager.open(f"/figures/on_time_rate?{PERIOD}&by=&over=month&department=hrss")
    assert "无数据" in rate_page.text
    narrowed = await manager.open(f"/figures?{PERIOD}&channel=window&handler=officer")
    assert narrowed.answer.status_code == 200
    assert await nothing_behind(manager)


async def nothing_behind(manager: Browser) -> bool:
    page = await manager.open(f"/figures/impasse_solved_rate/cases?{PERIOD}&part=rest")
    return "没有办件" in page.text


async def what_cannot_be_asked(manager: Browser, at_desk: At) -> None:
    for address, words in (
        ("/figures?from=x", "日期格式"),
        ("/figures?from=2026-03-31&to=2026-03-01", "截止日早于起始日"),
        ("/figures/received?by=wrong", "没有这个统计维度"),
        ("/figures/received?as_of=2030-01-01", "尚未结清"),
        ("/figures?hall=town-hall", "不在您的管辖范围"),
    ):
        page = await manager.open(address)
        assert page.answer.status_code in {404, 409, 422}, address
        assert words in page.text, address
        assert page.form(address.partition("?")[0]).names >= {"from", "to", "department"}, (
            "what was typed can be mended"
        )
    assert (await manager.open("/figures/nothing")).answer.status_code == 404
    assert (await manager.open("/figures/received/cases?part=wrong")).answer.status_code == 422
    assert (await manager.http.get("/figures/received/table.csv")).status_code == 422
    clerk = await at_desk("clerk")
    for address in ("/figures", "/figures/received", "/figures/received/cases", "/reports", "/wall"):
        assert (await clerk.open(address)).answer.status_code == 403, address


async def the_wall_names_nobody(manager: Browser, at_desk: At, forgotten: Story) -> None:
    page = await manager.open("/wall")
    assert page.answer.status_code == 200, page.text
    assert "示例市政务服务中心" in page.text
    assert "不经窗口" in page.text
    assert "不经窗口" in (await manager.open("/board")).text, "the load of each window stands on the board too"
    assert "每分钟自动刷新" in page.text
    part = await manager.http.get("/wall", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="wall"')
    for name in (forgotten.number, "示例餐饮"):
        assert name not in page.text
    assert (await (await at_desk("officer")).open("/wall")).answer.status_code == 403


async def a_report_is_ordered_and_taken(app: Litestar, http: httpx.AsyncClient, manager: Browser, clock: Clock) -> None:
    page = await manager.open("/reports")
    assert "还没有报表" in page.text
    wrong = await manager.send(page.form("/reports"), kind="range", **{"from": "2026-03-02"})
    assert wrong.answer.status_code == 422
    assert "截止日期" in wrong.text
    assert wrong.form("/reports").value("from") == "2026-03-02"
    ordered = await manager.send(page.form("/reports"), kind="weekly", **{"from": "2026-03-04"}, hall="hall")
    assert "2026-03-02 至 2026-03-08" in ordered.text
    await work(app, clock, "report.make")
    ready = await manager.open("/reports?kind=weekly")
    addresses = [
        values["href"] for tag, values in ready.elements if tag == "a" and "/api/v1/reports/" in values["href"]
    ]
    for address, head in zip(addresses, (b"PK", b"%PDF"), strict=True):
        taken = await manager.http.get(address)
        assert taken.content.startswith(head)
        assert "attachment" in taken.headers["content-disposition"]
        assert int(taken.headers["content-length"]) == len(taken.content)
    await over_json(http, clock, addresses[0])


async def over_json(http: httpx.AsyncClient, clock: Clock, workbook: str) -> None:
    auditor = await caller(http, "auditor", Role.auditor, "460000", clock.now)
    officer = await caller(http, "officer", Role.officer, "amr", clock.now)
    path = "/api/v1/reports"
    for body, status, code in (
        ({}, 422, "payload_invalid"),
        ({"kind": "hourly", "from": "2026-03-02"}, 422, "payload_invalid"),
        ({"kind": "range", "from": "2026-03-02"}, 422, "last_day_needed"),
        ({"kind": "daily", "from": "2026-12-02"}, 422, "period_not_begun"),
        ({"kind": "daily", "from": "2026-03-02", "as_of": "2026-03-31T16:00:00Z"}, 409, "moment_not_settled"),
        ({"kind": "daily", "from": "2026-03-02", "hall": "nowhere"}, 404, "organisation_not_found"),
    ):
        refused(await auditor.post(path, body), status, code)
    (row,) = (await auditor.get(path)).json()["reports"]
    own: dict[str, Any] = (await auditor.get(f"{path}/{row['id']}")).json()
    assert (own["state"], own["wish"], set(own["files"])) == (
        "ready", {"kind": "weekly", "from": "2026-03-04", "hall": "hall"} | _unset(own["wish"]), {"xlsx", "pdf"},
    )  # fmt: skip
    refused(await auditor.post(f"{path}/{row['id']}/retry", {}), 409, "report_not_failed")
    refused(await officer.get(workbook), 404, "report_not_found")
    assert (await officer.get(path)).json() == {"reports": [], "next": None}
    ordered = await officer.post(path, {"kind": "daily", "from": "2026-03-02", "department": "amr"})
    assert (ordered.status_code, ordered.json()["percent"]) == (202, 0)
    refused(await officer.get(f"{path}/{ordered.json()['id']}/pdf"), 409, "report_not_ready")


def _unset(wish: dict[str, Any]) -> dict[str, Any]:
    return {name: None for name, value in wish.items() if value is None}
