"""The moments of watches and of steps that time takes; days are counted by hand on the published calendar of 2026."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.workflows.situations import CALENDAR, HOURS, item_with, situation
from workflows.clock import ClockKind, ClockState, Entry, Unit, derive
from workflows.duty import DUTIES
from workflows.flow import Flow, packaged_flows, parse_flow
from workflows.light import Light, light
from workflows.timers import Due, due_now, moments, next_moment, watched_after

PROMISE = ClockKind.promise


@cache
def permit() -> Flow:
    return packaged_flows()["PERMIT"]


def day(text: str, clock: str = "09:30") -> datetime:
    """A moment by the hall's clock (UTC+8)."""
    return datetime.fromisoformat(f"{text}T{clock}:00+08:00").astimezone(UTC)


def local(at: datetime | None) -> str:
    return (at + timedelta(hours=8)).strftime("%m-%d %H:%M") if at else ""


def clock(
    n: int, unit: Unit = Unit.working_days, *more: Entry, kind: ClockKind = PROMISE, at: str = "2026-03-02"
) -> ClockState:
    """A clock that began on a Monday, as it stands long afterwards."""
    started = Entry(kind, "start", day(at), n, unit, "行政许可法42")
    return derive([started, *more], CALENDAR, HOURS, day("2026-12-01"))[kind]


def flow_with(*watches: str) -> Flow:
    """The permit flow with other watches of the promise."""
    head = """
[[watch]]
title = "试"
title_en = "Test"
clock = "promise"
basis = "试"
"""
    text = permit().source.partition("[[watch]]")[0]
    return parse_flow(text + "".join(head + watch for watch in watches), "test.toml")


def seen(flow: Flow, state: ClockState, at_state: str = "REVIEW", **more: Any) -> list[tuple[str, str]]:
    """Rule and hall time of every moment."""
    return [(due.rule, local(due.at)) for due in moments(state, flow, situation(at_state, **more), HOURS)]


@pytest.mark.parametrize(
    ("before", "limit", "expected"),
    [
        ('before = { n = 1, unit = "working_days" }', (5, "working_days"), "03-06 08:30"),
        ('before = { n = 3, unit = "working_days" }', (5, "working_days"), "03-04 08:30"),
        ('before = { n = 2, unit = "natural_days" }', (10, "natural_days"), "03-10 08:30"),
        ('before = { n = 5, unit = "hours" }', (5, "working_days"), "03-09 12:30"),
        ('before = { n = 1, unit = "months" }', (3, "months"), "05-02 08:30"),
        ('before = { n = 4, unit = "hours" }', (48, "hours"), "03-04 05:30"),
        ('before = { n = 1, unit = "working_days" }', (72, "hours"), "03-04 08:30"),
        ("share = 5", (20, "working_days"), "03-24 08:30"),
        ("share = 4", (20, "working_days"), "03-23 08:30"),
        ("share = 5", (7, "working_days"), "03-10 08:30"),
        ("share = 5", (4, "working_days"), "03-06 08:30"),
        ('share = 5\nbefore = { n = 1, unit = "working_days" }', (4, "working_days"), "03-05 08:30"),
        ('share = 5\nbefore = { n = 1, unit = "working_days" }', (1, "working_days"), "03-03 08:30"),
        ("share = 5", (10, "hours"), "03-02 17:30"),
        ("share = 5", (30, "natural_days"), "03-26 08:30"),
        ("", (5, "working_days"), "03-09 17:30"),
        ("", (10, "hours"), "03-02 19:30"),
    ],
)
def test_a_watch_has_its_moment(before: str, limit: tuple[int, str], expected: str) -> None:
    """One in five of 20 working days is four: from Tuesday the 24th four are left to Monday the 30th.

    Thirty natural days end on Wednesday, 1 April, after 22 working days: four are left from Thursday the 26th.
    """
    watch = f'rule = "probe_rule"\nlevel = "amber"\n{before}\n'
    assert seen(flow_with(watch), clock(limit[0], Unit(limit[1]))) == [("probe_rule", expected)]


