"""Checklists at work: checks recorded line by line, answers changed before acceptance, all of it in the trail."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from engine.context import Context
from engine.invariants import check_case
from engine.materials.checking import Checking, answer_situation, record_check
from engine.materials.checklists import list_materials, read_checklist
from tests.factories import FOOD, START, complete, firm, open_story, publish
from tests.people import actor
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act
from workflows.material import SituationChoice, SituationQuestion
from workflows.proof import CheckKind

PREMISES = SituationQuestion(
    flag="premises",
    question="经营场所如何取得？",
    question_en="How are the premises held?",
    choices=(
        SituationChoice(flag="owned", answer="自有", answer_en="owned"),
        SituationChoice(flag="rented", answer="租赁", answer_en="rented"),
    ),
)
COMPARED = Checking(CheckKind.original_checked)


async def test_each_line_is_checked_as_its_grade_asks_before_acceptance(context: Context) -> None:
    story = await open_story(context)
    await story.file_scans("M01", "M03", "M04", "M05")
    counts = [row | {"checked": row["line"] in {"M01", "M04"}} for row in complete(FOOD)]
    await story.go("clerk", Act.RECEIVE, materials=counts)
    with pytest.raises(Conflict) as found:
        await story.go("officer", Act.ACCEPT)
    assert found.value.extra["checks"] == {
        "M02": "source_verified",
        "M03": "original_checked",
        "M05": "original_checked",
    }
    clerk, agent = await actor("clerk"), await actor("agent")

    async def refused(line: str, request: Checking, who: object = clerk) -> YichuangError:
        with pytest.raises(YichuangError) as problem:
            await record_check(context, who, story.number, line, request, story.now)  # type: ignore[arg-type]  # an actor
        return problem.value

    assert (await refused("M03", Checking(CheckKind.promise_signed))).code == "check_not_of_grade"
    assert (await refused("M06", COMPARED)).code == "material_not_on_list"
    assert (await refused("M02", Checking(CheckKind.source_verified))).code == "reference_needed"
    assert (await refused("M03", Checking(CheckKind.original_checked, passed=False))).code == "note_needed"
    assert (await refused("M03", Checking(CheckKind.original_checked, valid_to=date(2026, 3, 1)))).code == (
        "material_expired"
    )
    assert type(await refused("M03", COMPARED, agent)) is NotFound
    assert type(await refused("M03", COMPARED, await actor("issuer"))) is Forbidden

    source = Checking(CheckKind.source_verified, reference="91460100MA5")
    first = await record_check(context, clerk, story.number, "M02", source, story.now, "once")
    assert await record_check(context, clerk, story.number, "M02", source, story.now, "once") == first
    with pytest.raises(Malformed, match="key_reused"):
        await record_check(context, clerk, story.number, "M03", COMPARED, story.now, "once")
    wrong = Checking(CheckKind.original_checked, passed=False, note="平面图与现场不符")
    for request in (COMPARED, wrong, COMPARED):
        await record_check(context, clerk, story.number, "M03", request, story.now)
    lines = {row["line"]: row for row in await list_materials(context, clerk, story.number, story.now)}
    assert [one["passed"] for one in lines["M03"]["checks"]] == [True, False, True]
    assert lines["M03"]["checks"][0]["mark"].startswith("经与原件核对无误 ")
    assert lines["M05"]["needs"]["kind"] == "original_checked"
    assert [row["line"] for row in lines.values() if row["complete"]] == ["M01", "M02", "M03", "M04"]
    await record_check(context, await actor("officer"), story.number, "M05", COMPARED, story.now)
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"
    assert (await story.events())[2:] == ["checked"] * 5 + ["accept"]
    assert await check_case(context, story.number, story.now) == []


async def test_answers_decide_the_list_and_may_change_until_acceptance(context: Context) -> None:
    rent = msgspec.structs.replace(FOOD.materials[3], code="M08", name="租赁合同", condition="rented")
    questions = (*FOOD.situations, PREMISES)
    item = await publish(FOOD, situations=questions, materials=(*FOOD.materials, rent))
    listed = await read_checklist(context, item.code, ["rented"], START)
    assert [line["line"] for line in listed["lines"]] == ["M01", "M02", "M03", "M04", "M05", "M08"]
    assert listed["questions"][1]["choices"][0]["answer"] == "自有"
    with pytest.raises(Malformed, match="situation_unanswered"):
        await open_story(context, item)
    with pytest.raises(Malformed, match="situation_ambiguous"):
        await read_checklist(context, item.code, ["owned", "rented"], START)

    story = await open_story(context, item, firm(1), situation=["agent", "owned"])
    clerk = await actor("clerk")

    async def change(*answers: str, who: str = "clerk") -> dict[str, object]:
        return await answer_situation(context, await actor(who), story.number, answers, story.now)

    done = await change("rented")
    assert (done["added"], done["dropped"], done["version"]) == (["M08"], ["M06", "M07"], 2)
    row = await story.row()
    assert (row["situation"], row["version"]) == (["rented"], 2)
    assert (await story.events())[-1] == "changed"
    for answers, code in ((("moon",), "situation_unknown"), (("rented",), "situation_unchanged")):
        with pytest.raises(Conflict, match=code):
            await change(*answers)
    with pytest.raises(Forbidden):
        await change("owned", who="issuer")
    await story.file_scans("M08")
    counts = complete(item, frozenset({"rented"}))
    await story.file_scans(*(one["line"] for one in counts if "exempt" not in one))
    await story.go("clerk", Act.RECEIVE, materials=counts)
    with pytest.raises(Conflict, match="line_handed_in"):
        await change("owned")
    await story.go("officer", Act.GIVE_NOTICE, lines=[
        {"material": "M08", "defect": "缺页", "requirement": "补齐", "basis": "法"}
    ])  # fmt: skip
    with pytest.raises(Conflict, match="situation_adds_after_notice"):
        await change("rented", "agent")
    await story.go("clerk", Act.SUPPLY, lines=[1], materials=[counts[-1]])
    with pytest.raises(Conflict, match="line_noticed"):
        await change("owned")
    await story.go("officer", Act.ACCEPT)
    with pytest.raises(Conflict, match="situation_settled"):
        await change("rented", "agent")
    assert await check_case(context, story.number, story.now) == []
    assert [row["line"] for row in await list_materials(context, clerk, story.number, story.now)][-1] == "M08"
