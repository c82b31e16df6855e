"""延期: once, before the limit ends, by the head whom the law names, with its reason (row 25; 行政许可法42)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from engine.context import Context
from engine.invariants import check_case
from engine.reading import list_actions, list_clocks
from tests.engine.reviews import BY_INSTITUTION, in_review, last_event, paper, serve, told, until
from tests.engine.test_refusals import refused
from tests.people import actor
from workflows.clock import Unit
from workflows.errors import Forbidden
from workflows.events import Act
from workflows.item import Extension, PromiseLimit, StatutoryLimit

REASON: Final[dict[str, Any]] = {"reason": "涉及多部门核实，无法在期限内完成。"}
JOINT: Final[dict[str, Any]] = {
    "statutory_limit": StatutoryLimit(n=45, unit=Unit.working_days, basis="行政许可法42(2)"),
    "promise_limit": PromiseLimit(n=30, unit=Unit.working_days),
    "extension": Extension(n=15, unit=Unit.working_days, approver="government_head", basis="行政许可法42(2)"),
}


async def test_the_head_of_the_authority_extends_the_limit_once_for_a_reason(context: Context) -> None:
    """20 and 15 working days from 2 March, ten more each: 14 April and 7 April (Monday, the 6th, is Qingming)."""
    story = await in_review(context)
    answer = await story.go("authority_head", Act.EXTEND, **REASON)
    assert answer["state"] == "REVIEW"
    clocks = await story.clocks()
    assert (clocks["statutory"], clocks["promise"]) == (("running", "2026-04-14"), ("running", "2026-04-07"))
    assert "extended" in (await story.row())["flags"]
    assert await told(story, Act.EXTEND) == [("applicant", "sms")]
    notice = await paper(story, "D10")
    ten = {"n": 10, "unit": "working_days", "basis": "行政许可法42(1)"}
    assert (notice["number"], notice["data"]) == (
        "示市监延〔2026〕1号",
        {
            **REASON,
            "approver": "机关负责人",
            "extended": [
                {"clock": "statutory", "due_on": "2026-04-14", **ten},
                {"clock": "promise", "due_on": "2026-04-07", **ten},
            ],
        },
    )
    event = await last_event(story)
    assert (event["role"], event["reason"]) == ("authority_head", REASON["reason"])
    assert event["clocks"]["statutory"]["due_on"] == "2026-04-14"
    entries = [row for row in await story.rows("clock_entries", "seq, ordinal") if row["act"] == "extend"]
    assert {(row["by"], row["note"]) for row in entries} == {("机关负责人", REASON["reason"])}
    async with refused("already_extended"):
        await story.go("authority_head", Act.EXTEND, **REASON)
    assert await check_case(context, story.number, story.now) == []


async def test_the_applicant_is_told_by_whom_and_why_the_limit_moved(context: Context) -> None:
    story = await in_review(context)
    await story.go("authority_head", Act.EXTEND, **REASON)
    listed = await list_clocks(context, await actor("clerk"), story.number, story.now)
    (statutory,) = [row for row in listed if row["kind"] == "statutory"]
    said = "".join(line["zh"] for line in statutory["explanation"])
    for words in ("机关负责人", REASON["reason"], "10个工作日", "2026年4月14日"):
        assert words in said


@pytest.mark.parametrize("who", ["officer", "reviewer", "approver", "clerk", "government_head", "supervisor"])
async def test_nobody_else_extends(context: Context, who: str) -> None:
    story = await in_review(context)
    async with refused("role_not_allowed", Forbidden):
        await story.go(who, Act.EXTEND, **REASON)


async def test_joint_handling_is_extended_by_the_head_of_the_government(context: Context) -> None:
    """The published vector: 45 working days from 2 March end on 8 May, 15 more on 28 May (行政许可法42(2))."""
    story = await in_review(context, **JOINT)
    assert (await story.clocks())["statutory"] == ("running", "2026-05-08")
    async with refused("role_not_allowed", Forbidden) as found:
        await story.go("authority_head", Act.EXTEND, **REASON)
    assert found.value.extra["roles"] == ["government_head"]
    await story.go("government_head", Act.EXTEND, **REASON)
    assert (await story.clocks())["statutory"] == ("running", "2026-05-28")
    assert (await paper(story, "D10"))["data"]["approver"] == "本级政府负责人"


async def test_a_limit_that_has_passed_is_not_extended(context: Context) -> None:
    """It ends when the hall closes on Monday, 30 March; a minute later it is too late, and the page says so."""
    story, late = await in_review(context), await in_review(context)
    for one, clock in ((story, "17:29"), (late, "17:31")):
        await until(one, "2026-03-30", clock)
    await story.go("authority_head", Act.EXTEND, at=story.now, **REASON)
    assert (await story.clocks())["statutory"] == ("running", "2026-04-14")
    assert (await story.clocks())["promise"] == ("running", "2026-03-23")  # it had passed on the 23rd
    async with refused("clock_overdue"):
        await late.go("authority_head", Act.EXTEND, **REASON)
    listed = await list_actions(context, await actor("authority_head"), late.number, late.now)
    (found,) = [row for row in listed if row["action"] is Act.EXTEND]
    assert (found["allowed"], found["barred"]["code"]) == (False, "clock_overdue")


async def test_an_item_whose_law_knows_no_extension_has_none(context: Context) -> None:
    story = await in_review(context, extension=None)
    for who in ("authority_head", "government_head"):
        async with refused("extension_not_provided"):
            await story.go(who, Act.EXTEND, **REASON)


async def test_an_extension_is_counted_behind_what_was_left_out(context: Context) -> None:
    """The published vector: without 9 to 20 March the limit ends on 13 April, and ten days later on the 27th."""
    story = await in_review(context)
    plan: dict[str, Any] = {"planned_start": "2026-03-09", "planned_end": "2026-03-20"}
    await story.go("officer", Act.TELL_SPECIAL, kind="testing", reason="须检测样品。", **plan)
    await serve(story, "D09")
    await until(story, "2026-03-09")
    await story.go("officer", Act.START_SPECIAL, kind="testing", **BY_INSTITUTION)
    await story.go("authority_head", Act.EXTEND, **REASON)
    assert (await story.clocks())["statutory"][0] == "suspended"
    await until(story, "2026-03-20")
    await story.go("officer", Act.FINISH_SPECIAL, result="样品合格。")
    assert (await story.clocks())["statutory"] == ("running", "2026-04-27")


async def test_after_the_decision_nothing_is_extended(context: Context) -> None:
    story = await in_review(context)
    await story.go("officer", Act.SUBMIT_REVIEW, opinion="符合条件。", proposal="grant")
    await story.go("approver", Act.GRANT, opinion="同意。")
    async with refused("action_not_allowed"):
        await story.go("authority_head", Act.EXTEND, **REASON)
