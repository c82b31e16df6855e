"""The help desk in a browser: a mandate is registered, its paper uploaded, an application filed, the mandate ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from litestar import Litestar

from api.state import context_of
from engine.jobs import run_row
from storage.db import reading
from tests.api.hall import FOOD, Clock
from tests.api.pages.browser import Browser, Page
from tests.factories import open_story
from tests.mandates import agent_number, give, wish
from tests.storage.hostile_files import pdf

At = Callable[..., Awaitable[Browser]]
TYPED: dict[str, str | list[str]] = {
    "principal__kind": "person",
    "principal__name": "示例奶奶",
    "principal__id_kind": "resident_id",
    "principal__id_number": "11010519491231002X",
    "agent__login": "agent",
    "agent__id_kind": "resident_id",
    "agent__id_number": agent_number(),
    "matter": "代为办理食品经营许可",
    "items": FOOD.code,
    "powers": ["file", "supply"],
    "from_on": "2026-03-02",
    "until_on": "2026-03-29",
    "signed": "on",
}


async def judged(app: Litestar) -> None:
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'mandate.judge' AND state = 'waiting'")
    for row in rows:
        assert await run_row(context_of(app), row["id"], lambda: datetime.now(UTC))


async def test_an_agent_works_from_mandate_to_case_by_buttons(app: Litestar, at_desk: At) -> None:
    browser = await at_desk("agent")
    page = await browser.open("/mandates")
    assert "没有委托" in page.text
    page = await browser.open(f"/mandates/new?item={FOOD.code}")
    page = await browser.send(page.form("/mandates/new"), **TYPED, principal__language="en")
    assert page.answer.status_code == 200, page.text
    assert "示政服委〔2026〕1号" in page.text
    assert "待扫描存档" in page.text
    page = await browser.upload(page.form("/scans"), "委托书.pdf", pdf())
    assert "正在核验" in page.text
    await judged(app)
    page = await browser.open(str(page.answer.url))
    assert "有效" in page.text
    assert "代为申请" in page.text
    page = await browser.send(page.form("/cases"))
    async with reading() as connection:
        assert await connection.fetchval("SELECT applicant->>'language' FROM cases") == "en"
    assert "已登记" in page.text
    assert "陈念慈（代示例奶奶）" in page.text
    assert "陈念慈代示例奶奶（示政服委〔2026〕1号）" in page.text
    page = await browser.send(page.form("/actions/submit"))
    assert "预审中" in page.text


async def test_a_refused_mandate_keeps_what_was_typed(at_desk: At) -> None:
    browser = await at_desk("clerk")
    page = await browser.open(f"/mandates/new?item={FOOD.code}")
    typed = TYPED | {"agent__id_number": "11010519491231002X"}
    page = await browser.send(page.form("/mandates/new"), **typed)
    assert page.answer.status_code == 409
    assert "委托人与代理人是同一人" in page.text
    assert page.form("/mandates/new").value("principal.name") == "示例奶奶"
    assert page.form("/mandates/new").value("items") == FOOD.code


async def test_what_is_wrong_with_a_mandate_is_said_beside_its_field(at_desk: At) -> None:
    browser = await at_desk("agent")
    page = await browser.open(f"/mandates/new?item={FOOD.code}")
    assert page.form("/mandates/new").value("from_on")
    for typed, name in (
        ({"signed": []}, "signed"),
        ({"powers": []}, "powers"),
        ({"until_on": "2020-01-01"}, "until_on"),
    ):
        refused = await browser.send(page.form("/mandates/new"), **(TYPED | typed))
        assert refused.answer.status_code in {409, 422}
        (field,) = [values for _, values in refused.elements if "autofocus" in values]
        assert field["name"] == name
        assert f"{name}-wrong" in refused.html
    assert "请至少勾选一项权限。" in (await browser.send(page.form("/mandates/new"), **(TYPED | {"powers": []}))).text


async def test_the_items_of_a_mandate_are_found_as_at_intake_and_ticked(at_desk: At) -> None:
    browser = await at_desk("agent")
    part = await browser.open("/mandates/new/items?find=spjy")
    assert FOOD.name in part.text
    assert " checked" not in part.html
    part = await browser.open(f"/mandates/new/items?find=食品经营&items={FOOD.code}&items=nothing")
    assert part.html.count(" checked") == 2
    assert "没有其他符合的事项" in part.text
    page = await browser.open("/mandates/new")
    page = await browser.send(page.form("/mandates/new"), find="ｓｐｊｙ", more="items", principal__name="示例奶奶")
    assert FOOD.name in page.text
    assert page.form("/mandates/new").value("principal.name") == "示例奶奶"
    page = await browser.send(page.form("/mandates/new"), **TYPED)
    assert "示政服委〔2026〕1号" in page.text


async def test_the_end_of_a_mandate_is_recorded_and_told(app: Litestar, at_desk: At, clock: Clock) -> None:
    context = context_of(app)
    story = await open_story(context, who=wish().principal, at=clock.now)
    mandate = await give(context, wish(items=[], case=story.number))
    agent, clerk = await at_desk("agent"), await at_desk("clerk")
    page = await agent.open(f"/cases/{story.number}")
    page = await agent.send(page.form("/actions/submit"))
    assert "代办" in page.text
    page = await clerk.open(f"/mandates/{mandate['mandate']}")
    page = await clerk.send(page.form("/revocation"), ending="revoked", reason="改为本人办理。")
    assert page.answer.status_code == 409
    assert "须由委托人签名" in page.text
    page = await clerk.send(page.form("/revocation"), ending="revoked", reason="改为本人办理。", signed="on")
    assert "已终止" in page.text
    page = await clerk.open(f"/cases/{story.number}")
    assert "委托终止" in page.text
    page = await agent.open(f"/cases/{story.number}")
    page = await agent.send(page.form("/actions/withdraw"), reason="不再办理。", signed="on") if _offers(page) else page
    assert "已经终止，不能再代为办理" in page.text


def _offers(page: Page) -> bool:
    return any(form.action.endswith("/actions/withdraw") for form in page.forms)


async def test_an_agent_who_names_no_mandate_is_told_so(at_desk: At) -> None:
    browser = await at_desk("agent")
    page = await browser.open(f"/cases/new?item={FOOD.code}")
    person = {"kind": "person", "name": "示例", "id_kind": "resident_id", "id_number": "11010519491231002X"}
    page = await browser.send(page.form("/cases/new"), **person)
    assert page.answer.status_code == 403
    assert "帮办代办须凭授权委托书办理" in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_pages_of_mandates_are_whole(app: Litestar, at_desk: At, language: str) -> None:
    mandate = await give(context_of(app), wish())
    browser = await at_desk("agent")
    await browser.open(f"/language/{language}")
    for address in ("/mandates", "/mandates?ended=1", "/mandates/new", f"/mandates/{mandate['mandate']}"):
        page = await browser.open(address)
        assert page.answer.status_code == 200, address
        assert [tag for tag, _ in page.elements].count("h1") == 1
        ids = [values["id"] for _, values in page.elements if "id" in values]
        assert len(ids) == len(set(ids)), address
        for tag, values in page.elements:
            if tag in {"input", "select", "textarea"} and values.get("type") != "hidden":
                assert values.get("id") in page.labelled or "inside-label" in values, (address, values)
    stranger = await at_desk("officer")
    assert (await stranger.open(f"/mandates/{mandate['mandate']}")).answer.status_code == 404
