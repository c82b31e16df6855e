"""容缺受理: rows 16 to 18 — the list, the applicant's signature, no decision before everything is in, the end."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from tests.engine.test_law_notice import hall, last_event, later, messages, paper
from tests.engine.test_refusals import refused
from tests.factories import FOOD, LABOUR, OPINION, PAYLOADS, Story, bring, open_story, publish
from workflows.errors import Forbidden
from workflows.events import Act
from workflows.item import ItemVersion

CHOSEN: dict[str, Any] = {"signed": True, "credit_checked": True}


async def tolerated(context: Context, item: ItemVersion = FOOD) -> Story:
    """Accepted with the last line of the list still owed."""
    story = await open_story(context, item)
    await story.receive_incomplete()
    await story.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    return story


async def test_review_begins_while_a_listed_material_is_owed(context: Context) -> None:
    """容缺受理: row 16; the limits run, and what is owed is due within the promise."""
    story = await open_story(context)
    await story.receive_incomplete(missing=2)
    async with refused("materials_incomplete"):
        await story.go("officer", Act.ACCEPT)
    for who in ("hall_manager", "approver", "issuer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    async with refused("signature_missing"):
        await story.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN | {"signed": False})
    async with refused("credit_not_checked"):
        await story.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN | {"credit_checked": False})
    answer = await story.go("clerk", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    assert (answer["state"], [one["code"] for one in answer["documents"]]) == ("ACCEPTED", ["D05", "D07"])
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "statutory": ("running", "2026-03-16"),
        "promise": ("running", "2026-03-09"),
        "tolerance": ("running", "2026-03-09"),  # the flow's 20 working days, but within the promise of 5
    }
    case = await story.row()
    assert (case["flags"], case["accepted_at"]) == (["tolerance"], story.now)
    assert (await last_event(story))["data"]["missing"] == ["M04", "M05"]
    undertaking = await paper(story, "D07")
    assert [line["line"] for line in undertaking["missing"]] == ["M04", "M05"]
    assert (undertaking["on_overdue"], undertaking["signed"]) == ("withdrawn", True)
    assert (await paper(story, "D05"))["mode"] == "tolerance"
    assert await messages(story, "accept_with_tolerance") == [("applicant", "sms")]
    assert await check_case(context, story.number, story.now) == []


async def test_tolerance_is_for_listed_items_and_listed_materials_only(context: Context) -> None:
    unlisted, main, whole = (
        await open_story(context, LABOUR),
        await open_story(context),
        await bring(context, "RECEIVED"),
    )
    await unlisted.receive_incomplete()
    async with refused("tolerance_not_listed"):
        await unlisted.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    await main.receive_incomplete(missing=3)
    async with refused("main_materials_missing") as found:
        await main.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    assert found.value.extra["lines"] == ["M03"]
    async with refused("nothing_to_defer"):
        await whole.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)
    told = await bring(context, "CORRECTION")
    async with refused("action_not_allowed"):
        await told.go("officer", Act.ACCEPT_WITH_TOLERANCE, **CHOSEN)


async def test_no_decision_before_what_is_owed_is_in(context: Context) -> None:
    """容缺材料补齐: row 17."""
    story, plain = await tolerated(context), await bring(context, "REVIEW")
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    for what in (Act.GRANT, Act.DENY):
        async with refused("tolerance_open"):
            await story.go("approver", what, **PAYLOADS[what])
    async with refused("deferred_materials_missing") as found:
        await story.go("clerk", Act.MEET_TOLERANCE)
    assert found.value.extra["lines"] == ["M05"]
    counts = [{"line": "M05", "copies": 1, "pages": 1, "checked": True}]
    async with refused("scan_missing"):
        await story.go("clerk", Act.MEET_TOLERANCE, materials=counts)
    async with refused("role_not_allowed", Forbidden):
        await story.go("approver", Act.MEET_TOLERANCE, materials=counts)
    async with refused("no_tolerance_open"):
        await plain.go("clerk", Act.MEET_TOLERANCE)
    await story.file_scans("M05")
    answer = await story.go("clerk", Act.MEET_TOLERANCE, materials=counts)
    assert (answer["state"], [one["code"] for one in answer["documents"]]) == ("VERIFY", ["D04"])
    assert (await story.row())["flags"] == []
    assert (await story.clocks())["tolerance"] == ("stopped", "2026-03-09")
    assert (await story.clocks())["statutory"] == ("running", "2026-03-16")
    assert (await story.go("approver", Act.GRANT, opinion=OPINION))["state"] == "GRANTED"
    assert await check_case(context, story.number, story.now) == []


@pytest.mark.parametrize(("policy", "state"), [("withdrawn", "WITHDRAWN"), ("terminated", "TERMINATED")])
async def test_a_tolerance_that_is_never_met_ends_as_the_items_policy_says(
    context: Context, policy: Any, state: str
) -> None:
    """容缺逾期: row 18; the authority, after the day, with a list of what goes back."""
    item = await publish(FOOD, tolerance_overdue=policy)
    story = await tolerated(context, item)
    async with refused("tolerance_not_overdue"):
        await story.go("officer", Act.END_TOLERANCE, reason="未补交。")
    await later(story, "2026-03-09", "17:29")
    async with refused("tolerance_not_overdue"):
        await story.go("officer", Act.END_TOLERANCE, at=story.now, reason="未补交。")
    await later(story, "2026-03-10")
    for who in ("clerk", "hall_manager", "reviewer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.END_TOLERANCE, at=story.now, reason="未补交。")
    answer = await story.go("officer", Act.END_TOLERANCE, at=hall("2026-03-10", "10:00"), reason="逾期未补交。")
    assert answer["state"] == state
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    assert (await story.row())["flags"] == []
    slip = await paper(story, "D20")
    assert [line["line"] for line in slip["returned"]] == ["M01", "M03", "M04"]
    assert (await last_event(story))["data"]["missing"] == ["M05"]
    assert await messages(story, "end_tolerance") == [("applicant", "sms")]
    assert (await story.row())["closed_at"] == story.now
    assert await check_case(context, story.number, story.now) == []


async def test_a_tolerance_met_late_but_before_its_end_is_met(context: Context) -> None:
    story = await tolerated(context)
    await later(story, "2026-03-10")
    await story.file_scans("M05")
    await story.go("clerk", Act.MEET_TOLERANCE, at=story.now, materials=[{"line": "M05", "copies": 1, "checked": True}])
    async with refused("no_tolerance_open"):
        await story.go("officer", Act.END_TOLERANCE, at=story.now, reason="未补交。")


async def test_an_applicant_may_withdraw_while_something_is_owed(context: Context) -> None:
    story = await tolerated(context)
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert (await story.row())["flags"] == []
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
