"""What acts do to the clock ledger; due days are counted by hand on the published calendar of 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from tests.workflows.situations import CALENDAR, HOURS, NOW, item_with, notice, situation, started
from workflows.actor import Role
from workflows.clock import ClockKind, ClockState, Entry, Unit, derive
from workflows.effects import due_with, effective_acceptance, entries_of, limit_of
from workflows.errors import Conflict
from workflows.events import Act
from workflows.flow import Flow, packaged_flows
from workflows.item import Extension, PromiseLimit, SpecialProcedure
from workflows.situation import Situation, SpecialFacts


@cache
def permit() -> Flow:
    return packaged_flows()["PERMIT"]


def day(text: str, clock: str = "09:30") -> datetime:
    return datetime.fromisoformat(f"{text}T{clock}:00+08:00").astimezone(UTC)


def written(flow: Flow, act: Act, here: Situation) -> list[tuple[str, str]]:
    """The kind and act of each entry that a step writes."""
    return [(entry.kind.value, entry.act) for entry in entries(flow, act, here)]


def entries(flow: Flow, act: Act, here: Situation) -> list[Entry]:
    step = next(one for one in flow.steps_from(here.case.state) if one.definition.action is act)
    return entries_of(step, flow, here, "承办人", HOURS)


def after(flow: Flow, act: Act, here: Situation, before: tuple[Entry, ...]) -> dict[ClockKind, ClockState]:
    return derive([*before, *entries(flow, act, here)], CALENDAR, HOURS, here.now)


def test_acceptance_stops_the_notice_and_starts_both_limits() -> None:
    before = (started(ClockKind.notice),)
    found = after(permit(), Act.ACCEPT, situation(entries=before, now=day("2026-03-04")), before)
    assert found[ClockKind.notice].stopped_at == day("2026-03-04")
    assert found[ClockKind.promise].due_on.isoformat() == "2026-03-11"
    assert found[ClockKind.statutory].due_on.isoformat() == "2026-03-18"
    assert found[ClockKind.statutory].due_at == day("2026-03-18", "17:30")


def test_after_a_correction_the_limits_run_from_the_day_on_which_all_was_there() -> None:
    told = notice(day("2026-03-10"), day("2026-03-12"))
    here = situation("CORRECTION", now=day("2026-03-17"), told=told)
    found = after(permit(), Act.ACCEPT, here, ())
    assert found[ClockKind.statutory].started_at == day("2026-03-12")
    assert found[ClockKind.statutory].due_on.isoformat() == "2026-03-26"
    assert effective_acceptance(None, here.now) == here.now
    assert effective_acceptance(told, here.now) == day("2026-03-12")


def test_a_clock_that_does_not_run_is_not_stopped() -> None:
    running = (started(ClockKind.notice),)
    both = ("notice", "reply")
    here = situation("ESCALATED", entries=(*running, started(ClockKind.reply, 1)))
    assert [kind for kind, _ in written(permit(), Act.REFUSE_ACCEPTANCE, here)] == list(both)
    stopped = (*running, Entry(ClockKind.notice, "stop", NOW))
    assert written(permit(), Act.REFUSE_ACCEPTANCE, situation("ESCALATED", entries=stopped)) == []


def test_limits_come_from_the_item_the_state_or_the_flow() -> None:
    flow, item = permit(), situation().item
    assert limit_of(ClockKind.notice, flow, item, "RECEIVED").n == 5  # type: ignore[union-attr]  # it has one
    assert limit_of(ClockKind.stage, flow, item, "VERIFY").n == 2  # type: ignore[union-attr]  # idem
    assert limit_of(ClockKind.stage, flow, item, "ACCEPTED") is None
    assert limit_of(ClockKind.delivery, flow, item, "GRANTED").basis == "行政许可法44"  # type: ignore[union-attr]  # idem
    assert limit_of(ClockKind.tolerance, flow, item, "ACCEPTED").n == 5  # type: ignore[union-attr]  # idem; the promise
    free = item_with(statutory_limit=None)
    assert limit_of(ClockKind.statutory, flow, free, "ACCEPTED") is None
    assert written(flow, Act.ACCEPT, situation(item=free)) == [("promise", "start")]


def test_the_authority_that_did_not_tell_has_accepted_from_the_day_of_receipt() -> None:
    before = (started(ClockKind.notice),)
    here = situation(role=Role.system, entries=before, now=day("2026-03-09", "17:31"), received_at=NOW)
    found = after(permit(), Act.DEEM_ACCEPTED, here, before)
    assert found[ClockKind.statutory].started_at == NOW
    assert found[ClockKind.statutory].due_on.isoformat() == "2026-03-16"


TESTING = SpecialProcedure(
    kind="testing", name="检测", name_en="testing", excluded=True, max_days=10, basis="行政许可法45"
)
TWENTY = (started(ClockKind.statutory, 20), started(ClockKind.promise, 7))


def test_a_special_procedure_leaves_its_time_out() -> None:
    """The published vector: 20 working days from 2 March end on 30 March; without 9 to 20 March on 13 April."""
    item = item_with(special_procedures=(TESTING,))
    start = situation("REVIEW", item=item, entries=TWENTY, now=day("2026-03-09"), payload={"kind": "testing"})
    suspended = entries(permit(), Act.START_SPECIAL, start)
    assert {(entry.act, entry.basis, entry.note) for entry in suspended} == {("suspend", "行政许可法45", "检测")}
    ledger = (*TWENTY, *suspended)
    finish = situation("SPECIAL", item=item, entries=ledger, now=day("2026-03-20"), payload={"result": "合格"})
    assert finish.clocks[ClockKind.statutory].suspended
    resumed = after(permit(), Act.FINISH_SPECIAL, finish, ledger)
    assert resumed[ClockKind.statutory].due_on.isoformat() == "2026-04-13"
    assert resumed[ClockKind.stage].due_on.isoformat() == "2026-03-25"


def test_what_is_over_or_overdue_is_not_suspended() -> None:
    item = item_with(special_procedures=(TESTING,))
    ended = (*TWENTY, Entry(ClockKind.promise, "stop", NOW))
    here = situation("REVIEW", item=item, entries=ended, now=day("2026-03-09"), payload={"kind": "testing"})
    assert written(permit(), Act.START_SPECIAL, here) == [("statutory", "suspend")]
    late = situation("REVIEW", item=item, entries=TWENTY, now=day("2026-03-30", "17:31"), payload={"kind": "testing"})
    with pytest.raises(Conflict) as found:
        entries(permit(), Act.START_SPECIAL, late)
    assert found.value.code == "clock_overdue"


def test_a_limit_is_extended_once_by_what_the_item_allows() -> None:
    """From 30 March, ten working days more: over Qingming to 14 April."""
    ten = Extension(n=10, unit=Unit.working_days, approver="authority_head", basis="行政许可法42(1)")
    item = item_with(extension=ten)
    here = situation("REVIEW", role=Role.authority_head, item=item, entries=TWENTY, now=day("2026-03-25"))
    extended = entries(permit(), Act.EXTEND, here)
    assert [(entry.kind, entry.amount, entry.basis) for entry in extended] == [
        (ClockKind.statutory, 10, "行政许可法42(1)")
    ]
    ledger = (*TWENTY, *extended)
    again = situation("REVIEW", role=Role.authority_head, item=item, entries=ledger, now=day("2026-03-26"))
    assert again.clocks[ClockKind.statutory].due_on.isoformat() == "2026-04-14"
    with pytest.raises(Conflict) as found:
        entries(permit(), Act.EXTEND, again)
    assert found.value.code == "already_extended"


TOLD = SpecialFacts("testing", "行政许可法45", date(2026, 3, 9), date(2026, 3, 20), "示市监特〔2026〕1号", NOW, NOW)


def with_facts(here: Situation, **facts: object) -> Situation:
    for name, value in facts.items():
        setattr(here, name, value)
    return here


def test_a_promise_that_has_passed_is_left_alone_by_a_special_procedure() -> None:
    """Seven working days from 2 March end on 11 March; on the 12th only the statutory limit can still be kept."""
    here = situation("REVIEW", item=item_with(special_procedures=(TESTING,)), entries=TWENTY, now=day("2026-03-12"))
    start = with_facts(here, special=TOLD, payload={"kind": "testing"})
    assert written(permit(), Act.START_SPECIAL, start) == [("statutory", "suspend"), ("stage", "start")]
    ledger = (*TWENTY, *entries(permit(), Act.START_SPECIAL, start))
    finish = with_facts(situation("SPECIAL", entries=ledger, now=day("2026-03-16")), payload={"result": "合格"})
    assert written(permit(), Act.FINISH_SPECIAL, finish) == [("statutory", "resume"), ("stage", "start")]


@pytest.mark.parametrize(
    ("ends", "due"), [("2026-03-20", "2026-03-20"), ("2026-03-21", "2026-03-23"), ("2026-03-09", "2026-03-09")]
)
def test_the_stage_of_a_special_procedure_ends_when_the_applicant_was_told_it_would(ends: str, due: str) -> None:
    """A Saturday is moved to the Monday behind it (民法典203)."""
    told = replace(TOLD, planned_end=date.fromisoformat(ends))
    here = situation("REVIEW", entries=TWENTY, now=day("2026-03-09"), payload={"kind": "testing"})
    found = after(permit(), Act.START_SPECIAL, with_facts(here, special=told), TWENTY)
    assert found[ClockKind.stage].due_on.isoformat() == due
    assert found[ClockKind.stage].entries[0].basis == "行政许可法45"


def test_a_site_check_takes_no_longer_than_the_item_says_and_stops_nothing() -> None:
    """Three working days for the food business, and no resumption where nothing was suspended."""
    here = situation("REVIEW", entries=TWENTY, now=day("2026-03-09"))
    start = entries(permit(), Act.START_SITE_CHECK, here)
    assert [(entry.kind.value, entry.act, entry.amount) for entry in start] == [("stage", "start", 3)]
    finish = situation("SITE_CHECK", entries=(*TWENTY, *start), now=day("2026-03-11"))
    assert written(permit(), Act.FINISH_SITE_CHECK, finish) == [("stage", "start")]


def test_an_extension_moves_the_promise_with_the_statutory_limit() -> None:
    """Five days more for the food business: 7 + 5 from 2 March end on 18 March, 20 + 5 on 7 April (Qingming)."""
    here = situation("REVIEW", role=Role.authority_head, entries=TWENTY, now=day("2026-03-10"))
    extended = entries(permit(), Act.EXTEND, with_facts(here, payload={"reason": "须补充核实。"}))
    assert [(one.kind.value, one.amount, one.by, one.note) for one in extended] == [
        ("statutory", 5, "承办人", "须补充核实。"),
        ("promise", 5, "承办人", "须补充核实。"),
    ]
    found = derive([*TWENTY, *extended], CALENDAR, HOURS, here.now)
    assert found[ClockKind.promise].due_on.isoformat() == "2026-03-18"
    assert found[ClockKind.statutory].due_on.isoformat() == "2026-04-07"
    assert due_with(here.clocks[ClockKind.statutory], extended[:1], here).isoformat() == "2026-04-07"


def test_an_extension_leaves_a_promise_alone_that_has_passed_or_counts_otherwise() -> None:
    natural = Entry(ClockKind.promise, "start", NOW, 30, Unit.natural_days)
    for promise, at in ((TWENTY[1], "2026-03-12"), (natural, "2026-03-10")):
        here = situation("REVIEW", role=Role.authority_head, entries=(TWENTY[0], promise), now=day(at))
        assert written(permit(), Act.EXTEND, here) == [("statutory", "extend")]


def test_after_the_statutory_limit_nothing_is_extended() -> None:
    late = situation("REVIEW", role=Role.authority_head, entries=TWENTY, now=day("2026-03-30", "17:31"))
    with pytest.raises(Conflict) as found:
        entries(permit(), Act.EXTEND, late)
    assert found.value.code == "clock_overdue"


def test_an_instant_item_that_is_not_decided_at_once_gets_another_promise() -> None:
    item = item_with(case_kind="instant", promise_limit=PromiseLimit(n=0, unit=Unit.working_days))
    before = (started(ClockKind.statutory, 20), started(ClockKind.promise, 0))
    payload = {"days": 5, "reason": "须实地查看。"}
    here = situation("ACCEPTED", item=item, entries=before, payload=payload)
    (amended,) = entries(permit(), Act.CONVERT_TO_PROMISE, here)
    assert (amended.act, amended.amount, amended.unit, amended.note) == ("amend", 5, Unit.working_days, "须实地查看。")
    found = derive([*before, amended], CALENDAR, HOURS, here.now)
    assert found[ClockKind.promise].due_on.isoformat() == "2026-03-09"


def test_the_lower_level_has_twenty_working_days_from_acceptance() -> None:
    """Accepted on 2 March, dispatched on the 4th: twenty working days end on 30 March (行政许可法43)."""
    here = situation("ACCEPTED", now=day("2026-03-04"), accepted_at=NOW)
    step = next(one for one in permit().steps_from("ACCEPTED") if "examined_below" in one.definition.guards)
    (stage,) = entries_of(step, permit(), here, "承办人", HOURS)
    found = derive([stage], CALENDAR, HOURS, here.now)[ClockKind.stage]
    assert (found.started_at, found.due_on.isoformat()) == (NOW, "2026-03-30")


def test_how_a_limit_would_end_without_the_time_that_is_expected() -> None:
    """The published vector: without 9 to 20 March the twenty days from 2 March end on 13 April."""
    clock = situation("REVIEW", entries=TWENTY).clocks[ClockKind.statutory]
    out = [Entry(clock.kind, "suspend", day("2026-03-09")), Entry(clock.kind, "resume", day("2026-03-20", "17:30"))]
    assert due_with(clock, out, situation()).isoformat() == "2026-04-13"
