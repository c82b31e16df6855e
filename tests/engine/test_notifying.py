"""What people are told reaches them once their gateway works, whatever it did before; and nobody else learns of it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

import msgspec
import pytest
from pydantic import SecretStr

from engine.context import Context
from engine.issue.counter import pickup_code
from engine.jobs import run_row
from engine.messages.informing import call_applicant, list_by_hand, list_inbox, mark_read, settle_by_hand
from engine.messages.notifying import SEND
from engine.messages.resending import list_gateways, list_unsent, send_again
from engine.opening import Applicant
from engine.overseeing import _UNLAWFUL
from storage import notifications, outbox
from storage.db import reading, transaction
from storage.notifications import NEWEST
from tests.factories import FOOD, Story, bring, firm
from tests.gateways import KEY, Answer, HttpGateway, allow_anybody, http_gateway, mail_server, taken
from tests.people import actor
from workflows.duty import DUTIES
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.events import Act, EventName
from workflows.flow import packaged_flows
from workflows.messages.templates import templates

MOBILE = "13800001234"
HALL = "示例市政务服务中心"
NIGHT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
"""22:30 in the hall."""


def having(context: Context, **changes: Any) -> Context:
    """The engine with other settings."""
    return dataclasses.replace(context, settings=context.settings.model_copy(update=changes))


def with_sms(context: Context, gateway: HttpGateway, **changes: Any) -> Context:
    return having(context, sms_url=SecretStr(gateway.url), sms_key=SecretStr(KEY), **changes)


async def put_to(now: datetime) -> None:
    """An act writes its work for the moment at which it was committed; a story has its own time."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE outbox SET due_at = $2, created_at = $2 WHERE topic = $1 AND due_at > $2::timestamptz + '90 days'",
            SEND, now,
        )  # fmt: skip


async def work_off(context: Context, now: datetime, until: datetime | None = None) -> datetime:
    """Do what comes due up to a moment, each row when it is due, as relay and workers would; when the last one was."""
    await put_to(now)
    end = until or now
    while True:
        async with reading() as connection:
            row = await connection.fetchrow(
                "SELECT id, due_at FROM outbox WHERE topic = $1 AND state = 'waiting' AND due_at <= $2"
                " ORDER BY due_at, id LIMIT 1",
                SEND, end,
            )  # fmt: skip
        if row is None:
            return now
        now = max(now, row["due_at"])
        at = now
        assert await run_row(context, row["id"], lambda at=at: at)


async def messages(story: Story, way: str = "sms") -> list[dict[str, Any]]:
    return [row for row in await story.rows("notifications", "seq, id") if row["way"] == way]


async def alarms() -> list[tuple[str, bool]]:
    async with reading() as connection:
        rows = await connection.fetch("SELECT subject, closed_at FROM alarms WHERE code = 'gateway_down' ORDER BY id")
    return [(row["subject"], row["closed_at"] is None) for row in rows]


async def accepted(context: Context, number: int = 1, **opening: Any) -> Story:
    """A case of a firm with a telephone, whose acceptance it is to be told of."""
    who = msgspec.structs.replace(firm(number), mobile=MOBILE)
    return await bring(context, "ACCEPTED", who=opening.pop("who", who), **opening)


async def leave(story: Story, count: int) -> None:
    """More messages of one case, as so many acts would leave them."""
    case = await story.row()
    async with transaction() as connection:
        for _ in range(count):
            row = {"case_id": case["id"], "seq": case["head_seq"], "recipient": "applicant", "way": "sms"}
            row |= {"event": "accept", "data": {}, "created_at": story.now, "place_id": case["hall_id"]}
            await outbox.add(
                connection, SEND, {"notification": await notifications.add(connection, row)}, case["id"], story.now
            )


async def log_of(number: str, action: str) -> list[dict[str, Any]]:
    async with reading() as connection:
        rows = await connection.fetch("SELECT body FROM access_log WHERE subject = $1 AND action = $2", number, action)
    return [json.loads(row["body"]) for row in rows]


