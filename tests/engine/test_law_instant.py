"""即办件: accepted and decided on the same business day, or converted with a reason (D§1.3; article 34)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from storage import notifications
from tests.factories import FOOD, ITEMS, OPINION, PAYLOADS, Story, bring, person, publish, table_counts
from tests.people import actor, also
from workflows.clock import Unit
from workflows.errors import Conflict, Forbidden, YichuangError
from workflows.events import Act
from workflows.item import ItemVersion, PromiseLimit

WHY = "需要向外地机关核实，无法当场办结。"


def hall(day: str, clock: str = "09:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def instant() -> ItemVersion:
    """A food business permit that is decided on the spot; the window may accept it. Ten working days by law."""
    return await publish(FOOD, case_kind="instant", promise_limit=PromiseLimit(n=0, unit=Unit.working_days))


async def accepted(context: Context) -> Story:
    story = await bring(context, "RECEIVED", await instant())
    await story.go("clerk", Act.ACCEPT)
    return story


async def refusal(story: Story, who: str, what: Act, **payload: Any) -> YichuangError:
    before = await table_counts()
    with pytest.raises(YichuangError) as found:
        await story.go(who, what, **payload)
    assert await table_counts() == before
    return found.value


async def test_an_instant_application_is_accepted_and_granted_on_the_same_day_by_two_people(context: Context) -> None:
    story = await accepted(context)
    row = await story.row()
    assert row["handler_id"] == (await actor("clerk")).person
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "promise": ("running", "2026-03-02"),
        "statutory": ("running", "2026-03-16"),
    }
    assert "grant" in await story.allowed("approver")
    answer = await story.go("approver", Act.GRANT, opinion="同意。")
    row = await story.row()
    assert (answer["state"], row["approver_id"]) == ("GRANTED", (await actor("approver")).person)
    assert (row["decided_at"], row["closed_at"]) == (story.now, story.now)
    clocks = await story.clocks()
    assert {kind: status for kind, (status, _) in clocks.items()} == {
        "notice": "stopped",
        "promise": "stopped",
        "statutory": "stopped",
        "delivery": "running",
    }
    assert clocks["delivery"] == ("running", "2026-03-16")
    assert set(await story.documents()) == {"D01", "D05", "D15"}
    assert await story.events() == ["open", "receive", "accept", "grant"]
    (decision,) = await story.rows("decisions")
    assert (decision["kind"], decision["result"]) == ("decision", "granted")
    assert (await notifications.of_case(story.number))[-1]["event"] == "grant"
    assert await check_case(context, story.number, story.now) == []


async def test_an_instant_application_is_denied_at_once_with_reasons_and_remedies(context: Context) -> None:
    story = await accepted(context)
    answer = await story.go("approver", Act.DENY, **PAYLOADS[Act.DENY])
    assert (answer["state"], answer["due_at"]) == ("DENIED", None)
    assert set(await story.documents()) == {"D01", "D05", "D16"}
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}


@pytest.mark.parametrize("who", ["clerk", "officer", "reviewer", "hall_manager"])
async def test_nobody_but_an_approver_decides_at_once(context: Context, who: str) -> None:
    story = await accepted(context)
    assert type(await refusal(story, who, Act.GRANT, opinion="同意。")) is Forbidden
    assert type(await refusal(story, who, Act.DENY, **PAYLOADS[Act.DENY])) is Forbidden


async def test_who_accepted_or_received_an_instant_application_does_not_grant_it(context: Context) -> None:
    story = await bring(context, "RECEIVED", await instant())
    await also("approver", "officer", "amr")
    await story.go("approver", Act.ACCEPT)
    assert (await refusal(story, "approver", Act.GRANT, opinion="同意。")).code == "same_person"
    await also("clerk", "approver", "amr")
    found = await refusal(story, "clerk", Act.GRANT, opinion="同意。")
    assert (type(found), found.code, found.basis) == (Forbidden, "same_person", "行政许可法34；审批分离")
    await story.go("approver2", Act.GRANT, opinion="同意。")


async def test_an_ordinary_application_is_never_decided_without_review(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    found = await refusal(story, "approver", Act.GRANT, opinion="同意。")
    assert (type(found), found.code) == (Conflict, "not_instant")
    assert (await refusal(story, "approver", Act.DENY, **PAYLOADS[Act.DENY])).code == "not_instant"
    assert (await refusal(story, "approver", Act.CONVERT_TO_PROMISE, reason=WHY, days=3)).code == "not_instant"


async def test_what_cannot_be_decided_at_once_is_converted_with_a_reason_and_then_reviewed(context: Context) -> None:
    story = await accepted(context)
    await story.go("officer", Act.CONVERT_TO_PROMISE, reason=WHY, days=5)
    assert (await story.row())["flags"] == ["converted"]
    assert (await story.clocks())["promise"] == ("running", "2026-03-09")
    assert (await story.clocks())["statutory"] == ("running", "2026-03-16")
    last = (await story.rows("events", "seq"))[-1]
    assert (last["name"], last["reason"]) == ("case:convert_to_promise", WHY)
    told = (await notifications.of_case(story.number))[-1]
    assert (told["recipient"], told["way"], told["event"]) == ("applicant", "sms", "convert_to_promise")
    assert (await refusal(story, "approver", Act.GRANT, opinion="同意。")).code == "not_instant"
    assert (await refusal(story, "officer", Act.CONVERT_TO_PROMISE, reason=WHY, days=6)).code == "not_instant"
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="grant")
    assert (await story.go("approver", Act.GRANT, opinion="同意。"))["state"] == "GRANTED"
    assert await check_case(context, story.number, story.now) == []


@pytest.mark.parametrize("days", [0, 11])
async def test_a_converted_promise_is_at_least_a_day_and_never_longer_than_the_law(context: Context, days: int) -> None:
    story = await accepted(context)
    found = await refusal(story, "officer", Act.CONVERT_TO_PROMISE, reason=WHY, days=days)
    assert (found.code, found.basis, found.extra["most"]) == ("promise_over_statutory", "优化营商环境条例36(2)", 10)


async def test_an_overrun_is_not_hidden_by_converting_the_next_day(context: Context) -> None:
    story = await accepted(context)
    with pytest.raises(Conflict, match="conversion_too_late"):
        await story.go("officer", Act.CONVERT_TO_PROMISE, at=hall("2026-03-03"), reason=WHY, days=5)


async def test_the_window_does_not_convert(context: Context) -> None:
    story = await accepted(context)
    assert type(await refusal(story, "clerk", Act.CONVERT_TO_PROMISE, reason=WHY, days=5)) is Forbidden


async def test_an_item_that_the_law_has_decided_at_once_is_not_converted(context: Context) -> None:
    story = await bring(context, "RECEIVED", ITEMS[20], who=person())
    await story.go("officer", Act.ACCEPT)
    found = await refusal(story, "officer", Act.CONVERT_TO_PROMISE, reason=WHY, days=1)
    assert (found.code, found.extra["most"]) == ("promise_over_statutory", 0)
