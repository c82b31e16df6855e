"""不动产登记 (不动产登记暂行条例15 to 22): on the spot or accepted, thirty working days, withdrawn until the entry."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from engine.reading import public_status
from tests.engine.reviews import at, last_event, paper, told, until
from tests.engine.test_refusals import refused
from tests.factories import ITEMS, OPINION, PAYLOADS, RECIPIENT, Story, bring, complete, open_story, person
from workflows.errors import Forbidden, Malformed
from workflows.events import Act

HOME = ITEMS[22]
"""存量房转移登记: thirty working days by law, three promised, on the tolerance list; an elderly party is asked."""
CHOSEN: dict[str, Any] = {"signed": True, "credit_checked": True}
NO_TITLE: dict[str, Any] = {
    "reason": "材料不齐全。",
    "article": "不动产登记暂行条例17(1)(3)",
    "lines": [{"material": "M03", "defect": "未提交", "requirement": "交回原证书", "basis": "不动产登记暂行条例16"}],
}


async def home(context: Context, state: str = "NEW", **opening: Any) -> Story:
    return await bring(context, state, HOME, who=person(), **opening)


async def without_title(context: Context, *also: str, **opening: Any) -> Story:
    """Received on Monday 2 March without the title, and without other lines."""
    story = await open_story(context, HOME, person(), **opening)
    await story.file_scans("M01")
    counts = [row for row in complete(HOME) if row["line"] not in {"M03", *also}]
    await story.go("clerk", Act.RECEIVE, materials=counts)
    return story


async def fee_paid(story: Story) -> None:
    await story.go("clerk", Act.ASK_PAYMENT, amount="80.00")
    await story.go("issuer", Act.RECORD_PAYMENT, receipt="46010001")


async def test_a_home_changes_hands_by_the_entry_in_the_register(context: Context) -> None:
    story = await home(context, "RECEIVED")
    assert await story.clocks() == {"notice": ("running", "2026-03-02")}
    await story.go("officer", Act.ACCEPT)
    # Thirty working days after 2 March, Qingming (Monday 6 April) left out.
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-02"),
        "promise": ("running", "2026-03-05"),
        "statutory": ("running", "2026-04-14"),
    }
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await fee_paid(story)
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.GRANT, opinion="同意登簿。")
    await story.go("approver", Act.GRANT, opinion="同意登簿。")
    assert (await story.row())["state"] == "GRANTED"
    assert await told(story, Act.GRANT) == [("applicant", "sms")]
    assert (await public_status(context, story.answers[0]["query_code"], story.now))["state_title"] == "已登簿"
    await story.go("issuer", Act.MAKE_CERTIFICATE)
    await story.go("issuer", Act.MARK_READY)
    buyer = RECIPIENT | {"name": person().name, "id_number": person().id_number}
    await story.go("issuer", Act.DELIVER, recipient=buyer)
    assert set(await story.documents()) == {"D01", "D05", "D14", "D17", "D18", "D23", "D27"}
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    assert await check_case(context, story.number, story.now) == []


async def test_what_is_missing_is_told_on_the_spot_and_not_accepted(context: Context) -> None:
    """17(1)(3): the authority says in writing what is missing, all of it; nothing waits for correction."""
    story = await without_title(context, "M01")
    for who in ("clerk", "hall_manager", "reviewer", "issuer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.REFUSE_ACCEPTANCE, **NO_TITLE)
    async with refused("notice_not_complete") as found:
        await story.go("officer", Act.REFUSE_ACCEPTANCE, **NO_TITLE)
    assert found.value.extra["missing"] == ["M01"]
    blank = NO_TITLE | {"lines": [NO_TITLE["lines"][0] | {"requirement": " "}]}
    async with refused("notice_line_incomplete"):
        await story.go("officer", Act.REFUSE_ACCEPTANCE, **blank)
    async with refused("payload_invalid", Malformed):
        await story.go("officer", Act.REFUSE_ACCEPTANCE, **(NO_TITLE | {"lines": []}))
    both = NO_TITLE | {"lines": [NO_TITLE["lines"][0] | {"material": code} for code in ("M01", "M03")]}
    answer = await story.go("officer", Act.REFUSE_ACCEPTANCE, **both)
    assert (answer["state"], answer["due_at"]) == ("NOT_ACCEPTED", None)
    assert await story.clocks() == {"notice": ("stopped", "2026-03-02")}
    data = (await paper(story, "D06"))["data"]
    assert [line["material"] for line in data["lines"]] == ["M01", "M03"]
    assert await told(story, Act.REFUSE_ACCEPTANCE) == [("applicant", "sms")]
    assert (await last_event(story))["role"] == "officer"
    await story.go("archivist", Act.ARCHIVE)
    again = await without_title(context)  # handed in anew, it is another case
    assert again.number != story.number
    assert await check_case(context, story.number, story.now) == []


async def test_what_was_not_refused_on_the_spot_is_accepted(context: Context) -> None:
    """17(2): silence until the hall closes accepts as of the receipt, however incomplete the application is."""
    story = await without_title(context)
    received = story.now
    await until(story, "2026-03-02", "17:29")
    assert (await story.row())["state"] == "RECEIVED"
    await until(story, "2026-03-03")
    async with refused("action_not_allowed"):
        await story.go("officer", Act.REFUSE_ACCEPTANCE, **NO_TITLE)
    row = await story.row()
    assert (row["state"], row["accepted_at"], row["flags"]) == ("ACCEPTED", received, ["deemed"])
    clocks = await story.clocks()
    assert (clocks["notice"], clocks["statutory"]) == (("stopped", "2026-03-02"), ("running", "2026-04-14"))
    assert (await paper(story, "D05"))["data"]["mode"] == "deemed"
    assert [card["rule"] for card in await story.rows("cards")] == ["notice_missed"]
    assert "deem_accepted" in await story.events()
    assert await check_case(context, story.number, story.now) == []


async def test_an_application_after_hours_is_answered_on_the_next_working_day(context: Context) -> None:
    story = await without_title(context, at=at("2026-03-06", "18:40"))
    assert await story.clocks() == {"notice": ("running", "2026-03-09")}
    answer = await story.go("officer", Act.REFUSE_ACCEPTANCE, at=at("2026-03-09"), **NO_TITLE)
    assert answer["state"] == "NOT_ACCEPTED"


async def test_there_is_no_time_for_correction_and_no_act_of_the_licensing_law(context: Context) -> None:
    story = await without_title(context)
    assert "CORRECTION" not in (await context.flow("REAL_ESTATE")).states
    for who, act in (
        ("officer", Act.GIVE_NOTICE),
        ("approver", Act.GRANT_ON_PROMISE),
        ("approver", Act.EXTEND),
        ("officer", Act.TELL_HEARING_RIGHT),
        ("officer", Act.TELL_THIRD_PARTY),
    ):
        async with refused("action_not_allowed") as found:
            await story.go(who, act)
        assert found.value.basis == "不动产登记暂行条例"


async def test_another_authoritys_matter_is_answered_on_the_same_day(context: Context) -> None:
    """17(1)(4): the window may only ask; the authority names who has the right to register."""
    story = await home(context, "RECEIVED")
    await story.go("clerk", Act.ESCALATE, reason="不属于本机构登记范围。", article="不动产登记暂行条例17(1)(4)")
    assert await story.clocks() == {"notice": ("running", "2026-03-02"), "reply": ("running", "2026-03-02")}
    payload = PAYLOADS[Act.REFUSE_ACCEPTANCE] | {"article": "不动产登记暂行条例17(1)(4)"}
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.REFUSE_ACCEPTANCE, **payload)
    await story.go("officer", Act.REFUSE_ACCEPTANCE, **payload)
    assert (await paper(story, "D06"))["data"]["right_authority"] == payload["right_authority"]


async def test_an_escalation_that_stays_unanswered_on_the_day_is_accepted(context: Context) -> None:
    story = await home(context, "RECEIVED")
    await story.go("clerk", Act.ESCALATE, reason="拟不予受理。", article="不动产登记暂行条例17")
    await until(story, "2026-03-03")
    assert (await story.row())["state"] == "ACCEPTED"
    assert (await story.clocks())["reply"] == ("stopped", "2026-03-02")


async def test_the_applicant_withdraws_until_the_entry_and_not_after(context: Context) -> None:
    """15: before the entry in the register."""
    story, entered = await home(context, "VERIFY"), await home(context, "REVIEW")
    answer = await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert answer["state"] == "WITHDRAWN"
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    await fee_paid(entered)
    await entered.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    await entered.go("reviewer", Act.ENDORSE, opinion=OPINION)
    await entered.go("approver", Act.GRANT, opinion="同意登簿。")
    async with refused("action_not_allowed"):
        await entered.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


async def test_a_registration_is_denied_in_writing_by_the_registrar(context: Context) -> None:
    """22."""
    story = await home(context, "VERIFY")
    payload: dict[str, Any] = {"reason": "存在尚未解决的权属争议。", "article": "不动产登记暂行条例22(1)(2)"}
    for who in ("clerk", "hall_manager", "officer", "issuer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.DENY, **payload)
    await story.go("reviewer", Act.ENDORSE, opinion="有争议，拟不予登记。")
    answer = await story.go("approver", Act.DENY, **payload)
    assert (answer["state"], answer["due_at"]) == ("DENIED", None)
    assert (await paper(story, "D16"))["data"]["article"] == payload["article"]
    assert "D15" not in await story.documents()


async def test_the_entry_waits_for_the_fee_and_for_what_is_owed_under_tolerance(context: Context) -> None:
    story = await open_story(context, HOME, person())
    await story.file_scans("M01", "M03")
    await story.go("clerk", Act.RECEIVE, materials=[row for row in complete(HOME) if row["line"] != "M05"])
    await story.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    assert (await story.clocks())["tolerance"] == ("running", "2026-03-05")
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    async with refused("tolerance_open"):
        await story.go("approver", Act.GRANT, opinion="同意登簿。")
    await story.go("clerk", Act.MEET_TOLERANCE, materials=[{"line": "M05", "exempt": "e_cert", "checked": True}])
    async with refused("fee_unpaid"):
        await story.go("approver", Act.GRANT, opinion="同意登簿。")
    await fee_paid(story)
    assert (await story.go("approver", Act.GRANT, opinion="同意登簿。"))["state"] == "GRANTED"


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.ACCEPT_WITH_TOLERANCE])
async def test_an_elderly_party_is_asked_before_acceptance(context: Context, act: Act) -> None:
    """老年人权益保障法55: property is transferred by the true will of an elderly person, asked and recorded."""
    story = await open_story(context, HOME, person(), situation=["elder"])
    await story.file_scans()
    counts = complete(HOME, frozenset({"elder"}))
    tolerant = act is Act.ACCEPT_WITH_TOLERANCE
    await story.go("clerk", Act.RECEIVE, materials=[row for row in counts if not (tolerant and row["line"] == "M05")])
    payload = CHOSEN if tolerant else {}
    async with refused("intention_not_recorded") as found:
        await story.go("officer", act, **payload)
    assert found.value.basis == "老年人权益保障法55"
    await story.go("clerk", Act.RECORD_INTENTION, record="本人自愿出售。", signed=True)
    assert (await story.go("officer", act, **payload))["state"] == "ACCEPTED"
