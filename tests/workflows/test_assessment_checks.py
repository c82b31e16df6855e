"""What the trail proves against a contractor, who may settle it, and through whose hands a month goes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from workflows.actor import Actor, Grant, Role
from workflows.assessment_checks import (
    AssessedCase,
    AssessedNotice,
    Link,
    Month,
    ReportDue,
    of_case,
    of_notice,
    of_posts,
    of_report,
)
from workflows.assessment_steps import (
    AssessmentState,
    AssessmentStep,
    Standing,
    check_impartial,
    check_month_over,
    require_open,
    require_scoring,
    take,
)
from workflows.errors import Conflict, Forbidden, YichuangError

MARCH = Month(date(2026, 3, 1), date(2026, 4, 1))
INSIDE, OUTSIDE = date(2026, 3, 31), date(2026, 4, 1)
SEQS = {"case:receive": 2, "case:accept": 3, "case:deliver": 9, "case:rate": 11, "rating:upheld": 14}


def found(**facts: Any) -> dict[tuple[str, str], tuple[Link, ...]]:
    """What is found of a case with these facts: check and key, with the links."""
    case = AssessedCase(number="N1", seqs=SEQS, **{"rating_invited": True} | facts)
    findings = list(of_case(case, MARCH))
    assert all(one.zh and one.en and one.key.startswith("N1:") for one in findings)
    return {(one.check, one.key.partition(":")[2]): one.links for one in findings}


def test_a_case_without_fault_leaves_nothing() -> None:
    days = {f"{name}_on": INSIDE for name in ("received", "accepted", "closed", "delivered", "handed_over")}
    assert found(**days, delivered_way="window", lines_on_paper=3, lines_scanned=3, handover_in_time=True) == {}


@pytest.mark.parametrize(
    ("day", "facts", "expected", "seqs"),
    [
        ("deemed_on", {}, ("duties_of_service", "deemed"), [0]),
        ("handed_over_on", {"handover_in_time": False}, ("duties_of_service", "handover"), [0, 0]),
        ("closed_on", {"lines_on_paper": 3, "lines_scanned": 2}, ("receipt_and_delivery", "scans"), [2]),
        ("received_on", {"receipt_given": False}, ("receipt_and_delivery", "receipt"), [2]),
        ("accepted_on", {"acceptance_given": False}, ("receipt_and_delivery", "acceptance"), [3]),
        (
            "delivered_on",
            {"delivered_way": "window", "service_proven": False},
            ("receipt_and_delivery", "service"),
            [9],
        ),
        ("delivered_on", {"delivery_in_time": False}, ("receipt_and_delivery", "delivery"), [9]),
        ("delivered_on", {"rating_invited": False}, ("rating_not_invited", "invitation"), [0]),
        ("upheld_on", {"rating": 4}, ("complaint_upheld", "verdict"), [11, 14]),
        ("contact_due_on", {"contact_in_time": False}, ("complaint_handling", "contact"), [0]),
        ("contact_due_on", {"contact_in_time": None}, ("complaint_handling", "contact"), [0]),
        ("rectify_due_on", {"rectified_in_time": None}, ("complaint_handling", "rectification"), [0]),
    ],
)
def test_each_fault_is_found_in_its_month_and_in_no_other(
    day: str, facts: dict[str, Any], expected: tuple[str, str], seqs: list[int]
) -> None:
    assert {key: [link.seq for link in links] for key, links in found(**{day: INSIDE}, **facts).items()} == {
        expected: seqs
    }
    assert found(**{day: OUTSIDE}, **facts) == {}
    assert found(**{day: None}, **facts) == {}


def test_what_is_not_the_windows_fault_is_not_found() -> None:
    assert found(deemed_on=INSIDE, escalations=1) == {}
    assert found(delivered_on=INSIDE, delivered_way="post", service_proven=False) == {}
    assert found(contact_due_on=INSIDE, contact_in_time=None, rating=5, rating_set_aside=True) == {}
    assert found(contact_due_on=INSIDE, contact_in_time=True) == {}


def test_a_verdict_on_the_worst_rating_is_also_put_before_a_person_as_a_grave_one() -> None:
    assert set(found(upheld_on=INSIDE, rating=5)) == {("complaint_upheld", "verdict"), ("grave_complaint", "verdict")}


def notice(**facts: Any) -> list[str]:
    given = {"kind": "notice", "given_on": INSIDE, "role": "clerk", "in_time": True, "seq": 4} | facts
    return [one.key for one in of_notice(AssessedNotice(case="N1", number=1, **given), MARCH)]


def test_notices_of_the_window_are_found_and_those_of_departments_are_not() -> None:
    assert notice() == []
    assert notice(in_time=False) == ["N1:notice-late-1"]
    assert notice(in_time=False, offending=[2]) == ["N1:notice-late-1", "N1:notice-added-1"]
    assert notice(kind="added", in_time=None, offending=[1, 3]) == ["N1:notice-added-1"]
    assert notice(kind="refusal") == ["N1:refusal-1"]
    for other in ({"role": "officer"}, {"given_on": OUTSIDE}):
        assert notice(in_time=False, offending=[1], **other) == []


def test_one_person_at_several_windows_on_a_day_is_one_finding() -> None:
    links = [Link(case=f"N{n}", seq=n) for n in range(5)]
    received = [
        ("clerk", INSIDE, "w01", links[0]), ("clerk", INSIDE, "w02", links[1]), ("clerk", INSIDE, "w02", links[2]),
        ("clerk", OUTSIDE, "w03", links[3]), ("other", INSIDE, "w01", links[4]),
    ]  # fmt: skip
    (one,) = of_posts(received)
    assert (one.check, one.key, one.links) == ("post_changed", "clerk:2026-03-31", (links[0], links[1]))


@pytest.mark.parametrize(
    ("filed", "late"), [(None, True), (date(2026, 3, 6), False), (date(2026, 3, 7), True), (date(2026, 2, 28), False)]
)
def test_a_report_counts_as_late_after_its_day(filed: date | None, *, late: bool) -> None:
    due = ReportDue(date(2026, 2, 1), date(2026, 3, 6), filed)
    assert [one.key for one in of_report(due)] == (["2026-02-01"] if late else [])


A, B, C, D = (UUID(int=n) for n in range(1, 5))
SUBMIT, REVIEW, BACK, APPROVE = AssessmentStep


def test_a_month_goes_from_hand_to_hand_and_back() -> None:
    assert take(SUBMIT, Standing("scoring", frozenset({A})), A) == AssessmentState.submitted
    assert take(REVIEW, Standing("submitted", frozenset({A}), A), B) == AssessmentState.reviewed
    assert take(APPROVE, Standing("reviewed", frozenset({A}), A, B), C) == AssessmentState.approved
    for state, reviewed, person in (("submitted", None, B), ("reviewed", B, B), ("reviewed", B, C)):
        assert take(BACK, Standing(state, frozenset({A}), A, reviewed), person) == AssessmentState.scoring


@pytest.mark.parametrize(
    ("step", "standing", "person", "code"),
    [
        (REVIEW, Standing("submitted", frozenset({A}), A), A, "same_person"),
        (REVIEW, Standing("submitted", frozenset({A, D}), A), D, "same_person"),
        (APPROVE, Standing("reviewed", frozenset({A}), A, B), A, "same_person"),
        (APPROVE, Standing("reviewed", frozenset({A}), A, B), B, "same_person"),
        (APPROVE, Standing("reviewed", frozenset({A, D}), A, B), D, "same_person"),
        (BACK, Standing("reviewed", frozenset({A}), A, B), A, "same_person"),
        (APPROVE, Standing("reviewed", frozenset({A}), A, B, unanswered=1), C, "objection_unanswered"),
        (SUBMIT, Standing("scoring", frozenset({A}), undecided=1), A, "proposals_undecided"),
        (SUBMIT, Standing("scoring", frozenset({A}), unanswered=1), A, "objection_unanswered"),
        (SUBMIT, Standing("approved"), A, "assessment_step_not_allowed"),
        (APPROVE, Standing("submitted", frozenset({A}), A), C, "assessment_step_not_allowed"),
        (BACK, Standing("approved", frozenset({A}), A, B), C, "assessment_step_not_allowed"),
    ],
)
def test_steps_out_of_turn_and_second_hats_are_refused(
    step: AssessmentStep, standing: Standing, person: UUID, code: str
) -> None:
    with pytest.raises(YichuangError) as refusal:
        take(step, standing, person)
    assert refusal.value.code == code


@pytest.mark.parametrize("role", [Role.clerk, Role.issuer, Role.project_director, Role.hall_manager])
def test_nobody_whose_work_is_scored_scores(role: Role) -> None:
    grants = tuple(Grant(one, UUID(int=9), "460000") for one in (Role.approver, role))
    with pytest.raises(Forbidden, match="self_scoring"):
        check_impartial(Actor(A, "示例", grants))
    check_impartial(Actor(A, "示例", grants[:1]))


def test_a_month_is_assessed_once_it_is_over_and_nothing_after_the_approval() -> None:
    check_month_over(date(2026, 12, 1), date(2027, 1, 1))
    with pytest.raises(Conflict, match="month_not_over"):
        check_month_over(date(2026, 12, 1), date(2026, 12, 31))
    require_scoring("scoring")
    require_open("reviewed")
    for state in ("submitted", "reviewed", "approved"):
        with pytest.raises(Conflict, match="assessment_closed"):
            require_scoring(state)
    with pytest.raises(Conflict, match="assessment_closed"):
        require_open("approved")
