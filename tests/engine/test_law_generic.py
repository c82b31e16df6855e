"""确认、给付和公共服务: each item by its own law, and by analogy with the licensing law where that is silent."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.invariants import check_case
from engine.reading import public_status
from tests.engine.reviews import at, paper, until
from tests.engine.test_refusals import refused
from tests.factories import ITEMS, OPINION, PAYLOADS, Story, bring, open_story, person
from tests.people import also
from workflows.errors import Forbidden
from workflows.events import Act

INJURY, CARD, ALLOWANCE = ITEMS[8], ITEMS[7], ITEMS[21]
"""工伤认定 (natural days), 社会保障卡申领 (at once, no limit by law), 最低生活保障 (extended by the head)."""


async def verified(context: Context, item: Any) -> Story:
    story = await bring(context, "VERIFY", item, who=person())
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    return story


async def test_a_work_injury_is_determined_within_natural_days(context: Context) -> None:
    story = await bring(context, "ACCEPTED", INJURY, who=person())
    # Thirty natural days end on 1 April; sixty on 1 May, Labour Day, hence on the first working day after the holiday.
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "promise": ("running", "2026-04-01"),
        "statutory": ("running", "2026-05-06"),
    }
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    for who in ("clerk", "officer", "reviewer", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.GRANT, opinion="认定为工伤。")
    await story.go("approver", Act.GRANT, opinion="认定为工伤。")
    assert "D15" in await story.documents()
    seen = await public_status(context, story.answers[0]["query_code"], story.now)
    assert seen["state_title"] == "准予办理"
    assert await check_case(context, story.number, story.now) == []


async def test_a_confirmation_is_refused_with_reasons(context: Context) -> None:
    story = await verified(context, INJURY)
    payload: dict[str, Any] = {"reason": "不在工作时间和工作场所内。", "article": "工伤保险条例14"}
    assert (await story.go("approver", Act.DENY, **payload))["state"] == "DENIED"
    assert (await paper(story, "D16"))["data"]["article"] == "工伤保险条例14"


async def test_what_has_no_limit_by_law_has_the_promised_one(context: Context) -> None:
    story = await bring(context, "RECEIVED", CARD, who=person())
    await story.go("clerk", Act.ACCEPT)
    assert await story.clocks() == {"notice": ("stopped", "2026-03-09"), "promise": ("running", "2026-03-02")}
    assert (await story.go("approver", Act.GRANT, opinion="同意制卡。"))["state"] == "GRANTED"


async def test_the_notice_is_given_once_within_five_days_or_the_application_is_accepted(context: Context) -> None:
    """The duty to tell once, and silence as acceptance, hold for every service."""
    silent, corrected = await open_story(context, INJURY, person(1)), await open_story(context, INJURY, person(2))
    for story in (silent, corrected):
        await story.receive_incomplete()
    await corrected.give_notice()
    assert (await corrected.row())["state"] == "CORRECTION"
    async with refused("action_not_allowed"):
        await corrected.give_notice()
    await until(silent, "2026-03-10")
    assert (await silent.row())["state"] == "ACCEPTED"
    assert (await silent.row())["flags"] == ["deemed"]


async def test_an_extension_is_as_the_items_own_law_gives_it(context: Context) -> None:
    allowance = await bring(context, "REVIEW", ALLOWANCE, who=person())
    injury = await bring(context, "REVIEW", INJURY, who=person())
    for department in (ALLOWANCE.department, INJURY.department):
        await also("authority_head", "authority_head", department)
    async with refused("extension_not_provided"):
        await injury.go("authority_head", Act.EXTEND, reason="案情复杂。")
    before = (await allowance.clocks())["statutory"]
    await allowance.go("authority_head", Act.EXTEND, reason="需要入户调查。")
    # Thirty working days from 2 March end on 14 April; fifteen more, without 1, 4 and 5 May, on 8 May.
    assert (before[1], (await allowance.clocks())["statutory"]) == ("2026-04-14", ("running", "2026-05-08"))


async def test_there_is_no_hearing_of_the_licensing_law(context: Context) -> None:
    story = await bring(context, "REVIEW", INJURY, who=person(), at=at("2026-03-02"))
    for act in (Act.TELL_HEARING_RIGHT, Act.TELL_THIRD_PARTY):
        async with refused("action_not_allowed"):
            await story.go("officer", act)
