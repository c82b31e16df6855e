"""The clock ledger: when a limit ends, whatever happened to it and in whatever order it was written down."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflows.calendar import load_calendar
from workflows.clock import ClockAct, ClockKind, ClockState, Entry, HallHours, Unit, derive
from workflows.clock_acts import check_entry
from workflows.clock_explain import explain
from workflows.errors import Conflict, Malformed
from workflows.light import Light, elapsed, light, overdue

CALENDAR = load_calendar()
HALL = HallHours()
WD = Unit.working_days
LATER = datetime(2027, 6, 1, tzinfo=UTC)
KIND = ClockKind.statutory
ARTICLE_45 = "行政许可法45"


def at(day: str | date, clock: str = "10:00") -> datetime:
    """A moment in hall time, as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}+08:00").astimezone(UTC)


def start(day: str, amount: int, unit: Unit = WD, kind: ClockKind = KIND) -> Entry:
    return Entry(kind, "start", at(day), amount, unit, basis="行政许可法42(1)")


def event(act: ClockAct, day: str, clock: str = "10:00", **rest: object) -> Entry:
    return Entry(KIND, act, at(day, clock), **rest)


def special(since: str, until: str) -> list[Entry]:
    return [event("suspend", since, basis=ARTICLE_45, note="检验"), event("resume", until)]


def extension(day: str, amount: int, unit: Unit = WD) -> Entry:
    return event("extend", day, amount=amount, unit=unit, basis="行政许可法42(1)", by="机关负责人王海宁")


def state(*entries: Entry, as_of: datetime = LATER) -> ClockState:
    return derive(entries, CALENDAR, HALL, as_of)[entries[0].kind]


def due(*entries: Entry, as_of: datetime = LATER) -> str:
    return state(*entries, as_of=as_of).due_on.isoformat()


@pytest.mark.parametrize(
    ("received", "amount", "expected"),
    [
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-26", 20, "2025-10-30"),
        ("2026-02-11", 5, "2026-02-25"),
        ("2026-02-11", 20, "2026-03-17"),
        ("2026-09-17", 5, "2026-09-23"),
        ("2024-02-02", 5, "2024-02-08"),
        ("2023-09-28", 3, "2023-10-09"),
        ("2025-12-30", 3, "2026-01-05"),
        ("2026-03-02", 20, "2026-03-30"),
        ("2026-03-02", 45, "2026-05-08"),
        ("2026-04-28", 10, "2026-05-14"),
    ],
)
def test_a_limit_in_working_days_ends_on_the_right_day(received: str, amount: int, expected: str) -> None:
    assert due(start(received, amount)) == expected


def test_the_time_of_a_special_procedure_is_left_out() -> None:
    found = state(start("2026-03-02", 20), *special("2026-03-09", "2026-03-20"))
    assert (found.due_on.isoformat(), found.excluded) == ("2026-04-13", 9)


def test_overlapping_special_procedures_count_once() -> None:
    entries = [
        start("2026-03-02", 20),
        *special("2026-03-09", "2026-03-20"),
        *special("2026-03-18", "2026-03-25"),
    ]
    found = state(*entries)
    assert (found.due_on.isoformat(), found.excluded, len(found.suspensions)) == ("2026-04-16", 12, 1)


def test_an_extension_follows_what_was_left_out() -> None:
    entries = [start("2026-03-02", 20), *special("2026-03-09", "2026-03-20"), extension("2026-04-10", 10)]
    assert due(*entries) == "2026-04-27"


def test_joint_handling_has_forty_five_and_fifteen() -> None:
    assert due(start("2026-03-02", 45), extension("2026-05-06", 15)) == "2026-05-28"


def test_a_limit_may_be_amended_from_its_original_start() -> None:
    assert due(start("2026-03-02", 20), event("amend", "2026-03-10", amount=45, unit=WD)) == "2026-05-08"


def test_a_limit_past_the_last_notice_is_provisional() -> None:
    assert state(start("2026-12-25", 5)).provisional
    assert not state(start("2026-12-25", 4)).provisional


