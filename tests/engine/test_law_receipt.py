"""Receipt, pre-review, the window without a veto, and the true intention of the elderly: rows 1 to 6, 13 to 15."""

from __future__ import annotations

from typing import Any

import pytest

from engine.consulting import Consulting, consult
from engine.context import Context
from engine.invariants import check_case
from engine.opening import Applicant
from engine.timing import fire_case
from tests.engine.test_law_notice import hall, last_event, later, messages, paper
from tests.engine.test_refusals import refused
from tests.factories import FOOD, ITEMS, PAYLOADS, START, Story, bring, complete, open_story
from tests.people import actor
from workflows.errors import Forbidden, Malformed
from workflows.events import Act
from workflows.party import resident_id_check_character
from workflows.payload import Gap

ONLINE, HOME = ITEMS[17], ITEMS[22]
"""医师执业注册, handled online throughout (``health``); 存量房转移登记, which asks the elderly for their intention."""
INTENTION: dict[str, Any] = {"record": "本人自愿出售房屋，了解后果。", "signed": True}


def born(day: str) -> Applicant:
    """An invented person born on that day."""
    digits = f"460100{day}001"
    number = digits + resident_id_check_character(digits)
    return Applicant("person", "示例老人", "resident_id", number, "13800001234")


async def test_a_consultation_is_answered_in_writing_and_becomes_part_of_the_case(context: Context) -> None:
    """咨询: row 1; no clock, a slip (D02)."""
    gap = Gap("M03", "未绘制", "参照样图绘制")
    asking = Consulting(item=FOOD.code, question="需要什么？", answer="按清单准备。", gaps=[gap])
    slip = await consult(context, await actor("guide"), asking, START)
    assert slip["consultation"] == "示政服询〔2026〕1号"
    story = await open_story(context, consultation=slip["consultation"])
    assert await story.clocks() == {}
    assert [row["number"] for row in await story.rows("consultations")] == [slip["consultation"]]


async def test_what_is_submitted_online_is_looked_at_within_a_day(context: Context) -> None:
    """预审: rows 2 to 4; what comes too short goes back with every gap, and what passes may come to the window."""
    story = await open_story(context)
    async with refused("material_not_on_list"):
        await story.go("clerk", Act.SUBMIT, materials=[{"line": "M99", "originals": 1}])
    async with refused("scan_missing"):
        await story.go("clerk", Act.SUBMIT, materials=[{"line": "M01", "originals": 1}])
    await story.file_scans("M01")
    answer = await story.go("clerk", Act.SUBMIT, materials=[{"line": "M01", "originals": 1}])
    assert (answer["state"], answer["documents"]) == ("PRE_REVIEW", [])
    assert await story.clocks() == {"stage": ("running", "2026-03-03")}
    assert await messages(story, "submit") == [("applicant", "sms"), ("department", "task")]
    assert [(row["line"], row["originals"]) for row in await story.rows("case_materials")] == [("M01", 1)]
    assert (await story.row())["received_at"] is None

    for who in ("approver", "hall_manager", "guide"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.RETURN_PRE_REVIEW, **PAYLOADS[Act.RETURN_PRE_REVIEW])
    async with refused("payload_invalid", Malformed):
        await story.go("officer", Act.RETURN_PRE_REVIEW, gaps=[])
    await story.go("clerk", Act.RETURN_PRE_REVIEW, **PAYLOADS[Act.RETURN_PRE_REVIEW])
    assert (await story.row())["state"] == "PRE_RETURNED"
    assert await story.clocks() == {"stage": ("stopped", "2026-03-03")}
    assert (await paper(story, "D02"))["gaps"] == PAYLOADS[Act.RETURN_PRE_REVIEW]["gaps"]
    assert await messages(story, "return_pre_review") == [("applicant", "sms")]

    await story.go("clerk", Act.SUBMIT, at=hall("2026-03-04"))
    assert await story.clocks() == {"stage": ("running", "2026-03-05")}
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.PASS_PRE_REVIEW)
    await story.go("officer", Act.PASS_PRE_REVIEW)
    assert (await story.row())["state"] == "PRE_PASSED"
    assert await messages(story, "pass_pre_review") == [("applicant", "sms")]
    await story.receive()
    assert await story.clocks() == {"stage": ("stopped", "2026-03-05"), "notice": ("running", "2026-03-11")}


