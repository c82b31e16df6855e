"""The clock against a walk over the calendar, day by day, for ledgers that nobody would think of."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.clock_ledgers import CALENDAR, HALL, KIND
from tests.workflows.clock_oracle import OFF, WORKED, Happening, answer, worked, working_days_used
from workflows.clock import Entry, Unit, derive
from workflows.light import elapsed, overdue

CHINA = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2023, 1, 1)  # noqa: DTZ001 - the oracle's times are naive and in hall time
HOURS_OF_DAY = [time(0, 30), time(8, 30), time(10), time(17, 30), time(18), time(23, 30)]
SIZES = {"working_days": 30, "natural_days": 60, "months": 3, "hours": 96}

settings.register_profile("clock-ci", max_examples=10_000, deadline=None)
settings.register_profile("clock-local", max_examples=400, deadline=None)
PROFILE = settings.get_profile("clock-ci" if os.environ.get("CI") else "clock-local")

days = st.integers(0, 60)
moments = st.tuples(days, st.sampled_from(HOURS_OF_DAY))
"""Days after the start of the ledger, and a time of day."""


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Happening], datetime]:
    """A start, whatever may happen to it within two months, and a moment to ask at."""
    begun = FIRST + timedelta(days=draw(st.one_of(st.integers(0, 1440), st.integers(1400, 1460))))
    unit = draw(st.sampled_from(sorted(SIZES)))
    size = st.integers(0, SIZES[unit])
    found = [Happening(_after(begun, (0, draw(st.sampled_from(HOURS_OF_DAY)))), "start", draw(size), unit)]
    acts = draw(st.lists(st.sampled_from(["suspend", "suspend", "resume", "extend", "amend"]), max_size=7))
    for act in acts:
        sized = act in ("extend", "amend")
        at = draw(st.sampled_from([_after(begun, draw(moments)), found[-1].at]))
        found.append(Happening(at, act, draw(size), unit) if sized else Happening(at, act))
    if draw(st.integers(0, 3)) == 0:
        found.append(Happening(_after(begun, (draw(days), time(12))), "stop"))
    if draw(st.integers(0, 5)) == 0:
        found.append(Happening(_after(begun, (draw(days), time(14))), "start", draw(size), unit))
    asked = draw(st.one_of(st.just((90, time(10))), moments))
    return found, max(_after(begun, asked), found[0].at)


def _after(begun: datetime, moment: tuple[int, time]) -> datetime:
    return datetime.combine(begun.date() + timedelta(days=moment[0]), moment[1])


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=CHINA).astimezone(UTC)


def _entry(one: Happening) -> Entry:
    if not one.unit:
        return Entry(KIND, one.act, _utc(one.at))
    return Entry(KIND, one.act, _utc(one.at), one.amount, Unit(one.unit))


def test_the_days_of_the_walk_are_those_of_an_independent_source() -> None:
    days = [FIRST.date() + timedelta(days=step) for step in range(1461)]
    assert [day for day in days if worked(day) != chinese_calendar.is_workday(day)] == []
    assert not OFF & WORKED


@settings(parent=PROFILE)
@given(ledgers(), st.integers(0, 2**16))
def test_any_ledger_in_any_order_ends_where_a_walk_over_the_days_ends(
    ledger: tuple[list[Happening], datetime], seed: int
) -> None:
    happenings, as_of = ledger
    wanted = answer(happenings, as_of)
    entries = [_entry(one) for one in happenings]
    random.Random(seed).shuffle(entries)
    found = derive(entries, CALENDAR, HALL, _utc(as_of))[KIND]
    assert found.due_on == wanted.due.date()
    assert found.due_at == (None if wanted.suspended else _utc(wanted.due))
    assert (found.limit, found.extended, found.excluded) == (wanted.limit, wanted.extended, wanted.excluded)
    assert (found.suspended, found.provisional, len(found.void)) == (
        wanted.suspended,
        wanted.provisional,
        wanted.without_effect,
    )


@settings(parent=PROFILE, max_examples=PROFILE.max_examples // 10)
@given(ledgers())
def test_a_limit_never_ends_before_it_runs_and_stays_missed_once_it_has_ended(
    ledger: tuple[list[Happening], datetime],
) -> None:
    happenings, as_of = ledger
    entries = [_entry(one) for one in happenings]
    found = derive(entries, CALENDAR, HALL, _utc(as_of))[KIND]
    for one in found.suspensions:
        assert found.due_at is None or one.until is None or one.until <= found.due_at
    if found.unit is not Unit.hours:
        assert worked(found.due_on)
    later = _utc(as_of) + timedelta(days=1)
    if overdue(found, _utc(as_of)):
        more = [Entry(KIND, "suspend", later), Entry(KIND, "extend", later, 30, found.unit)]
        assert overdue(derive([*entries, *more], CALENDAR, HALL, later)[KIND], later) or any(
            one.act == "start" and one.at > as_of for one in happenings
        )


@settings(parent=PROFILE, max_examples=PROFILE.max_examples // 10)
@given(ledgers())
def test_what_was_used_of_a_limit_is_what_a_walk_counts(ledger: tuple[list[Happening], datetime]) -> None:
    happenings, as_of = ledger
    found = derive([_entry(one) for one in happenings], CALENDAR, HALL, _utc(as_of))[KIND]
    known = [one for one in happenings if one.at <= as_of]
    if not found.void:
        assert elapsed(found, _utc(as_of), CALENDAR, HALL) == working_days_used(known, as_of)