@pytest.mark.parametrize("n", [0, 1])
def test_a_short_limit_does_not_begin_with_a_card(n: int) -> None:
    """The day on which a limit begins is not counted, and nothing is signalled on it."""
    day_before = 'rule = "yellow_rule"\nlevel = "yellow"\nbefore = { n = 1, unit = "working_days" }\n'
    hour_before = 'rule = "hour_rule"\nlevel = "reminder"\nbefore = { n = 12, unit = "hours" }\n'
    found = seen(flow_with(day_before, hour_before), clock(n))
    assert found == ([("hour_rule", "03-03 05:30")] if n else [])


@pytest.mark.parametrize("n", range(2, 41))
def test_the_cards_come_when_the_light_changes(n: int) -> None:
    """Amber, yellow and red of the packaged flow are what the traffic light shows on that working day."""
    state, flow = clock(n), permit()
    due = {one.rule: one.at for one in moments(state, flow, situation("REVIEW"), HOURS)}
    opens = [HOURS.opening(HOURS.day(day("2026-03-03") + timedelta(days=more))) for more in range(90)]
    worked = [at for at in opens if CALENDAR.is_working_day(HOURS.day(at))]
    lights = [(at, light(state, at, CALENDAR, HOURS)) for at in worked]
    assert due["promise_yellow"] == next(at for at, shown in lights if shown is Light.yellow)
    assert due["promise_amber"] == next(at for at, shown in lights if shown in {Light.amber, Light.yellow})
    assert light(state, due["promise_red"], CALENDAR, HOURS) is Light.yellow
    assert light(state, due["promise_red"] + timedelta(seconds=1), CALENDAR, HOURS) is Light.red


def test_holidays_are_not_working_days_for_a_watch() -> None:
    """Five working days from Thursday, 30 April 2026: 1 to 5 May are off, 9 May is worked; due on the 11th."""
    found = seen(permit(), clock(5, at="2026-04-30"))
    assert [moment for rule, moment in found if rule == "promise_yellow"] == ["05-09 08:30"]
    assert [moment for rule, moment in found if rule == "promise_red"] == ["05-11 17:30"]


def test_a_clock_that_stopped_or_stands_still_has_no_moments() -> None:
    stopped = Entry(PROMISE, "stop", day("2026-03-04"))
    still = Entry(PROMISE, "suspend", day("2026-03-04"), basis="行政许可法45")
    for state in (clock(5, Unit.working_days, stopped), clock(5, Unit.working_days, still)):
        assert seen(permit(), state) == []
        assert next_moment(state, None, permit(), situation("REVIEW"), HOURS) is None


def test_what_would_come_while_the_clock_stands_still_comes_when_it_runs_again() -> None:
    """Suspended from the 4th to the 11th, five working days end on the 16th; the last one begins on the 13th."""
    entries = (
        Entry(PROMISE, "suspend", day("2026-03-04"), basis="行政许可法45"),
        Entry(PROMISE, "resume", day("2026-03-11", "15:00")),
    )
    assert dict(seen(permit(), clock(5, Unit.working_days, *entries)))["promise_yellow"] == "03-13 08:30"
    late = (
        Entry(PROMISE, "suspend", day("2026-03-06", "08:00"), basis="行政许可法45"),
        Entry(PROMISE, "resume", day("2026-03-06", "16:00")),
    )
    assert dict(seen(permit(), clock(5, Unit.working_days, *late)))["promise_yellow"] == "03-06 16:00"


def test_a_watch_is_of_its_states() -> None:
    stage = clock(3, kind=ClockKind.stage)
    assert seen(permit(), stage, "REVIEW") == [("stage_overdue", "03-05 17:30")]
    assert seen(permit(), stage, "SPECIAL") == [("special_overrun", "03-05 17:30")]
    assert seen(permit(), stage, "READY") == [("custody_reminder", "03-05 17:30")]
    assert seen(permit(), stage, "RECEIVED") == []