async def test_submitting_is_handing_in_where_the_item_is_handled_online_throughout(context: Context) -> None:
    """行政许可法29(3): the clock of the notice runs from the submission itself."""
    story = await open_story(context, ONLINE, born("19900101"))
    await story.file_scans()
    async with refused("material_not_on_list"):
        await story.go("guide", Act.SUBMIT, materials=[{"line": "M99", "originals": 1}])
    async with refused("role_not_allowed", Forbidden):
        await story.go("issuer", Act.SUBMIT)
    async with refused("check_not_yours", Forbidden):
        await story.go("guide", Act.SUBMIT, materials=complete(ONLINE))
    answer = await story.go("guide", Act.SUBMIT, materials=complete(ONLINE, checked=False))
    assert (answer["state"], [one["code"] for one in answer["documents"]]) == ("RECEIVED", ["D01"])
    case = await story.row()
    assert (case["received_at"], case["receiver_id"]) == (story.now, None)
    assert await story.clocks() == {"notice": ("running", "2026-03-09")}
    assert await messages(story, "submit") == [("applicant", "sms")]
    async with refused("materials_unchecked"):
        await story.go("officer", Act.ACCEPT)
    await story.check()
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"

    at_window = await open_story(context, ONLINE, born("19910101"))
    await at_window.go("clerk", Act.SUBMIT)  # nothing counted: what is missing is told once
    assert (await at_window.row())["receiver_id"] == (await actor("clerk")).person
    async with refused("materials_incomplete"):
        await at_window.go("officer", Act.ACCEPT)
    async with refused("action_not_allowed"):
        await at_window.go("clerk", Act.SUBMIT)


async def test_silence_after_an_online_submission_accepts_it_as_of_the_submission(context: Context) -> None:
    story = await open_story(context, ONLINE, born("19900101"))
    await story.go("guide", Act.SUBMIT)
    received = story.now
    await fire_case(context, story.number, hall("2026-03-10"))
    case = await story.row()
    assert (case["state"], case["accepted_at"]) == ("ACCEPTED", received)


