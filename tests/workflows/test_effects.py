"""What acts do to the clock ledger; due days are counted by hand on the published calendar of 2026."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.workflows.situations import CALENDAR, HOURS, NOW, item_with, notice, situation, started
from tests.workflows.test_flow import every_feature, permit
from workflows.actor import Role
from workflows.clock import ClockKind, ClockState, Entry, Unit, derive
from workflows.effects import effective_acceptance, entries_of, limit_of
from workflows.errors import Conflict
from workflows.events import Act
from workflows.flow import Flow
from workflows.item import Extension, SpecialProcedure
from workflows.situation import Situation


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
    assert limit_of(ClockKind.stage, flow, item, "READY") is None
    assert limit_of(ClockKind.delivery, flow, item, "GRANTED").basis == "行政许可法44"  # type: ignore[union-attr]  # idem
    assert limit_of(ClockKind.tolerance, flow, item, "ACCEPTED") is None
    free = item_with(statutory_limit=None)
    assert limit_of(ClockKind.statutory, flow, free, "ACCEPTED") is None
    assert written(flow, Act.ACCEPT, situation(item=free)) == [("promise", "start")]


def test_the_authority_that_did_not_tell_has_accepted_from_the_day_of_receipt() -> None:
    before = (started(ClockKind.notice),)
    here = situation(role=Role.system, entries=before, now=day("2026-03-09", "17:31"), received_at=NOW)
    found = after(every_feature(), Act.DEEM_ACCEPTED, here, before)
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
    suspended = entries(every_feature(), Act.START_SPECIAL, start)
    assert {(entry.act, entry.basis, entry.note) for entry in suspended} == {("suspend", "行政许可法45", "检测")}
    ledger = (*TWENTY, *suspended)
    finish = situation("SPECIAL", item=item, entries=ledger, now=day("2026-03-20"), payload={"result": "合格"})
    assert finish.clocks[ClockKind.statutory].suspended
    resumed = after(every_feature(), Act.FINISH_SPECIAL, finish, ledger)
    assert resumed[ClockKind.statutory].due_on.isoformat() == "2026-04-13"
    assert resumed[ClockKind.stage].due_on.isoformat() == "2026-03-25"


def test_what_is_over_or_overdue_is_not_suspended() -> None:
    item = item_with(special_procedures=(TESTING,))
    ended = (*TWENTY, Entry(ClockKind.promise, "stop", NOW))
    here = situation("REVIEW", item=item, entries=ended, now=day("2026-03-09"), payload={"kind": "testing"})
    assert written(every_feature(), Act.START_SPECIAL, here) == [("statutory", "suspend")]
    late = situation("REVIEW", item=item, entries=TWENTY, now=day("2026-03-30", "17:31"), payload={"kind": "testing"})
    with pytest.raises(Conflict) as found:
        entries(every_feature(), Act.START_SPECIAL, late)
    assert found.value.code == "clock_overdue"


def test_a_limit_is_extended_once_by_what_the_item_allows() -> None:
    """From 30 March, ten working days more: over Qingming to 14 April."""
    ten = Extension(n=10, unit=Unit.working_days, approver="authority_head", basis="行政许可法42(1)")
    item = item_with(extension=ten)
    here = situation("REVIEW", role=Role.authority_head, item=item, entries=TWENTY, now=day("2026-03-25"))
    extended = entries(every_feature(), Act.EXTEND, here)
    assert [(entry.kind, entry.amount, entry.basis) for entry in extended] == [
        (ClockKind.statutory, 10, "行政许可法42(1)")
    ]
    ledger = (*TWENTY, *extended)
    again = situation("REVIEW", role=Role.authority_head, item=item, entries=ledger, now=day("2026-03-26"))
    assert again.clocks[ClockKind.statutory].due_on.isoformat() == "2026-04-14"
    with pytest.raises(Conflict) as found:
        entries(every_feature(), Act.EXTEND, again)
    assert found.value.code == "already_extended"