def test_deemed_acceptance_counts_from_the_day_of_receipt() -> None:
    written_down_late = [
        Entry(ClockKind.notice, "start", at("2026-03-02"), 5, WD),
        Entry(ClockKind.notice, "stop", at("2026-03-09", "17:30")),
        start("2026-03-02", 20),
    ]
    clocks = derive(written_down_late, CALENDAR, HALL, LATER)
    assert clocks[ClockKind.notice].stopped_at == clocks[ClockKind.notice].due_at
    assert clocks[KIND].due_on == date(2026, 3, 30)


def test_a_limit_ends_when_the_hall_closes() -> None:
    assert state(start("2026-03-02", 20)).due_at == datetime(2026, 3, 30, 9, 30, tzinfo=UTC)
    western = HallHours(ZoneInfo("Asia/Urumqi"), time(10), time(19))
    found = derive([start("2026-03-02", 20)], CALENDAR, western, LATER)[KIND]
    assert found.due_at == datetime(2026, 3, 30, 13, tzinfo=UTC)


def test_the_day_is_the_halls_day_not_the_servers() -> None:
    evening_in_utc = Entry(KIND, "start", datetime(2026, 3, 1, 16, 30, tzinfo=UTC), 5, WD)
    assert state(evening_in_utc).due_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (start("2026-04-10", 25, Unit.natural_days), "2026-05-06"),
        (start("2026-04-11", 25, Unit.natural_days), "2026-05-06"),
        (start("2026-01-31", 1, Unit.months), "2026-02-28"),
        (start("2026-07-01", 3, Unit.months), "2026-10-08"),
        (start("2026-03-02", 0), "2026-03-02"),
    ],
)
def test_calendar_days_and_months_move_off_a_day_off(entry: Entry, expected: str) -> None:
    assert due(entry) == expected


def test_suspended_calendar_days_are_added_before_the_end_may_move() -> None:
    entries = [start("2026-04-01", 20, Unit.natural_days), *special("2026-04-05", "2026-04-15")]
    assert due(*entries) == "2026-05-06"
    assert due(start("2026-04-01", 1, Unit.months), *special("2026-04-05", "2026-04-15")) == "2026-05-11"


def test_hours_are_counted_exactly() -> None:
    entries = [start("2026-05-01", 48, Unit.hours), event("suspend", "2026-05-01", "12:00")]
    found = state(*entries, event("resume", "2026-05-01", "15:30"))
    assert found.due_at == at("2026-05-03", "13:30")


def test_while_suspended_nothing_falls_due() -> None:
    entries = [start("2026-03-02", 20), event("suspend", "2026-03-09", basis=ARTICLE_45)]
    found = state(*entries, as_of=at("2026-03-12"))
    assert (found.suspended, found.running, found.due_at) == (True, False, None)
    assert found.due_on == date(2026, 4, 2)
    assert not overdue(found, LATER)


def test_a_clock_that_stops_while_suspended_is_neither_running_nor_suspended_further() -> None:
    entries = [start("2026-03-02", 20), event("suspend", "2026-03-09"), event("stop", "2026-03-20")]
    found = state(*entries)
    assert (found.running, found.excluded, found.suspensions[0].until) == (False, 9, at("2026-03-20"))


def test_the_past_can_be_asked_for() -> None:
    entries = [start("2026-03-02", 20), *special("2026-03-09", "2026-03-20"), extension("2026-04-10", 10)]
    assert due(*entries, as_of=at("2026-03-05")) == "2026-03-30"
    assert due(*entries, as_of=at("2026-04-01")) == "2026-04-13"
    assert derive(entries, CALENDAR, HALL, at("2026-03-01")) == {}


def test_what_takes_effect_at_the_moment_asked_for_counts() -> None:
    assert due(start("2026-03-02", 5), as_of=at("2026-03-02")) == "2026-03-09"


def test_a_second_run_replaces_the_first() -> None:
    first = [
        Entry(ClockKind.stage, "start", at("2026-03-02"), 1, WD),
        Entry(ClockKind.stage, "stop", at("2026-03-03")),
    ]
    second = Entry(ClockKind.stage, "start", at("2026-03-03"), 3, WD)
    for entries in ([*first, second], [second, *reversed(first)]):
        found = state(*entries)
        assert (found.running, found.due_on) == (True, date(2026, 3, 6))


def test_a_clock_started_and_stopped_at_one_instant_has_stopped() -> None:
    assert state(start("2026-03-02", 5), event("stop", "2026-03-02")).stopped_at == at("2026-03-02")