def test_a_step_comes_after_the_watches_of_its_instant_and_only_where_the_flow_has_it() -> None:
    notice = clock(5, kind=ClockKind.notice)
    expected = [
        ("notice_reminder", "03-06 08:30"), ("notice_missed", "03-09 17:30"), ("deem_accepted", "03-09 17:30"),
    ]  # fmt: skip
    assert seen(permit(), notice, "RECEIVED") == seen(permit(), notice, "ESCALATED") == expected
    assert seen(permit(), notice, "CORRECTION") == expected[:2]


def test_silence_grants_only_where_the_item_says_so() -> None:
    statutory = clock(10, kind=ClockKind.statutory)
    grants = item_with(on_overdue="deemed_approved", on_overdue_basis="某条例")
    assert [rule for rule, _ in seen(permit(), statutory)] == ["statutory_yellow", "statutory_red"]
    assert [rule for rule, _ in seen(permit(), statutory, item=grants)][-1] == "deem_granted"


def test_the_next_moment_is_the_first_that_was_not_watched() -> None:
    state, here = clock(7), situation("REVIEW")
    at = [due.at for due in moments(state, permit(), here, HOURS)]
    assert [local(moment) for moment in at] == ["03-10 08:30", "03-10 08:30", "03-11 17:30"]
    assert next_moment(state, None, permit(), here, HOURS) == at[0]
    assert next_moment(state, at[0], permit(), here, HOURS) == at[2]
    assert next_moment(state, at[2], permit(), here, HOURS) is None


def rules(dues: Iterable[Due]) -> list[str]:
    return [due.rule for due in dues]


def test_what_is_due_is_carried_out_in_order_and_once() -> None:
    """A limit has passed once its last moment is over; at one instant the steps of all clocks come last."""
    here = situation("REVIEW", item=item_with(on_overdue="deemed_approved", on_overdue_basis="某条例"))
    both = {kind: clock(5, kind=kind) for kind in (PROMISE, ClockKind.statutory)}
    closing = day("2026-03-09", "17:30")
    assert rules(due_now(both, permit(), here, HOURS, [], closing)) == [
        "promise_amber", "promise_yellow", "statutory_yellow",
    ]  # fmt: skip
    dues = due_now(both, permit(), here, HOURS, [], closing + timedelta(microseconds=1))
    assert rules(dues)[3:] == ["promise_red", "statutory_red", "deem_granted"]
    left = due_now(both, permit(), here, HOURS, {due.mark for due in dues[:4]}, day("2026-03-10"))
    assert rules(left) == ["statutory_red", "deem_granted"]


def test_an_instant_is_watched_when_all_of_it_is_done() -> None:
    """Whoever dies between a red card and the acceptance that goes with it leaves the acceptance to be found."""
    dues = due_now({ClockKind.notice: clock(5, kind=ClockKind.notice)}, permit(), situation(), HOURS, [],
                   day("2026-03-10"))  # fmt: skip
    assert [watched_after(due, dues[place:]) for place, due in enumerate(dues)] == [
        day("2026-03-06", "08:30"), None, day("2026-03-09", "17:30"),
    ]  # fmt: skip


def test_every_duty_says_what_is_done_when_it_is_overdue() -> None:
    owed = {watch.duty for watch in permit().watches if watch.duty}
    others = {"supervision_reply", "post_check", "promise_correction", "rater_contact", "rectification",
              "rater_follow_up", "archiving"}  # fmt: skip
    assert owed | others | {"originals_return"} == set(DUTIES)
    ruled = [watch.rule for watch in permit().watches] + [watch.rule for watch in DUTIES.values()]
    assert len(ruled) == len(set(ruled))
    assert {len(rule) <= 40 for rule in ruled} == {True}
