"""A flow beside its words: the picture shows every state once, and every step is told."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.workflows.test_flow import TINY
from workflows.flow import Flow, packaged_flows, parse_flow
from workflows.flow_picture import ActorClass, inline_svg, picture_states

FLOWS = packaged_flows()
SVG = "{http://www.w3.org/2000/svg}"


def drawn(flow: Flow, language: str = "zh", current: str | None = None) -> ElementTree.Element:
    states = picture_states(flow, current)
    picture = inline_svg(states, "zh" if language == "zh" else "en", title=flow.title, now="现在")
    return ElementTree.fromstring(picture)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_has_its_box_inside_the_picture(flow: Flow, language: str) -> None:
    picture = drawn(flow, language)
    _, _, width, height = (float(number) for number in picture.attrib["viewBox"].split())
    boxes = [one for one in picture.iter("rect") if "box" in one.attrib["class"]]
    assert len(boxes) == len(flow.states)
    for box in boxes:
        assert 0 <= float(box.attrib["x"]) <= float(box.attrib["x"]) + float(box.attrib["width"]) <= width
        assert 0 <= float(box.attrib["y"]) <= float(box.attrib["y"]) + float(box.attrib["height"]) <= height
    told = "".join(picture.itertext()).replace("\n", "")
    titles = [state.title if language == "zh" else state.title_en for state in flow.states.values()]
    assert all(title.split(" ")[0] in told for title in titles)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
def test_the_words_tell_every_step_and_the_arrows_none_that_they_do_not(flow: Flow) -> None:
    states = picture_states(flow)
    told = {(shown.state.name, step.to.name) for shown in states for step in shown.steps if step.drawn}
    assert len(list(drawn(flow).iter("path"))) - len(ActorClass) == len(told)
    steps = sum(len([one for one in flow.steps_from(name) if not one.definition.aside]) for name in flow.states)
    assert sum(len(shown.steps) for shown in states) == steps
    assert all(step.who for shown in states for step in shown.steps)


def test_the_state_of_a_case_is_marked_and_no_other() -> None:
    picture = drawn(FLOWS["PERMIT"], current="REVIEW")
    assert [one.attrib["class"] for one in picture.iter("rect") if "current" in one.attrib["class"]] == [
        "box open current"
    ]
    assert "▼ 现在" in "".join(picture.itertext())
    assert "current" not in ElementTree.tostring(drawn(FLOWS["PERMIT"]), "unicode")


def test_who_comes_first_in_a_step_gives_it_its_class() -> None:
    by = {
        (shown.state.name, step.to.name): step.by for shown in picture_states(FLOWS["PERMIT"]) for step in shown.steps
    }
    assert by["NEW", "PRE_REVIEW"] is ActorClass.applicant
    assert by["VERIFY", "DENIED"] is ActorClass.department
    assert by["READY", "DELIVERED"] is ActorClass.window
    assert by["DELIVERED", "ARCHIVED"] is ActorClass.other


def test_a_title_cannot_break_out_of_the_page() -> None:
    hostile = parse_flow(TINY.replace('"归档"', '"<script>&\\"归档"'), "tiny.toml")
    states = picture_states(hostile)
    assert "<script>" not in inline_svg(states, "zh", title='"><script>', now="<script>")
