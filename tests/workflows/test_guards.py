"""Each guard at its edge: what it lets through, what it refuses, under which article."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.situations import NOW, PEOPLE, checked, item_with, notice, situation, started
from workflows.clock import ClockKind, Entry
from workflows.errors import Forbidden, YichuangError
from workflows.guards import FAMILIES, GUARDS, SELECTORS, selected
from workflows.proof import ReuseFacts
from workflows.situation import MaterialFacts, Situation

DUE = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
"""Received on Monday 2 March 2026: five working days later, when the hall closes at 17:30."""
SCANNED: dict[str, Any] = {"scans_stored": 1}
WHOLE = (
    MaterialFacts("M01", originals=1, check=checked("promise_signed"), **SCANNED),
    MaterialFacts("M02", exempt="e_cert", check=checked("source_verified")),
    MaterialFacts("M03", originals=1, check=checked("original_checked"), **SCANNED),
    MaterialFacts("M04", originals=1, check=checked("promise_signed"), **SCANNED),
    MaterialFacts("M05", copies=1, check=checked("original_checked"), **SCANNED),
)
LINE = {"material": "M01", "defect": "缺", "requirement": "补", "basis": "许可法32"}


def refusal(name: str, here: Situation) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        GUARDS[name].check(here)
    assert found.value.zh
    assert found.value.en
    return found.value


def passes(name: str, here: Situation) -> None:
    assert GUARDS[name].check(here) is None  # type: ignore[func-returns-value]  # that it returns is the point


def without(line: str, *instead: MaterialFacts) -> Situation:
    return situation(materials=(*(facts for facts in WHOLE if facts.line != line), *instead))


def test_every_condition_is_registered_under_its_function() -> None:
    for name, condition in {**GUARDS, **SELECTORS}.items():
        assert condition.check.__name__ == name
        assert condition.check.__doc__
        assert any(getattr(family, name, None) is condition.check for family in FAMILIES)
    assert not set(GUARDS) & set(SELECTORS)


def test_a_complete_application_is_complete_under_every_lawful_form() -> None:
    passes("materials_complete", situation(materials=WHOLE))
    compared, signed = checked("original_checked"), checked("promise_signed")
    passes("materials_complete", without("M02", MaterialFacts("M02", copies=1, check=compared, **SCANNED)))
    earlier = ReuseFacts("scan", "布局图", "")
    passes("materials_complete", without("M03", MaterialFacts("M03", exempt="verified_before", reuse=earlier)))
    scanned = MaterialFacts("M01", originals=2, scans_stored=1, scans_refused=3, check=signed)
    passes("materials_complete", without("M01", scanned))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ((), "materials_incomplete"),
        ((MaterialFacts("M01", originals=0, **SCANNED),), "materials_incomplete"),
        ((MaterialFacts("M01", copies=1, **SCANNED),), "materials_incomplete"),
        ((MaterialFacts("M01", originals=1),), "materials_incomplete"),
        ((MaterialFacts("M01", originals=1, scans_refused=1),), "materials_incomplete"),
        ((MaterialFacts("M01", originals=1, scans_pending=1),), "scans_being_checked"),
        ((MaterialFacts("M01", originals=1, scans_pending=1, **SCANNED),), "scans_being_checked"),
    ],
)
def test_an_application_is_incomplete(facts: tuple[MaterialFacts, ...], code: str) -> None:
    found = refusal("materials_complete", without("M01", *facts))
    assert (found.code, found.extra["lines"]) == (code, ["M01"])


def test_what_circumstances_call_for_is_asked_for_only_then() -> None:
    agent = situation(materials=WHOLE, situation=frozenset({"agent"}))
    assert refusal("materials_complete", agent).extra["lines"] == ["M06", "M07"]
    assert (
        refusal("counts_match_list", situation(payload={"materials": [{"line": "M06"}]})).code == "material_not_on_list"
    )
    passes("counts_match_list", situation(payload={"materials": [{"line": "M06"}]}, situation=frozenset({"agent"})))


def test_the_counts_of_this_act_stand_over_those_before() -> None:
    here = without("M01", MaterialFacts("M01", **SCANNED))
    assert refusal("materials_complete", here).code == "materials_incomplete"
    here.payload = {"materials": [{"line": "M01", "originals": 1, "checked": True}]}
    passes("materials_complete", here)
    here.payload = {"materials": [{"line": "M03"}]}
    assert refusal("materials_complete", here).extra["lines"] == ["M01", "M03"]


def test_counted_paper_has_a_scan_that_was_not_refused() -> None:
    paper: dict[str, Any] = {"materials": [{"line": "M01", "originals": 1}]}
    assert refusal("counts_have_scans", situation(payload=paper)).extra["line"] == "M01"
    refused = MaterialFacts("M01", scans_refused=2)
    assert refusal("counts_have_scans", situation(payload=paper, materials=(refused,))).code == "scan_missing"
    for fine in (MaterialFacts("M01", scans_pending=1), MaterialFacts("M01", **SCANNED)):
        passes("counts_have_scans", situation(payload=paper, materials=(fine,)))
    passes("counts_have_scans", situation(payload={"materials": [{"line": "M01"}]}))
    passes("counts_have_scans", situation(payload={"materials": [{"line": "M02", "copies": 1, "exempt": "e_cert"}]}))


@pytest.mark.parametrize(
    ("row", "allowed"),
    [
        ({"line": "M02", "exempt": "e_cert"}, True),
        ({"line": "M02", "exempt": "verified_before"}, False),
        ({"line": "M03", "exempt": "verified_before"}, False),
        ({"line": "M03", "exempt": "e_cert"}, False),
        ({"line": "M01", "exempt": "e_cert"}, False),
        ({"line": "M01", "exempt": "verified_before"}, False),
    ],
)
def test_paper_is_spared_only_where_something_stands_in_for_it(row: dict[str, Any], allowed: bool) -> None:
    here = situation(payload={"materials": [row]})
    if allowed:
        passes("counts_match_list", here)
    else:
        found = refusal("counts_match_list", here)
        assert found.code in {"exemption_not_allowed", "reuse_missing"}
        assert found.basis in {"国务院令716号7", "国办函〔2016〕108号"}


def test_the_notice_is_in_time_until_the_hall_closes_on_the_fifth_working_day() -> None:
    running = (started(ClockKind.notice),)
    passes("notice_clock_running", situation(entries=running, now=DUE))
    assert refusal("notice_clock_running", situation(entries=running, now=DUE + timedelta(seconds=1))).code == (
        "notice_too_late"
    )
    stopped = (*running, Entry(ClockKind.notice, "stop", NOW))
    assert refusal("notice_clock_running", situation(entries=stopped)).basis == "行政许可法32(1)(4)"
    assert refusal("notice_clock_running", situation()).code == "notice_too_late"


def test_there_is_no_second_notice() -> None:
    passes("no_earlier_notice", situation())
    assert refusal("no_earlier_notice", situation(told=notice(NOW))).basis == "行政许可法32(1)(4)、72(4)"


@pytest.mark.parametrize(
    ("change", "materials", "lines"),
    [({"material": "M99"}, ["M99"], []), ({"material": "M06"}, ["M06"], []), ({"defect": " "}, [], [2]),
     ({"requirement": "\u3000"}, [], [2]), ({"basis": "\n"}, [], [2])],
)  # fmt: skip
def test_every_line_of_the_notice_says_what_is_wrong_and_why(
    change: dict[str, str], materials: list[str], lines: list[int]
) -> None:
    passes("every_line_complete", situation(payload={"lines": [LINE, LINE]}))
    found = refusal("every_line_complete", situation(payload={"lines": [LINE, LINE | change]}))
    assert (found.extra["materials"], found.extra["lines"]) == (materials, lines)


@pytest.mark.parametrize(("asked", "strange"), [([1], []), ([1, 3], []), ([2], [2]), ([1, 1], [1]), ([4, 1], [4])])
def test_only_open_lines_of_the_notice_are_met_each_once(asked: list[int], strange: list[int]) -> None:
    here = situation("CORRECTION", told=notice(None, NOW, None), payload={"lines": asked})
    if strange:
        assert refusal("lines_are_of_notice", here).extra["lines"] == strange
    else:
        passes("lines_are_of_notice", here)
    assert refusal("lines_are_of_notice", situation(payload={"lines": [1]})).code == "not_a_notice_line"


def test_everything_asked_for_must_be_there_before_acceptance() -> None:
    passes("notice_lines_met", situation(told=notice(NOW, NOW)))
    assert refusal("notice_lines_met", situation(told=notice(NOW, None))).extra["lines"] == [2]


@pytest.mark.parametrize(
    ("name", "handler", "endorser", "barred"),
    [
        ("endorser_is_not_handler", "ann", None, True),
        ("endorser_is_not_handler", "bob", None, False),
        ("approver_is_not_handler", "ann", None, True),
        ("approver_is_not_handler", "bob", "ann", True),
        ("approver_is_not_handler", "bob", "cao", False),
        ("approver_is_not_handler", "bob", None, False),
    ],
)
def test_nobody_signs_twice(name: str, handler: str, endorser: str | None, barred: bool) -> None:
    here = situation("VERIFY", who="ann", handler=PEOPLE[handler], endorser=PEOPLE[endorser] if endorser else None)
    if barred:
        found = refusal(name, here)
        assert (found.code, type(found)) == ("same_person", Forbidden)
        assert found.basis
    else:
        passes(name, here)


def test_an_opinion_is_not_written_over() -> None:
    passes("not_yet_endorsed", situation("VERIFY"))
    assert refusal("not_yet_endorsed", situation("VERIFY", endorser=PEOPLE["bob"])).code == "already_endorsed"


def test_no_decision_while_something_is_owed() -> None:
    passes("tolerance_closed", situation("VERIFY", flags=frozenset({"extended"})))
    assert refusal("tolerance_closed", situation("VERIFY", flags=frozenset({"tolerance"}))).code == "tolerance_open"


@pytest.mark.parametrize("signed", [{"signed": False}, {}])
def test_a_withdrawal_without_a_signature_is_none(signed: dict[str, bool]) -> None:
    passes("applicant_signed", situation(payload={"signed": True}))
    assert refusal("applicant_signed", situation(payload=signed)).basis == "行政许可法31"


def test_a_recipient_without_a_valid_number_is_not_identified() -> None:
    def person(number: str) -> Situation:
        return situation("READY", payload={"recipient": {"id_kind": "resident_id", "id_number": number}})

    passes("recipient_identified", person("11010519491231002X"))
    found = refusal("recipient_identified", person("110105194912310021"))
    assert (found.status, found.code) == (422, "id_check_failed")
    assert "110105194912310021" not in found.zh + found.en + str(found.extra)


def test_selectors_answer_yes_or_no_and_a_guard_has_no_say_in_choosing() -> None:
    told, fresh = situation(told=notice(None)), situation()
    assert (selected(["notice_given"], told), selected(["notice_given"], fresh)) == (True, False)
    assert (selected(["notice_not_given"], told), selected(["notice_not_given"], fresh)) == (False, True)
    assert selected(["tolerance_closed"], situation(flags=frozenset({"tolerance"})))
    ended = situation(item=item_with(tolerance_overdue="terminated"))
    assert [selected([f"overdue_tolerance_{end}"], ended) for end in ("withdraws", "terminates")] == [False, True]


def test_scans_without_a_verdict_keep_a_case_open() -> None:
    passes("scans_settled", situation(materials=WHOLE))
    waiting = situation(materials=(MaterialFacts("M01", scans_pending=1),))
    assert refusal("scans_settled", waiting).extra["lines"] == ["M01"]