async def test_an_acceptance_is_told_by_short_message(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway, public_url="https://yw.example.cn/")
        story = await accepted(context)
        await work_off(context, story.now)
        (sent,), (row,) = gateway.asked, await messages(story)
    case = await story.row()
    assert (sent["to"], sent["id"], sent["language"]) == (MOBILE, str(row["id"]), "zh")
    assert sent["text"].startswith(f"您的“{FOOD.name}”（{story.number}）已受理，最迟于2026年3月9日办结。")
    assert sent["text"].endswith(f"查询：https://yw.example.cn/status/{case['query_code']}")
    assert case["applicant"]["name"] not in sent["text"]
    assert gateway.headers[0]["authorization"] == f"Bearer {KEY}"
    assert gateway.headers[0]["idempotency-key"] == str(row["id"])
    assert (row["state"], row["gateway"], row["provider_id"]) == ("sent", "sms", f"gw-{str(row['id'])[-12:]}")
    assert (row["sent_at"], row["parts"], row["language"], row["attempts"]) == (story.now, 2, "zh", 1)
    (used,) = await log_of(story.number, "send.sms")
    assert (used["purpose"], used["actor"]) == ("accept", str(UUID(int=0)))
    output = capsys.readouterr()
    for place in (str(row), str(used), str(await story.rows("outbox")), output.out, output.err):
        assert MOBILE not in place


async def test_an_applicant_who_asked_for_english_is_told_in_english(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway)
        story = await accepted(context, who=msgspec.structs.replace(firm(), mobile=MOBILE, language="en"))
        await work_off(context, story.now)
    assert gateway.asked[0]["language"] == "en"
    code = (await story.row())["query_code"]
    assert gateway.asked[0]["text"] == (
        f"{FOOD.name_en} ({story.number}): accepted; it will be decided by 2026-03-09. You will be told."
        f" See {code[:4]}-{code[4:8]}-{code[8:]}"
    )


async def test_a_gateway_that_is_down_for_an_hour_delays_no_act_and_loses_no_message(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway)
        stories = [await accepted(context, number) for number in range(1, 6)]
        began = stories[-1].now
        gateway.stop()
        last = await work_off(context, began, began + timedelta(hours=1))
        await stories[0].go("clerk", Act.DISPATCH)
        assert gateway.asked == []
        assert {row["state"] for story in stories for row in await messages(story)} == {"waiting"}
        assert await alarms() == [("sms", True)]
        (state, *_) = await list_gateways(context, await actor("hall_manager"))
        assert (state["gateway"], state["state"], state["waiting"]) == ("sms", "failing", 5)
        assert (state["reason"], state["since"]) == ("no_answer", began)
        used = [len(await log_of(story.number, "send.sms")) for story in stories]
        assert sum(used) < 20  # the gateway was left alone, for all of them together
        gateway.start()
        await work_off(context, last, began + timedelta(hours=2))
    told = [row for story in stories for row in await messages(story)]
    assert sorted(gateway.sent) == sorted(str(row["id"]) for row in told)
    assert (len(gateway.asked), {row["state"] for row in told}) == (5, {"sent"})
    assert await alarms() == [("sms", False)]
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'dead'") == 0


async def test_a_message_that_cannot_be_sent_for_days_has_failed_and_says_so(context: Context) -> None:
    with http_gateway() as gateway:
        gateway.answer = lambda _: (500, {}, b"")
        context = with_sms(context, gateway, notification_hours=24)
        story = await accepted(context)
        await work_off(context, story.now, story.now + timedelta(days=2))
    (row,) = await messages(story)
    assert (row["state"], row["reason"]) == ("failed", "status_500")
    (unsent,) = await list_unsent(await actor("hall_manager"), before=NEWEST, limit=10)
    assert (unsent["case"], unsent["event"], unsent["reason"]) == (story.number, "accept", "status_500")


async def test_a_slow_gateway_that_took_the_message_sends_it_once(context: Context) -> None:
    answered = threading.Event()

    def slow(body: dict[str, Any]) -> Answer:
        if len(gateway.asked) == 1:
            gateway.sent[body["id"]] = body
            answered.wait(5)
        return taken(body)

    with http_gateway() as gateway:
        gateway.answer = slow
        context = with_sms(context, gateway, gateway_seconds=0.2)
        story = await accepted(context)
        began = time.monotonic()
        await work_off(context, story.now)
        assert time.monotonic() - began < 4
        answered.set()
        (row,) = await messages(story)
        assert (row["state"], row["reason"], row["attempts"]) == ("waiting", "timeout", 1)
        await work_off(context, story.now, story.now + timedelta(minutes=1))
    (row,) = await messages(story)
    assert (row["state"], row["attempts"], row["reason"]) == ("sent", 2, "")
    assert [body["id"] for body in gateway.asked] == [str(row["id"])] * 2
    assert list(gateway.sent) == [str(row["id"])]


