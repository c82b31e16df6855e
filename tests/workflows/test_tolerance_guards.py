"""容缺受理 and 告知承诺 at their edges: what the list, the signature and the day allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.situations import NOW, item_with, situation, started
from tests.workflows.test_notice_guards import WHOLE, passes, refusal, without
from workflows.clock import ClockKind
from workflows.errors import Malformed
from workflows.item import item_problems, load_catalogue
from workflows.situation import DutyFacts, MaterialFacts, Situation

CHOSEN = {"signed": True, "credit_checked": True}
TOLERANT = frozenset({"tolerance"})
CHECKABLE = {item.name: item for item in load_catalogue()}["公共场所卫生许可"]


def test_only_a_listed_item_is_tolerant() -> None:
    passes("tolerance_allowed", situation())
    assert refusal("tolerance_allowed", situation(item=item_with(tolerance=False))).code == "tolerance_not_listed"


@pytest.mark.parametrize(
    ("absent", "code", "lines"),
    [
        (("M05",), None, []),
        (("M04", "M05"), None, []),
        (("M03", "M05"), "main_materials_missing", ["M03"]),
        (("M02",), "main_materials_missing", ["M02"]),
        ((), "nothing_to_defer", []),
    ],
)
def test_only_what_may_follow_may_be_missing(absent: tuple[str, ...], code: str | None, lines: list[str]) -> None:
    here = situation(materials=without(*absent))
    if code is None:
        passes("only_deferrable_missing", here)
    else:
        found = refusal("only_deferrable_missing", here)
        assert (found.code, found.extra.get("lines", [])) == (code, lines)


def test_main_materials_are_judged_before_there_is_tolerance() -> None:
    waiting = (*without("M03", "M05"), MaterialFacts("M03", originals=1, scans_pending=1))
    assert refusal("only_deferrable_missing", situation(materials=waiting)).code == "scans_being_checked"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (CHOSEN | {"signed": False}, "signature_missing"),
        ({"credit_checked": True}, "signature_missing"),
        (CHOSEN | {"credit_checked": False}, "credit_not_checked"),
        ({"signed": True}, "credit_not_checked"),
    ],
)
def test_tolerance_is_chosen_signed_and_not_for_the_dishonest(sent: dict[str, bool], code: str) -> None:
    passes("tolerance_chosen", situation(payload=CHOSEN))
    assert refusal("tolerance_chosen", situation(payload=sent)).code == code


def test_a_tolerance_is_met_when_everything_is_in() -> None:
    passes("tolerance_open", situation("REVIEW", flags=TOLERANT))
    assert refusal("tolerance_open", situation("REVIEW")).code == "no_tolerance_open"
    passes("deferred_all_in", situation("REVIEW", materials=WHOLE))
    found = refusal("deferred_all_in", situation("REVIEW", materials=without("M05")))
    assert (found.code, found.extra["lines"]) == ("deferred_materials_missing", ["M05"])
    counted = {"materials": [{"line": "M05", "copies": 1, "checked": True}]}
    there = (*without("M05"), MaterialFacts("M05", scans_stored=1))
    passes("deferred_all_in", situation("REVIEW", materials=there, payload=counted))
    pending = (*without("M05"), MaterialFacts("M05", scans_pending=1))
    waiting = situation("REVIEW", materials=pending, payload=counted)
    assert refusal("deferred_all_in", waiting).code == "scans_being_checked"


def test_a_tolerance_ends_only_after_its_day() -> None:
    due = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    running = (started(ClockKind.tolerance),)

    def at(moment: datetime, flags: frozenset[str] = TOLERANT) -> Situation:
        return situation("REVIEW", flags=flags, entries=running, now=moment)

    assert refusal("tolerance_overdue", at(due)).code == "tolerance_not_overdue"
    passes("tolerance_overdue", at(due + timedelta(seconds=1)))
    assert refusal("tolerance_overdue", at(due + timedelta(days=1), frozenset())).code == "no_tolerance_open"
    assert refusal("tolerance_overdue", situation("REVIEW", flags=TOLERANT)).code == "tolerance_not_overdue"


def test_a_promise_decides_only_where_the_item_says_so_and_no_field_forbids_it() -> None:
    passes("promise_permitted", situation(item=CHECKABLE))
    assert refusal("promise_permitted", situation()).code == "promise_not_permitted"
    for field in ("state_security", "public_safety", "financial_prudence", "ecology", "life_health_property",
                  "foreign_affairs"):  # fmt: skip
        found = refusal("promise_permitted", situation(item=item_with(promise_permit=True, excluded_field=field)))
        assert (found.code, found.extra["field"]) == ("promise_excluded", field)
        problems = item_problems(item_with(promise_permit=True, excluded_field=field))
        assert any(problem.startswith("promise_permit") for problem in problems)


@pytest.mark.parametrize("sent", [{}, {"signed": False}])
def test_a_promise_without_a_signature_is_none(sent: dict[str, bool]) -> None:
    passes("promise_signed", situation(payload={"signed": True}))
    assert refusal("promise_signed", situation(payload=sent)).code == "signature_missing"


def owed(kind: str, outcome: str | None = None) -> DutyFacts:
    return DutyFacts(kind, NOW.date(), NOW if outcome else None, outcome or "")


def with_duties(*duties: DutyFacts, **more: Any) -> Situation:
    here = situation("DELIVERED", **more)
    here.duties = duties
    return here


def test_a_promise_is_checked_while_its_check_is_owed() -> None:
    for kind in ("post_check", "promise_correction"):
        passes("promise_check_due", with_duties(owed("post_check", "to_correct"), owed(kind)))
    for done in ((), (owed("post_check", "kept"),), (owed("overdue_explanation"),)):
        assert refusal("promise_check_due", with_duties(*done)).code == "no_promise_to_check"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"outcome": "to_correct", "correct_by": "2026-03-03"}, None),
        ({"outcome": "kept"}, None),
        ({"outcome": "broken"}, None),
        ({"outcome": "to_correct"}, "correction_day_missing"),
        ({"outcome": "to_correct", "correct_by": "2026-03-02"}, "correction_day_missing"),
        ({"outcome": "to_correct", "correct_by": "2025-12-31"}, "correction_day_missing"),
        ({"outcome": "kept", "correct_by": "2026-03-03"}, "correction_day_strange"),
    ],
)
def test_an_order_to_put_things_right_names_a_day_after_today(sent: dict[str, str], code: str | None) -> None:
    here = situation("DELIVERED", payload=sent)
    if code is None:
        passes("correction_day_given", here)
    else:
        found = refusal("correction_day_given", here)
        assert (type(found), found.code) == (Malformed, code)


def test_a_grant_is_revoked_once_after_its_promise_was_found_broken() -> None:
    passes("promise_was_broken", with_duties(owed("post_check", "broken")))
    passes("promise_was_broken", with_duties(owed("post_check", "to_correct"), owed("promise_correction", "broken")))
    for duties in (
        (),
        (owed("post_check"),),
        (owed("post_check", "kept"),),
        (owed("post_check", "to_correct"), owed("promise_correction")),
        (owed("rectification", "broken"),),
    ):
        assert refusal("promise_was_broken", with_duties(*duties)).code == "promise_not_broken"
    again = with_duties(owed("post_check", "broken"), flags=frozenset({"revoked"}))
    assert refusal("promise_was_broken", again).code == "already_revoked"
