"""A flow file reads like the law: what is not well formed is refused with its line, what is well formed steps."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from tests.workflows.situations import FOOD, NOW, item_with, notice, situation, started
from workflows.actor import Role
from workflows.clock import ClockKind
from workflows.drawing import as_svg, as_text
from workflows.errors import Conflict, DefinitionError
from workflows.events import Act
from workflows.flow import Flow, packaged_flows, parse_flow
from workflows.lints import check

HEAD = """[flow]
name = "TINY"
version = 1
title = "示例"
title_en = "Sample"
law = "行政许可法"
"""
STATES = """
[[state]]
name = "NEW"
title = "已登记"
title_en = "Registered"
kind = "initial"
holder = "window"

[[state]]
name = "DONE"
title = "已归档"
title_en = "Archived"
kind = "final"
holder = "archive"
"""
STEP = """
[[transition]]
action = "archive"
title = "归档"
title_en = "Archive"
from = "NEW"
to = "DONE"
by = ["archivist"]
basis = "档案法"
"""
WATCH = """
[[watch]]
rule = "too_late"
title = "超时"
title_en = "Late"
clock = "stage"
level = "red"
basis = "优化营商环境条例36"
"""
TINY = HEAD + STATES + STEP
STEP_LINE = TINY.splitlines().index("[[transition]]") + 1
WATCH_LINE = TINY.count("\n") + 2


def permit() -> Flow:
    return packaged_flows()["PERMIT"]


def test_the_permit_flow_is_well_formed_and_lawful() -> None:
    flow = permit()
    assert check(flow) == []
    assert flow.initial == "NEW"
    assert {state.name for state in flow.states.values() if state.refusing} == {"DENIED", "NOT_ACCEPTED"}


def test_a_small_flow_is_read_as_it_stands() -> None:
    flow = parse_flow(TINY, "tiny.toml")
    (step,) = flow.steps_from("NEW")
    assert (flow.name, flow.version, flow.law, flow.source) == ("TINY", 1, "行政许可法", TINY)
    assert (step.definition.action, step.roles) == (Act.ARCHIVE, frozenset({Role.archivist}))
    assert (step.authorised_window, step.where) == (False, f"tiny.toml:{STEP_LINE}")
    assert flow.steps_from("DONE") == flow.steps_from("NOWHERE") == []


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        (TINY.replace('to = "DONE"', 'to = "GONE"'), "unknown_state", STEP_LINE, "GONE"),
        (TINY.replace('from = "NEW"', 'from = ["NEW", "OLD"]'), "unknown_state", STEP_LINE, "OLD"),
        (TINY + 'guards = ["is_friendly"]\n', "unknown_guard", STEP_LINE, "is_friendly"),
        (TINY.replace("archivist", "butler"), "unknown_role", STEP_LINE, "butler"),
        (TINY + 'documents = ["D99"]\n', "unknown_document", STEP_LINE, "D99"),
        (TINY.replace('"archive"\ntitle', '"shred"\ntitle'), "not_a_flow", STEP_LINE, "shred"),
        (TINY + 'clocks = { start = ["sundial"] }\n', "not_a_flow", STEP_LINE, "sundial"),
        (TINY + 'timer = { clock = "sundial" }\n', "not_a_flow", STEP_LINE, "sundial"),
        (TINY + 'notify = [{ to = "butler", way = "task" }]\n', "not_a_flow", STEP_LINE, "butler"),
        (TINY.replace('from = "NEW"', 'from = ["?OLD"]'), "unknown_state", STEP_LINE, "no source"),
        (TINY.replace('from = "NEW"', 'from = "@handling"'), "unknown_state", STEP_LINE, "no source"),
        (TINY + WATCH.replace('"stage"', '"sundial"'), "not_a_flow", WATCH_LINE, "sundial"),
        (TINY + WATCH.replace('"red"', '"purple"'), "not_a_flow", WATCH_LINE, "purple"),
        (TINY + WATCH + 'states = ["GONE"]\n', "unknown_state", WATCH_LINE, "GONE"),
        (TINY + WATCH + 'documents = ["D99"]\n', "unknown_document", WATCH_LINE, "D99"),
        (TINY + WATCH + "share = 1\n", "not_a_flow", WATCH_LINE, ">= 2"),
        (HEAD + 'parts = ["no_such_part"]\n' + STATES + STEP, "unknown_part", 1, "no_such_part"),
        (HEAD + 'parts = ["../permit"]\n' + STATES + STEP, "unknown_part", 1, "permit"),
        (TINY + "colour = 3\n", "not_a_flow", STEP_LINE, "colour"),
        (TINY.replace('by = ["archivist"]', "by = []"), "not_a_flow", STEP_LINE, "length"),
        (TINY.replace('by = ["archivist"]\n', ""), "not_a_flow", STEP_LINE, "by"),
        (TINY.replace('holder = "archive"', 'holder = "cellar"'), "not_a_flow", 15, "cellar"),
        (TINY.replace('name = "DONE"', 'name = "Done!"'), "not_a_flow", 15, "matching"),
        (TINY.replace('kind = "initial"', 'kind = "open"'), "not_one_initial", 1, "0"),
        (TINY.replace('kind = "final"', 'kind = "initial"'), "not_one_initial", 1, "2"),
        (TINY.replace('name = "DONE"', 'name = "NEW"'), "state_twice", 15, "NEW"),
        (TINY.replace("version = 1", "version = 0"), "not_a_flow", 1, "version"),
        (TINY + "[limits]\nsundial = { n = 1, unit = 'hours' }\n", "not_a_flow", 1, "sundial"),
        (TINY + "[limits]\nreply = { n = -1, unit = 'hours' }\n", "not_a_flow", 1, "-1|>= 0"),
        (HEAD + "title = 'again'\n" + STATES + STEP, "not_toml", 7, "overwrite"),
        (HEAD + "[[state]\n", "not_toml", 7, "TOML"),
        ("\n\n= 1\n", "not_toml", 3, "TOML"),
        (
            TINY + '[transition.payload]\nnote = { type = "poem", title = "诗", title_en = "Poem" }\n',
            "payload_wrong",
            STEP_LINE,
            "poem",
        ),
        (
            TINY + '[transition.payload]\nnote = { type = "choice", title = "选", title_en = "Pick" }\n',
            "payload_wrong",
            STEP_LINE,
            "choice of nothing",
        ),
        (
            TINY + '[transition.payload]\n"a-b" = { type = "text", title = "文", title_en = "Text" }\n',
            "payload_wrong",
            STEP_LINE,
            "a-b",
        ),
    ],
)
def test_what_is_not_a_flow_is_refused_with_its_line(text: str, code: str, line: int, said: str) -> None:
    with pytest.raises(DefinitionError, match=said) as found:
        parse_flow(text, "tiny.toml")
    assert (found.value.code, found.value.extra["where"]) == (code, f"tiny.toml:{line}")
    assert f"tiny.toml:{line}" in found.value.zh
    assert f"tiny.toml:{line}" in found.value.en


def test_the_flows_use_every_feature_of_the_format() -> None:
    steps = [step.definition for flow in packaged_flows().values() for step in flow.steps]
    watches = [watch for flow in packaged_flows().values() for watch in flow.watches]
    for name in ("start", "stop", "suspend", "resume", "extend", "amend", "stop_all"):
        assert any(getattr(step.clocks, name) for step in steps), name
    assert {step.clocks.since for step in steps} == {"act", "receipt", "acceptance"}
    assert {step.timer.clock for step in steps if step.timer} == {ClockKind.notice, ClockKind.statutory}
    assert {step.children for step in steps} == {None, "open"}
    assert {watch.level for watch in watches} == {"reminder", "amber", "yellow", "red"}
    assert any(watch.share for watch in watches)
    assert any(watch.before for watch in watches)


def test_every_act_of_the_list_is_a_step_somewhere_or_done_by_the_engine() -> None:
    named = {step.definition.action for flow in packaged_flows().values() for step in flow.steps}
    assert set(Act) - named == {Act.OPEN, Act.REMIND, Act.RAISE_CARD}


def test_an_act_steps_the_case_and_an_act_of_another_state_names_those_that_may_follow() -> None:
    flow, here = permit(), situation("DISPATCHED")
    step = flow.take(Act.SIGN_IN, here)
    assert (step.definition.action, here.state, here.case.state) == (Act.SIGN_IN, "REVIEW", "DISPATCHED")
    with pytest.raises(Conflict) as found:
        flow.take(Act.GRANT, situation("DISPATCHED"))
    assert found.value.code == "action_not_allowed"
    assert found.value.extra["allowed"] == ["sign_in"]
    with pytest.raises(Conflict):  # an act that no step of this flow has
        flow.take(Act.GIVE_OPINION, situation("NEW"))


def test_an_act_that_stays_leaves_the_state() -> None:
    here = situation("VERIFY", role=Role.reviewer, payload={"opinion": "同意"})
    permit().take(Act.ENDORSE, here)
    assert here.state == "VERIFY"


def test_a_failed_guard_speaks_for_itself_and_moves_nothing() -> None:
    here = situation("CORRECTION", told=notice(None))
    with pytest.raises(Conflict) as found:
        permit().take(Act.ACCEPT, here)
    assert (found.value.code, here.state) == ("notice_lines_open", "CORRECTION")


def test_one_shared_machine_keeps_nothing_of_the_cases_it_stepped() -> None:
    flow = permit()
    for _ in range(50):
        flow.take(Act.SIGN_IN, situation("DISPATCHED"))
    assert flow._machine.models == []
    assert not any(name.startswith("to_") for name in flow._machine.events)


@pytest.mark.parametrize(("told", "target"), [(None, "RECEIVED"), (notice(None), "CORRECTION")])
def test_selectors_choose_between_steps_of_one_name(told: object, target: str) -> None:
    here = situation("ESCALATED", told=told)  # type: ignore[arg-type]  # the parameter is one of two literals above
    permit().take(Act.OVERRULE_ESCALATION, here)
    assert here.state == target


@pytest.mark.parametrize(("policy", "target"), [("withdrawn", "WITHDRAWN"), ("terminated", "TERMINATED")])
def test_the_items_policy_chooses_what_an_overdue_tolerance_comes_to(policy: str, target: str) -> None:
    clock = started(ClockKind.tolerance, 1, NOW - timedelta(days=9))
    here = situation(
        "VERIFY", item=item_with(tolerance_overdue=policy), entries=(clock,), flags=frozenset({"tolerance"})
    )
    permit().take(Act.END_TOLERANCE, here)
    assert here.state == target


def test_a_guard_of_the_step_that_is_not_meant_stays_silent() -> None:
    """Selectors are asked first, wherever they stand in the list."""
    whole = permit().source
    text = whole.replace('guards = ["notice_not_given"]', 'guards = ["tolerance_closed", "notice_not_given"]')
    assert text != whole
    here = situation("ESCALATED", told=notice(None), flags=frozenset({"tolerance"}))
    parse_flow(text, "permit.toml").take(Act.OVERRULE_ESCALATION, here)
    assert here.state == "CORRECTION"


def test_the_notice_comes_before_its_clock_ends() -> None:
    asked = [line.code for line in FOOD.materials if not line.condition]
    lines = [{"material": code, "defect": "缺", "requirement": "补", "basis": "许可法32"} for code in asked]
    here = situation(entries=(started(ClockKind.notice),), payload={"lines": lines})
    assert permit().take(Act.GIVE_NOTICE, here).definition.documents == ["D03"]
    assert FOOD.notice_days == 5
    assert here.now == NOW


@pytest.mark.parametrize(
    "flow", [*packaged_flows().values(), parse_flow(TINY, "tiny.toml")], ids=lambda flow: flow.name
)
def test_every_flow_can_be_drawn(flow: Flow) -> None:
    picture = ElementTree.fromstring(as_svg(flow, flow.initial))
    drawn = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert set(flow.states) <= drawn
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for box in picture.iter("{http://www.w3.org/2000/svg}rect"):
        x, y = float(box.attrib.get("x", 0)), float(box.attrib.get("y", 0))
        assert 0 <= x <= x + float(box.attrib["width"]) <= width
        assert 0 <= y <= y + float(box.attrib["height"]) <= height
    text = as_text(flow)
    assert all(state.title in text for state in flow.states.values())
    assert all(step.definition.title in text for step in flow.steps if not step.definition.aside)


def test_acts_beside_the_way_are_drawn_only_when_asked_for() -> None:
    flow = permit()
    for draw in (as_text, as_svg):
        assert "标记优先" not in draw(flow)
        assert "标记优先" in draw(flow, aside=True)
        assert "撤回申请" not in draw(flow)
    height = [float(ElementTree.fromstring(as_svg(flow, aside=aside)).attrib["height"]) for aside in (False, True)]
    assert height[0] < 0.6 * height[1]


def test_a_title_cannot_break_out_of_the_picture() -> None:
    hostile = TINY.replace('"归档"', '"<script>&\\"归档"')
    picture = as_svg(parse_flow(hostile, "tiny.toml"))
    assert "<script>" not in picture
    assert ElementTree.fromstring(picture) is not None