@pytest.mark.parametrize(
    ("answer", "reason", "seconds"),
    [
        ((500, {}, b"oops 13800001234"), "status_500", 5),
        ((200, {}, b"not json"), "answer_not_understood", 5),
        ((200, {}, b'{"id": "\xe4\xbd\xa0"}'), "answer_not_understood", 5),
        ((200, {}, b"[1]"), "answer_not_understood", 5),
        ((200, {}, b" " * 70_000), "answer_not_understood", 5),
        ((302, {"Location": "http://169.254.169.254/"}, b""), "status_302", 5),
        ((401, {}, b""), "key_refused", 5),
        ((429, {"Retry-After": "120"}, b""), "status_429", 120),
        (None, "no_answer", 5),
    ],
)
async def test_whatever_a_gateway_answers_the_message_waits(
    context: Context, answer: Answer | None, reason: str, seconds: int
) -> None:
    with http_gateway() as gateway:
        gateway.answer = lambda _: answer
        context = with_sms(context, gateway)
        story = await accepted(context)
        await work_off(context, story.now)
        (row,) = await messages(story)
        assert (row["state"], row["reason"]) == ("waiting", reason)
        (left,) = [one for one in await story.rows("outbox") if one["topic"] == SEND]
        assert (left["state"], left["attempts"]) == ("waiting", 0)
        assert left["due_at"] == story.now + timedelta(seconds=seconds)
        gateway.answer = taken
        await work_off(context, story.now, story.now + timedelta(minutes=5))
    assert [row["state"] for row in await messages(story)] == ["sent"]


async def test_a_message_that_the_gateway_refuses_for_good_has_failed_and_can_be_tried_again(context: Context) -> None:
    with http_gateway() as gateway:
        gateway.answer = lambda _: (422, {}, json.dumps({"refused": "number_unknown"}).encode())
        context = with_sms(context, gateway)
        story, other = await accepted(context, 1), await accepted(context, 2)
        await work_off(context, other.now)
        (row,) = await messages(story)
        assert (row["state"], row["reason"]) == ("failed", "number_unknown")
        gateway.answer = lambda body: (422, {}, json.dumps({"refused": f"no such number {body['to']}"}).encode())
        manager, admin = await actor("hall_manager"), await actor("system_admin")
        for who in (await actor("clerk"), await actor("officer"), await actor("security_admin")):
            with pytest.raises(Forbidden):
                await list_unsent(who, before=NEWEST, limit=10)
            with pytest.raises(Forbidden):
                await send_again(context, who, row["id"], other.now)
        later = other.now + timedelta(hours=1)
        await send_again(context, admin, row["id"], later)
        with pytest.raises(NotFound):
            await send_again(context, admin, row["id"], later)
        await work_off(context, later)
        assert [row["reason"] for row in await messages(story)] == ["refused_422"]
        gateway.answer = taken
        for one in await list_unsent(manager, before=NEWEST, limit=10):
            await send_again(context, manager, one["id"], later)
        await work_off(context, later)
    assert await list_unsent(manager, before=NEWEST, limit=10) == []
    assert {row["state"] for one in (story, other) for row in await messages(one)} == {"sent"}


async def test_without_a_gateway_nothing_is_tried_and_everybody_can_see_why(context: Context) -> None:
    story = await accepted(context)
    await work_off(context, story.now)
    (row,) = await messages(story)
    assert (row["state"], row["reason"], row["attempts"]) == ("suppressed", "no_gateway", 0)
    assert await log_of(story.number, "send.sms") == []
    states = {one["gateway"]: one["state"] for one in await list_gateways(context, await actor("system_admin"))}
    assert states == dict.fromkeys(("sms", "voice", "mail", "call"), "not_configured")
    with http_gateway() as gateway:
        context = with_sms(context, gateway)
        later = story.now + timedelta(days=30)
        await send_again(context, await actor("system_admin"), row["id"], later)
        await work_off(context, later)
    assert [row["state"] for row in await messages(story)] == ["sent"]


async def test_an_applicant_without_telephone_and_address_cannot_be_told(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway)
        story = await accepted(context, who=firm())
        await work_off(context, story.now)
    (row,) = await messages(story)
    assert (row["state"], row["reason"], gateway.asked) == ("suppressed", "no_address", [])


