"""The inbox, letters and calls by hand, and what was not sent, on pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from litestar import Litestar

from api.state import context_of
from engine.messages.notifying import send
from storage import notifications
from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.api.test_messages import leave
from tests.factories import Story, firm, person

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def state_of(message: UUID) -> str:
    row = await notifications.read(message)
    assert row is not None
    return str(row["state"])


async def test_a_department_reads_what_was_left_for_it_and_marks_it(at_desk: At, case_in: Bring) -> None:
    first, second = await case_in("DISPATCHED", who=firm(1)), await case_in("DISPATCHED", who=firm(2))
    officer = await at_desk("officer")
    page = await officer.open("/inbox")
    assert first.number in page.text
    assert second.number in page.text
    assert "签收" in page.text
    one = next(form for form in page.forms if form.action == "/inbox")
    key = next(values["value"] for tag, values in page.elements if tag == "button" and values.get("name") == "message")
    page = await officer.send(one, message=key)
    assert "已标为已读 1 条" in page.text
    assert second.number not in page.text  # the newest one comes first
    assert first.number in page.text
    page = await officer.open("/inbox?show=all")
    assert second.number in page.text
    assert "已读" in page.text
    assert "收件箱是空的" in (await (await at_desk("officer.hrss")).open("/inbox?show=all")).text


async def test_a_page_of_messages_is_marked_at_once(at_desk: At, case_in: Bring) -> None:
    for number in (1, 2, 3):
        await case_in("DISPATCHED", who=firm(number))
    officer = await at_desk("officer")
    page = await officer.open("/inbox")
    shown = sum(tag == "button" and values.get("name") == "message" for tag, values in page.elements)
    assert shown >= 3
    every = [form for form in page.forms if form.action == "/inbox" and form.value("message")][-1]
    page = await officer.send(every, message=[value for name, value in every.fields if name == "message"])
    assert f"已标为已读 {shown} 条" in page.text
    assert "没有未读的提醒" in page.text


async def test_letters_are_posted_and_calls_made_by_hand(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("ACCEPTED", who=person(1))
    letter = await leave(story.number, clock, way="letter", event="ask_supplement")
    call = await leave(story.number, clock, way="voice", event="ask_supplement")
    await send(context_of(app), call, clock)  # without a gateway for calls, people make them
    clerk = await at_desk("clerk")
    page = await clerk.open("/inbox/by-hand")
    page = await clerk.send(page.form("/by-hand"), outcome="done")
    assert f"{story.number} 的信函已登记寄出" in page.text
    assert await state_of(letter) == "sent"
    assert "没有要打印的信函" in page.text
    for told in ("仍在名单中", "仍在名单中", "三次无人接听"):
        page = await clerk.open("/inbox/by-hand?way=voice")
        stale = page.form("/by-hand")
        page = await clerk.send(stale, outcome="not_reached")
        assert told in page.text
    assert await state_of(call) == "failed"
    page = await clerk.send(stale, outcome="done")
    assert page.answer.status_code == 404
    assert "没有该消息" in page.text
    assert (await (await at_desk("officer")).open("/inbox/by-hand")).answer.status_code == 403


async def test_what_was_not_sent_says_why_and_is_sent_again(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("ACCEPTED", who=person(1))
    message = await leave(story.number, clock)
    await send(context_of(app), message, clock)
    assert await state_of(message) == "suppressed"
    manager = await at_desk("hall_manager")
    page = await manager.open("/inbox/unsent")
    assert story.number in page.text
    assert "本系统没有这种发送通道" in page.text
    assert "短信网关 未配置" in page.text
    page = await manager.send(page.form("/unsent"))
    assert "已重新排队发送" in page.text
    assert await state_of(message) == "waiting"
    assert (await (await at_desk("clerk")).open("/inbox/unsent")).answer.status_code == 403
