"""What differs between two versions, as a steward reads it: every key told in both languages, nothing told twice."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from workflows import flow_format, item, material
from workflows.difference import Change
from workflows.difference_of_flows import flow_difference
from workflows.difference_of_items import item_difference
from workflows.difference_words import LABELS
from workflows.flow import Flow, packaged_flows, parse_flow
from workflows.item import ItemVersion, load_catalogue
from workflows.material import Grade, MaterialLine, Necessity, SituationQuestion

FOOD = load_catalogue()[0]
PERMIT = packaged_flows()["PERMIT"]
RULES = FOOD.extension.basis if FOOD.extension else ""
HAN = re.compile(r"[\u3400-\u9fff]")


def of_item(**changes: Any) -> tuple[Change, ...]:
    return item_difference(FOOD, msgspec.structs.replace(FOOD, **changes))


def of_flow(*changes: tuple[str, str]) -> tuple[Change, ...]:
    return flow_difference(PERMIT, changed(*changes))


def changed(*changes: tuple[str, str]) -> Flow:
    """PERMIT with some text in place of other text, each found."""
    text = PERMIT.source
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_flow(text, "permit.toml")


def line(code: str, **changes: Any) -> MaterialLine:
    known = {one.code: one for one in FOOD.materials}
    return msgspec.structs.replace(known.get(code, FOOD.materials[0]), code=code, **changes)


def with_line(new: MaterialLine) -> tuple[MaterialLine, ...]:
    return tuple(new if one.code == new.code else one for one in FOOD.materials)


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({"visits": 0}, "事项：到场次数由“1”改为“0”", "Item: visits from “1” to “0”"),
        ({"site_check": False}, "事项：现场核查由“是”改为“否”", "Item: site check from “yes” to “no”"),
        ({"department": "hrss"}, "事项：实施部门由“amr”改为“hrss”", "Item: department from “amr” to “hrss”"),
        (
            {"basis": (*FOOD.basis, "行政许可法12")},
            "事项：依据增加“行政许可法12”",
            "Item: basis added “行政许可法12”",
        ),
        (
            {"promise_limit": msgspec.structs.replace(FOOD.promise_limit, n=3)},
            "时限：承诺时限由“5个工作日”改为“3个工作日”",
            "Limits: promised limit from “5 working day(s)” to “3 working day(s)”",
        ),
        (
            {"extension": None},
            f"时限：延期由“5个工作日，批准人 机关负责人，依据 {RULES}”改为“无”",
            f"Limits: extension from “5 working day(s), approved by head of the authority, basis {RULES}” to “none”",
        ),
        (
            {"fee": item.Fee(amount="10.00", basis="行政许可法58")},
            "事项：收费由“无”改为“金额（元） 10.00，依据 行政许可法58”",
            "Item: fee from “none” to “amount (yuan) 10.00, basis 行政许可法58”",
        ),
        (
            {"materials": with_line(line("M03", copies=2))},
            "材料 M03“食品经营设备布局图和操作流程图”：复印件份数由“0”改为“2”",
            "Material M03 “Layout of equipment and flow of work”: copies from “0” to “2”",
        ),
        (
            {"materials": with_line(line("M04", necessity=Necessity.required))},
            "材料 M04“食品安全规章制度目录”：必要性由“可容缺”改为“必要”",
            "Material M04 “List of food safety rules”: necessity from “may follow later” to “required”",
        ),
        (
            {"materials": FOOD.materials[1:]},
            "删去材料 M01“食品经营许可申请书”",
            "Removed material M01 “Application form”",
        ),
        (
            {"situations": (*FOOD.situations, SituationQuestion(flag="cold", question="冷食？", question_en="Cold?"))},
            "增加情形 cold（问题：冷食？；问题（英文）：Cold?）",
            "Added situation cold (question: 冷食？; question (English): Cold?)",
        ),
        (
            {"document_texts": {"D05": ("第一段。",)}},
            "增加文书正文 D05（文书正文：第一段。）",
            "Added text of D05 (text: 第一段。)",
        ),
    ],
)
def test_a_change_of_an_item_is_one_sentence(changes: dict[str, Any], zh: str, en: str) -> None:
    (found,) = of_item(**changes)
    assert (found.zh, found.en) == (zh, en)


def test_a_new_material_is_told_with_everything_it_asks_for() -> None:
    new = line("M20", name="消防验收意见", name_en="Fire safety approval", originals=1, grade=Grade.A)
    (found,) = of_item(materials=(*FOOD.materials, new))
    assert (found.part, found.key, found.kind, found.field, found.before) == ("materials", "M20", "added", "", None)
    assert found.after["originals"] == 1
    assert found.zh.startswith("增加材料 M20“消防验收意见”（原件份数：1；")
    assert found.en.startswith("Added material M20 “Fire safety approval” (originals: 1; ")


def test_the_number_and_the_days_of_a_version_are_no_content() -> None:
    assert of_item(version=9, in_force_from=FOOD.in_force_from.replace(year=2027), in_force_to=None) == ()
    assert of_flow(("version = 2", "version = 9")) == ()


def test_values_are_handed_over_as_data() -> None:
    (found,) = of_item(promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=3))
    assert (found.before, found.after) == ({"n": 5, "unit": "working_days"}, {"n": 3, "unit": "working_days"})
    assert msgspec.json.decode(msgspec.json.encode(found), type=Change) == found


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        (
            'guards = ["no_earlier_notice", ',
            'guards = ["no_earlier_notice", "scans_settled", ',
            "环节“补正告知”：条件增加“scans_settled”",
            "Step “Give the one-time notice”: conditions added “scans_settled”",
        ),
        (
            'name = "REVIEW"\ntitle = "审查中"',
            'name = "REVIEW"\ntitle = "实质审查中"',
            "状态“实质审查中”：名称由“审查中”改为“实质审查中”",
            "State “Under review”: title from “审查中” to “实质审查中”",
        ),
    ],
)
def test_a_change_of_a_flow_is_one_sentence(old: str, new: str, zh: str, en: str) -> None:
    (found,) = of_flow((old, new))
    assert (found.zh, found.en) == (zh, en)


def test_who_may_take_a_step_is_told_by_title() -> None:
    (found,) = of_flow(('to = "REVIEW"\nby = ["officer"]', 'to = "REVIEW"\nby = ["reviewer"]'))
    assert (found.part, found.field, found.before, found.after) == ("transitions", "by", ["officer"], ["reviewer"])
    assert found.zh.endswith("操作岗位增加“审核人”，删去“承办人”")
    assert found.en.endswith("by whom added “reviewer”, removed “case officer”")


def test_one_of_several_steps_of_a_name_is_the_only_one_told() -> None:
    """Steps of one name are held against the most similar of the other version, wherever it stands."""
    grants = [step for step in PERMIT.steps if step.definition.action == "grant"]
    assert len(grants) > 1
    text = PERMIT.source
    blocks = text.split("[[transition]]")
    moved = [block for block in blocks if 'action = "grant"\n' in block]
    rest = [block for block in blocks if block not in moved]
    reordered = "[[transition]]".join([rest[0], *reversed(moved), *rest[1:]])
    assert flow_difference(PERMIT, parse_flow(reordered, "permit.toml")) == ()


def test_two_flows_are_told_apart_whole() -> None:
    found = flow_difference(PERMIT, packaged_flows()["MARKET_ENTITY"])
    gone = {change.key for change in found if change.kind == "removed" and change.part == "states"}
    assert gone == set(PERMIT.states) - set(packaged_flows()["MARKET_ENTITY"].states)
    assert {change.part for change in found} == {"flow", "states", "transitions", "limits", "watches", "words"}
    assert len({(change.part, change.key, change.field) for change in found}) == len(found)
    back = flow_difference(packaged_flows()["MARKET_ENTITY"], PERMIT)
    assert {change.key for change in back if change.kind == "added" and change.part == "states"} == gone


@pytest.mark.parametrize("flow", packaged_flows().values(), ids=lambda flow: flow.name)
def test_a_flow_does_not_differ_from_itself(flow: Flow) -> None:
    assert flow_difference(flow, parse_flow(flow.source, "again.toml")) == ()


@pytest.mark.parametrize("number", range(0, len(load_catalogue()), 5))
def test_what_one_direction_tells_the_other_tells_back(number: int) -> None:
    other: ItemVersion = load_catalogue()[number]
    there, back = item_difference(FOOD, other), item_difference(other, FOOD)
    mirrored = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(c.part, c.key, mirrored[c.kind], c.field) for c in there} == {
        (c.part, c.key, c.kind, c.field) for c in back
    }
    assert {(c.part, c.key, c.field): c.before for c in there} == {(c.part, c.key, c.field): c.after for c in back}


def test_every_key_has_words_in_both_languages() -> None:
    """A key that a format gains must be told in words too."""
    kinds: list[Any] = [
        *(item.ItemVersion, item.StatutoryLimit, item.PromiseLimit, item.Extension, item.SpecialProcedure, item.Result),
        *(
            item.Fee,
            material.MaterialLine,
            material.SituationQuestion,
            material.SituationChoice,
            flow_format.State,
            flow_format.Transition,
        ),
        *(flow_format.Watch, flow_format.Limit, flow_format.Timer, flow_format.Tell),
    ]
    told_apart = {"code", "rule", "action", "version", "in_force_from", "in_force_to", "materials", "situations",
                  "special_procedures", "document_texts", "clocks", "flags"}  # fmt: skip
    keys = {one.encode_name for kind in kinds for one in msgspec.structs.fields(kind)} - told_apart
    keys |= {f"clocks.{one.encode_name}" for one in msgspec.structs.fields(flow_format.ClockEffects)}
    keys |= {f"flags.{one.encode_name}" for one in msgspec.structs.fields(flow_format.Flags)}
    assert sorted(keys - set(LABELS)) == []
    for zh, en in LABELS.values():
        assert HAN.search(zh)
        assert not HAN.search(en)
