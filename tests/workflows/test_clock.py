"""The clock ledger: its kinds and runs, what a state says, and entries from which nothing follows."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.workflows.clock_ledgers import (
    ARTICLE_45,
    CALENDAR,
    HALL,
    HOURS,
    KIND,
    LATER,
    MONTHS,
    ND,
    WD,
    amendment,
    at,
    due,
    event,
    extension,
    start,
    state,
    suspension,
)
from workflows.clock import ClockKind, Entry, HallHours, Unit, derive
from workflows.errors import Malformed
from workflows.light import overdue


@pytest.mark.parametrize("kind", ClockKind)
@pytest.mark.parametrize(
    ("unit", "ends"),
    [(WD, "2026-03-09 17:30"), (ND, "2026-03-09 17:30"), (MONTHS, "2026-08-03 17:30"), (HOURS, "2026-03-02 15:00")],
)
def test_each_kind_runs_in_each_unit_and_keeps_its_article(kind: ClockKind, unit: Unit, ends: str) -> None:
    """Five of each from 2 March 2026: 7 March and 2 August are a Saturday and a Sunday."""
    found = state(start("2026-03-02", 5, unit, kind))
    assert (found.kind, found.unit, found.limit) == (kind, unit, 5)
    assert found.due_at == at(ends)
    assert found.entries[0].basis == "行政许可法42(1)"


def test_kinds_do_not_touch_each_other() -> None:
    promise = start("2026-03-02", 5, kind=ClockKind.promise)
    both = derive([start("2026-03-02", 20), promise, *suspension("2026-03-04", "2026-03-06")], CALENDAR, HALL, LATER)
    assert (both[KIND].excluded, both[ClockKind.promise].excluded) == (2, 0)


def test_overlapping_and_touching_special_procedures_are_one_suspension() -> None:
    entries = [*suspension("2026-03-09", "2026-03-20"), *suspension("2026-03-18", "2026-03-25")]
    touching = suspension("2026-03-25", "2026-03-26")
    found = state(start("2026-03-02", 20), *entries, *touching)
    assert [(one.since, one.until) for one in found.suspensions] == [(at("2026-03-09"), at("2026-03-26"))]
    assert found.excluded == 13


def test_every_order_of_writing_gives_the_same_state() -> None:
    entries = [
        start("2026-03-02", 20),
        *suspension("2026-03-09", "2026-03-20"),
        extension("2026-04-10", 10),
        amendment("2026-03-05", 15),
        event("stop", "2026-04-15"),
    ]
    assert len({repr(state(*order)) for order in itertools.permutations(entries)}) == 1


def test_of_entries_at_one_moment_none_depends_on_the_order_of_writing() -> None:
    """Entries that differ in one field only, and a change in another unit: the order is that of their content."""
    entries = [
        start("2026-03-02", 20),
        event("amend", "2026-03-05", amount=9, unit=ND),
        event("amend", "2026-03-05", amount=9, unit=WD),
        event("amend", "2026-03-05", amount=9, unit=WD, by="甲"),
        event("amend", "2026-03-05", amount=9, unit=WD, by=""),
    ]
    assert len({repr(state(*order)) for order in itertools.permutations(entries)}) == 1


def test_deemed_acceptance_counts_from_the_day_of_receipt() -> None:
    """Nobody was told anything by 9 March: accepted as of 2 March, whatever the day on which that is written down."""
    received = start("2026-03-02", 5, kind=ClockKind.notice)
    ended = Entry(ClockKind.notice, "stop", at("2026-03-09 17:30"))
    deemed = Entry(KIND, "start", received.at, 20, WD, "行政许可法42(1)")
    clocks = derive([deemed, *suspension("2026-03-10", "2026-03-12"), ended, received], CALENDAR, HALL, LATER)
    assert clocks[ClockKind.notice].stopped_at == clocks[ClockKind.notice].due_at
    assert not overdue(clocks[ClockKind.notice], LATER)
    assert (clocks[KIND].started_at, clocks[KIND].due_on) == (received.at, date(2026, 4, 1))


def test_a_limit_ends_when_the_hall_closes() -> None:
    assert state(start("2026-03-02", 20)).due_at == datetime(2026, 3, 30, 9, 30, tzinfo=UTC)
    western = HallHours(ZoneInfo("Asia/Urumqi"), time(10), time(19))
    found = derive([start("2026-03-02", 20)], CALENDAR, western, LATER)[KIND]
    assert found.due_at == datetime(2026, 3, 30, 13, tzinfo=UTC)


def test_after_hours_is_after_the_halls_own_hours() -> None:
    western = HallHours(ZoneInfo("Asia/Urumqi"), time(10), time(19))
    at_once = start("2026-03-06 20:59", 0)  # 18:59 in Urumqi
    assert derive([at_once], CALENDAR, western, LATER)[KIND].due_on == date(2026, 3, 6)
    assert derive([at_once], CALENDAR, HALL, LATER)[KIND].due_on == date(2026, 3, 9)


def test_the_day_is_the_halls_day_not_the_servers() -> None:
    evening_in_utc = Entry(KIND, "start", datetime(2026, 3, 1, 16, 30, tzinfo=UTC), 5, WD)
    assert state(evening_in_utc).due_on == date(2026, 3, 9)


def test_a_clock_that_stops_while_suspended_is_neither_running_nor_suspended_further() -> None:
    found = state(start("2026-03-02", 20), *suspension("2026-03-09"), event("stop", "2026-03-20"))
    assert (found.running, found.suspended, found.excluded) == (False, False, 9)
    assert found.suspensions[0].until == at("2026-03-20")


def test_a_clock_suspended_on_its_last_day_and_stopped_on_a_weekend_was_not_late() -> None:
    found = state(start("2026-03-02", 20), *suspension("2026-03-30"), event("stop", "2026-04-04"))
    assert not overdue(found, LATER)


def test_what_comes_after_the_end_of_a_limit_does_not_move_it() -> None:
    late = [*suspension("2026-04-01"), extension("2026-04-02", 10), amendment("2026-04-03", 45)]
    found = state(start("2026-03-02", 20), *late)
    assert (found.due_on, found.running, found.limit, found.extended) == (date(2026, 3, 30), True, 20, 0)
    assert [entry.act for entry in found.void] == ["suspend", "extend", "amend"]
    assert overdue(found, LATER)


def test_what_a_special_procedure_leaves_in_time_is_in_time() -> None:
    """On 10 April the limit still runs, because nine days were taken out; without them it would have ended."""
    added = extension("2026-04-10", 10)
    assert state(start("2026-03-02", 20), added).void == (added,)
    assert state(start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20"), added).void == ()


def test_nothing_had_begun_before_the_start() -> None:
    assert derive([start("2026-03-02", 20)], CALENDAR, HALL, at("2026-03-01")) == {}


def test_what_takes_effect_at_the_moment_asked_for_counts() -> None:
    assert due(start("2026-03-02", 5), as_of=at("2026-03-02")) == "2026-03-09"


def test_a_second_run_replaces_the_first() -> None:
    first = [start("2026-03-02", 1), event("stop", "2026-03-03")]
    second = start("2026-03-03", 3)
    for entries in itertools.permutations([*first, second]):
        found = state(*entries)
        assert (found.running, found.due_on, found.entries) == (True, date(2026, 3, 6), (second,))


def test_a_new_start_ends_a_run_that_was_not_stopped() -> None:
    found = state(start("2026-03-02", 20), *suspension("2026-03-03"), start("2026-03-10", 5))
    assert (found.started_at, found.suspended, found.due_on) == (at("2026-03-10"), False, date(2026, 3, 17))


def test_a_clock_started_and_stopped_at_one_instant_has_stopped() -> None:
    assert state(start("2026-03-02", 5), event("stop", "2026-03-02")).stopped_at == at("2026-03-02")


def test_acts_without_a_running_clock_change_nothing() -> None:
    stray = [event("suspend", "2026-02-01"), event("stop", "2026-02-02"), event("resume", "2026-03-04")]
    assert due(start("2026-03-02", 20), *stray) == "2026-03-30"
    after = [event("suspend", "2026-03-06"), extension("2026-03-07", 10), event("stop", "2026-03-08")]
    stopped = state(start("2026-03-02", 20), event("stop", "2026-03-05"), *after)
    assert (stopped.stopped_at, stopped.extended, stopped.suspensions) == (at("2026-03-05"), 0, ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "start", "at": at("2026-03-02")},
        {"act": "start", "at": at("2026-03-02"), "amount": 5},
        {"act": "extend", "at": at("2026-03-02"), "unit": WD},
        {"act": "start", "at": at("2026-03-02"), "amount": -1, "unit": WD},
        {"act": "amend", "at": at("2026-03-02"), "amount": 3651, "unit": WD},
        {"act": "stop", "at": datetime(2026, 3, 2)},  # noqa: DTZ001 - a time without its zone is the point
    ],
)
def test_an_entry_that_nothing_follows_from_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="clock_entry_wrong"):
        Entry(KIND, **wrong)


@pytest.mark.parametrize(
    "mixed",
    [
        [extension("2026-03-10", 10, ND)],
        [extension("2026-03-10", 10), amendment("2026-03-12", 45, ND)],
        [extension("2026-03-10", 10, ND), event("suspend", "2026-03-11", basis=ARTICLE_45)],
    ],
)
def test_a_ledger_of_mixed_units_gives_no_due_date(mixed: list[Entry]) -> None:
    with pytest.raises(Malformed, match="clock_units_mixed"):
        state(start("2026-03-02", 20), *mixed)
