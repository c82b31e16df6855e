"""市场主体登记 (市场主体登记管理条例19 to 21): formal review, on the spot or within three working days."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from tests.engine.reviews import at, paper, told, until
from tests.engine.test_refusals import refused
from tests.factories import ITEMS, OPINION, PAYLOADS, Story, bring, complete, open_story, person
from workflows.errors import Forbidden
from workflows.events import Act

SHOP, COMPANY = ITEMS[2], ITEMS[3]
"""个体工商户设立 (on the spot) and 有限责任公司设立 (one working day promised); three by law, three more at most."""
WHY: dict[str, Any] = {"reason": "经营范围表述需要核对，情形复杂。"}


async def received(context: Context, **opening: Any) -> Story:
    """A company's application that is complete, on Monday 2 March."""
    return await bring(context, "RECEIVED", COMPANY, who=person(), **opening)


async def test_a_complete_application_is_registered_on_the_spot(context: Context) -> None:
    """19: confirmed and registered at once; the licence is the only paper that grants."""
    story = await bring(context, "RECEIVED", SHOP, who=person())
    await story.go("clerk", Act.ACCEPT)
    assert (await story.clocks())["promise"] == ("running", "2026-03-02")
    for who in ("clerk", "officer", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.GRANT, opinion="准予登记。")
    answer = await story.go("approver", Act.GRANT, opinion="准予登记。")
    assert answer["state"] == "GRANTED"
    await story.go("issuer", Act.MAKE_CERTIFICATE)
    assert set(await story.documents()) == {"D01", "D05", "D17"}
    assert await check_case(context, story.number, story.now) == []


async def test_the_three_days_count_from_the_receipt_of_the_materials(context: Context) -> None:
    """19: a receipt for the materials, and registration within three working days of it, not of the acceptance."""
    story = await received(context)
    assert "D01" in await story.documents()
    assert await story.clocks() == {"notice": ("running", "2026-03-05")}
    await story.go("clerk", Act.ACCEPT, at=at("2026-03-04"))
    clocks = await story.clocks()
    assert (clocks["promise"][1], clocks["statutory"]) == ("2026-03-03", ("running", "2026-03-05"))
    await until(story, "2026-03-06")
    raised = {card["rule"] for card in await story.rows("cards")}
    assert {"promise_red", "statutory_red"} <= raised
    assert await check_case(context, story.number, story.now) == []


async def test_the_registrars_head_adds_three_working_days_in_writing(context: Context) -> None:
    """19: in complex cases, once, by the head of the registering authority."""
    story = await received(context)
    await story.go("clerk", Act.ACCEPT)
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    for who in ("clerk", "officer", "approver", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.EXTEND, **WHY)
    async with refused("role_not_allowed", Forbidden) as found:
        await story.go("government_head", Act.EXTEND, **WHY)
    assert found.value.basis == "市场主体登记管理条例19"
    await story.go("authority_head", Act.EXTEND, **WHY)
    assert (await story.clocks())["statutory"] == ("running", "2026-03-10")
    assert (await paper(story, "D10"))["number"]
    assert await told(story, Act.EXTEND) == [("applicant", "sms")]
    async with refused("already_extended"):
        await story.go("authority_head", Act.EXTEND, **WHY)


async def test_what_is_missing_is_told_once_within_the_three_days(context: Context) -> None:
    story = await open_story(context, COMPANY, person())
    await story.receive_incomplete()
    await story.give_notice()
    assert (await story.clocks())["notice"] == ("stopped", "2026-03-05")
    async with refused("action_not_allowed"):
        await story.give_notice()
    await story.supply(1, at=at("2026-03-09"))
    await story.go("officer", Act.ACCEPT, at=at("2026-03-10"))
    # Complete on Monday 9 March: three working days from then.
    assert (await story.clocks())["statutory"] == ("running", "2026-03-12")


async def test_silence_for_three_days_accepts_as_of_the_receipt(context: Context) -> None:
    story = await open_story(context, COMPANY, person())
    await story.receive_incomplete()
    received_at = story.now
    await until(story, "2026-03-06")
    row = await story.row()
    assert (row["state"], row["accepted_at"]) == ("ACCEPTED", received_at)
    assert (await story.clocks())["statutory"][1] == "2026-03-05"


async def test_registration_is_denied_by_the_authority_alone(context: Context) -> None:
    """20: contrary to law, or a danger to state or public; with reasons."""
    story = await bring(context, "VERIFY", COMPANY, who=person())
    payload: dict[str, Any] = {"reason": "法律禁止设立。", "article": "市场主体登记管理条例20"}
    for who in ("clerk", "hall_manager", "issuer", "officer", "reviewer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.DENY, **payload)
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    assert (await story.go("approver", Act.DENY, **payload))["state"] == "DENIED"
    assert (await paper(story, "D16"))["data"]["reason"] == payload["reason"]
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}


@pytest.mark.parametrize(
    "act",
    [
        Act.TELL_SPECIAL, Act.START_SPECIAL, Act.START_SITE_CHECK, Act.TELL_HEARING_RIGHT, Act.TELL_THIRD_PARTY,
        Act.ASK_PAYMENT,
    ],
)  # fmt: skip
async def test_formal_review_has_no_special_procedure_hearing_or_fee(context: Context, act: Act) -> None:
    story = await bring(context, "REVIEW", COMPANY, who=person())
    async with refused("action_not_allowed") as found:
        await story.go("officer", act)
    assert found.value.basis == "市场主体登记管理条例"


async def test_a_window_may_not_refuse_what_it_doubts(context: Context) -> None:
    story = await received(context)
    async with refused("action_not_allowed"):
        await story.go("clerk", Act.REFUSE_ACCEPTANCE, **PAYLOADS[Act.REFUSE_ACCEPTANCE])
    await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.REFUSE_ACCEPTANCE, **PAYLOADS[Act.REFUSE_ACCEPTANCE])
    assert (await story.go("officer", Act.OVERRULE_ESCALATION, reason="符合条件。"))["state"] == "RECEIVED"


async def test_the_place_of_business_may_be_proved_later_where_the_list_says_so(context: Context) -> None:
    story = await open_story(context, SHOP, person())
    await story.file_scans()
    counts = [row for row in complete(SHOP) if row["line"] != "M03"]
    await story.go("clerk", Act.RECEIVE, materials=counts)
    await story.go("clerk", Act.ACCEPT_WITH_TOLERANCE, signed=True, credit_checked=True)
    async with refused("tolerance_open"):
        await story.go("approver", Act.GRANT, opinion="准予登记。")
