"""Rows 38 to 40: 撤回, 终止办理, 作废. A case that is over has no clock that runs."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from tests.engine.test_refusals import refused
from tests.factories import FOOD, PAYLOADS, Story, bring, open_story, person
from tests.people import actor
from workflows.errors import Forbidden
from workflows.events import Act

DEATH: dict[str, Any] = {"cause": "death", "reason": "申请人已死亡，附死亡证明。"}
DISSOLVED: dict[str, Any] = {"cause": "dissolution", "reason": "申请人已注销登记。"}
ERROR: dict[str, Any] = {"reason": "扫描仪重复触发，同一申请登记了两次。"}
VERIFIED: dict[str, Any] = {"reason": "已核对登记记录，确系重复登记。"}
UNDECIDED = ("RECEIVED", "CORRECTION", "ESCALATED", "ACCEPTED", "DISPATCHED", "REVIEW", "VERIFY")


async def stopped(story: Story) -> None:
    """Nothing runs, nothing is waited for, and the index agrees with the ledger."""
    assert {status for status, _ in (await story.clocks()).values()} <= {"stopped"}
    row = await story.row()
    assert row["due_at"] is None
    assert row["closed_at"] == story.now
    assert not [clock for clock in await story.rows("clocks") if clock["running"] or clock["next_at"]]
    assert await check_case(story.context, story.number, story.now) == []


async def last(story: Story, table: str) -> dict[str, Any]:
    return (await story.rows(table, "seq"))[-1]


@pytest.mark.parametrize("state", UNDECIDED)
async def test_an_applicant_withdraws_before_the_decision(context: Context, state: str) -> None:
    story = await bring(context, state)
    answer = await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert (answer["state"], [paper["code"] for paper in answer["documents"]]) == ("WITHDRAWN", ["D19"])
    await stopped(story)
    event = await last(story, "events")
    assert (event["name"], event["data"]["result_code"]) == ("case:withdraw", "6")


async def test_originals_go_back_with_a_withdrawal(context: Context) -> None:
    story = await bring(context, "REVIEW")
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    held = [
        {"line": line.code, "name": line.name, "originals": line.originals}
        for line in FOOD.materials
        if line.originals and not line.e_cert and not line.condition
    ]
    assert held
    assert (await last(story, "documents"))["data"]["returned"] == held
    assert (await last(story, "events"))["data"]["returned"] == held


async def test_a_withdrawal_is_signed_and_comes_before_the_decision(context: Context) -> None:
    story, granted = await bring(context, "REVIEW"), await bring(context, "GRANTED")
    async with refused("signature_missing"):
        await story.go("clerk", Act.WITHDRAW, reason="不再经营。", signed=False)
    for who in ("officer", "approver", "hall_manager", "issuer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    async with refused("action_not_allowed"):
        await granted.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


@pytest.mark.parametrize(
    ("state", "cause"),
    list(zip(UNDECIDED, ["dissolution", "force_majeure", "loss_of_object"] * len(UNDECIDED), strict=False)),
)
async def test_the_authority_terminates_what_has_lost_its_applicant_or_object(
    context: Context, state: str, cause: str
) -> None:
    story = await bring(context, state)
    answer = await story.go("approver", Act.TERMINATE, cause=cause, reason="事实清楚。")
    assert (answer["state"], [paper["code"] for paper in answer["documents"]]) == ("TERMINATED", ["D20"])
    await stopped(story)
    event, paper, told = [await last(story, table) for table in ("events", "documents", "notifications")]
    assert event["data"]["cause_basis"].startswith("参照行政许可法70(")
    assert (paper["code"], paper["agency"], paper["data"]["cause"]) == ("D20", "示市监", cause)
    assert paper["data"]["returned"] == event["data"]["returned"]
    assert (told["recipient"], told["way"], told["event"]) == ("applicant", "sms", "terminate")


async def test_only_a_person_dies_and_only_an_organisation_is_dissolved(context: Context) -> None:
    firms, persons = await bring(context, "REVIEW"), await bring(context, "REVIEW", who=person())
    for story, wrong, right in ((firms, DEATH, DISSOLVED), (persons, DISSOLVED, DEATH)):
        async with refused("cause_does_not_fit"):
            await story.go("approver", Act.TERMINATE, **wrong)
        assert (await story.go("approver", Act.TERMINATE, **right))["state"] == "TERMINATED"


async def test_who_may_not_terminate(context: Context) -> None:
    story, granted = await bring(context, "REVIEW"), await bring(context, "GRANTED")
    for who in ("clerk", "officer", "reviewer", "hall_manager", "supervisor"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.TERMINATE, **DISSOLVED)
    async with refused("action_not_allowed"):
        await granted.go("approver", Act.TERMINATE, **DISSOLVED)


@pytest.mark.parametrize("state", ["NEW", "RECEIVED", "ESCALATED"])
async def test_supervisor_and_auditor_void_a_technical_error_together(context: Context, state: str) -> None:
    story = await bring(context, state)
    before = (await story.row())["state"]
    answer = await story.go("supervisor", Act.PROPOSE_VOID, **ERROR)
    assert (answer["state"], (await story.row())["flags"]) == (before, ["void_proposed"])
    told = await last(story, "notifications")
    assert (told["recipient"], told["way"]) == ("auditor", "task")
    answer = await story.go("auditor", Act.VOID, **VERIFIED)
    assert (answer["state"], (await story.row())["flags"]) == ("VOID", ["not_counted"])
    await stopped(story)
    event = await last(story, "events")
    assert (event["data"]["result_code"], event["reason"]) == ("3", VERIFIED["reason"])
    assert event["data"]["proposed_by"] == str((await actor("supervisor")).person)
    assert (await story.events())[-2:] == ["propose_void", "void"]


async def test_nobody_voids_alone(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    async with refused("void_not_proposed"):
        await story.go("auditor", Act.VOID, **VERIFIED)
    for who in ("clerk", "hall_manager", "officer", "approver", "auditor"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.PROPOSE_VOID, **ERROR)
    await story.go("supervisor", Act.PROPOSE_VOID, **ERROR)
    async with refused("role_not_allowed", Forbidden):
        await story.go("supervisor", Act.VOID, **VERIFIED)


@pytest.mark.parametrize(("state", "paper"), [("CORRECTION", "D03"), ("ACCEPTED", "D05")])
async def test_nothing_is_voided_that_somebody_may_rely_on(context: Context, state: str, paper: str) -> None:
    story = await bring(context, state)
    async with refused("legal_document_issued") as found:
        await story.go("supervisor", Act.PROPOSE_VOID, **ERROR)
    assert found.value.extra["documents"] == [(await story.documents())[paper]]


async def test_a_proposal_to_void_falls_with_the_first_legal_document(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    await story.go("supervisor", Act.PROPOSE_VOID, **ERROR)
    await story.go("officer", Act.ACCEPT)
    async with refused("legal_document_issued"):
        await story.go("auditor", Act.VOID, **VERIFIED)


async def test_what_was_withdrawn_or_voided_is_archived(context: Context) -> None:
    withdrawn, voided = await bring(context, "WITHDRAWN"), await open_story(context)
    await voided.go("supervisor", Act.PROPOSE_VOID, **ERROR)
    await voided.go("auditor", Act.VOID, **VERIFIED)
    for story in (withdrawn, voided):
        assert (await story.go("archivist", Act.ARCHIVE))["state"] == "ARCHIVED"
    assert (await voided.row())["flags"] == ["not_counted"]
