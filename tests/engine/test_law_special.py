"""特别程序: told in writing, served, begun, ended; the time in between is left out (rows 23 and 24; 行政许可法45)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from tests.engine.reviews import BY_INSTITUTION, at, in_review, last_event, paper, serve, told, until
from tests.engine.test_refusals import refused
from tests.factories import Story, bring
from workflows.errors import Forbidden, Malformed
from workflows.events import Act
from workflows.item import SpecialProcedure

TESTING: dict[str, Any] = {
    "kind": "testing",
    "planned_start": "2026-03-09",
    "planned_end": "2026-03-20",
    "reason": "须由检测机构检测样品。",
}
"""The published vector: 9 to 20 March leaves nine working days out."""


async def told_and_served(context: Context, **changes: Any) -> Story:
    story = await in_review(context, **changes)
    await story.go("officer", Act.TELL_SPECIAL, **TESTING)
    await serve(story, "D09")
    await until(story, "2026-03-09")
    return story


async def test_a_special_procedure_is_told_in_writing_with_its_expected_time(context: Context) -> None:
    story = await in_review(context)
    before = await story.clocks()
    answer = await story.go("officer", Act.TELL_SPECIAL, **TESTING)
    assert (answer["state"], await story.clocks()) == ("REVIEW", before)
    assert await told(story, Act.TELL_SPECIAL) == [("applicant", "sms")]
    notice = await paper(story, "D09")
    assert notice["number"] == "示市监特〔2026〕1号"
    assert notice["data"] == TESTING | {
        "name": "检测",
        "basis": "行政许可法45",
        "expected_due": {"statutory": "2026-04-13", "promise": "2026-04-03"},
    }
    (row,) = await story.rows("special_procedures")
    assert (row["kind"], row["document"], row["told_at"]) == ("testing", notice["number"], story.now)
    assert (row["planned_start"], row["planned_end"]) == (date(2026, 3, 9), date(2026, 3, 20))
    assert [row[name] for name in ("served_at", "started_at", "finished_at")] == [None] * 3


async def test_its_time_is_left_out_from_its_beginning_to_its_end(context: Context) -> None:
    story = await told_and_served(context)
    answer = await story.go("officer", Act.START_SPECIAL, at=at("2026-03-09"), kind="testing", **BY_INSTITUTION)
    assert answer["state"] == "SPECIAL"
    clocks = await story.clocks()
    assert [clocks[kind][0] for kind in ("statutory", "promise")] == ["suspended"] * 2
    assert clocks["stage"] == ("running", "2026-03-20")
    event = await last_event(story)
    assert (event["name"], event["to_state"]) == ("case:start_special", "SPECIAL")
    suspended = [row for row in await story.rows("clock_entries", "seq, ordinal") if row["act"] == "suspend"]
    assert {(row["kind"], row["basis"], row["note"], row["by"]) for row in suspended} == {
        ("statutory", "行政许可法45", "检测", "承办人"),
        ("promise", "行政许可法45", "检测", "承办人"),
    }
    await until(story, "2026-03-20")
    answer = await story.go("officer", Act.FINISH_SPECIAL, at=at("2026-03-20"), result="样品合格。")
    assert answer["state"] == "REVIEW"
    clocks = await story.clocks()
    assert (clocks["statutory"], clocks["promise"]) == (("running", "2026-04-13"), ("running", "2026-04-03"))
    assert clocks["stage"] == ("running", "2026-03-25")
    assert await told(story, Act.FINISH_SPECIAL) == [("applicant", "sms")]
    (row,) = await story.rows("special_procedures")
    assert (row["started_at"], row["finished_at"], row["result"]) == (at("2026-03-09"), at("2026-03-20"), "样品合格。")
    assert await check_case(context, story.number, story.now) == []


async def test_no_time_is_left_out_before_the_applicant_was_served(context: Context) -> None:
    story = await in_review(context)
    async with refused("special_not_told"):
        await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    await story.go("officer", Act.TELL_SPECIAL, **TESTING | {"planned_start": "2026-03-02"})
    async with refused("special_notice_not_served") as found:
        await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    assert found.value.extra["document"] == "示市监特〔2026〕1号"
    await serve(story, "D05")
    async with refused("special_notice_not_served"):
        await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    await serve(story, "D09")
    assert (await story.rows("special_procedures"))[0]["served_at"] == story.now
    await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)


async def test_what_begins_is_what_was_told_when_it_was_told(context: Context) -> None:
    story = await in_review(context)
    await story.go("officer", Act.TELL_SPECIAL, **TESTING)
    await serve(story, "D09")
    async with refused("special_not_planned_now"):
        await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    await until(story, "2026-03-09")
    async with refused("special_kind_not_told"):
        await story.go("officer", Act.START_SPECIAL, kind="expert_review")
    async with refused("two_officers_needed"):
        await story.go("officer", Act.START_SPECIAL, kind="testing")
    await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    await until(story, "2026-03-20")
    await story.go("officer", Act.FINISH_SPECIAL, result="样品合格。")
    async with refused("special_not_told"):
        await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)


async def test_a_second_special_procedure_follows_the_first_and_their_times_add_up(context: Context) -> None:
    """Out: 9 to 20 March, nine working days, and 23 to 25 March, two more: 30 March becomes 15 April."""
    story = await told_and_served(context)
    await story.go("officer", Act.START_SPECIAL, at=at("2026-03-09"), kind="testing", **BY_INSTITUTION)
    await until(story, "2026-03-20")
    await story.go("officer", Act.FINISH_SPECIAL, at=at("2026-03-20"), result="须专家评审。")
    review: dict[str, Any] = {"kind": "expert_review", "planned_start": "2026-03-23", "planned_end": "2026-03-27"}
    await story.go("officer", Act.TELL_SPECIAL, **TESTING | review)
    assert (await serve(story, "D09")) == "示市监特〔2026〕2号"
    await until(story, "2026-03-23")
    await story.go("officer", Act.START_SPECIAL, at=at("2026-03-23"), kind="expert_review")
    await until(story, "2026-03-25")
    await story.go("officer", Act.FINISH_SPECIAL, at=at("2026-03-25"), result="通过。")
    assert (await story.clocks())["statutory"] == ("running", "2026-04-15")
    assert [row["result"] for row in await story.rows("special_procedures", "seq")] == ["须专家评审。", "通过。"]


async def test_only_the_law_takes_time_out_and_not_for_longer_than_it_allows(context: Context) -> None:
    story = await in_review(context)
    for kind in ("site_check", "payment", "public_notice"):
        async with refused("special_kind_without_basis"):
            await story.go("officer", Act.TELL_SPECIAL, **TESTING | {"kind": kind})
    async with refused("special_too_long") as found:
        await story.go("officer", Act.TELL_SPECIAL, **TESTING | {"planned_end": "2026-04-10"})
    assert (found.value.basis, found.value.extra["max_days"]) == ("优化营商环境条例36(1)", 20)
    for wrong in ({"planned_start": "2026-02-27"}, {"planned_end": "2026-03-08"}):
        async with refused("special_plan_wrong", Malformed):
            await story.go("officer", Act.TELL_SPECIAL, **TESTING | wrong)
    async with refused("hearing_not_wanted"):
        await story.go("officer", Act.TELL_SPECIAL, **TESTING | {"kind": "hearing"})


async def test_an_item_may_have_a_special_procedure_of_its_own_law(context: Context) -> None:
    own = SpecialProcedure(
        kind="public_notice", name="公示", name_en="public notice", excluded=True, max_days=7, basis="示例条例12"
    )
    story = await in_review(context, special_procedures=(own,))
    plan: dict[str, Any] = {"kind": "public_notice", "planned_start": "2026-03-02", "planned_end": "2026-03-06"}
    await story.go("officer", Act.TELL_SPECIAL, **TESTING | plan)
    await serve(story, "D09")
    await story.go("officer", Act.START_SPECIAL, kind="public_notice")
    suspended = [row for row in await story.rows("clock_entries") if row["act"] == "suspend"]
    assert {(row["basis"], row["note"]) for row in suspended} == {("示例条例12", "公示")}


@pytest.mark.parametrize("who", ["clerk", "hall_manager", "reviewer", "approver", "authority_head"])
async def test_only_the_officer_leaves_time_out(context: Context, who: str) -> None:
    story = await told_and_served(context)
    for what, payload in ((Act.TELL_SPECIAL, TESTING), (Act.START_SPECIAL, {"kind": "testing", **BY_INSTITUTION})):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, what, **payload)


async def test_special_procedures_belong_to_the_review(context: Context) -> None:
    for state in ("ACCEPTED", "VERIFY"):
        story = await bring(context, state)
        async with refused("action_not_allowed"):
            await story.go("officer", Act.TELL_SPECIAL, **TESTING)
    review = await in_review(context)
    async with refused("action_not_allowed"):
        await review.go("officer", Act.FINISH_SPECIAL, result="合格。")


async def test_what_overruns_its_expected_time_is_watched(context: Context) -> None:
    """Expected until Friday, 20 March: when the hall has closed, the department and the applicant are told."""
    story = await told_and_served(context)
    await story.go("officer", Act.START_SPECIAL, at=at("2026-03-09"), kind="testing", **BY_INSTITUTION)
    await until(story, "2026-03-20", "17:29")
    assert not [row for row in await story.rows("cards") if row["rule"] == "special_overrun"]
    await until(story, "2026-03-20", "17:31")
    (card,) = [row for row in await story.rows("cards") if row["rule"] == "special_overrun"]
    assert (card["level"], card["raised_at"]) == ("amber", at("2026-03-20", "17:30"))
    assert [status for status, _ in (await story.clocks()).values()].count("suspended") == 2


async def test_a_promise_that_has_passed_does_not_keep_the_statutory_limit_from_being_suspended(
    context: Context,
) -> None:
    """The promise ends on 23 March, the statutory limit on the 30th."""
    story = await in_review(context)
    await until(story, "2026-03-25")
    plan: dict[str, Any] = {"planned_start": "2026-03-25", "planned_end": "2026-03-27"}
    await story.go("officer", Act.TELL_SPECIAL, **TESTING | plan)
    await serve(story, "D09")
    await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    clocks = await story.clocks()
    assert (clocks["statutory"][0], clocks["promise"]) == ("suspended", ("running", "2026-03-23"))
    await until(story, "2026-03-27")
    await story.go("officer", Act.FINISH_SPECIAL, result="合格。")
    clocks = await story.clocks()
    assert (clocks["statutory"], clocks["promise"]) == (("running", "2026-04-01"), ("running", "2026-03-23"))


async def test_after_the_statutory_limit_nothing_is_left_out_any_more(context: Context) -> None:
    story = await in_review(context)
    await until(story, "2026-03-31")
    plan: dict[str, Any] = {"planned_start": "2026-03-31", "planned_end": "2026-04-03"}
    await story.go("officer", Act.TELL_SPECIAL, **TESTING | plan)
    await serve(story, "D09")
    async with refused("clock_overdue"):
        await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)


async def test_inspectors_that_are_assigned_late_leave_a_violation(context: Context) -> None:
    """Five working days from 2 March end on the 9th (行政许可法55(2))."""
    story = await in_review(context)
    await story.go("officer", Act.TELL_SPECIAL, **TESTING)
    await serve(story, "D09")
    await until(story, "2026-03-10")
    officers = [{"login": login, "card": f"琼-{login}"} for login in ("officer", "officer2")]
    await story.go("officer", Act.START_SPECIAL, kind="testing", officers=officers)
    assert [row["level"] for row in await story.rows("cards") if row["rule"] == "inspectors_late"] == ["red"]
