"""How close a limit is: what was used of it, whether it has passed, and its light."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.clock_ledgers import CALENDAR, HALL, HOURS, LATER, at, event, extension, start, state, suspension
from workflows.light import Light, elapsed, light, overdue


def test_used_days_leave_out_suspensions_and_stop_with_the_clock() -> None:
    """3–6 March are 4, the 9th is the fifth; out until the 20th; 23–27 are ten, 30 and 31 twelve."""
    entries = [start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20")]
    assert elapsed(state(*entries), at("2026-03-31"), CALENDAR, HALL) == 12
    stopped = state(*entries, event("stop", "2026-03-24"))
    assert elapsed(stopped, LATER, CALENDAR, HALL) == 7


def test_used_days_can_be_asked_for_in_the_middle_of_a_suspension_that_is_over() -> None:
    entries = [start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20")]
    assert elapsed(state(*entries), at("2026-03-12"), CALENDAR, HALL) == 5


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-03", Light.green),
        ("2026-03-23", Light.green),
        ("2026-03-24", Light.amber),
        ("2026-03-26", Light.amber),
        ("2026-03-27", Light.yellow),
        ("2026-03-30", Light.yellow),
        ("2026-03-31", Light.red),
    ],
)
def test_the_light_turns_amber_then_yellow_then_red(now: str, expected: Light) -> None:
    assert light(state(start("2026-03-02", 20)), at(now), CALENDAR, HALL) is expected


def test_the_light_turns_red_when_the_hall_closes() -> None:
    running = state(start("2026-03-02", 20))
    assert not overdue(running, at("2026-03-30 17:30"))
    assert overdue(running, at("2026-03-30 17:30") + timedelta(seconds=1))


def test_the_light_of_a_stopped_or_suspended_clock() -> None:
    in_time = state(start("2026-03-02", 5), event("stop", "2026-03-09 17:30"))
    late = state(start("2026-03-02", 5), event("stop", "2026-03-10"))
    waiting = state(start("2026-03-02", 5), event("suspend", "2026-03-09"))
    colours = [light(one, LATER, CALENDAR, HALL) for one in (in_time, late, waiting)]
    assert colours == [Light.green, Light.red, Light.green]


def test_neither_a_late_suspension_nor_a_late_extension_puts_out_a_red_light() -> None:
    late = state(start("2026-03-02", 20), *suspension("2026-03-31"), extension("2026-04-01", 10))
    assert light(late, at("2026-04-02"), CALENDAR, HALL) is Light.red


def test_a_limit_that_stood_still_on_its_last_day_is_not_red_before_the_hall_has_opened_again() -> None:
    """Resumed on a Saturday before Qingming; it ends on Tuesday 7 April."""
    resumed = state(start("2026-03-02", 20), *suspension("2026-03-30", "2026-04-04"))
    moments = ("2026-04-04 12:00", "2026-04-06 12:00", "2026-04-07 17:30", "2026-04-07 17:31")
    colours = [light(resumed, at(moment), CALENDAR, HALL) for moment in moments]
    assert colours == [Light.yellow, Light.yellow, Light.yellow, Light.red]


def test_the_light_of_a_limit_in_hours() -> None:
    running = state(start("2026-03-02", 10, HOURS))
    colours = [light(running, at(f"2026-03-02 {clock}"), CALENDAR, HALL) for clock in ("17:00", "18:30", "20:01")]
    assert colours == [Light.green, Light.amber, Light.red]
