"""What each grade of trust asks before acceptance, and what may be checked at all (国办函〔2016〕108号)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from tests.workflows.situations import FOOD, NOW, checked, item_with, situation
from tests.workflows.test_guards import SCANNED, WHOLE, passes, refusal, without
from workflows.actor import Role
from workflows.check import check_allowed, spared, unchecked
from workflows.errors import Conflict, Forbidden, Malformed, YichuangError
from workflows.material import Grade, MaterialLine, Necessity
from workflows.material_guards import counted
from workflows.proof import CheckFacts, CheckKind, ReuseFacts, demanded, verified_mark
from workflows.situation import MaterialFacts

TODAY = date(2026, 3, 2)
LINES = {line.code: line for line in FOOD.materials}


def graded(grade: str, **more: Any) -> MaterialLine:
    """The layout plan under another grade."""
    return msgspec.structs.replace(LINES["M03"], grade=Grade(grade), **more)


def refused(line: MaterialLine, check: CheckFacts, got: MaterialFacts, note: str = "") -> YichuangError:
    with pytest.raises((Conflict, Malformed)) as found:
        check_allowed(line, got, check, note, TODAY)
    assert found.value.zh
    assert found.value.en
    return found.value


@pytest.mark.parametrize(
    ("grade", "exempt", "kind"),
    [
        ("A", "e_cert", "source_verified"),
        ("A", None, "original_checked"),
        ("A", "verified_before", "original_checked"),
        ("B", None, "original_checked"),
        ("C", None, "original_checked"),
        ("D", None, "promise_signed"),
    ],
)
def test_each_grade_asks_for_its_own_check(grade: str, exempt: str | None, kind: str) -> None:
    assert demanded(graded(grade), exempt) == kind


@pytest.mark.parametrize(
    ("grade", "allowed"),
    [
        ("A", {"source_verified", "original_checked"}),
        ("B", {"original_checked"}),
        ("C", {"original_checked"}),
        ("D", {"promise_signed"}),
    ],
)
def test_no_promise_stands_for_an_original(grade: str, allowed: set[str]) -> None:
    here = MaterialFacts("M03", originals=1)
    for kind in CheckKind:
        check = checked(kind.value, reference="证字第1号")
        if kind.value in allowed:
            check_allowed(graded(grade), here, check, "", TODAY)
        else:
            found = refused(graded(grade), check, here)
            assert (found.code, set(found.extra["checks"])) == ("check_not_of_grade", allowed)
            assert found.basis == "国办函〔2016〕108号"


def test_a_check_says_something_about_something() -> None:
    here, compared = MaterialFacts("M03", originals=1), checked("original_checked")
    assert refused(graded("C"), compared, MaterialFacts("M03")).code == "nothing_to_check"
    assert refused(graded("A"), checked("source_verified"), MaterialFacts("M03")).code == "reference_needed"
    failed = checked("original_checked", passed=False)
    assert refused(graded("C"), failed, here, "  ").code == "note_needed"
    check_allowed(graded("C"), here, failed, "印章不符", TODAY)
    over = checked("original_checked", valid_to=TODAY - timedelta(days=1))
    assert refused(graded("C"), over, here).code == "material_expired"
    check_allowed(graded("C"), here, checked("original_checked", valid_to=TODAY), "", TODAY)


def test_an_application_is_accepted_only_when_every_line_is_checked() -> None:
    """Each line that is there and unchecked is named in words, with what is to be done."""
    passes("materials_complete", situation(materials=WHOLE))
    for line, kind in (("M01", "promise_signed"), ("M02", "source_verified"), ("M03", "original_checked")):
        facts = next(one for one in WHOLE if one.line == line)
        unsure = MaterialFacts(line, facts.originals, facts.copies, 0, facts.exempt, scans_stored=facts.scans_stored)
        found = refusal("materials_complete", without(line, unsure))
        assert (found.code, found.extra["checks"]) == ("materials_unchecked", {line: kind})
        assert LINES[line].name in found.zh
        assert CheckKind(kind).zh in found.zh


@pytest.mark.parametrize(
    ("check", "scanned", "needs"),
    [
        (checked("original_checked"), 0, None),
        (checked("original_checked"), 1, "original_checked"),  # another scan came after the comparison
        (checked("original_checked", passed=False), 0, "original_checked"),
        (checked("original_checked", valid_to=TODAY - timedelta(days=1)), 0, "original_checked"),
        (checked("promise_signed"), 0, "original_checked"),
        (None, 0, "original_checked"),
    ],
)
def test_what_was_compared_is_what_is_on_file(check: CheckFacts | None, scanned: int, needs: str | None) -> None:
    at = NOW + timedelta(minutes=scanned)
    got = MaterialFacts("M03", originals=1, scans_stored=1, scanned_at=at, check=check)
    assert unchecked(LINES["M03"], got, TODAY) == needs


def test_who_counts_may_check_in_the_same_act() -> None:
    row = {"line": "M03", "originals": 1, "checked": True}
    here = situation(role=Role.clerk, materials=(MaterialFacts("M03", **SCANNED),), payload={"materials": [row]})
    passes("counts_match_list", here)
    check = counted(here)["M03"].check
    assert check is not None
    assert (check.kind, check.passed, check.at) == ("original_checked", True, NOW)
    for role in (Role.agent, Role.applicant, Role.guide):
        mine = situation(role=role, materials=(MaterialFacts("M03", **SCANNED),), payload={"materials": [row]})
        found = refusal("counts_match_list", mine)
        assert (type(found), found.code) == (Forbidden, "check_not_yours")


def test_no_more_originals_are_taken_than_the_list_asks_for() -> None:
    """收取原件 beyond the list is refused with the article; a copy is compared and the original given back."""
    for line, count in (("M03", 2), ("M05", 1)):
        found = refusal("counts_match_list", situation(payload={"materials": [{"line": line, "originals": count}]}))
        assert (found.code, found.extra["asked"]) == ("originals_beyond_list", LINES[line].originals)
        assert found.basis


VERIFIED = MaterialFacts("M02", exempt="e_cert", check=checked("source_verified", reference="证1"))
REUSED = MaterialFacts("M03", exempt="verified_before", reuse=ReuseFacts("scan", "布局图", "李红霞"))


@pytest.mark.parametrize("got", [VERIFIED, REUSED])
def test_no_paper_is_asked_for_what_something_stands_in_for(got: MaterialFacts) -> None:
    assert spared(got, TODAY)
    paper = {"line": got.line, "originals": int(got.line == "M03"), "copies": 1, "exempt": got.exempt}
    found = refusal("counts_match_list", situation(materials=(got,), payload={"materials": [paper]}))
    assert (found.code, found.basis) == ("paper_not_to_be_asked", "国务院令716号7")
    told = [{"material": got.line, "defect": "缺", "requirement": "补交", "basis": "法"}]
    assert refusal("every_line_complete", situation(materials=(got,), payload={"lines": told})).code == (
        "paper_not_to_be_asked"
    )
    gaps = [{"material": got.line, "defect": "缺", "how_to_obtain": "补交"}]
    under_review = situation("REVIEW", materials=(got,), payload={"gaps": gaps})
    assert refusal("supplement_is_new", under_review).code == "paper_not_to_be_asked"


@pytest.mark.parametrize(
    ("reuse", "code"),
    [
        (ReuseFacts("certificate", "营业执照", "1", standing=False), "reuse_not_valid"),
        (ReuseFacts("certificate", "营业执照", "1", TODAY - timedelta(days=1)), "reuse_not_valid"),
        (ReuseFacts("certificate", "营业执照", "1", TODAY), None),
        (ReuseFacts("licence", "营业执照", "1", scan="incoming"), "scans_being_checked"),
        (ReuseFacts("licence", "营业执照", "1", scan="refused"), "reuse_file_refused"),
        (ReuseFacts("licence", "营业执照", "1", scan="stored"), None),
    ],
)
def test_what_stands_in_for_paper_must_hold_on_the_day_of_acceptance(reuse: ReuseFacts, code: str | None) -> None:
    here = without("M02", MaterialFacts("M02", exempt="e_cert", reuse=reuse))
    if code is None:
        passes("materials_complete", here)
    else:
        assert refusal("materials_complete", here).code == code


def test_what_stands_in_for_paper_stays_when_the_line_is_counted_again() -> None:
    here = situation(materials=(REUSED,), payload={"materials": [{"line": "M03"}]})
    assert counted(here)["M03"].exempt == "verified_before"
    assert counted(situation(materials=(VERIFIED,), payload={"materials": [{"line": "M02"}]}))["M02"].exempt is None


def test_tolerance_rests_on_checked_materials_too() -> None:
    lacking = tuple(facts for facts in WHOLE if facts.line not in {"M03", "M05"})
    here = situation(materials=(*lacking, MaterialFacts("M03", originals=1, **SCANNED)))
    assert refusal("only_deferrable_missing", here).extra["checks"] == {"M03": "original_checked"}


def test_the_mark_says_who_compared_and_when() -> None:
    mark, mark_en = verified_mark("李红霞（综合窗口受理员）", TODAY)
    assert mark == "经与原件核对无误 李红霞（综合窗口受理员） 2026-03-02"
    assert "2026-03-02" in mark_en


def test_an_optional_material_is_checked_once_it_is_handed_in() -> None:
    lines = tuple(
        msgspec.structs.replace(line, necessity=Necessity.optional) if line.code == "M05" else line
        for line in FOOD.materials
    )
    handed_in = MaterialFacts("M05", copies=1, **SCANNED)
    here = situation(item=item_with(materials=lines), materials=(*(f for f in WHOLE if f.line != "M05"), handed_in))
    assert refusal("materials_complete", here).extra["checks"] == {"M05": "original_checked"}
    absent = tuple(facts for facts in WHOLE if facts.line != "M05")
    passes("materials_complete", situation(item=item_with(materials=lines), materials=absent))