async def test_nobody_is_woken_at_night(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway)
        story = await accepted(context, at=NIGHT)
        assert await work_off(context, story.now, story.now + timedelta(hours=8)) == story.now
        assert gateway.asked == []
        sent_at = await work_off(context, story.now, story.now + timedelta(hours=10))
        assert sent_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)  # 08:00 in the hall
        assert len(gateway.asked) == 1
        story.now += timedelta(days=1)
        await leave(story, 1)
        awake = having(context, quiet_from=clock_time(0), quiet_until=clock_time(0))
        await work_off(awake, story.now)
    assert len(gateway.asked) == 2


async def test_a_gateway_is_not_asked_faster_than_it_may_be(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway, gateway_per_second=2.0, gateway_burst=3)
        story = await accepted(context)
        await work_off(context, story.now)
        await leave(story, 20)
        story.now += timedelta(hours=1)
        last = await work_off(context, story.now, story.now + timedelta(minutes=1))
        sent = sorted(row["sent_at"] - story.now for row in (await messages(story))[1:])
    assert [gap.total_seconds() for gap in sent] == [0, 0, 0] + [n / 2 for n in range(1, 18)]
    assert last - story.now == timedelta(seconds=8.5)


async def test_workers_side_by_side_keep_to_the_same_rate_and_send_nothing_twice(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway, gateway_per_second=1.0, gateway_burst=4)
        story = await accepted(context)
        await leave(story, 11)
        await put_to(story.now)
        rows = [row for row in await story.rows("outbox") if row["topic"] == SEND]
        await asyncio.gather(*(run_row(context, row["id"], lambda: story.now) for row in rows for _ in range(2)))
        assert len(gateway.asked) == 4
        await work_off(context, story.now, story.now + timedelta(seconds=8))
    assert len(gateway.asked) == len(gateway.sent) == 12


async def with_address(context: Context, address: str, who: Applicant | None = None) -> Story:
    """A result that is ready, of an applicant who confirmed an electronic address."""
    story = await bring(context, "READY", who=who or firm())
    await story.go("issuer", Act.CONSENT_ELECTRONIC, electronic_address=address, signed=True)
    async with reading() as connection:
        await connection.execute("UPDATE outbox SET state = 'done' WHERE topic = $1", SEND)
    await leave(story, 1)
    return story


def by_mail(context: Context, port: int, **changes: Any) -> Context:
    return having(
        context, **{"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"), "mail_from": "hall@example.cn"} | changes
    )


async def test_who_has_no_telephone_is_told_at_the_mail_address_they_confirmed(context: Context) -> None:
    with mail_server() as box:
        context = by_mail(context, box.port)
        story = await with_address(context, "somebody@example.cn")
        await work_off(context, story.now)
    (letter,), row = box.letters, (await messages(story))[-1]
    assert (row["state"], row["gateway"], row["parts"]) == ("sent", "mail", 0)
    assert (letter["To"], letter["From"]) == ("somebody@example.cn", "hall@example.cn")
    assert letter["Message-ID"] == f"<{row['id']}@example.cn>"
    assert letter["Subject"] == f"{FOOD.name} {story.number}"
    assert letter.get_content().startswith(f"您的“{FOOD.name}”（{story.number}）已受理")
    assert len(await log_of(story.number, "send.mail")) == 1
    assert "somebody" not in str(row)


async def test_a_mobile_number_that_was_confirmed_serves_who_filed_none(context: Context) -> None:
    with http_gateway() as gateway:
        context = with_sms(context, gateway)
        story = await with_address(context, MOBILE)
        await work_off(context, story.now)
    assert [body["to"] for body in gateway.asked] == [MOBILE]


@pytest.mark.parametrize(
    ("verdict", "state", "reason"),
    [("550 no such mailbox", "failed", "refused_550"), ("451 try later", "waiting", "deferred_451")],
)
async def test_a_mail_server_may_refuse_one_recipient(context: Context, verdict: str, state: str, reason: str) -> None:
    with mail_server() as box:
        box.verdict = verdict
        context = by_mail(context, box.port)
        story = await with_address(context, "somebody@example.cn")
        await work_off(context, story.now)
        row = (await messages(story))[-1]
        assert (row["state"], row["reason"]) == (state, reason)
        assert [one["state"] for one in await list_gateways(context, await actor("hall_manager"))][2] == "ok"
        box.verdict = "250 OK"
        await work_off(context, story.now, story.now + timedelta(hours=1))
    assert len(box.letters) == (state == "waiting")


