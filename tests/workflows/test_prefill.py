"""What a form proposes before anybody has typed: counts from scans, lines of a notice from what is missing."""

from __future__ import annotations

from typing import Any

from workflows.prefill import expected_counts, proposed_lines

BASIS = ("食品安全法35", "行政许可法31")


def line(**changes: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("originals", "copies", "pages", "exempt"))
    return {
        "line": "M03", "name": "布局图", "necessity": "required", "e_cert": False, "how_to_obtain": "自行绘制",
        "asked": {"originals": 1, "copies": 2}, "received": nothing, "scans": [], "checks": [], "needs": None,
        "missing": {"originals": 0, "copies": 0, "scan": False}, "paper_barred": False,
    } | changes  # fmt: skip


def scan(pages: int, state: str = "stored") -> dict[str, Any]:
    return {"pages": pages, "state": state}


def test_what_was_scanned_is_counted_as_the_list_asks() -> None:
    found = expected_counts(line(scans=[scan(2), scan(3), scan(0, "refused")]))
    assert found == {"originals": 1, "copies": 2, "pages": 5}


def test_nothing_is_proposed_for_paper_that_nobody_scanned() -> None:
    assert expected_counts(line()) == {}
    assert expected_counts(line(scans=[scan(0, "incoming")])) == {}


def test_an_electronic_certificate_spares_the_paper_unless_it_was_scanned() -> None:
    assert expected_counts(line(e_cert=True)) == {"exempt": "e_cert"}
    assert expected_counts(line(e_cert=True, scans=[scan(1)]))["pages"] == 1


def test_what_was_counted_before_stands() -> None:
    before = {"originals": 0, "copies": 1, "pages": 4, "exempt": None}
    assert expected_counts(line(received=before, scans=[scan(9)])) == {"originals": 0, "copies": 1, "pages": 4}


def test_a_notice_asks_for_what_is_missing() -> None:
    lacking = line(missing={"originals": 1, "copies": 2, "scan": True})
    assert proposed_lines([lacking, line(line="M04")], [], BASIS) == [
        {
            "material": "M03",
            "defect": "缺原件1份、复印件2份",
            "requirement": "请补交布局图原件1份、复印件2份",
            "basis": "食品安全法35",
            "how_to_obtain": "自行绘制",
        }
    ]


def test_a_notice_repeats_what_had_been_told_before() -> None:
    lacking = line(missing={"originals": 1, "copies": 0, "scan": False})
    (found,) = proposed_lines([lacking], [{"material": "M03", "defect": "没有比例尺"}], BASIS)
    assert (found["defect"], found["requirement"]) == ("没有比例尺", "请补交布局图原件1份")


def test_a_check_that_failed_is_a_defect_while_it_is_still_needed() -> None:
    failed = {"passed": False, "note": "姓名不符"}
    (found,) = proposed_lines([line(checks=[failed], needs={"kind": "original_checked"})], [], BASIS)
    assert (found["defect"], found["requirement"]) == ("姓名不符", "请提交与原件一致的布局图")
    assert proposed_lines([line(checks=[failed])], [], BASIS) == []


def test_what_need_not_or_may_not_be_asked_for_is_left_out() -> None:
    missing = {"originals": 1, "copies": 0, "scan": True}
    assert proposed_lines([line(missing=missing, necessity="optional")], [], BASIS) == []
    assert proposed_lines([line(missing=missing, paper_barred=True)], [], BASIS) == []
    assert proposed_lines([line(missing={"originals": 0, "copies": 0, "scan": True})], [], BASIS) == []
