"""What a limit left out, in sentences: days off, and the time for which it stood still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from workflows.calendar import Calendar
from workflows.clock import ClockState, Entry, HallHours, Suspension, Unit
from workflows.clock_words import (
    Explanation,
    amount,
    because,
    day_en,
    day_zh,
    days_zh,
    effective,
    hours,
    moment,
    note_en,
    plural,
)


def days_off(state: ClockState, calendar: Calendar, hall: HallHours) -> Iterator[Explanation]:
    """Which days between start and end do not count, and which weekend days do."""
    if not state.limit:
        return
    if state.unit is not Unit.working_days:
        yield _uninterrupted(state.unit)
        return
    first = hall.day(state.started_at)
    days = [first + timedelta(days=step) for step in range(1, (state.due_on - first).days + 1)]
    weekend = sum(1 for day in days if day not in calendar.off and not calendar.is_working_day(day))
    holidays = _by_name([day for day in days if day in calendar.off], calendar)
    parts_zh = [f"周末{weekend}天"] * bool(weekend) + [f"{zh}{days_zh(found)}" for (zh, _), found in holidays]
    parts_en = [plural(weekend, "weekend day(s)")] * bool(weekend)
    parts_en += [f"{en} ({', '.join(map(day_en, found))})" for (_, en), found in holidays]
    if parts_zh:
        yield Explanation(f"其间不计入：{'；'.join(parts_zh)}。", f"Not counted in between: {'; '.join(parts_en)}.")
    worked = [day for day in days if day in calendar.work]
    if worked:
        yield Explanation(
            f"调休上班日照常计入：{'、'.join(map(day_zh, worked))}。",
            f"Weekend days that are worked count: {', '.join(map(day_en, worked))}.",
        )


def _uninterrupted(unit: Unit) -> Explanation:
    if unit is Unit.hours:
        return Explanation("按小时连续计算，夜间和休息日也计入。", "Hours run on through nights and days off.")
    return Explanation("按日历连续计算，其间的周末和节假日也计入。", "Weekends and holidays in between count.")


def _by_name(days: list[date], calendar: Calendar) -> list[tuple[tuple[str, str], list[date]]]:
    found: dict[tuple[str, str], list[date]] = {}
    for day in days:
        found.setdefault(calendar.names.get(day, ("节假日", "holiday")), []).append(day)
    return list(found.items())


def suspension(state: ClockState, one: Suspension, calendar: Calendar, hall: HallHours) -> Explanation:
    """Why the clock stood still, on which basis, from when to when, and how much that took out."""
    (why_zh, why_en), (law_zh, law_en) = _cause(state, one)
    out_zh, out_en = _taken(state, one, calendar, hall)
    since_zh, since_en = _when(state, one.since, hall)
    until_zh, until_en = _when(state, one.until or state.as_of, hall)
    if one.until is None:
        return Explanation(
            f"{since_zh}{why_zh}暂停计时{law_zh}，尚未恢复，截至{until_zh}已扣除{out_zh}。",
            f"Suspended since {since_en}{why_en}{law_en} and not resumed; {out_en} left out until {until_en}.",
        )
    if state.unit is not Unit.hours and since_zh == until_zh:
        return Explanation(
            f"{since_zh}{why_zh}暂停计时{law_zh}，当日恢复，不扣除天数。",
            f"Suspended on {since_en}{why_en}{law_en} and resumed on the same day; no day is left out.",
        )
    ended_zh, ended_en = ("停止", "the clock stopped") if one.until == state.stopped_at else ("恢复", "resumed")
    span_zh, span_en = f"自暂停次日至{ended_zh}当日", ", the day after being the first"
    if state.unit is Unit.hours:
        span_zh, span_en = "其间", ""
    return Explanation(
        f"{since_zh}{why_zh}暂停计时{law_zh}，{until_zh}{ended_zh}，{span_zh}扣除{out_zh}。",
        f"Suspended on {since_en}{why_en}{law_en}, {ended_en} on {until_en}; {out_en} left out{span_en}.",
    )


def _cause(state: ClockState, one: Suspension) -> tuple[tuple[str, str], tuple[str, str]]:
    """Reasons and articles of everything that kept the clock still in this time, each once."""
    began: list[Entry] = [
        entry
        for entry in effective(state, "suspend")
        if one.since <= entry.at and (one.until is None or entry.at <= one.until)
    ]
    why = [*dict.fromkeys(entry.note for entry in began if entry.note)]
    words = (f"因{'、'.join(why)}", f" for {', '.join(map(note_en, why))}") if why else ("", "")
    return words, because(*began)


def _when(state: ClockState, at: datetime, hall: HallHours) -> tuple[str, str]:
    """The date, and for a limit in hours the time of day as well."""
    day = hall.day(at)
    return moment(at, hall) if state.unit is Unit.hours else (day_zh(day), day_en(day))


def _taken(state: ClockState, one: Suspension, calendar: Calendar, hall: HallHours) -> tuple[str, str]:
    until = one.until or state.as_of
    if state.unit is Unit.hours:
        return hours((until - one.since).total_seconds())
    since_day, until_day = hall.day(one.since), hall.day(until)
    if state.unit is Unit.working_days:
        return amount(calendar.working_days_between(since_day, until_day), state.unit)
    return amount((until_day - since_day).days, Unit.natural_days)
