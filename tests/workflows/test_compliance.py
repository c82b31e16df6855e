"""Notices side by side, and what lapsed where none was given, from trails that are written down event by event."""

from __future__ import annotations

from typing import Any

from tests.workflows.test_fact import CASE, LINE, OTHER, Trail, clock
from workflows.compliance import RULES, told
from workflows.figure_catalogue import FIGURES
from workflows.lapse import Lapsed, lapse

DUE = "2026-03-09T09:30:00+00:00"


def opened() -> Trail:
    """A case that was received on 2 March."""
    trail = Trail().add("open", "NEW", at="03-02T09:30", role="clerk", channel="window", item="X")
    trail.add(
        "receive", "RECEIVED", at="03-02T10:00", role="clerk", changes={"received_at": "2026-03-02T02:00:00+00:00"}
    )
    return trail


def named(trail: Trail) -> list[dict[str, Any]]:
    """The events with the names of their actors."""
    return [{**event, "actor_name": f"示例{event['role']}"} for event in trail.events]


def notice(
    trail: Trail, *lines: dict[str, str], at: str = "03-04T09:00", act: str = "give_notice", **more: Any
) -> Trail:
    paper = {"code": "D03", "number": f"示例补〔2026〕{len(trail.events)}号"}
    clocks = {"notice": clock(stopped_at=f"2026-{at[:5]}T01:00:00+00:00", **more.pop("clock", {}))}
    payload = {"lines": list(lines), **more.pop("payload", {})}
    return trail.add(act, "CORRECTION", at=at, clocks=clocks, documents=[paper], payload=payload, **more)


def test_a_clean_notice_breaks_nothing() -> None:
    trail = notice(opened(), LINE, OTHER)
    paper = trail.events[-1]["data"]["documents"][0]["number"]
    trail.add("serve", at="03-04T10:00", payload={"document": paper, "way": "window", "recipient": "张*"})
    (one,) = told(CASE, named(trail))
    assert (one.breaches, one.in_time, one.served_way, one.given_by) == ([], True, "window", "示例officer")
    assert one.due_at is not None
    assert one.due_at.isoformat() == DUE
    assert [(line.standing, line.missing, line.same_as) for line in one.lines] == [("first", [], None)] * 2
    assert lapse(named(trail)) is None
    assert told(CASE, named(opened())) == []


def test_every_line_of_a_later_notice_stands_beside_the_first() -> None:
    """New without a cause; told before; new on a changed fact, which somebody claims."""
    trail = notice(opened(), LINE)
    notice(trail, OTHER, LINE, at="03-06T09:00", act="add_notice_lines")
    notice(trail, {**OTHER, "defect": "字迹不清"}, at="03-07T09:00", act="add_notice_lines",
           payload={"changed_fact": "换了场所"}, role="clerk")  # fmt: skip
    first, second, third = told(CASE, named(trail))
    assert (first.breaches, second.breaches, third.breaches) == (["A7"], ["A2", "A7"], ["A7"])
    assert [(line.line, line.standing, line.same_as) for line in second.lines] == [
        (2, "offending", None),
        (3, "again", 1),
    ]
    assert [(line.line, line.standing) for line in third.lines] == [(4, "changed")]
    assert (third.changed_fact, third.given_by, third.role) == ("换了场所", "示例clerk", "clerk")
    assert (second.due_at, second.in_time, second.working_days) == (None, None, None)


def test_a_late_notice_and_a_line_that_does_not_say_everything_are_named() -> None:
    trail = notice(opened(), {**LINE, "basis": " ", "defect": ""}, at="03-10T09:00", clock={"elapsed": 6})
    (one,) = told(CASE, named(trail))
    assert (one.breaches, one.in_time, one.working_days) == (["A3", "A6", "A7"], False, 6)
    assert [line.missing for line in one.lines] == [["defect", "basis"]]


def test_what_lapsed_is_told_to_the_minute_with_whose_desk_it_lay_on() -> None:
    running = {"stopped_at": None, "status": "running"}
    reply = clock(due_at="2026-03-04T09:30:00+00:00", **running)
    trail = opened()
    trail.add("escalate", "ESCALATED", at="03-03T11:00", role="clerk", holder="department",
              clocks={"notice": clock(**running), "reply": reply, "stage": clock(due_at=None, **running)})  # fmt: skip
    trail.add("raise_card", at="03-09T18:00", role="system", holder="department",
              cards=[{"number": "X-4", "rule": "notice_missed", "level": "red"}])  # fmt: skip
    trail.add("deem_accepted", "ACCEPTED", at="03-09T18:01", role="system", effective_at=DUE,
              documents=[{"code": "D05", "number": "示例受〔2026〕1号"}],
              clocks={"notice": clock(), "statutory": clock(due_at="2026-03-30T09:30:00+00:00", **running)},
              )  # fmt: skip
    trail.add("dispatch", "DISPATCHED", at="03-10T09:00")
    found = lapse(named(trail))
    assert found is not None
    assert [(one.clock, one.due_at.isoformat()) for one in found.lapsed] == [
        ("reply", "2026-03-04T09:30:00+00:00"), ("notice", DUE),
    ]  # fmt: skip
    assert isinstance(found.lapsed[0], Lapsed)
    assert (found.state, found.holder, found.department) == ("ESCALATED", "department", "amr")
    assert (found.last_by, found.last_role, found.last_act) == ("示例clerk", "clerk", "escalate")
    assert found.received_at is not None
    assert (found.received_at.isoformat(), found.due_at.isoformat()) == ("2026-03-02T02:00:00+00:00", DUE)
    assert found.recorded_at == trail.events[-2]["at"]
    assert (found.documents, found.card) == (["示例受〔2026〕1号"], "X-4")
    assert {one.clock: one.status for one in found.clocks} == {"notice": "stopped", "statutory": "running"}


def test_an_answer_that_came_late_had_lapsed_and_one_in_time_had_not() -> None:
    trail = opened()
    late = clock(due_at="2026-03-03T09:30:00+00:00", stopped_at="2026-03-04T01:00:00+00:00")
    in_time = clock(due_at="2026-03-06T09:30:00+00:00", stopped_at="2026-03-04T01:00:00+00:00")
    notice_clock = clock(stopped_at=None, status="running")
    trail.add("overrule_escalation", "RECEIVED", at="03-04T09:00",
              clocks={"reply": late, "handover": in_time, "notice": notice_clock})  # fmt: skip
    trail.add(
        "deem_accepted", "ACCEPTED", at="03-09T18:01", role="system", effective_at=DUE, clocks={"notice": clock()}
    )
    found = lapse(named(trail))
    assert found is not None
    assert [one.clock for one in found.lapsed] == ["reply", "notice"]
    assert (found.card, found.documents) == ("", [])


def test_every_rule_is_broken_by_what_a_figure_counts() -> None:
    for rule in RULES.values():
        assert FIGURES[rule.figure].kind == ("count" if rule.part == "numerator" else "rate")
