"""What stands on the documents (文书): the common head, what each kind says, dates and articles in words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.documents import ACTS, AT, FIRM, FOREIGNER, HYGIENE, ITEMS, REASON, SLIPS, samples, slip, source
from workflows.documents import KINDS
from workflows.documents.content import FACTS, content, texts_of
from workflows.documents.facts_slip import FACTS as FACTS_OF_SLIPS
from workflows.duty import DUTIES
from workflows.flow import packaged_flows
from workflows.item import item_problems

HEAD = ("agency", "title", "number", "case", "applicant", "item", "item_code", "date", "contact", "query_code")
"""What every document carries (the common head)."""


def facts(code: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = content(source(code, **changes))["facts"]
    return found


def test_every_kind_has_its_facts_and_a_sample() -> None:
    assert set(FACTS) == set(ACTS)
    assert set(FACTS_OF_SLIPS) == set(SLIPS)
    assert set(FACTS) | set(SLIPS) == set(KINDS)
    assert [KINDS[code].seal for code in ("D01", "D05", "D15", "D17", "D24", "D02")] == [
        "receipt", "procedural", "agency", "agency", "supervision", "",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ACTS)
def test_every_document_says_who_whose_which_when_and_whom_to_ask(code: str) -> None:
    made = content(source(code))
    assert [name for name in HEAD if not made[name]] == []
    assert made["date"] == "2026年3月2日"
    assert made["phone"]
    assert made["basis"] == "《行政许可法》第三十二条第一款第四项"
    assert "<" not in "".join(texts_of(made["facts"]))


@pytest.mark.parametrize("code", SLIPS)
def test_a_document_of_no_case_is_found_again_by_the_code_on_it(code: str) -> None:
    made = content(slip(code))
    assert made["scanned"] == SLIPS[code].get("scanned", made["number"]) != ""
    assert (made["agency"], made["date"], bool(made["phone"])) == ("示例市政务服务中心", "2026年3月2日", True)
    assert content(slip(code, number=""), draft=True)["scanned"] == SLIPS[code].get("scanned", "")


def test_every_kind_of_document_is_issued_by_some_act() -> None:
    flows = [flow for _, flow in sorted(packaged_flows().items())]
    by_steps = {code for flow in flows for step in flow.steps for code in step.definition.documents}
    by_time = {code for flow in flows for found in flow.watched.values() for watch in found for code in watch.documents}
    by_duties = {code for watch in DUTIES.values() for code in watch.documents}
    assert by_steps | by_time | by_duties == set(FACTS)
    assert set(KINDS) - set(FACTS) == {"D22", "D26"}  # no step of a flow: tests/engine/test_slips.py


def test_no_number_of_a_person_stands_in_clear() -> None:
    for one in samples():
        for text in texts_of(content(one)):
            assert "11010519491231002X" not in text


def test_a_receipt_names_every_line_and_the_end_of_the_time_to_be_told() -> None:
    found = facts("D01")
    assert found["received_at"] == "2026年3月2日09时40分"
    assert found["notice_due"] == "2026年3月9日"
    assert [row["form"] for row in found["materials"]] == ["纸质", "电子证照，免提交", "纸质"]
    assert found["materials"][2] == {
        "name": "一年内的公共场所卫生检测或评价报告", "originals": "1", "copies": "1", "pages": "12", "form": "纸质",
    }  # fmt: skip


def test_a_notice_has_defect_requirement_and_basis_in_every_line() -> None:
    found = facts("D03")
    assert [row["line"] for row in found["lines"]] == ["1", "2"]
    assert all(row[name] for row in found["lines"] for name in ("material", "defect", "requirement", "basis"))
    assert found["deadline"] == "2026年4月1日"


def test_an_acceptance_says_both_limits_and_from_when_they_run() -> None:
    found = facts("D05")
    assert (found["accepted_on"], found["statutory"], found["promise"]) == ("2026年3月2日", "20个工作日", "5个工作日")
    assert (found["statutory_due"], found["promise_due"]) == ("2026年3月30日", "2026年3月9日")
    assert [row["counted"] for row in found["special"]] == ["计入办理期限", "不计入办理期限"]
    deemed = facts("D05", data={"mode": "deemed", "accepted_at": "2026-02-11T02:00:00+00:00"})
    assert (deemed["mode"], deemed["accepted_on"]) == ("deemed", "2026年2月11日")


def test_a_limit_that_stands_still_is_not_printed_as_running() -> None:
    event = source("D05").event
    still = {**event, "clocks": {"statutory": {"status": "suspended", "due_on": "2026-03-30", "provisional": False}}}
    assert facts("D05", event=still)["statutory_due"] == ""


def test_a_denial_gives_reasons_article_and_both_remedies() -> None:
    found = content(source("D16"))
    assert found["title"] == "不予许可决定书"
    assert (found["facts"]["reason"], found["facts"]["article"]) == (REASON, "《公共场所卫生管理条例》第八条")
    assert found["facts"]["government"] == "示例市人民政府"
    transfer = content(source("D16", item=ITEMS["存量房转移登记"]))
    assert (transfer["title"], transfer["seal"]["name"]) == ("不予办理决定书", "机关印章")


def test_procedural_papers_carry_the_special_seal_of_the_items_kind() -> None:
    names = [content(source("D05", item=item))["seal"]["name"] for item in (HYGIENE, ITEMS["存量房转移登记"])]
    assert names == ["行政许可专用章", "业务专用章"]


def test_an_article_that_is_applied_by_likeness_stays_one() -> None:
    assert facts("D20")["article"].startswith("参照《行政许可法》第七十条")


def test_a_foreign_applicant_is_handed_two_languages_where_there_are_two() -> None:
    assert FOREIGNER["id_kind"] == "passport"
    made = content(source("D05", foreign=True))
    assert made["both"]
    assert made["facts"]["accepted_on"] == "2026年3月2日 (2 March 2026)"
    assert made["facts"]["statutory"] == "20个工作日 20 working day(s)"
    assert not content(source("D16", foreign=True))["both"]
    assert not content(source("D05"))["both"]


def test_a_service_lists_what_was_handed_over_to_whom() -> None:
    found = facts("D18")
    assert [(row["title"], row["number"]) for row in found["documents"]] == [
        ("准予决定书", "示卫准〔2026〕1号"), ("卫生许可证", "示卫证〔2026〕1号"),
    ]  # fmt: skip
    assert (found["recipient"], found["relation"], found["id_number"]) == ("示例㛃", "代理人", "110***********002X")
    package = [
        {"case": "1", "documents": [{"code": "D15", "number": "示卫准〔2026〕1号"}]},
        {"case": "2", "documents": []},
    ]
    lines = facts("D18", data={"way": "post", "lines": package, "received_by": "示例"})["documents"]
    assert [row["case"] for row in lines] == ["1"]


def test_the_opinions_of_a_round_are_each_signed_and_timed() -> None:
    rounds = [(row["round"], row["signed_name"], row["signed_at"]) for row in facts("D14")["opinions"]]
    assert rounds == [(name, f"示例{who}", "2026年3月2日09时40分") for name, who in
                      (("承办", "承办人"), ("审核", "审核人"), ("批准", "批准人"))]  # fmt: skip


def test_an_item_says_its_own_text_in_place_of_the_standing_one() -> None:
    own = msgspec.structs.replace(HYGIENE, document_texts={"D05": ("请凭本通知书到三楼领取。",)})
    assert item_problems(own) == []
    assert content(source("D05", item=own))["paragraphs"] == ["请凭本通知书到三楼领取。"]
    assert content(source("D01", item=own))["paragraphs"] is None
    wrong = msgspec.structs.replace(HYGIENE, document_texts={"D99": ("无。",)})
    assert item_problems(wrong) == ["document_texts: there is no document D99"]


def test_a_sample_has_no_number_yet() -> None:
    made = content(source("D05", number=""), draft=True)
    assert (made["number"], made["draft"]) == ("（签发时编号）", True)
    assert made["applicant"] == FIRM["name"]
    assert source("D05").issued_at == AT