def test_acts_without_a_running_clock_change_nothing() -> None:
    stray = [event("suspend", "2026-02-01"), event("stop", "2026-02-02"), event("resume", "2026-03-04")]
    assert due(start("2026-03-02", 20), *stray) == "2026-03-30"


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "start", "at": at("2026-03-02")},
        {"act": "start", "at": at("2026-03-02"), "amount": 5},
        {"act": "extend", "at": at("2026-03-02"), "unit": WD},
        {"act": "start", "at": at("2026-03-02"), "amount": -1, "unit": WD},
        {"act": "stop", "at": datetime(2026, 3, 2)},  # noqa: DTZ001 - a time without its zone is the point
    ],
)
def test_an_entry_that_nothing_follows_from_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed, match="clock_entry_wrong"):
        Entry(KIND, **wrong)


def test_an_extension_in_another_unit_is_refused() -> None:
    with pytest.raises(Malformed, match="clock_units_mixed"):
        state(start("2026-03-02", 20), extension("2026-03-10", 10, Unit.natural_days))


def worked(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day)) if 2023 <= day.year <= 2026 else day.weekday() < 5


def naive_due(begun: date, amount: int, out: set[date]) -> date:
    """Step day by day, counting the working days that are not left out."""
    day = begun
    while amount:
        day += timedelta(days=1)
        amount -= worked(day) and day not in out
    return day


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[date, int, int, list[tuple[date, date]]]:
    """A start, a limit, an extension and suspensions that may touch, overlap or contain each other."""
    begun = draw(st.dates(date(2023, 1, 1), date(2026, 12, 1)))
    amount, extended = draw(st.integers(1, 60)), draw(st.sampled_from([0, 5, 10, 15]))
    spans = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 25)), max_size=4))
    days = [(begun + timedelta(days=first), begun + timedelta(days=first + length)) for first, length in spans]
    return begun, amount, extended, days


@settings(deadline=None)
@given(ledgers(), st.randoms(use_true_random=False))
def test_any_ledger_in_any_order_agrees_with_stepping_day_by_day(
    ledger: tuple[date, int, int, list[tuple[date, date]]], shuffler: random.Random
) -> None:
    begun, amount, extended, spans = ledger
    out = {since + timedelta(days=step) for since, until in spans for step in range(1, (until - since).days + 1)}
    expected = naive_due(begun, amount + extended, out)
    assume(all(since < expected for since, _ in spans))
    entries = [start(begun.isoformat(), amount)]
    for since, until in spans:
        entries += [event("suspend", str(since), "11:00"), event("resume", str(until), "12:00")]
    if extended:
        entries.append(extension(begun.isoformat(), extended))
    shuffler.shuffle(entries)
    found = derive(entries, CALENDAR, HALL, at("2030-01-01"))[KIND]
    assert found.due_on == expected
    assert found.provisional is (expected > CALENDAR.published_through)
    used = sum(worked(begun + timedelta(days=step)) for step in range(1, (expected - begun).days + 1))
    assert elapsed(found, at(expected), CALENDAR, HALL) == used - sum(
        worked(day) for day in out if begun < day <= expected
    )


def test_elapsed_days_leave_out_suspensions_and_stop_with_the_clock() -> None:
    entries = [start("2026-03-02", 20), *special("2026-03-09", "2026-03-20")]
    assert elapsed(state(*entries), at("2026-03-31"), CALENDAR, HALL) == 12
    stopped = state(*entries, event("stop", "2026-03-24"))
    assert elapsed(stopped, LATER, CALENDAR, HALL) == 7


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
    assert not overdue(running, at("2026-03-30", "17:30"))
    assert overdue(running, at("2026-03-30", "17:30") + timedelta(seconds=1))


def test_the_light_of_a_stopped_or_suspended_clock() -> None:
    in_time = state(start("2026-03-02", 5), event("stop", "2026-03-09", "17:30"))
    late = state(start("2026-03-02", 5), event("stop", "2026-03-10"))
    waiting = state(start("2026-03-02", 5), event("suspend", "2026-03-09"))
    colours = [light(one, LATER, CALENDAR, HALL) for one in (in_time, late, waiting)]
    assert colours == [Light.green, Light.red, Light.green]


