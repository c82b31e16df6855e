"""并联分办与下级初审: several departments or two levels, one answer to the applicant (row 20; articles 26, 35, 43)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from engine.children import cancel_children, list_children
from engine.context import Context
from engine.invariants import check_case
from storage import notifications
from storage.db import reading
from tests.factories import FOOD, ITEMS, OPINION, PAYLOADS, Story, bring, publish, table_counts
from tests.people import actor, also
from workflows.clock import Unit
from workflows.errors import Forbidden, NotFound, YichuangError
from workflows.events import Act
from workflows.item import Extension, StatutoryLimit

CONSTRUCTION = ITEMS[13]
"""建筑工程施工许可: the housing department leads; urban management and police take part."""
AGREED: Final[dict[str, Any]] = {"conclusion": "agree", "opinion": "无不同意见。"}
REVIEW: Final[dict[str, Any]] = {"opinion": OPINION, "proposal": "agree"}
JOINTLY: Final[dict[str, Any]] = {
    "joint": ("health", "police"),
    "statutory_limit": StatutoryLimit(n=45, unit=Unit.working_days, basis="行政许可法42(2)"),
    "extension": Extension(n=15, unit=Unit.working_days, approver="government_head", basis="行政许可法42(2)"),
}
"""A food business permit that three departments handle together under article 42(2)."""


def hall(day: str, clock: str = "09:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def children_of(story: Story) -> dict[str, Story]:
    """The child cases of a case, by the code of their department."""
    listed = await list_children(story.context, await actor("hall_manager"), story.number)
    return {row["department"]: replace(story, number=row["number"], answers=[]) for row in listed}


async def give_opinion(child: Story, department: str, **opinion: Any) -> None:
    await child.go(f"officer.{department}", Act.SIGN_IN)
    await child.go(f"officer.{department}", Act.SUBMIT_REVIEW, **REVIEW)
    await child.go(f"approver.{department}", Act.GIVE_OPINION, **(opinion or AGREED))


async def refusal(story: Story, who: str, what: Act, **payload: Any) -> YichuangError:
    before = await table_counts()
    with pytest.raises(YichuangError) as found:
        await story.go(who, what, **payload)
    assert await table_counts() == before
    return found.value


async def test_a_joint_dispatch_gives_each_department_a_case_of_its_own(context: Context) -> None:
    story = await bring(context, "DISPATCHED", CONSTRUCTION)
    row = await story.row()
    assert row["flags"] == ["joint"]
    assert set(await story.documents()) == {"D01", "D05", "D23"}
    assert (await story.clocks())["handover"] == ("running", "2026-03-03")
    told = await notifications.of_case(story.number)
    assert ("department", "task", "dispatch") in [(one["recipient"], one["way"], one["event"]) for one in told]
    children = await children_of(story)
    assert set(children) == {"urban", "police"}
    for department, child in children.items():
        found = await child.row()
        assert (found["state"], found["flow"], found["parent_id"]) == ("DISPATCHED", "JOINT_REVIEW", row["id"])
        assert (found["department"], found["hall"], found["owner_id"]) == (department, row["hall"], row["owner_id"])
        assert (found["applicant"], found["item_id"]) == (row["applicant"], row["item_id"])
        assert found["query_code"] != row["query_code"]
        assert await child.events() == ["open", "dispatch"]
        assert await child.clocks() == {"handover": ("running", "2026-03-03")}
        told = await notifications.of_case(child.number)
        assert [(one["recipient"], one["way"], one["event"]) for one in told] == [("department", "task", "dispatch")]
        lines = await child.rows("case_materials", "line")
        assert [one["line"] for one in lines] == [one["line"] for one in await story.rows("case_materials", "line")]
        assert len(await child.rows("scan_links")) == len(await story.rows("scan_links"))
        assert await check_case(context, child.number, child.now) == []


async def test_each_department_sees_its_own_case_and_no_other(context: Context) -> None:
    story = await bring(context, "DISPATCHED", CONSTRUCTION)
    children = await children_of(story)
    assert await children["police"].allowed("officer.police") == {"sign_in"}
    for other in ("officer.urban", "officer"):
        with pytest.raises(NotFound):
            await children["police"].go(other, Act.SIGN_IN)
    with pytest.raises(NotFound):
        await story.go("officer.police", Act.SIGN_IN)
    with pytest.raises(Forbidden):
        await children["police"].go("clerk", Act.SIGN_IN)
    with pytest.raises(Forbidden):
        await children["police"].go("officer.police", Act.CANCEL_CHILD, reason="不办了。")


async def test_the_lead_concludes_when_every_department_has_given_its_opinion(context: Context) -> None:
    story = await bring(context, "REVIEW", CONSTRUCTION)
    children = await children_of(story)
    found = await refusal(story, "officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    assert (found.code, found.basis, found.extra["open"]) == ("children_open", "行政许可法26", 2)
    await give_opinion(children["police"], "police")
    found = await refusal(story, "officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    assert found.extra["open"] == 1
    await give_opinion(children["urban"], "urban", conclusion="disagree", opinion="占道方案须调整。")
    told = [one for one in await notifications.of_case(story.number) if one["event"] == "give_opinion"]
    assert [(one["recipient"], one["way"], one["data"]["conclusion"]) for one in told] == [
        ("department", "task", "agree"),
        ("department", "task", "disagree"),
    ]
    listed = await list_children(context, await actor("officer.housing"), story.number)
    assert {(one["department"], one["state"], one["result"], one["opinion"]) for one in listed} == {
        ("police", "ANSWERED", "agree", "无不同意见。"),
        ("urban", "ANSWERED", "disagree", "占道方案须调整。"),
    }
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    assert (await story.go("approver", Act.GRANT, opinion="同意。"))["state"] == "GRANTED"


async def test_an_opinion_takes_two_people_and_ends_the_clocks_of_its_case(context: Context) -> None:
    story = await bring(context, "DISPATCHED", CONSTRUCTION)
    child = (await children_of(story))["police"]
    await child.go("officer.police", Act.SIGN_IN)
    row = await child.row()
    assert row["handler_id"] == row["owner_id"] == (await actor("officer.police")).person
    assert (await child.clocks())["stage"] == ("running", "2026-03-05")
    assert (await refusal(child, "officer.police", Act.GIVE_OPINION, **AGREED)).code == "action_not_allowed"
    await child.go("officer.police", Act.SUBMIT_REVIEW, **REVIEW)
    assert (await refusal(child, "reviewer.police", Act.GIVE_OPINION, **AGREED)).code == "role_not_allowed"
    await child.go("reviewer.police", Act.SEND_BACK, reason="请补充依据。")
    await child.go("officer.police", Act.SUBMIT_REVIEW, **REVIEW)
    await also("officer.police", "approver", "police")
    assert (await refusal(child, "officer.police", Act.GIVE_OPINION, **AGREED)).code == "same_person"
    answer = await child.go("approver.police", Act.GIVE_OPINION, **AGREED)
    assert (answer["state"], answer["due_at"]) == ("ANSWERED", None)
    assert {status for status, _ in (await child.clocks()).values()} == {"stopped"}
    assert set(await child.documents()) == {"D14"}
    assert (await child.go("archivist", Act.ARCHIVE))["state"] == "ARCHIVED"
    assert await check_case(context, child.number, child.now) == []


async def test_a_joint_application_that_is_withdrawn_takes_its_open_children_with_it(context: Context) -> None:
    story = await bring(context, "DISPATCHED", CONSTRUCTION)
    children = await children_of(story)
    await give_opinion(children["urban"], "urban")
    assert await waiting(story) == []
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    (left,) = await waiting(story)
    for _ in range(2):
        await cancel_children(context, left, lambda: story.now)
    police = replace(children["police"], now=story.now)
    assert (await police.row())["state"] == "CANCELLED"
    assert (await police.events())[-1] == "cancel_child"
    assert {status for status, _ in (await police.clocks()).values()} == {"stopped"}
    told = [one["event"] for one in await notifications.of_case(police.number)]
    assert told == ["dispatch", "cancel_child"]
    assert (await children["urban"].row())["state"] == "ANSWERED"


async def waiting(story: Story) -> list[dict[str, Any]]:
    """What is left to do for the children of a case."""
    return [row["data"] for row in await story.rows("outbox") if row["topic"] == "children.cancel"]


async def test_children_of_a_case_that_goes_on_are_left_alone(context: Context) -> None:
    story = await bring(context, "DISPATCHED", CONSTRUCTION)
    await cancel_children(context, {"case": story.number}, lambda: story.now)
    assert {(await child.row())["state"] for child in (await children_of(story)).values()} == {"DISPATCHED"}


async def test_joint_handling_has_forty_five_days_and_fifteen_more_by_the_government(context: Context) -> None:
    item = await publish(FOOD, **JOINTLY)
    story = await bring(context, "REVIEW", item)
    assert (await story.clocks())["statutory"] == ("running", "2026-05-08")
    why: dict[str, Any] = {"reason": "涉及多个部门，情况复杂。"}
    found = await refusal(story, "authority_head", Act.EXTEND, **why)
    assert (type(found), found.extra["roles"]) == (Forbidden, ["government_head"])
    await story.go("government_head", Act.EXTEND, **why)
    assert (await story.clocks())["statutory"] == ("running", "2026-05-28")


async def test_what_is_handed_in_later_reaches_the_departments_that_still_take_part(context: Context) -> None:
    story = await bring(context, "REVIEW", CONSTRUCTION)
    children = await children_of(story)
    await give_opinion(children["urban"], "urban")
    before = {name: len(await child.rows("scan_links")) for name, child in children.items()}
    gaps = [{"material": "M04", "defect": "合同缺页", "how_to_obtain": "申请人自备"}]
    await story.go("officer", Act.ASK_SUPPLEMENT, gaps=gaps, reason="核对合同。")
    await story.file_scans("M04")
    await story.go("clerk", Act.SUPPLY_SUPPLEMENT, materials=[{"line": "M04", "originals": 1, "copies": 1, "pages": 9}])
    after = {name: len(await child.rows("scan_links")) for name, child in children.items()}
    assert after == {"police": before["police"] + 1, "urban": before["urban"]}
    (line,) = [row for row in await children["police"].rows("case_materials") if row["line"] == "M04"]
    assert (line["originals"], line["pages"]) == (1, 9)


async def test_a_department_that_is_not_set_up_stops_the_dispatch_whole(context: Context) -> None:
    story = await bring(context, "ACCEPTED", CONSTRUCTION)
    async with reading() as connection:
        await connection.execute("UPDATE organisations SET kind = 'region' WHERE code = 'police'")
    found = await refusal(story, "clerk", Act.DISPATCH)
    assert (found.code, found.extra["department"]) == ("department_not_found", "police")
    assert (await story.row())["state"] == "ACCEPTED"


async def test_a_lower_authority_examines_within_twenty_days_and_reports_up(context: Context) -> None:
    item = await publish(FOOD, pre_examination="health")
    story = await bring(context, "ACCEPTED", item)
    accepted_at = story.now
    await story.go("clerk", Act.DISPATCH, at=hall("2026-03-04"))
    row = await story.row()
    assert (row["state"], row["department"], row["accepted_at"]) == ("PRE_EXAM", "health", accepted_at)
    assert (await story.clocks())["stage"] == ("running", "2026-03-30")
    assert set(await story.documents()) == {"D01", "D05", "D23"}
    with pytest.raises(NotFound):
        await story.go("officer", Act.REPORT_UP, opinion=OPINION)
    with pytest.raises(Forbidden):
        await story.go("approver.health", Act.REPORT_UP, opinion=OPINION)
    await story.go("officer.health", Act.REPORT_UP, opinion=OPINION)
    row = await story.row()
    assert (row["state"], row["department"], row["handler_id"]) == ("DISPATCHED", "amr", None)
    assert (await story.clocks())["stage"][0] == "stopped"
    assert (await story.clocks())["handover"] == ("running", "2026-03-05")
    (opinion,) = await story.rows("decisions")
    assert (opinion["kind"], opinion["result"], opinion["signed_name"]) == ("review", "reported", "余雨桐")
    told = [one["event"] for one in await notifications.of_case(story.number) if one["recipient"] == "department"]
    assert told == ["dispatch", "report_up"]
    with pytest.raises(NotFound):
        await story.go("officer.health", Act.SIGN_IN)
    await story.go("officer", Act.SIGN_IN)


async def test_what_came_up_with_the_report_is_not_asked_for_again(context: Context) -> None:
    item = await publish(FOOD, pre_examination="health")
    story = await bring(context, "ACCEPTED", item)
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer.health", Act.REPORT_UP, opinion=OPINION)
    await story.go("officer", Act.SIGN_IN)
    again = [{"material": "M03", "defect": "请再提供一份", "how_to_obtain": "申请人自备"}]
    found = await refusal(story, "officer", Act.ASK_SUPPLEMENT, gaps=again, reason="核对。")
    assert (found.code, found.basis, found.extra["lines"]) == ("material_asked_again", "行政许可法35", ["M03"])