async def test_receipt_starts_the_clock_of_the_notice(context: Context) -> None:
    """收件登记: row 5."""
    story = await open_story(context)
    for who in ("hall_manager", "issuer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.RECEIVE, materials=complete(FOOD))
    async with refused("payload_invalid", Malformed):
        await story.go("clerk", Act.RECEIVE)
    await story.receive()
    case = await story.row()
    assert (case["received_at"], case["receiver_id"]) == (story.now, (await actor("clerk")).person)
    assert await story.clocks() == {"notice": ("running", "2026-03-09")}
    assert {row["line"] for row in (await paper(story, "D01"))["materials"]} == {"M01", "M02", "M03", "M04", "M05"}


async def test_an_error_is_corrected_on_the_spot_without_touching_a_clock(context: Context) -> None:
    """当场更正: row 6."""
    story = await bring(context, "RECEIVED")
    before = await story.clocks()
    async with refused("role_not_allowed", Forbidden):
        await story.go("approver", Act.CORRECT_ON_SPOT, note="更正。")
    async with refused("payload_invalid", Malformed):
        await story.go("clerk", Act.CORRECT_ON_SPOT)
    answer = await story.go("clerk", Act.CORRECT_ON_SPOT, note="补填日期。")
    assert (answer["state"], answer["documents"], await story.clocks()) == ("RECEIVED", [], before)
    assert (await last_event(story))["data"]["payload"] == {"note": "补填日期。"}


async def test_the_window_only_asks_and_the_authority_answers_within_a_day(context: Context) -> None:
    """拟不予受理: rows 13 and 15; the clock of the notice keeps running."""
    story = await bring(context, "RECEIVED")
    for who in ("officer", "hall_manager", "guide"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    async with refused("payload_invalid", Malformed):
        await story.go("clerk", Act.ESCALATE, reason="不属于。")
    await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    assert await story.clocks() == {"notice": ("running", "2026-03-09"), "reply": ("running", "2026-03-03")}
    assert await messages(story, "escalate") == [("department", "task")]
    for what in (Act.REFUSE_ACCEPTANCE, Act.OVERRULE_ESCALATION):
        for who in ("clerk", "hall_manager", "approver"):
            async with refused("role_not_allowed", Forbidden):
                await story.go(who, what, **PAYLOADS[what])
    answer = await story.go("officer", Act.OVERRULE_ESCALATION, **PAYLOADS[Act.OVERRULE_ESCALATION])
    assert answer["state"] == "RECEIVED"
    assert await story.clocks() == {"notice": ("running", "2026-03-09"), "reply": ("stopped", "2026-03-03")}


async def test_an_escalation_does_not_save_an_authority_that_stays_silent(context: Context) -> None:
    story = await bring(context, "ESCALATED")
    received = (await story.row())["received_at"]
    await later(story, "2026-03-10")
    case = await story.row()
    assert (case["state"], case["accepted_at"]) == ("ACCEPTED", received)
    assert (await story.clocks())["reply"] == ("stopped", "2026-03-03")
    assert await check_case(context, story.number, story.now) == []


@pytest.mark.parametrize(
    ("article", "right_authority"),
    [("行政许可法32(1)(1)", None), ("行政许可法78", None), ("行政许可法32(1)(2)", "示例区市场监督管理局")],
)
async def test_the_authority_alone_refuses_with_the_article_and_the_right_authority(
    context: Context, article: str, right_authority: str | None
) -> None:
    """不予受理: row 14."""
    story = await bring(context, "ESCALATED")
    sent: dict[str, Any] = {"reason": "依法不予受理。", "article": article}
    if right_authority:
        async with refused("right_authority_missing") as found:
            await story.go("officer", Act.REFUSE_ACCEPTANCE, **sent)
        assert found.value.basis == "行政许可法32(1)(2)"
        sent["right_authority"] = right_authority
    answer = await story.go("officer", Act.REFUSE_ACCEPTANCE, **sent)
    assert answer["state"] == "NOT_ACCEPTED"
    assert (await paper(story, "D06")).get("right_authority") == right_authority
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    assert await messages(story, "refuse_acceptance") == [("applicant", "sms")]
    assert (await story.row())["closed_at"] == story.now


@pytest.mark.parametrize(
    ("who", "situation", "asked"),
    [
        (born("19660302"), [], True),  # sixty on this very day
        (born("19660303"), [], False),
        (born("19900101"), ["elder"], True),  # the other party is
    ],
)
async def test_an_elderly_persons_home_is_transferred_only_on_their_own_will(
    context: Context, who: Applicant, situation: list[str], asked: bool
) -> None:
    """老年人权益保障法55: asked face to face, recorded, signed; and served first."""
    story = await open_story(context, HOME, who, situation=situation)
    case = await story.row()
    assert (case["flags"], case["priority"], case["rank"]) == ((["elderly"], "elderly", 0) if asked else ([], "", 1))
    await story.receive()
    if asked:
        async with refused("intention_not_recorded") as found:
            await story.go("officer", Act.ACCEPT)
        assert found.value.basis == "老年人权益保障法55"
        async with refused("signature_missing"):
            await story.go("clerk", Act.RECORD_INTENTION, **INTENTION | {"signed": False})
        async with refused("role_not_allowed", Forbidden):
            await story.go("approver", Act.RECORD_INTENTION, **INTENTION)
        await story.go("clerk", Act.RECORD_INTENTION, **INTENTION)
        assert set((await story.row())["flags"]) == {"elderly", "intention_recorded"}
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"


async def test_other_matters_of_the_elderly_are_not_held_up(context: Context) -> None:
    story: Story = await open_story(context, FOOD, born("19400101"))
    case = await story.row()
    assert (case["flags"], case["priority"], case["rank"]) == ([], "", 1)
    await story.receive()
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"
