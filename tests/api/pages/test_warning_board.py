"""The warning board and the pages about the one-time notice: every number is a link to a list of that length."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
from litestar import Litestar

from api.state import context_of
from engine.projecting import project
from engine.timing import fire_case
from tests.api.hall import Caller, Clock, caller, refused
from tests.api.pages.browser import Browser, Page
from tests.api.pages.test_queries import questions
from tests.engine.test_complying import told
from tests.engine.test_law_notice import lines
from tests.engine.test_warning_board import NOW, planted
from tests.factories import START, Story, bring, firm
from workflows.actor import Role
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
LINK = re.compile(r'<a href="([^"]+)">(\d+)</a>')


def numbers(page: Page, prefix: str) -> dict[str, int]:
    """The numbers of a page that are links, by their address."""
    found = LINK.findall(page.html.replace("&amp;", "&"))
    return {address: int(number) for address, number in found if address.startswith(prefix)}


async def test_every_number_leads_to_as_many_rows(
    app: Litestar, http: httpx.AsyncClient, at_desk: At, clock: Clock
) -> None:
    clock.now = NOW
    supervisor = await at_desk("supervisor")
    few = await asked(supervisor)
    stories = await planted(context_of(app))
    assert await asked(supervisor) == few > 2
    board = await supervisor.open("/board")
    assert board.answer.status_code == 200, board.text
    assert "预警看板" in board.text
    assert "refresh" not in {values.get("http-equiv") for tag, values in board.elements if tag == "meta"}
    again = await supervisor.open("/board?again=1")
    assert "refresh" in {values.get("http-equiv") for tag, values in again.elements if tag == "meta"}
    links = numbers(board, "/board/")
    assert len(links) > 30
    for address, number in links.items():
        listed = await supervisor.open(address)
        assert listed.answer.status_code == 200, (address, listed.text)
        assert listed.html.count("<tr>") - 1 == number, address
    late = stories["overdue"].number
    assert f'href="/cases/{late}#actions"' in (await supervisor.open("/board/cases?level=red")).html
    assert f'href="/cases/{late}#cards"' in (await supervisor.open("/board/owed?kind=card_appeal")).html
    assert (await supervisor.open("/board/cases?level=green")).answer.status_code == 422
    assert (await supervisor.open("/board/cases?department=nowhere")).answer.status_code == 404
    assert (await (await at_desk("clerk")).open("/board")).answer.status_code == 403
    await supervisor.open("/language/en")
    assert "Warning board" in (await supervisor.open("/board")).text
    await over_json(http, clock, links)


async def asked(browser: Browser) -> int:
    """How many statements the board takes; what the application does meanwhile for others is not counted."""
    return min([await questions(browser, "/board") for _ in range(3)])


async def over_json(http: httpx.AsyncClient, clock: Clock, links: dict[str, int]) -> None:
    """The same numbers and lists for machines, page by page; what cannot be asked is refused in words."""
    watcher = await caller(http, "supervisor", Role.supervisor, "460100", clock.now)
    board = (await watcher.get("/api/v1/board")).json()
    levels = {row["light"]: row for row in board["levels"]}
    owed = {row["kind"]: row for row in board["owed"]}
    assert board["next_day"] == "2026-03-11"
    assert links["/board/cases?level=red&when=now"] == levels["red"]["now"]
    assert links["/board/owed?kind=impasse_contact&pressing=open"] == owed["impasse_contact"]["open"] == 2
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await watcher.get(f"/api/v1/board/cases?level=yellow&limit=1{cursor and '&cursor=' + cursor}")).json()
        rows, cursor = rows + page["items"], page.get("next")
    assert len({row["case"] for row in rows}) == len(rows) == levels["yellow"]["now"] == 2
    assert {row["light"] for row in rows} == {"yellow"}
    listed = (await watcher.get("/api/v1/board/owed?kind=supervision_reply&pressing=next_day")).json()
    assert [row["due_at"] for row in listed["items"]] == ["2026-03-11T09:30:00Z"]
    refused(await watcher.get("/api/v1/board/cases?level=red&department=nowhere"), 404, "organisation_not_found")
    refused(await watcher.get("/api/v1/board/cases?level=red&person=nobody"), 404, "person_not_found")
    refused(await watcher.get("/api/v1/board/cases?level=red&cursor=x"), 422, "unknown_cursor")
    assert (await watcher.get("/api/v1/board/cases?level=green")).status_code == 400
    clerk = await caller(http, "clerk", Role.clerk, "hall", clock.now)
    for path in ("board", "board/cases?level=red", "board/owed?kind=card_appeal"):
        refused(await clerk.get(f"/api/v1/{path}"), 403, "role_not_allowed")


async def test_a_breach_stands_beside_the_first_notice_on_a_page_of_its_own(
    app: Litestar, http: httpx.AsyncClient, at_desk: At, clock: Clock
) -> None:
    context = context_of(app)
    twice = await told(context, 1)
    await twice.go("officer", Act.ADD_NOTICE_LINES, lines=lines("M03"))
    silent = await forgotten(context)
    clean = await told(context, 3)
    await project(seconds=60)
    clock.now = START + timedelta(days=12)
    auditor = await at_desk("auditor")
    page = await auditor.open("/compliance?from=2026-03-01&to=2026-03-31")
    assert page.answer.status_code == 200, page.text
    assert "一次性告知合规" in page.text
    assert "统计期内发出的告知数" in page.text, "the definition is quoted"
    listed = await auditor.open("/compliance/A2?from=2026-03-01&to=2026-03-31")
    assert f"/compliance/cases/{twice.number}" in listed.html
    assert clean.number not in listed.html
    assert "首次未告知，且无事实变化" in listed.text
    lapsed = await auditor.open("/compliance/A5?from=2026-03-01&to=2026-03-31")
    assert "2026年3月9日 17:30" in lapsed.text
    assert silent.number in lapsed.html
    side = await auditor.open(f"/compliance/cases/{twice.number}")
    assert "第 2 次告知与首次对照" in side.text
    assert (await auditor.open(f"/compliance/cases/{clean.number}")).text.count("没有发现违规") == 1
    for address in ("/compliance?from=x", "/compliance?from=2026-03-31&to=2026-03-01"):
        assert (await auditor.open(address)).answer.status_code == 422
    assert (await auditor.open("/compliance/A9")).answer.status_code == 404
    assert (await (await at_desk("clerk")).open("/compliance")).answer.status_code == 403
    await auditor.open("/language/en")
    assert "The one-time notice" in (await auditor.open("/compliance")).text
    assert "New, and no fact has changed" in (await auditor.open(f"/compliance/cases/{twice.number}")).text
    await rules_over_json(http, clock, twice, silent)


async def forgotten(context: Any) -> Story:
    """A case of which nobody told the applicant anything until its time was over."""
    story = await bring(context, "RECEIVED", who=firm(2))
    await fire_case(context, story.number, START + timedelta(days=10))
    return story


async def rules_over_json(http: httpx.AsyncClient, clock: Clock, twice: Story, silent: Story) -> None:
    auditor: Caller = await caller(http, "auditor", Role.auditor, "460000", clock.now)
    asked = "from=2026-03-01&to=2026-03-31"
    found = (await auditor.get(f"/api/v1/compliance?{asked}")).json()
    assert {row["rule"]: row.get("broken") for row in found["rules"]} == {
        "A1": 0, "A2": 1, "A3": 0, "A4": None, "A5": 1, "A6": 0, "A7": 1,
    }  # fmt: skip
    (a2,) = (await auditor.get(f"/api/v1/compliance/A2?{asked}&limit=1")).json()["items"]
    assert (a2["case"], [line["standing"] for line in a2["notices"][1]["lines"]]) == (twice.number, ["offending"])
    (a5,) = (await auditor.get(f"/api/v1/compliance/A5?{asked}")).json()["items"]
    assert (a5["case"], a5["lapse"]["due_at"]) == (silent.number, "2026-03-09T09:30:00Z")
    side = (await auditor.get(f"/api/v1/compliance/cases/{twice.number}")).json()
    assert side["breaches"] == ["A1", "A2", "A7"]
    refused(await auditor.get("/api/v1/compliance?from=2026-03-31&to=2026-03-01"), 422, "period_wrong")
    refused(await auditor.get(f"/api/v1/compliance?{asked}&department=nowhere"), 404, "organisation_not_found")
    refused(await auditor.get("/api/v1/compliance/cases/0"), 404, "case_not_found")
    assert (await auditor.get(f"/api/v1/compliance/A9?{asked}")).status_code == 400
    officer = await caller(http, "officer.health", Role.officer, "health", clock.now)
    assert (await officer.get(f"/api/v1/compliance/A2?{asked}")).json()["items"] == []
    refused(await officer.get(f"/api/v1/compliance/cases/{twice.number}"), 404, "case_not_found")
