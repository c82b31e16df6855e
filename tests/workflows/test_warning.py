"""When lights change if nothing is done: the moments that are kept agree with the light at every moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.clock_ledgers import (
    CALENDAR,
    HALL,
    HOURS,
    MONTHS,
    ND,
    WD,
    at,
    event,
    extension,
    local,
    start,
    state,
    suspension,
)
from workflows.clock import ClockKind, ClockState, Entry
from workflows.light import Light, light
from workflows.warning import NEVER, outlook, warned_by

MINUTES = timedelta(minutes=1)
RANKS = {Light.green: 0, Light.amber: 1, Light.yellow: 2, Light.red: 3}


def kept(states: list[ClockState], now: datetime) -> int:
    """The worst light of these clocks, from the moments alone."""
    warned = warned_by(states, CALENDAR, HALL)
    assert warned.amber_at == min((moment for moment in warned if moment is not None), default=None)
    if warned.red_at is not None and warned.red_at < now:
        return 3
    if warned.yellow_at is not None and warned.yellow_at <= now:
        return 2
    return 1 if warned.amber_at is not None and warned.amber_at <= now else 0


def worst(states: list[ClockState], now: datetime) -> int:
    return max((RANKS[light(one, now, CALENDAR, HALL)] for one in states if one.running), default=0)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """A limit in any unit, perhaps extended, perhaps out of the count for some days that are over."""
    unit = draw(st.sampled_from([WD, WD, ND, HOURS, MONTHS]))
    began = at("2026-01-28") + draw(st.integers(0, 60 * 24 * 4)) * 10 * MINUTES
    amount = draw(st.integers(1, 3) if unit is MONTHS else st.integers(0, 45))
    entries = [Entry(draw(st.sampled_from(list(ClockKind))), "start", began, amount, unit, basis="法")]
    kind = entries[0].kind
    if draw(st.booleans()) and unit is not HOURS:
        since = began + timedelta(days=draw(st.integers(0, 5)))
        until = since + timedelta(days=draw(st.integers(0, 12)))
        entries += [Entry(kind, "suspend", since, basis="法45"), Entry(kind, "resume", until, basis="法45")]
    if draw(st.booleans()):
        entries.append(Entry(kind, "extend", began, draw(st.integers(1, 10)), unit, basis="法42"))
    return entries


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(ledgers(), min_size=1, max_size=3), st.integers(0, 90 * 24 * 6))
def test_the_moments_agree_with_the_light_at_every_moment(found: list[list[Entry]], tens: int) -> None:
    """From the last thing that happened to a clock on; before that it was another clock."""
    states = [state(*entries) for entries in found]
    since = max(entry.at for entries in found for entry in entries)
    moments = {since + tens * 10 * MINUTES}
    for one in states:
        warned = warned_by([one], CALENDAR, HALL)
        moments |= {edge + step * MINUTES for edge in warned if edge for step in (-1, 0, 1)}
    for now in moments:
        if now >= since:
            assert kept(states, now) == worst(states, now), now


@pytest.mark.parametrize(
    ("entries", "amber", "yellow"),
    [
        ([start("2026-03-02", 20)], "2026-03-24 00:00", "2026-03-27 00:00"),
        ([start("2026-03-02", 20), extension("2026-03-20", 10)], "2026-04-03 00:00", "2026-04-13 00:00"),
        ([start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20")], "2026-04-07 00:00", "2026-04-10 00:00"),
        ([start("2026-02-11", 5)], "2026-02-24 00:00", "2026-02-24 00:00"),
        ([start("2026-03-02", 0)], "2026-03-02 10:00", "2026-03-02 10:00"),
    ],
)
def test_amber_comes_with_the_last_fifth_and_yellow_on_the_last_working_day_but_one(
    entries: list[Entry], amber: str, yellow: str
) -> None:
    """A limit of the same day is yellow from its beginning."""
    warned = warned_by([state(*entries)], CALENDAR, HALL)
    assert [local(moment) for moment in (warned.amber_at, warned.yellow_at) if moment] == [amber, yellow]


def test_a_limit_in_hours_has_no_yellow() -> None:
    warned = warned_by([state(start("2026-03-02 10:00", 10, HOURS))], CALENDAR, HALL)
    assert (local(warned.amber_at) if warned.amber_at else "", warned.yellow_at) == ("2026-03-02 18:00", None)


def test_what_does_not_run_warns_of_nothing() -> None:
    stopped = state(start("2026-03-02", 5), event("stop", "2026-03-03"))
    standing = state(start("2026-03-02", 5), event("suspend", "2026-03-03"))
    assert warned_by([stopped, standing], CALENDAR, HALL) == warned_by([], CALENDAR, HALL) == NEVER


@pytest.mark.parametrize(
    ("now", "today", "tomorrow", "end", "next_day"),
    [
        ("2026-03-04 09:30", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-05"),
        ("2026-03-06 23:59", "2026-03-06", "2026-03-07", "2026-03-10", "2026-03-09"),
        ("2026-02-14 12:00", "2026-02-14", "2026-02-15", "2026-02-25", "2026-02-24"),
    ],
)
def test_the_next_day_is_a_working_day_and_takes_in_the_days_off_before_it(
    now: str, today: str, tomorrow: str, end: str, next_day: str
) -> None:
    """Saturday 14 February 2026 is worked; Spring Festival ends on the 23rd."""
    found = outlook(at(now), CALENDAR, HALL)
    assert [local(one) for one in (found.today, found.tomorrow, found.end)] == [
        f"{day} 00:00" for day in (today, tomorrow, end)
    ]
    assert found.next_day.isoformat() == next_day
