"""现场核查: two officers at least; the limits run on unless the item's own law stops them (row 22; 行政许可法34(3))."""

from __future__ import annotations

from typing import Any, Final

import pytest

from engine.context import Context
from engine.invariants import check_case
from tests.engine.reviews import at, in_review, last_event, paper, serve, told, until
from tests.engine.test_refusals import refused
from tests.factories import Story, bring
from workflows.errors import Forbidden, Malformed
from workflows.events import Act
from workflows.item import SpecialProcedure

OFFICERS: Final = [{"login": "officer", "card": "琼-0001"}, {"login": "officer2", "card": "琼-0002"}]
START: Final[dict[str, Any]] = {"officers": OFFICERS, "planned_on": "2026-03-03"}
FINISH: Final[dict[str, Any]] = {
    "officers": OFFICERS,
    "place": "示例路1号",
    "findings": "布局与图纸一致，设备齐全。",
    "signed": True,
}
BY_OWN_LAW: Final = SpecialProcedure(
    kind="site_check", name="现场核查", name_en="site check", excluded=True, max_days=5, basis="示例条例9"
)
TOLD: Final[dict[str, Any]] = {
    "kind": "site_check",
    "planned_start": "2026-03-02",
    "planned_end": "2026-03-06",
    "reason": "须到经营场所核查。",
}


async def on_site(context: Context) -> Story:
    story = await in_review(context)
    await story.go("officer", Act.START_SITE_CHECK, **START)
    return story


async def test_a_site_check_takes_place_while_the_limits_run(context: Context) -> None:
    story = await in_review(context)
    answer = await story.go("officer", Act.START_SITE_CHECK, **START)
    assert answer["state"] == "SITE_CHECK"
    assert await told(story, Act.START_SITE_CHECK) == [("applicant", "sms")]
    clocks = await story.clocks()
    assert (clocks["statutory"], clocks["promise"]) == (("running", "2026-03-30"), ("running", "2026-03-23"))
    assert clocks["stage"] == ("running", "2026-03-05")  # three working days, as the item says
    answer = await story.go("officer2", Act.FINISH_SITE_CHECK, at=at("2026-03-04"), **FINISH)
    assert answer["state"] == "REVIEW"
    clocks = await story.clocks()
    assert (clocks["statutory"], clocks["stage"]) == (("running", "2026-03-30"), ("running", "2026-03-09"))
    record = await paper(story, "D11")
    assert (record["number"], record["data"]) == ("示市监核〔2026〕1号", FINISH)
    event = await last_event(story)
    assert event["data"]["payload"]["officers"] == OFFICERS
    assert event["data"]["documents"] == [{"code": "D11", "number": record["number"]}]
    assert not await story.rows("special_procedures")
    assert await check_case(context, story.number, story.now) == []


async def test_a_refusal_to_sign_is_noted(context: Context) -> None:
    story = await on_site(context)
    async with refused("signature_missing"):
        await story.go("officer", Act.FINISH_SITE_CHECK, **FINISH | {"signed": False})
    note = {"signed": False, "refusal": "当事人拒绝签字，有执法记录仪录像。"}
    await story.go("officer", Act.FINISH_SITE_CHECK, **FINISH | note)
    assert (await paper(story, "D11"))["data"]["refusal"] == note["refusal"]


@pytest.mark.parametrize(
    "officers",
    [OFFICERS[:1], [OFFICERS[0], OFFICERS[0]], [OFFICERS[0], {"login": "reviewer", "card": "琼-0003"}],
     [OFFICERS[0], {"login": "officer.hrss", "card": "琼-0004"}], [OFFICERS[0], {"login": "nobody", "card": "琼-9"}]],
)  # fmt: skip
async def test_one_officer_alone_checks_nothing(context: Context, officers: list[dict[str, str]]) -> None:
    story = await in_review(context)
    async with refused("two_officers_needed") as found:
        await story.go("officer", Act.START_SITE_CHECK, **START | {"officers": officers})
    assert found.value.basis == "行政许可法34(3)"
    await story.go("officer", Act.START_SITE_CHECK, **START)
    async with refused("two_officers_needed"):
        await story.go("officer", Act.FINISH_SITE_CHECK, **FINISH | {"officers": officers})


async def test_a_site_check_is_of_the_officers_who_go(context: Context) -> None:
    story = await in_review(context)
    for who in ("clerk", "reviewer", "approver", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.START_SITE_CHECK, **START)
    async with refused("site_check_day_past", Malformed):
        await story.go("officer", Act.START_SITE_CHECK, **START | {"planned_on": "2026-03-01"})
    accepted = await bring(context, "ACCEPTED")
    for what, payload in ((Act.START_SITE_CHECK, START), (Act.FINISH_SITE_CHECK, FINISH)):
        async with refused("action_not_allowed"):
            await accepted.go("officer", what, **payload)


async def test_a_site_check_stops_the_limits_only_by_the_items_own_law_and_after_notice(context: Context) -> None:
    """Out by the item's law: 2 to 4 March, two working days, so that 30 March becomes 1 April."""
    story = await in_review(context, special_procedures=(BY_OWN_LAW,))
    async with refused("special_not_told"):
        await story.go("officer", Act.START_SITE_CHECK, **START)
    await story.go("officer", Act.TELL_SPECIAL, **TOLD)
    async with refused("special_notice_not_served"):
        await story.go("officer", Act.START_SITE_CHECK, **START)
    await serve(story, "D09")
    async with refused("special_kind_not_told"):
        await story.go("officer", Act.START_SPECIAL, kind="site_check")
    async with refused("two_officers_needed"):
        await story.go("officer", Act.START_SITE_CHECK, **START | {"officers": OFFICERS[:1]})
    answer = await story.go("officer", Act.START_SITE_CHECK, **START)
    assert answer["state"] == "SITE_CHECK"
    clocks = await story.clocks()
    assert [clocks[kind][0] for kind in ("statutory", "promise")] == ["suspended"] * 2
    assert clocks["stage"] == ("running", "2026-03-06")
    suspended = [row for row in await story.rows("clock_entries") if row["act"] == "suspend"]
    assert {(row["basis"], row["note"]) for row in suspended} == {("示例条例9", "现场核查")}
    await until(story, "2026-03-04")
    await story.go("officer", Act.FINISH_SITE_CHECK, **FINISH)
    clocks = await story.clocks()
    assert (clocks["statutory"], clocks["promise"]) == (("running", "2026-04-01"), ("running", "2026-03-25"))
    (row,) = await story.rows("special_procedures")
    assert (row["kind"], row["result"]) == ("site_check", FINISH["findings"])
    assert row["finished_at"] == story.now


async def test_another_procedure_that_was_told_is_no_site_check(context: Context) -> None:
    story = await in_review(context, special_procedures=(BY_OWN_LAW,))
    await story.go("officer", Act.TELL_SPECIAL, **TOLD | {"kind": "testing"})
    await serve(story, "D09")
    async with refused("special_kind_not_told"):
        await story.go("officer", Act.START_SITE_CHECK, **START)
