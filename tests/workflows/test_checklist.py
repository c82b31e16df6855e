"""Which lines an applicant's answers call for, how a line stands, and when the answers may still change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest

from tests.workflows.situations import FOOD, checked, item_with
from workflows.checklist import asked_row, check_change, standing_row
from workflows.errors import Conflict, YichuangError
from workflows.item import from_wire, item_problems, to_wire
from workflows.material import SituationChoice, SituationQuestion, check_answers
from workflows.situation import MaterialFacts

TODAY = date(2026, 3, 2)
AGENT = FOOD.situations[0]
PREMISES = SituationQuestion(
    flag="premises",
    question="经营场所如何取得？",
    question_en="How are the premises held?",
    choices=(
        SituationChoice(flag="owned", answer="自有", answer_en="owned"),
        SituationChoice(flag="rented", answer="租赁", answer_en="rented"),
    ),
)
BOTH = (AGENT, PREMISES)
RENT = msgspec.structs.replace(FOOD.materials[4], code="M08", name="租赁合同", condition="rented", necessity="required")
ITEM = item_with(situations=BOTH, materials=(*FOOD.materials, RENT))


def refusal(answers: Sequence[str]) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        check_answers(BOTH, answers)
    assert found.value.zh
    assert found.value.en
    return found.value


def test_an_enumerated_question_is_answered_exactly_once() -> None:
    assert check_answers(BOTH, ["rented"]) == {"rented"}
    assert check_answers(BOTH, ["agent", "owned"]) == {"agent", "owned"}
    assert refusal([]).code == "situation_unanswered"
    assert refusal(["owned", "rented"]).code == "situation_ambiguous"
    found = refusal(["owned", "moon"])
    assert (found.code, found.extra["situations"]) == ("situation_unknown", ["agent", "owned", "rented"])
    assert refusal(["premises", "owned"]).code == "situation_unknown"


def test_an_item_carries_enumerated_questions_and_older_items_stay_as_they_were() -> None:
    assert item_problems(ITEM) == []
    assert from_wire(to_wire(ITEM)) == ITEM
    wire = to_wire(FOOD)
    assert "choices" not in wire["situations"][0]
    assert "reusable_as" not in wire["materials"][0]
    twice = item_with(situations=(AGENT, msgspec.structs.replace(PREMISES, choices=(PREMISES.choices[0],) * 2)))  # type: ignore[index]  # this question has choices
    assert any("used twice" in problem for problem in item_problems(twice))
    strange = item_with(materials=(*FOOD.materials, RENT))
    assert any("M08.condition" in problem for problem in item_problems(strange))


def test_a_list_says_what_it_is_from_where_and_how_it_is_had() -> None:
    row = asked_row(FOOD.materials[1])
    assert (row["line"], row["source"], row["e_cert"]) == ("M02", "市场监督管理部门核发", True)
    assert row["asked"] == {"originals": 0, "copies": 1}
    assert (row["how_to_obtain"], row["proof"]) == (FOOD.materials[1].how_to_obtain, "营业执照")
    renamed = msgspec.structs.replace(FOOD.materials[1], reusable_as="营业执照（副本）")
    assert asked_row(renamed)["proof"] == "营业执照（副本）"


@pytest.mark.parametrize(
    ("got", "copies", "scan", "needs", "complete"),
    [
        (MaterialFacts("M05"), 1, True, None, False),
        (MaterialFacts("M05", copies=1), 0, True, None, False),
        (MaterialFacts("M05", copies=1, scans_stored=1), 0, False, "original_checked", False),
        (MaterialFacts("M05", copies=1, scans_stored=1, check=checked("original_checked")), 0, False, None, True),
    ],
)
def test_a_line_says_what_it_still_needs(
    got: MaterialFacts, copies: int, scan: bool, needs: str | None, complete: bool
) -> None:
    row = standing_row(FOOD.materials[4], got, TODAY)
    assert row["missing"] == {"originals": 0, "copies": copies, "scan": scan}
    assert (row["needs"]["kind"] if row["needs"] else None, row["complete"]) == (needs, complete)


def change(before: set[str], after: set[str], **more: Any) -> tuple[list[str], list[str]]:
    usual: dict[str, Any] = {"facts": {}, "noticed": (), "told": False, "accepted": False}
    return check_change(ITEM, before, after, **(usual | more))


@pytest.mark.parametrize(
    ("after", "more", "code"),
    [
        ({"owned", "agent"}, {}, "situation_unchanged"),
        ({"rented", "agent"}, {"accepted": True}, "situation_settled"),
        ({"owned"}, {"noticed": {"M06"}, "told": True}, "line_noticed"),
        ({"owned"}, {"facts": {"M06": MaterialFacts("M06", originals=1)}}, "line_handed_in"),
        ({"owned"}, {"facts": {"M07": MaterialFacts("M07", exempt="e_cert")}}, "line_handed_in"),
        ({"rented", "agent"}, {"told": True}, "situation_adds_after_notice"),
    ],
)
def test_answers_do_not_change_behind_what_was_told_or_handed_in(
    after: set[str], more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Conflict) as found:
        change({"owned", "agent"}, after, **more)
    assert found.value.code == code
    assert found.value.basis or code == "situation_unchanged"


def test_the_list_follows_the_answers() -> None:
    assert change({"owned", "agent"}, {"rented"}) == (["M08"], ["M06", "M07"])
    copies = {"M06": MaterialFacts("M06", scans_stored=1)}
    assert change({"owned", "agent"}, {"owned"}, facts=copies, told=True, noticed={"M01"}) == ([], ["M06", "M07"])
