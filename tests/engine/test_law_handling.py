"""承办、审核、批准: two people, supplements, fees, the order of acceptance, silence (rows 21 and 26 to 29)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.invariants import check_case
from engine.timing import fire_case
from storage import notifications
from tests.factories import (
    FOOD,
    ITEMS,
    OPINION,
    PAYLOADS,
    START,
    Story,
    bring,
    firm,
    person,
    publish,
    table_counts,
)
from tests.people import actor, also
from workflows.errors import Conflict, Forbidden, Malformed, YichuangError
from workflows.events import Act

FIREWORKS = ITEMS[29]
"""烟花爆竹零售许可: the number of permits is limited."""
PASSPORT = ITEMS[12]
"""普通护照: 120 yuan, fixed by law."""
ROAD = ITEMS[15]
"""城市道路挖掘许可: the repair fee depends on the area."""


def hall(day: str, clock: str = "09:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def refusal(story: Story, who: str, what: Act, **payload: Any) -> YichuangError:
    before = await table_counts()
    with pytest.raises(YichuangError) as found:
        await story.go(who, what, **payload)
    assert await table_counts() == before
    return found.value


async def told(story: Story) -> list[tuple[str, str]]:
    """Whom the last act told, and how."""
    rows = await notifications.of_case(story.number)
    last = (await story.row())["head_seq"]
    return [(row["recipient"], row["way"]) for row in rows if row["seq"] == last]


async def test_the_officer_who_signs_in_answers_for_the_case_from_then_on(context: Context) -> None:
    story = await bring(context, "DISPATCHED")
    row = await story.row()
    assert row["owner_id"] == (await actor("clerk")).person
    assert (await refusal(story, "clerk", Act.SIGN_IN)).code == "role_not_allowed"
    await story.go("officer2", Act.SIGN_IN)
    row = await story.row()
    assert row["owner_id"] == row["handler_id"] == (await actor("officer2")).person
    clocks = await story.clocks()
    assert (clocks["handover"][0], clocks["stage"]) == ("stopped", ("running", "2026-03-05"))
    assert (await refusal(story, "officer", Act.SIGN_IN)).code == "action_not_allowed"


async def test_a_case_is_reassigned_to_an_officer_of_the_department_with_a_reason(context: Context) -> None:
    story = await bring(context, "REVIEW")
    why: dict[str, Any] = {"reason": "原承办人出差。"}
    for to in ("reviewer", "officer.hrss", "nobody"):
        found = await refusal(story, "approver", Act.REASSIGN, to=to, **why)
        assert (found.code, found.basis) == ("assignee_not_officer", "岗位权限")
    assert (await refusal(story, "approver", Act.REASSIGN, to="officer", **why)).code == "already_handler"
    assert type(await refusal(story, "officer", Act.REASSIGN, to="officer2", **why)) is Forbidden
    assert type(await refusal(story, "approver", Act.REASSIGN, to="officer2")) is Malformed
    clocks = await story.clocks()
    await story.go("reviewer", Act.REASSIGN, to="officer2", **why)
    row = await story.row()
    assert (row["state"], row["handler_id"]) == ("REVIEW", (await actor("officer2")).person)
    assert await story.clocks() == clocks
    assert await told(story) == [("handler", "task")]
    assert (await story.rows("events", "seq"))[-1]["reason"] == why["reason"]


async def test_a_review_is_endorsed_sent_back_reviewed_again_and_decided_by_another(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    assert (await refusal(story, "reviewer2", Act.ENDORSE, opinion=OPINION)).code == "already_endorsed"
    assert type(await refusal(story, "approver", Act.SEND_BACK)) is Malformed
    await story.go("approver", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    row = await story.row()
    assert (row["state"], row["endorser_id"]) == ("REVIEW", None)
    assert await told(story) == [("handler", "task")]
    assert (await story.clocks())["promise"][0] == "running"
    await story.go("officer2", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="grant")
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    await story.go("approver", Act.GRANT, opinion="同意。")
    signed = [(one["kind"], one["signed_name"]) for one in await story.rows("decisions", "seq")]
    assert signed == [
        ("review", "杨思远"),
        ("endorsement", "黄一诺"),
        ("return", "赵亦凡"),
        ("review", "谢建章"),
        ("endorsement", "黄一诺"),
        ("decision", "赵亦凡"),
    ]
    assert await check_case(context, story.number, story.now) == []


async def test_who_handled_or_endorsed_in_an_earlier_round_does_not_decide(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    await story.go("approver", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    await story.go("officer2", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="grant")
    for early in ("officer", "reviewer", "officer2"):
        await also(early, "approver", "amr")
        found = await refusal(story, early, Act.GRANT, opinion="同意。")
        assert (type(found), found.code, found.basis) == (Forbidden, "same_person", "行政许可法34；审批分离")
        assert (await refusal(story, early, Act.DENY, **PAYLOADS[Act.DENY])).code == "same_person"
    await also("officer", "reviewer", "amr")
    assert (await refusal(story, "officer", Act.ENDORSE, opinion=OPINION)).code == "same_person"
    await story.go("approver", Act.GRANT, opinion="同意。")


async def test_a_supplement_asked_for_after_acceptance_stops_no_clock(context: Context) -> None:
    story = await bring(context, "REVIEW")
    clocks = await story.clocks()
    gaps = [{"material": "M03", "defect": "图纸缺一页", "how_to_obtain": "申请人自备"}]
    assert type(await refusal(story, "clerk", Act.ASK_SUPPLEMENT, gaps=gaps, reason="核对。")) is Forbidden
    strange = [{"material": "M99", "defect": "缺", "how_to_obtain": "自备"}]
    found = await refusal(story, "officer", Act.ASK_SUPPLEMENT, gaps=strange, reason="核对。")
    assert (found.code, found.extra["lines"]) == ("material_not_on_list", ["M99"])
    await story.go("officer", Act.ASK_SUPPLEMENT, gaps=gaps, reason="核对平面布局。")
    assert await told(story) == [("applicant", "sms"), ("applicant", "letter")]
    assert await story.clocks() == clocks
    await story.file_scans("M03")
    counts = [{"line": "M03", "originals": 1, "copies": 0, "pages": 3}]
    await story.go("clerk", Act.SUPPLY_SUPPLEMENT, materials=counts)
    assert await story.clocks() == clocks
    (line,) = [row for row in await story.rows("case_materials") if row["line"] == "M03"]
    assert (line["originals"], line["pages"]) == (1, 3)
    assert "D04" in await story.documents()


async def test_a_fixed_fee_is_asked_for_and_paid_before_the_grant(context: Context) -> None:
    story = await bring(context, "VERIFY", PASSPORT, who=person())
    found = await refusal(story, "approver", Act.GRANT, opinion="同意。")
    assert (found.code, found.basis) == ("fee_unpaid", "国家规定的普通护照收费标准")
    assert (await refusal(story, "clerk", Act.RECORD_PAYMENT, receipt="0001")).code == "fee_not_asked"
    for wrong in ("120", "0.00", "-1.00", "一百二十"):
        assert (await refusal(story, "clerk", Act.ASK_PAYMENT, amount=wrong)).code == "amount_wrong"
    await story.go("clerk", Act.ASK_PAYMENT, amount="120.00")
    assert await told(story) == [("applicant", "sms")]
    assert "D27" in await story.documents()
    assert (await refusal(story, "approver", Act.GRANT, opinion="同意。")).code == "fee_unpaid"
    await story.go("clerk", Act.RECORD_PAYMENT, receipt="琼财0001")
    assert (await refusal(story, "clerk", Act.RECORD_PAYMENT, receipt="琼财0001")).code == "fee_paid_already"
    assert (await refusal(story, "clerk", Act.ASK_PAYMENT, amount="120.00")).code == "fee_paid_already"
    assert (await story.go("approver", Act.GRANT, opinion="同意。"))["state"] == "GRANTED"


async def test_an_unpaid_fee_bars_a_grant_never_a_denial(context: Context) -> None:
    story = await bring(context, "VERIFY", PASSPORT, who=person())
    assert (await story.go("approver", Act.DENY, **PAYLOADS[Act.DENY]))["state"] == "DENIED"


async def test_no_fee_is_asked_for_where_no_law_sets_one(context: Context) -> None:
    story = await bring(context, "VERIFY")
    found = await refusal(story, "officer", Act.ASK_PAYMENT, amount="10.00")
    assert (type(found), found.code, found.basis) == (Conflict, "no_fee", "行政许可法58")


async def test_a_fee_that_depends_bars_the_grant_once_it_was_asked_for(context: Context) -> None:
    item = await publish(ROAD, joint=())
    story = await bring(context, "VERIFY", item)
    await story.go("officer", Act.ASK_PAYMENT, amount="3600.00")
    assert (await refusal(story, "approver", Act.GRANT, opinion="同意。")).code == "fee_unpaid"
    await story.go("officer", Act.RECORD_PAYMENT, receipt="琼财0002")
    await story.go("approver", Act.GRANT, opinion="同意。")


async def test_limited_permits_are_decided_in_the_order_of_acceptance(context: Context) -> None:
    first = await bring(context, "VERIFY", FIREWORKS, who=person(1))
    second = await bring(context, "VERIFY", FIREWORKS, who=person(2), at=START + timedelta(microseconds=1))
    assert (await first.row())["accepted_at"] < (await second.row())["accepted_at"]
    found = await refusal(second, "approver", Act.GRANT, opinion="同意。")
    assert (found.code, found.basis, found.extra["earlier"]) == ("earlier_application_waits", "行政许可法57", 1)
    await first.go("approver", Act.DENY, **PAYLOADS[Act.DENY])
    assert (await second.go("approver", Act.GRANT, opinion="同意。"))["state"] == "GRANTED"


async def test_permits_without_a_limit_wait_for_nobody(context: Context) -> None:
    await bring(context, "VERIFY", who=firm(1))
    second = await bring(context, "VERIFY", who=firm(2), at=START + timedelta(minutes=1))
    assert (await second.go("approver", Act.GRANT, opinion="同意。"))["state"] == "GRANTED"


async def left_undecided(context: Context) -> Story:
    """A food business permit that nobody decided within the ten working days of the law."""
    story = await bring(context, "RECEIVED")
    await story.go("officer", Act.ACCEPT)
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await fire_case(context, story.number, hall("2026-03-17"))
    return story


async def test_silence_grants_where_a_law_says_so_and_only_there(context: Context) -> None:
    assert (await (await left_undecided(context)).row())["state"] == "REVIEW"
    await publish(FOOD, on_overdue="deemed_approved", on_overdue_basis="内部资料准印证管理办法")
    story = await left_undecided(context)
    row = await story.row()
    assert (row["state"], row["flags"], row["approver_id"]) == ("GRANTED", ["deemed_granted"], None)
    assert "D15" in await story.documents()