async def test_a_password_is_never_sent_in_clear(context: Context) -> None:
    with mail_server(authenticator=allow_anybody, auth_require_tls=False) as box:
        context = by_mail(context, box.port, smtp_url=SecretStr(f"smtp://hall:secret@127.0.0.1:{box.port}"))
        story = await with_address(context, "somebody@example.cn")
        await work_off(context, story.now)
    row = (await messages(story))[-1]
    assert (row["state"], row["reason"], box.letters) == ("waiting", "encryption_not_offered", [])


async def test_a_mail_server_that_is_away_comes_back(context: Context) -> None:
    with mail_server() as box:
        port = box.port
    context = by_mail(context, port)
    story = await with_address(context, "somebody@example.cn")
    await work_off(context, story.now)
    assert (await messages(story))[-1]["reason"] == "no_answer"
    with mail_server() as box:
        context = by_mail(context, box.port)
        await work_off(context, story.now, story.now + timedelta(minutes=1))
    assert len(box.letters) == 1


async def test_a_certificate_that_is_ready_is_told_by_a_call_too(context: Context) -> None:
    with http_gateway() as gateway:
        context = having(
            context, voice_url=SecretStr(gateway.url), voice_key=SecretStr(KEY), public_url="https://yw.cn"
        )
        story = await bring(context, "READY", who=msgspec.structs.replace(firm(), mobile=MOBILE))
        await work_off(context, story.now)
    (call,), (row,) = gateway.asked, await messages(story, "voice")
    assert (row["state"], row["gateway"], call["to"]) == ("sent", "voice", MOBILE)
    code = await pickup_code(context, story.number)
    assert code is not None
    assert f"证照（批文）已制成，请携带有效证件到{HALL}领取，取件码{code}。" in call["text"]
    assert "https" not in call["text"]
    for table in ("notifications", "outbox", "events"):
        assert code not in re.sub(r"[0-9a-f-]{36}|\d{7,}|\d+\)", "", str(await story.rows(table)))


async def test_without_a_voice_gateway_the_hall_makes_the_call(context: Context) -> None:
    story = await bring(context, "READY", who=msgspec.structs.replace(firm(), mobile=MOBILE))
    await work_off(context, story.now)
    clerk, officer = await actor("clerk"), await actor("officer")
    (call,) = await list_by_hand(context, clerk, "voice")
    assert call["number"] == story.number
    assert "证照（批文）已制成" in call["text"]
    for _ in range(2):
        assert (await settle_by_hand(clerk, call["id"], "not_reached", story.now))["state"] == "waiting"
    with pytest.raises(Forbidden):
        await list_by_hand(context, officer, "voice")
    with pytest.raises(Forbidden):
        await settle_by_hand(officer, call["id"], "done", story.now)
    assert (await settle_by_hand(clerk, call["id"], "not_reached", story.now))["state"] == "failed"
    with pytest.raises(NotFound):
        await settle_by_hand(clerk, call["id"], "done", story.now)
    await send_again(context, await actor("hall_manager"), call["id"], story.now)
    await work_off(context, story.now)
    done = await settle_by_hand(clerk, call["id"], "done", story.now)
    assert done == {"case": story.number, "state": "delivered"}
    (row,) = await messages(story, "voice")
    assert (row["person_id"], row["delivered_at"]) == (clerk.person, story.now)
    assert await list_by_hand(context, clerk, "voice") == []


async def test_a_letter_waits_at_the_window_until_it_is_printed(context: Context) -> None:
    story = await bring(context, "REVIEW")
    gaps = [{"material": "M01", "defect": "缺平面图", "how_to_obtain": "由设计单位出具"}]
    await story.go("officer", Act.ASK_SUPPLEMENT, reason="请补充平面图。", gaps=gaps)
    clerk = await actor("clerk")
    (letter,) = await list_by_hand(context, clerk, "letter")
    assert "审查中需要您补充" in letter["text"]
    assert letter["text_en"].startswith(FOOD.name_en)
    assert await list_by_hand(context, await actor("clerk.town"), "letter") == []
    with pytest.raises(NotFound):
        await settle_by_hand(await actor("clerk.town"), letter["id"], "done", story.now)
    assert (await settle_by_hand(clerk, letter["id"], "done", story.now))["state"] == "sent"
    assert await list_by_hand(context, clerk, "letter") == []


