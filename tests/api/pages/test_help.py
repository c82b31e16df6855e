"""The help desk in a browser: principals and what waits for whom, on-site visits, tickets for what was not done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import pytest
from litestar import Litestar

from api.state import context_of
from storage.db import reading
from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.factories import FOOD, Story
from tests.mandates import filed, give, wish

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
BOOKED: dict[str, str | list[str]] = {
    "principal__name": "示例奶奶",
    "principal__id_kind": "resident_id",
    "principal__id_number": "11010519491231002X",
    "day": "2026-03-02",
    "at": "15:00",
    "place": "示例市示例区示例街道示例路3号",
    "matter": "签署授权委托书",
    "first": "agent",
    "second": "guide",
    "in_area": "on",
    "immobile": "on",
}


async def test_an_agent_sees_for_whom_they_act_and_whose_turn_it_is(app: Litestar, at_desk: At) -> None:
    context = context_of(app)
    agent, clerk = await at_desk("agent"), await at_desk("clerk")
    assert "目前没有有效委托" in (await agent.open("/principals")).text
    mandate = await give(context, wish())
    story = await filed(context, mandate)
    page = await agent.open("/principals")
    for words in (wish().principal.name, mandate["number"], "2026年3月29日止", FOOD.name, story.number, "已登记"):
        assert words in page.text, words
    part = await agent.http.get("/principals", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="principals"')
    assert story.number not in (await clerk.open("/principals")).text


async def test_a_visit_is_booked_for_two_and_recorded_by_one(at_desk: At, clock: Clock) -> None:
    guide, clerk = await at_desk("guide"), await at_desk("clerk")
    assert "没有安排上门" in (await guide.open("/visits")).text
    form = (await clerk.open("/visits/new")).form("/visits/new")
    alone = await clerk.send(form, **BOOKED | {"second": "agent"})
    assert alone.answer.status_code == 409
    assert "须由两名工作人员" in alone.text
    assert alone.form("/visits/new").value("place") == BOOKED["place"]
    booked = await clerk.send(alone.form("/visits/new"), **BOOKED)
    assert "示例奶奶" in booked.text
    assert "示例路3号" not in booked.text
    assert not [form for form in booked.forms if form.action.endswith("/record")]
    page = await guide.open("/visits")
    shown = await guide.send(page.form("/place"), reason="上门需要地址")
    assert str(BOOKED["place"]) in shown.text
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM access_log WHERE action = 'unmask.place'") == 1
    refused = await guide.send(page.form("/record"), took_place="yes", outcome="本人已签署。")
    assert refused.answer.status_code == 409
    assert refused.form("/record").value("outcome") == "本人已签署。"
    page = await guide.send(refused.form("/record"), took_place="yes", conscious="on", outcome="本人已签署。")
    assert "已上门" in page.text
    assert "本人已签署。" in page.text
    clock.advance(days=2)
    page = await (await at_desk("guide")).open("/visits")
    assert "示例奶奶" not in page.text
    assert "日期格式" in (await (await at_desk("guide")).open("/visits?since=x")).text


async def test_a_ticket_goes_its_way_by_buttons(at_desk: At, case_in: Bring) -> None:
    story = await case_in("REVIEW")
    clerk, handler = await at_desk("clerk"), await at_desk("impasse_handler")
    manager, officer = await at_desk("hall_manager"), await at_desk("officer")
    form = (await clerk.open(f"/impasses/new?case={story.number}")).form("/impasses/new")
    assert form.value("case") == story.number
    page = await clerk.send(form, person="示例人", matter="跑了三次仍未办成。", contact="13800001234")
    number = "示政服难〔2026〕1号"
    assert number in page.text
    assert "13800001234" not in page.text
    address = f"/impasses/{quote(number)}"
    page = await handler.open(address)
    assert (await officer.open(address)).answer.status_code == 404
    page = await handler.send(page.form("/steps/assign"), organisation="amr", note="请当日联系。")
    assert "已交办" in page.text
    refused = await handler.send(page.form(address + "/contact"), reason="无")
    assert "请写明查看原因" in refused.text
    shown = await handler.send(page.form(address + "/contact"), reason="电话联系反映人")
    assert "13800001234" in shown.text
    page = await handler.send(page.form("/steps/contact"), note="已电话联系。")
    page = await officer.open(address)
    page = await officer.send(page.form("/steps/solve"), note="已受理并办结。")
    assert "已解决" in page.text
    page = await handler.send((await handler.open(address)).form("/steps/feed_back"), note="已告知本人。")
    page = await manager.send((await manager.open(address)).form("/steps/verify"), note="本人认可。")
    page = await handler.send((await handler.open(address)).form("/steps/file"), note="归档。")
    assert "已归档" in page.text
    assert "没有可做的操作" in page.text
    assert number not in (await handler.open("/impasses")).text
    assert number in (await handler.open("/impasses?state=all")).text
    assert (await handler.open("/impasses?state=nonsense")).answer.status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_pages_of_the_help_desk_are_whole(app: Litestar, at_desk: At, language: str) -> None:
    await give(context_of(app), wish())
    agent, handler = await at_desk("agent"), await at_desk("impasse_handler")
    for browser, addresses in (
        (agent, ("/principals", "/visits", "/visits/new")),
        (handler, ("/impasses", "/impasses/new")),
    ):
        await browser.open(f"/language/{language}")
        for address in addresses:
            page = await browser.open(address)
            assert page.answer.status_code == 200, address
            assert [tag for tag, _ in page.elements].count("h1") == 1
            ids = [values["id"] for _, values in page.elements if "id" in values]
            assert len(ids) == len(set(ids)), address
            for tag, values in page.elements:
                if tag in {"input", "select", "textarea"} and values.get("type") != "hidden":
                    assert values.get("id") in page.labelled or "inside-label" in values, (address, values)
