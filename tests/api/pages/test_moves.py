"""Two stewards move cases by buttons: the dry run with its reasons, the approval by another, the story on the case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from litestar import Litestar

from api.state import context_of
from tests.api.hall import FOOD, Clock
from tests.api.pages.browser import Browser
from tests.engine.test_migrating import publish_next, worked
from tests.factories import Story, publish

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
TYPED: dict[str, str | list[str]] = {
    "flow": "PERMIT", "flow_from": "2", "flow_to": "3", "item": FOOD.code, "item_from": "1", "item_to": "2",
    "reason": "<b>修订</b>",
}  # fmt: skip


async def test_a_plan_is_made_approved_and_carried_out_by_buttons(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    accepted, received = await case_in("REVIEW"), await case_in("RECEIVED")
    await publish_next(clock.now)
    await publish(FOOD, promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=4))
    maker, checker = await at_desk("item_steward"), await at_desk("item_steward2")
    page = await maker.open("/moves")
    assert "还没有迁移方案" in page.text
    page = await maker.send(page.form("/moves"), **TYPED | {"flow_to": "2", "item_to": "1"})
    assert page.answer.status_code == 422
    assert "没有需要移转的内容" in page.text
    assert page.form("/moves").value("item") == FOOD.code
    page = await maker.send(page.form("/moves"), **TYPED)
    assert "试算中" in page.text
    assert "<b>" not in page.html.partition("</header>")[2]
    address = str(page.answer.url)
    await worked(context_of(app), clock.now)
    page = await maker.open(address)
    for told in ("待批准", "审查中", "已收件"):
        assert told in page.text
    assert "已受理办件的期限不得因移转而改变" in page.text
    assert not [form for form in page.forms if form.action.endswith("/approval")]
    page = await checker.open("/catalogue")
    assert ("a", {"href": "/moves"}) in page.elements
    page = await checker.send((await checker.open(address)).form("/approval"))
    assert "已批准" in page.text
    page = await maker.send((await maker.open(address)).form("/carrying-out"))
    assert "移转中" in page.text
    await worked(context_of(app), clock.now)
    page = await maker.open(f"{address}?only=moved")
    assert received.number in page.text
    assert accepted.number not in page.text
    page = await (await at_desk("clerk")).open(f"/cases/{received.number}")
    for told in ("移转到其他版本", "流程版本", "2 → 3", "事项版本", "1 → 2", "梁长风"):
        assert told in page.text
    page = await (await at_desk("auditor")).open(f"{address}?only=stays")
    assert accepted.number in page.text
    assert not [form for form in page.forms if "/moves/" in form.action]
    clerk = await at_desk("clerk")
    assert (await clerk.open("/moves")).answer.status_code == 403
