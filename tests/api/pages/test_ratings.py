"""Bad ratings on pages: what is owed and by when, the review that somebody else settles, asking the rater."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from litestar import Litestar

from api.state import context_of
from engine.ratings import rating
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, Form, Page
from tests.factories import Story
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


def form(page: Page, step: str) -> Form:
    """The form of a step on the page."""
    return next(one for one in page.forms if one.action == "/ratings" and one.value("step") == step)


@pytest.fixture
async def rated(app: Litestar, case_in: Bring, clock: Clock) -> Story:
    """A delivered case with the worst rating, whose rectification is ordered."""
    story, context = await case_in("DELIVERED"), context_of(app)
    await rating.rate(context, (await story.row())["query_code"], 5, "等候时间太长。", clock.now)
    await rating.open_rectification(context, story.number, clock.now)
    clock.advance(minutes=1)
    story.now = clock.now
    return story


async def test_what_is_owed_after_a_bad_rating_is_shown_with_its_days_to_who_may_do_it(
    at_desk: At, rated: Story, clock: Clock
) -> None:
    complaints, supervisor = await at_desk("complaint_handler"), await at_desk("supervisor")
    page = await complaints.open("/ratings")
    assert "等候时间太长。" in page.text
    assert "联系评价人 2026年3月" in page.text
    assert "差评整改 2026年3月" in page.text
    assert "已超期" not in page.text
    links = [values["href"] for tag, values in page.elements if tag == "a" and rated.number in values.get("href", "")]
    assert f"/cases/{rated.number}#action-contact_rater" in links
    assert f"/cases/{rated.number}#action-rectify" in links
    assert "由其他岗位办理" in (await supervisor.open("/ratings")).text
    assert (await (await at_desk("clerk")).open("/ratings")).answer.status_code == 403
    clock.advance(days=10)
    assert "已超期" in (await (await at_desk("complaint_handler")).open("/ratings")).text


async def test_a_mistaken_rating_is_proposed_by_one_and_settled_by_another(at_desk: At, rated: Story) -> None:
    complaints, supervisor = await at_desk("complaint_handler"), await at_desk("supervisor")
    page = await complaints.open("/ratings")
    refused = await complaints.send(form(page, "propose"), reason="评价人选错了等级。", evidence=" ")
    assert refused.answer.status_code == 422
    assert form(refused, "propose").value("reason") == "评价人选错了等级。"
    assert "标出的项目" in refused.text
    page = await complaints.send(form(refused, "propose"), evidence="电话录音。")
    assert f"{rated.number} 的评价已提请复核" in page.text
    assert not [one for one in page.forms if one.value("step") in {"settle", "propose"}]

    page = await supervisor.open("/ratings")
    assert "电话录音。" in page.text
    unsaid = await supervisor.send(form(page, "settle"), reason="录音属实。")
    assert unsaid.answer.status_code == 422
    assert form(unsaid, "settle").value("reason") == "录音属实。"
    page = await supervisor.send(form(unsaid, "settle"), mistaken="yes")
    assert "已认定为误评" in page.text
    assert "没有待处理的差评" in page.text
    page = await supervisor.open("/ratings?show=all")
    assert "认定为误评，不予采纳" in page.text
    assert "录音属实。" in page.text


async def test_the_rater_is_asked_until_they_are_reached(at_desk: At, rated: Story, clock: Clock) -> None:
    await rated.go("complaint_handler", Act.CONTACT_RATER, note="已致歉。", complex=False)
    await rated.go("complaint_handler", Act.RECTIFY, result="增开一个窗口。")
    clock.now = rated.now + timedelta(minutes=10)
    complaints = await at_desk("complaint_handler")
    page = await complaints.open("/ratings")
    assert "差评回访 2026年3月" in page.text
    wrong = await complaints.send(form(page, "follow_up"), reached="yes", note="已回访。")
    assert wrong.answer.status_code == 422
    page = await complaints.send(form(page, "follow_up"), reached="no", note="无人接听。")
    assert "仍须再次联系" in page.text
    assert "已回访 1 次" in page.text
    page = await complaints.send(form(page, "follow_up"), reached="yes", satisfied="yes", note="表示满意。")
    assert "没有待处理的差评" in page.text