def test_the_light_of_a_limit_in_hours() -> None:
    running = state(start("2026-03-02", 10, Unit.hours))
    colours = [light(running, at("2026-03-02", clock), CALENDAR, HALL) for clock in ("17:00", "18:30", "20:01")]
    assert colours == [Light.green, Light.amber, Light.red]


def sentences(*entries: Entry, as_of: datetime = LATER) -> tuple[str, str]:
    lines = explain(state(*entries, as_of=as_of), CALENDAR, HALL)
    return "\n".join(line.zh for line in lines), "\n".join(line.en for line in lines)


def test_a_clerk_can_read_out_why_the_limit_ends_when_it_does() -> None:
    entries = [start("2026-03-02", 20), *special("2026-03-09", "2026-03-20"), extension("2026-04-10", 10)]
    zh, en = sentences(*entries, event("stop", "2026-04-24"))
    assert zh.splitlines() == [
        "法定办理期限：自2026年3月2日（周一）起，当日不计入，期限20个工作日（依据：行政许可法42(1)）。",
        "其间不计入：周末16天；清明节1天（4月6日）。",
        "2026年3月9日（周一）至2026年3月20日（周五）因检验暂停计时（依据：行政许可法45），扣除9个工作日。",
        "2026年4月10日（周五）经机关负责人王海宁批准，延长10个工作日（依据：行政许可法42(1)）。",
        "到期时间：2026年4月27日（周一）17:30（下班时止）。",
        "已于2026年4月24日（周五）10:00停止计时。",
    ]
    assert len(en.splitlines()) == 6
    assert "9 working day(s) left out" in en


def test_make_up_working_days_and_holidays_are_named() -> None:
    zh, en = sentences(start("2026-02-11", 5))
    assert "春节6天（2月16日、2月17日、2月18日、2月19日、2月20日、2月23日）" in zh
    assert "调休上班日照常计入：2026年2月14日（周六）。" in zh
    assert "Spring Festival" in en


def test_a_provisional_a_suspended_and_a_moved_end_are_said() -> None:
    assert "暂定" in sentences(start("2026-12-25", 5))[0]
    suspended = [start("2026-03-02", 20), event("suspend", "2026-03-09", note="检验")]
    assert "目前暂停，不会到期" in sentences(*suspended, as_of=at("2026-03-12"))[0]
    assert "顺延至2026年5月6日" in sentences(start("2026-04-10", 25, Unit.natural_days))[0]
    assert "顺延至2026年10月8日" in sentences(start("2026-07-01", 3, Unit.months))[0]
    assert "48小时" in sentences(start("2026-03-02", 48, Unit.hours))[0]
    assert "期限当日" in sentences(start("2026-03-02", 0))[0]


RUNNING = (start("2026-03-02", 20),)


@pytest.mark.parametrize(
    ("ledger", "new", "code"),
    [
        ((), event("suspend", "2026-03-03", basis=ARTICLE_45), "clock_not_running"),
        (RUNNING, event("suspend", "2026-03-01", basis=ARTICLE_45), "clock_not_running"),
        ((*RUNNING, event("stop", "2026-03-05")), extension("2026-03-06", 10), "clock_not_running"),
        (RUNNING, event("suspend", "2026-03-03"), "suspension_without_basis"),
        (RUNNING, event("suspend", "2026-03-31", basis=ARTICLE_45), "clock_overdue"),
        (RUNNING, event("resume", "2026-03-03"), "clock_not_suspended"),
        (RUNNING, extension("2026-03-31", 10), "clock_overdue"),
        (RUNNING, extension("2026-03-03", 10, Unit.natural_days), "clock_units_mixed"),
        ((*RUNNING, extension("2026-03-03", 10)), extension("2026-03-04", 10), "already_extended"),
        ((*RUNNING, extension("2026-03-05", 10)), extension("2026-03-04", 10), "already_extended"),
    ],
)
def test_an_unlawful_act_on_a_clock_is_refused(ledger: tuple[Entry, ...], new: Entry, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        check_entry(ledger, new, CALENDAR, HALL)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "new",
    [
        event("suspend", "2026-03-30", basis=ARTICLE_45),
        extension("2026-03-30", 10),
        event("amend", "2026-03-03", amount=45, unit=WD),
        event("stop", "2026-04-30"),
    ],
)
def test_a_lawful_act_on_a_clock_is_let_through(new: Entry) -> None:
    check_entry(RUNNING, new, CALENDAR, HALL)
