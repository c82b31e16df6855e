"""The one-time notice: whole when it is given, closed afterwards, met by what is really there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.hints import hints_by_line, told_before
from tests.workflows.situations import FOOD, NOW, checked, item_with, notice, situation, started
from workflows.actor import Role
from workflows.clock import ClockKind, Entry, Unit
from workflows.correction_guards import changed_fact
from workflows.effects import effective_acceptance, limit_of
from workflows.errors import YichuangError
from workflows.flow import packaged_flows
from workflows.guards import GUARDS
from workflows.item import PromiseLimit
from workflows.situation import MaterialFacts, NoticeFacts, NoticeLine, Situation, ToldBefore

SCANNED: dict[str, Any] = {"scans_stored": 1}
WHOLE = (
    MaterialFacts("M01", originals=1, check=checked("promise_signed"), **SCANNED),
    MaterialFacts("M02", exempt="e_cert", check=checked("source_verified")),
    MaterialFacts("M03", originals=1, check=checked("original_checked"), **SCANNED),
    MaterialFacts("M04", originals=1, check=checked("promise_signed"), **SCANNED),
    MaterialFacts("M05", copies=1, check=checked("original_checked"), **SCANNED),
)


def refusal(name: str, here: Situation) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        GUARDS[name].check(here)
    assert found.value.zh
    assert found.value.en
    return found.value


def passes(name: str, here: Situation) -> None:
    assert GUARDS[name].check(here) is None  # type: ignore[func-returns-value]  # that it returns is the point


def without(*lines: str) -> tuple[MaterialFacts, ...]:
    return tuple(facts for facts in WHOLE if facts.line not in lines)


def row(material: str, defect: str = "未提交") -> dict[str, str]:
    return {"material": material, "defect": defect, "requirement": "提交", "basis": "食品安全法35"}


def telling(*materials: str, there: tuple[MaterialFacts, ...] = WHOLE, **more: Any) -> Situation:
    return situation(materials=there, payload={"lines": [row(code) for code in materials], **more})


@pytest.mark.parametrize(
    ("absent", "named", "missing"),
    [
        (("M05",), ("M05",), None),
        (("M05",), ("M04",), ["M05"]),
        (("M02", "M05"), ("M05",), ["M02"]),
        (("M01", "M03", "M05"), ("M03",), ["M01", "M05"]),
        ((), ("M03",), None),  # what is there may still be defective
        (("M03",), ("M03", "M01"), None),
    ],
)
def test_the_notice_names_every_line_that_is_missing(
    absent: tuple[str, ...], named: tuple[str, ...], missing: list[str] | None
) -> None:
    here = telling(*named, there=without(*absent))
    if missing is None:
        passes("notice_covers_gaps", here)
    else:
        found = refusal("notice_covers_gaps", here)
        assert (found.code, found.extra["missing"], found.basis) == (
            "notice_not_complete",
            missing,
            "行政许可法32(1)(4)",
        )
        assert all(code in found.zh for code in missing)


@pytest.mark.parametrize(
    "facts",
    [
        MaterialFacts("M03", **SCANNED),
        MaterialFacts("M03", copies=1, **SCANNED),
        MaterialFacts("M03", originals=1),
        MaterialFacts("M03", originals=1, scans_refused=2),
    ],
)
def test_a_line_short_in_number_or_without_a_readable_scan_is_missing(facts: MaterialFacts) -> None:
    here = telling("M01", there=(*without("M03"), facts))
    assert refusal("notice_covers_gaps", here).extra["missing"] == ["M03"]


def test_what_the_circumstances_do_not_call_for_is_not_missing() -> None:
    passes("notice_covers_gaps", telling("M01"))
    agent = telling("M01")
    agent = situation(materials=WHOLE, payload=agent.payload, situation=frozenset({"agent"}))
    assert refusal("notice_covers_gaps", agent).extra["missing"] == ["M06", "M07"]


def test_a_scan_without_a_verdict_is_judged_first_or_named() -> None:
    there = (*without("M03"), MaterialFacts("M03", originals=1, scans_pending=1))
    assert refusal("notice_covers_gaps", telling("M01", there=there)).code == "scans_being_checked"
    passes("notice_covers_gaps", telling("M03", there=there))


def test_the_refusal_says_what_the_applicant_had_been_told_of_the_missing_lines() -> None:
    here = telling("M01", there=without("M05"))
    here.told = (
        ToldBefore("M05", "尚未体检", "到医院体检", NOW - timedelta(days=3), "周导办", "consultation", "询1号"),
        ToldBefore("M03", "比例尺", "重画", NOW - timedelta(days=3), "周导办", "consultation", "询1号"),
    )
    (told,) = refusal("notice_covers_gaps", here).extra["told_before"]
    assert told == {
        "material": "M05",
        "defect": "尚未体检",
        "told_at": "2026-02-27T01:30:00+00:00",
        "slip": "询1号",
    }


def adding(role: Role, *materials: str, fact: str | None = None) -> Situation:
    payload = {"lines": [row(code) for code in materials]} | ({"changed_fact": fact} if fact is not None else {})
    return situation("CORRECTION", role=role, payload=payload, told=notice(None))


@pytest.mark.parametrize("fact", [None, "", "  ", "\u3000"])
def test_the_window_adds_nothing_to_a_notice_without_a_changed_fact(fact: str | None) -> None:
    found = refusal("later_lines_have_changed_fact", adding(Role.clerk, "M03", fact=fact))
    assert (found.code, found.basis) == ("later_lines_barred", "行政许可法32(1)(4)、72(4)")
    passes("later_lines_have_changed_fact", adding(Role.officer, "M03", fact=fact))
    assert changed_fact(adding(Role.officer, "M03", fact=fact)) == ""


def test_a_changed_fact_is_a_cause() -> None:
    passes("later_lines_have_changed_fact", adding(Role.clerk, "M03", fact="经营场所已变更"))


def test_a_line_that_stands_open_is_not_told_again() -> None:
    told = NoticeFacts(
        NOW, (NoticeLine(1, "M03", "未提交", "提交", "办法"), NoticeLine(2, "M04", "未提交", "提交", "办法", NOW))
    )
    here = situation(
        "CORRECTION", told=told, payload={"lines": [row("M05"), row("M03"), row("M04"), row("M05", "未提交 ")]}
    )
    assert refusal("lines_are_new", here).extra["lines"] == [2, 4]
    here.payload = {"lines": [row("M03", "比例尺不符"), row("M04")]}
    passes("lines_are_new", here)


def supplying(there: tuple[MaterialFacts, ...], *counts: dict[str, Any]) -> Situation:
    told = NoticeFacts(NOW, (NoticeLine(1, "M03", "缺", "补", "法"), NoticeLine(2, "M02", "缺", "补", "法")))
    return situation(
        "CORRECTION",
        told=told,
        materials=there,
        payload={"lines": [1], "materials": list(counts)} if counts else {"lines": [1]},
    )


def test_a_line_is_met_by_what_was_counted_and_scanned() -> None:
    passes("lines_handed_in", supplying(WHOLE))
    passes("lines_handed_in", supplying((MaterialFacts("M03", **SCANNED),), {"line": "M03", "originals": 1}))
    passes("lines_handed_in", supplying((), {"line": "M03", "exempt": "verified_before"}))
    pending = MaterialFacts("M03", scans_pending=1)
    passes("lines_handed_in", supplying((pending,), {"line": "M03", "originals": 1}))
    for there, counts in (
        ((), ()),
        ((pending,), ()),
        ((), ({"line": "M03", "originals": 1},)),
        ((MaterialFacts("M03", **SCANNED),), ({"line": "M03", "copies": 1},)),
        ((MaterialFacts("M03", scans_refused=1),), ({"line": "M03", "originals": 1},)),
    ):
        found = refusal("lines_handed_in", supplying(there, *counts))
        assert (found.code, found.extra["lines"]) == ("line_not_handed_in", ["M03"])


def test_a_bad_scan_of_what_was_handed_in_is_the_windows_to_repeat() -> None:
    told = NoticeFacts(NOW, (NoticeLine(1, "M03", "缺", "补", "法", NOW),))
    passes("corrections_readable", situation("CORRECTION", told=told, materials=WHOLE))
    bad = (*without("M03"), MaterialFacts("M03", originals=1, scans_refused=1))
    found = refusal("corrections_readable", situation("CORRECTION", told=told, materials=bad))
    assert (found.code, found.extra["lines"]) == ("correction_unreadable", ["M03"])
    passes("corrections_readable", situation("CORRECTION", told=notice(None), materials=without("M01")))


def test_lines_that_were_added_unlawfully_bind_nobody() -> None:
    met = NoticeLine(1, "M03", "缺", "补", "法", NOW)
    added = NoticeLine(2, "M04", "缺", "补", "法", violation=True)
    told = NoticeFacts(NOW, (met, added))
    passes("notice_lines_met", situation("CORRECTION", told=told))
    later = NOW + timedelta(days=2)
    supplied = NoticeFacts(NOW, (met, NoticeLine(2, "M04", "缺", "补", "法", later, violation=True)))
    assert effective_acceptance(supplied, later + timedelta(days=1)) == NOW
    overdue = situation(
        "CORRECTION", told=told, now=NOW + timedelta(days=60), entries=(started(ClockKind.correction, 20),)
    )
    assert refusal("correction_overdue", overdue).code == "nothing_left_to_correct"


def test_an_application_lapses_only_after_the_day_and_a_reminder() -> None:
    entries = (Entry(ClockKind.correction, "start", NOW, 30, Unit.natural_days, "默认"),)
    due = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)  # thirty days after Monday 2 March, 17:30 in the hall
    at_due = situation("CORRECTION", told=notice(None), now=due, entries=entries)
    assert refusal("correction_overdue", at_due).code == "correction_not_overdue"
    late = situation("CORRECTION", told=notice(None), now=due + timedelta(seconds=1), entries=entries)
    passes("correction_overdue", late)
    assert refusal("correction_overdue", situation("CORRECTION", told=notice(None))).code == "correction_not_overdue"
    assert refusal("applicant_was_reminded", late).code == "applicant_not_reminded"
    late.reminders = 1
    passes("applicant_was_reminded", late)


def test_hints_say_what_was_told_when_and_by_whom_line_by_line() -> None:
    gap = {"material": "M03", "defect": "缺比例尺", "how_to_obtain": "参照样图"}
    told = told_before(
        [
            {"source": "consultation", "number": "询1号", "told_at": NOW, "told_by": "周导办", "gaps": [gap]},
            {"source": "pre_review", "number": "询2号", "told_at": NOW, "told_by": "杨思远", "gaps": None},
        ]
    )
    assert [(one.material, one.told_by, one.source) for one in told] == [("M03", "周导办", "consultation")]
    by_line = hints_by_line(told, {1: "M01", 2: "M03"})
    assert by_line == {
        "2": [
            gap
            | {"told_at": "2026-03-02T01:30:00+00:00", "told_by": "周导办", "source": "consultation", "number": "询1号"}
        ]
    }


@pytest.mark.parametrize(
    ("promise", "unit", "days"),
    [(5, Unit.working_days, 5), (20, Unit.working_days, 20), (40, Unit.working_days, 20), (0, Unit.working_days, 1),
     (5, Unit.natural_days, 20)],
)  # fmt: skip
def test_what_is_owed_under_tolerance_is_due_within_the_promise(promise: int, unit: Unit, days: int) -> None:
    item = item_with(promise_limit=PromiseLimit(n=promise, unit=unit))
    limit = limit_of(ClockKind.tolerance, packaged_flows()["PERMIT"], item, "ACCEPTED")
    assert limit is not None
    assert (limit.n, limit.unit) == (days, Unit.working_days)
    assert FOOD.tolerance
