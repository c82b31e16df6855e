"""听证和利害关系人: told, requested, held by somebody else, on record (rows 23 and 29; 行政许可法36, 46 to 48)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from engine.context import Context
from engine.invariants import check_case
from tests.engine.reviews import at, in_review, last_event, paper, serve, told, until
from tests.engine.test_refusals import refused
from tests.factories import PAYLOADS, Story, bring
from tests.people import actor
from workflows.errors import Conflict, Forbidden
from workflows.events import Act

INTEREST: Final[dict[str, Any]] = {"reason": "油烟排放涉及相邻住户的重大利益。"}
NEIGHBOUR: Final = "示例小区3号楼住户"
REQUEST: Final[dict[str, Any]] = {"requested_by": NEIGHBOUR}
WAIVER: Final[dict[str, Any]] = {"waived_by": "示例餐饮1有限公司", "signed": True}
DAY: Final[dict[str, Any]] = {"held_on": "2026-03-13", "place": "政务服务中心3楼听证室", "host": "officer2"}
RECORD: Final[dict[str, Any]] = {"record": "各方陈述意见并质证，主持人归纳如下。", "signed": True}
PARTIES: Final[dict[str, Any]] = {"parties": [{"name": NEIGHBOUR, "interest": "相邻权：油烟与噪声。"}]}


async def right_told(context: Context, **changes: Any) -> Story:
    """The right was told and served on Monday, 2 March: it ends with the fifth working day after, Monday, the 9th."""
    story = await in_review(context, **changes)
    await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    await serve(story, "D12")
    return story


async def requested(context: Context) -> Story:
    story = await right_told(context)
    await story.go("clerk", Act.REQUEST_HEARING, **REQUEST)
    return story


async def reviewed(story: Story) -> Story:
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    return story


async def decide(story: Story, code: str | None = None) -> None:
    """Both decisions are refused with this code, or the grant is made."""
    if code is None:
        await story.go("approver", Act.GRANT, at=story.now, **PAYLOADS[Act.GRANT])
        return
    for what in (Act.GRANT, Act.DENY):
        async with refused(code):
            await story.go("approver", what, at=story.now, **PAYLOADS[what])


async def test_the_right_to_a_hearing_is_told_and_served(context: Context) -> None:
    story = await in_review(context)
    before = await story.clocks()
    answer = await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    assert (answer["state"], await story.clocks()) == ("REVIEW", before)
    assert await told(story, Act.TELL_HEARING_RIGHT) == [("applicant", "sms"), ("third_party", "letter")]
    notice = await paper(story, "D12")
    assert (notice["number"], notice["data"]) == ("示市监听〔2026〕1号", INTEREST)
    (row,) = await story.rows("hearings")
    assert (row["told_at"], row["document"], row["requested_at"]) == (story.now, notice["number"], None)
    assert (await last_event(story))["name"] == "case:tell_hearing_right"
    async with refused("hearing_already_told"):
        await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.TELL_HEARING_RIGHT, **INTEREST)


async def test_a_right_that_nobody_uses_ends_after_five_working_days(context: Context) -> None:
    story = await reviewed(await right_told(context))
    await decide(story, "hearing_right_open")
    await until(story, "2026-03-09")
    await decide(story, "hearing_right_open")
    await until(story, "2026-03-10")
    async with refused("hearing_request_late"):
        await story.go("clerk", Act.REQUEST_HEARING, **REQUEST)
    await decide(story)


async def test_a_right_that_never_reached_anybody_does_not_end(context: Context) -> None:
    story = await in_review(context)
    await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    await reviewed(story)
    await until(story, "2026-03-25")
    await decide(story, "hearing_right_open")
    await serve(story, "D12")
    await until(story, "2026-04-01")
    await decide(story, "hearing_right_open")
    await until(story, "2026-04-02")
    await decide(story)


async def test_a_right_is_given_up_in_writing(context: Context) -> None:
    story = await reviewed(await right_told(context))
    async with refused("signature_missing"):
        await story.go("clerk", Act.WAIVE_HEARING, **WAIVER | {"signed": False})
    await story.go("clerk", Act.WAIVE_HEARING, **WAIVER)
    (row,) = await story.rows("hearings")
    assert (row["waived_at"], row["waived_by"]) == (story.now, WAIVER["waived_by"])
    async with refused("hearing_waived"):
        await story.go("clerk", Act.REQUEST_HEARING, requested_by=WAIVER["waived_by"])
    await decide(story)


async def test_a_hearing_is_requested_announced_held_and_recorded_before_the_decision(context: Context) -> None:
    """Requested on 2 March: told by the 3rd, held on Friday, 13 March, eight working days later."""
    story = await right_told(context)
    answer = await story.go("clerk", Act.REQUEST_HEARING, **REQUEST)
    assert await told(story, Act.REQUEST_HEARING) == [("handler", "task")]
    assert answer["documents"] == []
    async with refused("hearing_already_requested"):
        await story.go("clerk", Act.REQUEST_HEARING, **REQUEST)
    await story.go("officer", Act.SCHEDULE_HEARING, at=at("2026-03-03"), **DAY)
    assert await told(story, Act.SCHEDULE_HEARING) == [("applicant", "sms"), ("third_party", "letter")]
    assert (await paper(story, "D12"))["data"] == DAY
    (row,) = await story.rows("hearings")
    host = await actor("officer2")
    assert (row["held_on"], row["place"], row["host"]) == (date(2026, 3, 13), DAY["place"], host.person)
    assert (row["requested_by"], row["document"]) == (NEIGHBOUR, "示市监听〔2026〕1号")
    async with refused("hearing_not_held_yet"):
        await story.go("officer", Act.RECORD_HEARING, **RECORD)
    await reviewed(story)
    await decide(story, "hearing_not_held")
    await until(story, "2026-03-13")
    await story.go("reviewer", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    async with refused("signature_missing"):
        await story.go("officer", Act.RECORD_HEARING, **RECORD | {"signed": False})
    await story.go("officer", Act.RECORD_HEARING, **RECORD)
    assert (await paper(story, "D12"))["number"] == "示市监听〔2026〕3号"
    (row,) = await story.rows("hearings")
    assert (row["recorded_at"], row["record"]) == (story.now, RECORD["record"])
    async with refused("hearing_not_scheduled"):
        await story.go("officer", Act.RECORD_HEARING, **RECORD)
    await decide(await reviewed(story))
    assert await check_case(context, story.number, story.now) == []


async def test_the_hearing_is_announced_early_enough_and_held_in_time(context: Context) -> None:
    """Requested on 2 March: seven working days ahead is the 11th, twenty later the 30th."""
    story = await requested(context)
    async with refused("hearing_too_soon") as found:
        await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"held_on": "2026-03-10"})
    assert (found.value.basis, found.value.extra["earliest"]) == ("行政许可法48(1)(1)、82", "2026-03-11")
    async with refused("hearing_too_late") as found:
        await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"held_on": "2026-03-31"})
    assert (found.value.basis, found.value.extra["latest"]) == ("行政许可法47(1)、82", "2026-03-30")
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"held_on": "2026-03-30"})
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"held_on": "2026-03-11"})  # a new day is announced anew
    assert (await story.rows("hearings"))[0]["held_on"] == date(2026, 3, 11)


async def test_a_hearing_that_the_authority_delayed_is_held_all_the_same_and_leaves_a_violation(
    context: Context,
) -> None:
    story = await requested(context)
    await until(story, "2026-03-25")
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"held_on": "2026-04-03"})
    (card,) = [row for row in await story.rows("cards") if row["rule"] == "hearing_late"]
    assert (card["level"], card["clock"]) == ("red", "")


@pytest.mark.parametrize("host", ["officer", "reviewer"])
async def test_who_reviewed_does_not_host(context: Context, host: str) -> None:
    """The officer reviews and the reviewer has endorsed, before the case was sent back for a hearing."""
    story = await reviewed(await requested(context))
    await story.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    await story.go("reviewer", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    async with refused("host_reviewed", Forbidden) as found:
        await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"host": host})
    assert found.value.basis == "行政许可法48(1)(3)"


async def test_who_was_on_site_or_stands_outside_does_not_host(context: Context) -> None:
    story = await requested(context)
    for stranger in ("clerk", "officer.hrss", "nobody"):
        async with refused("host_not_found", Conflict):
            await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"host": stranger})
    officers = [{"login": login, "card": f"琼-{login}"} for login in ("officer", "officer2")]
    await story.go("officer", Act.START_SITE_CHECK, officers=officers, planned_on="2026-03-02")
    await story.go(
        "officer", Act.FINISH_SITE_CHECK, officers=officers, place="示例路1号", findings="一致。", signed=True
    )
    async with refused("host_reviewed", Forbidden):
        await story.go("officer", Act.SCHEDULE_HEARING, **DAY)
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY | {"host": "reviewer2"})


async def test_who_hosts_does_not_review_afterwards(context: Context) -> None:
    story = await requested(context)
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY)
    async with refused("host_reviewed", Forbidden):
        await story.go("officer2", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    other = await requested(context)
    await other.go("officer", Act.SCHEDULE_HEARING, **DAY | {"host": "reviewer"})
    await reviewed(other)
    async with refused("host_reviewed", Forbidden):
        await other.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    await other.go("reviewer2", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])


async def test_a_request_is_given_up_by_whoever_made_it(context: Context) -> None:
    story = await reviewed(await requested(context))
    async with refused("not_who_requested"):
        await story.go("clerk", Act.WAIVE_HEARING, **WAIVER)
    await story.go("clerk", Act.WAIVE_HEARING, **WAIVER | {"waived_by": NEIGHBOUR})
    await decide(story)


async def test_where_the_law_demands_a_hearing_there_is_no_decision_without_one(context: Context) -> None:
    story = await reviewed(await in_review(context, hearing="mandatory"))
    await decide(story, "hearing_not_held")
    await story.go("reviewer", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    async with refused("hearing_not_waivable"):
        await story.go("clerk", Act.WAIVE_HEARING, **WAIVER)
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY)
    await until(story, "2026-03-13")
    await story.go("officer", Act.RECORD_HEARING, **RECORD)
    await decide(await reviewed(story))


async def test_the_time_of_a_hearing_is_left_out_until_it_is_on_record(context: Context) -> None:
    """Out: 2 to 13 March, nine working days, so that 30 March becomes 13 April."""
    story = await requested(context)
    plan = {"planned_start": "2026-03-02", "planned_end": "2026-03-13", "reason": "举行听证。"}
    await story.go("officer", Act.TELL_SPECIAL, kind="hearing", at=None, **plan)
    await serve(story, "D09")
    await story.go("officer", Act.START_SPECIAL, kind="hearing")
    await story.go("officer", Act.SCHEDULE_HEARING, **DAY)
    async with refused("hearing_not_held"):
        await story.go("officer", Act.FINISH_SPECIAL, result="听证结束。")
    await until(story, "2026-03-13")
    await story.go("officer", Act.RECORD_HEARING, **RECORD)
    await story.go("officer", Act.FINISH_SPECIAL, result="听证结束，笔录归卷。")
    assert (await story.clocks())["statutory"] == ("running", "2026-04-13")


async def test_there_is_no_hearing_that_nobody_has_a_right_to(context: Context) -> None:
    story = await in_review(context, hearing="none")
    async with refused("hearing_not_provided"):
        await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    for what, payload, code in (
        (Act.REQUEST_HEARING, REQUEST, "hearing_right_not_told"),
        (Act.WAIVE_HEARING, WAIVER, "hearing_right_not_told"),
        (Act.SCHEDULE_HEARING, DAY, "hearing_not_wanted"),
        (Act.RECORD_HEARING, RECORD, "hearing_not_scheduled"),
    ):
        async with refused(code):
            await story.go("officer", what, **payload)
    accepted = await bring(context, "ACCEPTED")
    for what, payload in ((Act.TELL_HEARING_RIGHT, INTEREST), (Act.SCHEDULE_HEARING, DAY)):
        async with refused("action_not_allowed"):
            await accepted.go("officer", what, **payload)


async def test_third_parties_are_told_and_heard_before_the_decision(context: Context) -> None:
    story = await in_review(context)
    before = await story.clocks()
    await story.go("officer", Act.TELL_THIRD_PARTY, **PARTIES)
    assert (await story.clocks(), await told(story, Act.TELL_THIRD_PARTY)) == (before, [("third_party", "letter")])
    notice = await paper(story, "D13")
    assert (notice["number"], notice["data"]) == ("示市监利〔2026〕1号", PARTIES)
    (row,) = await story.rows("third_parties")
    assert (row["name"], row["document"], row["heard_at"]) == (NEIGHBOUR, notice["number"], None)
    await serve(story, "D13")
    async with refused("third_party_told"):
        await story.go("officer", Act.TELL_THIRD_PARTY, **PARTIES)
    async with refused("third_party_unknown"):
        await story.go("officer", Act.RECORD_STATEMENT, party="某人", statement="反对。")
    await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    await serve(story, "D12")
    await reviewed(story)
    await story.go("officer", Act.RECORD_STATEMENT, party=NEIGHBOUR, statement="要求加装净化设备。")
    await story.go("officer", Act.RECORD_STATEMENT, party=NEIGHBOUR, statement="补充：噪声。")
    (row,) = await story.rows("third_parties")
    assert row["statement"] == "要求加装净化设备。\n补充：噪声。"
    assert row["heard_at"] < story.now
    await decide(story, "hearing_right_open")
    await until(story, "2026-03-10")
    await decide(story)


async def test_who_is_not_heard_has_five_working_days_from_service(context: Context) -> None:
    """Served on 2 March: the fifth working day after is the 9th; the right to a hearing ends on the same day."""
    story = await in_review(context)
    await story.go("officer", Act.TELL_HEARING_RIGHT, **INTEREST)
    await serve(story, "D12")
    await story.go("officer", Act.TELL_THIRD_PARTY, **PARTIES)
    await reviewed(story)
    await until(story, "2026-03-10")
    await decide(story, "third_parties_unheard")
    await serve(story, "D13")
    await until(story, "2026-03-17")
    await decide(story, "third_parties_unheard")
    await until(story, "2026-03-18")
    await decide(story)


async def test_a_case_that_concerns_others_needs_their_right_to_a_hearing_told(context: Context) -> None:
    story = await in_review(context, hearing="none")
    await story.go("officer", Act.TELL_THIRD_PARTY, **PARTIES)
    await reviewed(story)
    await decide(story, "hearing_right_not_told")
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.RECORD_STATEMENT, party=NEIGHBOUR, statement="反对。")


async def test_a_third_party_may_still_ask_for_a_hearing_when_the_applicant_gave_it_up(context: Context) -> None:
    story = await right_told(context)
    await story.go("officer", Act.TELL_THIRD_PARTY, **PARTIES)
    await story.go("clerk", Act.WAIVE_HEARING, **WAIVER)
    await story.go("officer", Act.RECORD_STATEMENT, party=NEIGHBOUR, statement="要求听证。")
    await reviewed(story)
    await decide(story, "hearing_right_open")
    await story.go("clerk", Act.REQUEST_HEARING, **REQUEST)
    await decide(story, "hearing_not_held")
