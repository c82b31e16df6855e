"""Findings take their steps in turn; what looks wrong is told by rules; an event's changes are read from the trail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from workflows.actor import Role
from workflows.anomaly import DEFINITIONS, Anomaly, Thresholds, anomaly_of, open_times, rule_of
from workflows.calendar import build_calendar, packaged_editions
from workflows.case_changes import changes_of
from workflows.errors import Conflict, NotFound
from workflows.finding import MOVES, Addressee, FindingState, FindingStep, check_move, roles_for
from workflows.hall_hours import HallHours


def test_a_finding_is_answered_then_closed_or_accepted_and_never_reopened() -> None:
    allowed = {
        (FindingState.open, "answer"): FindingState.answered,
        (FindingState.open, "close"): FindingState.closed,
        (FindingState.answered, "send_back"): FindingState.open,
        (FindingState.answered, "close"): FindingState.closed,
        (FindingState.answered, "accept"): FindingState.accepted,
    }
    for state in FindingState:
        for step in MOVES:
            if (state, step.value) in allowed:
                assert check_move(step.value, state) is allowed[state, step.value]
            else:
                with pytest.raises(Conflict):
                    check_move(step.value, state)
    for name in ("record", "delete", ""):
        with pytest.raises(NotFound):
            check_move(name, FindingState.open)


def test_whom_it_concerns_answers_and_the_auditor_does_the_rest() -> None:
    assert roles_for(MOVES[FindingStep.answer], Addressee.hall) == {Role.hall_manager}
    assert Role.officer in roles_for(MOVES[FindingStep.answer], Addressee.department)
    for step in (FindingStep.send_back, FindingStep.close, FindingStep.accept):
        assert roles_for(MOVES[step], Addressee.department) == {Role.auditor}


def test_every_list_says_its_rule_with_the_thresholds_that_hold() -> None:
    assert set(DEFINITIONS) == set(Anomaly)
    limits = Thresholds(same_minute=timedelta(seconds=45), burst_acts=12)
    for name in Anomaly:
        zh, en = rule_of(name, limits)
        assert not {"{", "}"} & set(zh + en)
    assert "45秒" in rule_of(Anomaly.same_minute, limits)[0]
    assert "12 acts" in rule_of(Anomaly.bursts, limits)[1]
    with pytest.raises(NotFound):
        anomaly_of("everything")


def test_a_hall_is_at_work_on_working_days_from_opening_to_closing() -> None:
    calendar = build_calendar(packaged_editions())
    times = list(
        open_times(calendar, HallHours(), date(2026, 4, 3), date(2026, 4, 7), timedelta(minutes=30))
    )  # Friday, Qingming from Saturday to Monday, Tuesday
    assert times == [
        (datetime(2026, 4, day, 0, 0, tzinfo=UTC), datetime(2026, 4, day, 10, 0, tzinfo=UTC)) for day in (3, 7)
    ]


def event(state: str, changes: dict[str, Any] | None = None, **clocks: str) -> dict[str, Any]:
    standing = {} if changes is None else {"standing": {"holder": "window", "changes": changes}}
    told = {kind: {"status": "running", "due_on": due} for kind, due in clocks.items()}
    return {"to_state": state, "item_version": 1, "flow_version": 1, "data": standing, "clocks": told}


def test_what_an_event_changed_is_what_it_told_beside_what_was_known_before() -> None:
    first, second, third = changes_of(
        [
            event("NEW", {"hall_id": "h"}),
            event("RECEIVED", {"receiver_id": "p"}, notice="2026-03-09"),
            event("RECEIVED", None, notice="2026-03-10"),
        ]
    )
    assert {(one.column, one.before, one.after) for one in first} == {
        ("state", None, "NEW"), ("item_version", None, 1), ("flow_version", None, 1), ("holder", None, "window"),
        ("hall_id", None, "h"),
    }  # fmt: skip
    assert {(one.column, one.before, one.after) for one in second} == {
        ("state", "NEW", "RECEIVED"), ("receiver_id", None, "p"), ("clock.notice.status", None, "running"),
        ("clock.notice.due_on", None, "2026-03-09"),
    }  # fmt: skip
    assert [tuple(one) for one in third] == [("clock.notice.due_on", "2026-03-09", "2026-03-10")]