async def test_a_task_lies_in_the_inbox_of_the_department_and_is_read_by_each(context: Context) -> None:
    story = await bring(context, "DISPATCHED")
    officer, reviewer, other = await actor("officer"), await actor("reviewer"), await actor("officer.hrss")
    (task,) = await list_inbox(context, officer, story.now)
    assert (task["event"], task["state"], task["read_at"]) == ("dispatch", "waiting", None)
    assert task["text"].startswith(f"“{FOOD.name}”（{story.number}）已分办，请最迟于")
    assert "已受理" not in task["text"]
    for stranger in (other, await actor("clerk"), await actor("system_admin"), await actor("supervisor")):
        assert await list_inbox(context, stranger, story.now) == []
        assert await mark_read(stranger, [task["id"]], story.now) == 0
    assert await mark_read(officer, [task["id"], UUID(int=7)], story.now) == 1
    assert await mark_read(officer, [task["id"]], story.now) == 1
    assert await list_inbox(context, officer, story.now, unread=True) == []
    assert [row["read_at"] for row in await list_inbox(context, officer, story.now)] == [story.now]
    assert [row["state"] for row in await messages(story, "task")] == ["delivered"]
    assert len(await list_inbox(context, reviewer, story.now, unread=True)) == 1
    assert await list_inbox(context, reviewer, story.now + timedelta(days=61)) == []


async def test_a_task_for_one_person_is_theirs_alone(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("approver", Act.SEND_BACK, reason="现场核查记录不全，请补充后再报。")
    sent_back = [
        row for row in await list_inbox(context, await actor("officer"), story.now) if row["event"] == "send_back"
    ]
    assert len(sent_back) == 1
    for login in ("approver", "reviewer"):
        listed = await list_inbox(context, await actor(login), story.now)
        assert "send_back" not in {row["event"] for row in listed}
        assert await mark_read(await actor(login), [sent_back[0]["id"]], story.now) == 0


async def test_the_inbox_is_read_page_by_page(context: Context) -> None:
    for number in range(1, 4):
        story = await bring(context, "DISPATCHED", who=firm(number))
    officer = await actor("officer")
    first = await list_inbox(context, officer, story.now, limit=2)
    rest = await list_inbox(context, officer, story.now, before=first[-1]["id"], limit=2)
    assert first[0]["number"] == story.number
    assert len({row["number"] for row in first + rest}) == 3


async def test_an_applicant_is_called_to_a_window_by_number_and_only_in_time(context: Context) -> None:
    story = await accepted(context)
    clerk = await actor("clerk")
    with pytest.raises(Conflict) as found:
        await call_applicant(context, clerk, story.number, story.now)
    assert found.value.code == "gateway_not_configured"
    with http_gateway() as gateway:
        context = having(context, call_url=SecretStr(gateway.url), call_key=SecretStr(KEY))
        first = await call_applicant(context, clerk, story.number, story.now, window="w01", key="once")
        assert await call_applicant(context, clerk, story.number, story.now, window="w01", key="once") == first
        for who, window, refusal in ((await actor("officer"), "", Forbidden), (clerk, "town-w01", NotFound)):
            with pytest.raises(refusal):
                await call_applicant(context, who, story.number, story.now, window=window)
        await work_off(context, story.now)
        (call,), (row,) = gateway.asked, await messages(story, "call")
        assert (call["hall"], call["number"], call["to"], row["state"]) == ("hall", story.number, "", "sent")
        assert call["window"] in call["text"]
        gateway.stop()
        await call_applicant(context, clerk, story.number, story.now)
        await work_off(context, story.now, story.now + timedelta(hours=1))
        gateway.start()
        await work_off(context, story.now, story.now + timedelta(hours=2))
    assert [row["state"] for row in await messages(story, "call")] == ["sent", "failed"]
    assert len(gateway.asked) == 1


def test_whatever_is_told_has_its_words_in_both_languages() -> None:
    told = {("applicant", "hall_call"), ("applicant", EventName.APPOINTMENT_BOOKED.value)}
    told |= {("applicant", EventName.APPOINTMENT_MOVED.value), *(("supervisor", rule) for rule in _UNLAWFUL)}
    told |= {(tell.to, watch.rule) for watch in DUTIES.values() for tell in watch.notify}
    for flow in packaged_flows().values():
        told |= {(tell.to, step.definition.action.value) for step in flow.steps for tell in step.definition.notify}
        told |= {(tell.to, watch.rule) for watch in flow.watches for tell in watch.notify}
    outside = {"applicant", "third_party"}
    missing = [one for one in told if one[1] not in templates()["applicant" if one[0] in outside else "staff"]]
    assert missing == []
