"""Why a limit ends when it does, in sentences that a clerk can read to an applicant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflows.calendar import Calendar, same_day_in_month
from workflows.clock import ClockKind, ClockState, Entry, HallHours, Suspension, Unit

KINDS: dict[ClockKind, tuple[str, str]] = {
    ClockKind.notice: ("补正告知期限", "time for the one-time notice"),
    ClockKind.statutory: ("法定办理期限", "statutory time limit"),
    ClockKind.promise: ("承诺办理期限", "promised time limit"),
    ClockKind.delivery: ("送达期限", "time for delivery"),
    ClockKind.correction: ("申请人补正期限", "applicant's time to correct"),
    ClockKind.tolerance: ("容缺材料补交期限", "time to hand in what was deferred"),
    ClockKind.handover: ("材料移交期限", "time for the handover"),
    ClockKind.stage: ("环节办理期限", "time for this stage"),
    ClockKind.reply: ("答复期限", "time for the reply"),
}

UNITS: dict[Unit, tuple[str, str]] = {
    Unit.working_days: ("个工作日", "working day(s)"),
    Unit.natural_days: ("个自然日", "calendar day(s)"),
    Unit.months: ("个月", "month(s)"),
    Unit.hours: ("小时", "hour(s)"),
}

_WEEKDAYS = "一二三四五六日"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence in Chinese and the same in English."""

    zh: str
    en: str


def explain(state: ClockState, calendar: Calendar, hall: HallHours) -> tuple[Explanation, ...]:
    """Start, limit and its article, days left out and why, what was added by whom, and the end.

    :param calendar: the one that the state was derived with, so that the sentences fit the date.
    """
    return tuple(_sentences(state, calendar, hall))


def _sentences(state: ClockState, calendar: Calendar, hall: HallHours) -> Iterator[Explanation]:
    yield _start(state, hall)
    yield from _days_off(state, calendar, hall)
    for one in state.suspensions:
        yield _suspension(state, one, calendar, hall)
    for entry in state.entries:
        if entry.act == "extend":
            yield _extension(entry, hall)
    yield from _moved(state, hall)
    yield _end(state, hall)
    if state.provisional:
        yield _provisional(calendar)
    if state.stopped_at is not None:
        yield _stop(state, hall)


def _start(state: ClockState, hall: HallHours) -> Explanation:
    zh, en = KINDS[state.kind]
    first = hall.day(state.started_at)
    limit = next(one for one in reversed(state.entries) if one.act in ("start", "amend"))
    basis_zh, basis_en = _basis(limit)
    if state.unit is Unit.hours:
        began_zh, began_en = _moment(state.started_at, hall)
        counted = (f"自{began_zh}起", f"from {began_en}")
    else:
        counted = (f"自{_zh(first)}起，当日不计入", f"from {_en(first)}, that day not counted")
    size = _amount(state.limit, state.unit)
    if state.limit == 0:
        size = ("当日", "the same day")
    return Explanation(
        f"{zh}：{counted[0]}，期限{size[0]}{basis_zh}。", f"The {en}: {counted[1]}; {size[1]}{basis_en}."
    )


def _days_off(state: ClockState, calendar: Calendar, hall: HallHours) -> Iterator[Explanation]:
    """What does not count between start and end, and which weekend days do; for working days only."""
    if state.unit is not Unit.working_days:
        return
    first = hall.day(state.started_at)
    days = [first + timedelta(days=step) for step in range(1, (state.due_on - first).days + 1)]
    weekend = sum(1 for day in days if day not in calendar.off and not calendar.is_working_day(day))
    holidays = _by_name([day for day in days if day in calendar.off], calendar)
    parts_zh = [f"周末{weekend}天"] * bool(weekend) + [f"{zh}{_short(found)}" for (zh, _), found in holidays]
    parts_en = [f"{weekend} weekend day(s)"] * bool(weekend)
    parts_en += [f"{en} ({', '.join(map(_en, found))})" for (_, en), found in holidays]
    if parts_zh:
        yield Explanation(f"其间不计入：{'；'.join(parts_zh)}。", f"Not counted in between: {'; '.join(parts_en)}.")
    worked = [day for day in days if day in calendar.work]
    if worked:
        yield Explanation(
            f"调休上班日照常计入：{'、'.join(map(_zh, worked))}。",
            f"Weekend days that are worked count: {', '.join(map(_en, worked))}.",
        )


def _by_name(days: list[date], calendar: Calendar) -> list[tuple[tuple[str, str], list[date]]]:
    found: dict[tuple[str, str], list[date]] = {}
    for day in days:
        found.setdefault(calendar.names.get(day, ("节假日", "holiday")), []).append(day)
    return list(found.items())


def _suspension(state: ClockState, one: Suspension, calendar: Calendar, hall: HallHours) -> Explanation:
    since, until = hall.day(one.since), hall.day(one.until or state.as_of)
    began = [
        entry
        for entry in state.entries
        if entry.act == "suspend" and one.since <= entry.at and (one.until is None or entry.at <= one.until)
    ]
    why = dict.fromkeys(entry.note for entry in began if entry.note)
    basis = dict.fromkeys(entry.basis for entry in began if entry.basis)
    taken_zh, taken_en = _taken(state, one, calendar, hall)
    cause_zh = f"因{'、'.join(why)}" if why else ""
    cause_en = f" for {', '.join(why)}" if why else ""
    law_zh, law_en = (f"（依据：{'、'.join(basis)}）", f" ({', '.join(basis)})") if basis else ("", "")
    if one.until is None:
        return Explanation(
            f"{_zh(since)}起{cause_zh}暂停计时{law_zh}，尚未恢复，至今已扣除{taken_zh}。",
            f"Suspended since {_en(since)}{cause_en}{law_en} and not resumed; {taken_en} left out so far.",
        )
    return Explanation(
        f"{_zh(since)}至{_zh(until)}{cause_zh}暂停计时{law_zh}，扣除{taken_zh}。",
        f"Suspended from {_en(since)} to {_en(until)}{cause_en}{law_en}; {taken_en} left out.",
    )


def _taken(state: ClockState, one: Suspension, calendar: Calendar, hall: HallHours) -> tuple[str, str]:
    until = one.until or state.as_of
    if state.unit is Unit.hours:
        hours = (until - one.since).total_seconds() / 3600
        return f"{hours:.1f}小时", f"{hours:.1f} hours"
    since_day, until_day = hall.day(one.since), hall.day(until)
    if state.unit is Unit.working_days:
        return _amount(calendar.working_days_between(since_day, until_day), state.unit)
    return _amount((until_day - since_day).days, Unit.natural_days)


def _extension(entry: Entry, hall: HallHours) -> Explanation:
    zh, en = _amount(entry.amount or 0, entry.unit or Unit.working_days)
    basis_zh, basis_en = _basis(entry)
    on = hall.day(entry.at)
    by_zh, by_en = (f"经{entry.by}批准，", f" by {entry.by}") if entry.by else ("", "")
    why_zh, why_en = (f"，理由：{entry.note}", f", because: {entry.note}") if entry.note else ("", "")
    return Explanation(
        f"{_zh(on)}{by_zh}延长{zh}{basis_zh}{why_zh}。",
        f"Extended{by_en} on {_en(on)} by {en}{basis_en}{why_en}.",
    )


def _moved(state: ClockState, hall: HallHours) -> Iterator[Explanation]:
    """A limit in calendar days or months that ended on a day off."""
    first, size = hall.day(state.started_at), state.limit + state.extended
    if state.unit is Unit.natural_days:
        end = first + timedelta(days=size + state.excluded)
    elif state.unit is Unit.months:
        end = same_day_in_month(first, size) + timedelta(days=state.excluded)
    else:
        return
    if size and end != state.due_on:
        yield Explanation(
            f"期限最后一日{_zh(end)}为休息日，顺延至{_zh(state.due_on)}（依据：民法典203）。",
            f"The last day, {_en(end)}, is a day off, so the end moves to {_en(state.due_on)} (民法典203).",
        )


def _end(state: ClockState, hall: HallHours) -> Explanation:
    if state.due_at is None:
        today, end = hall.day(state.as_of), state.due_on
        return Explanation(
            f"目前暂停，不会到期；如在{_zh(today)}恢复，到期日为{_zh(end)}。",
            f"Suspended, nothing falls due now; if resumed on {_en(today)}, it ends on {_en(end)}.",
        )
    zh, en = _moment(state.due_at, hall)
    if state.unit is Unit.hours:
        return Explanation(f"到期时间：{zh}。", f"It ends at {en}.")
    return Explanation(f"到期时间：{zh}（下班时止）。", f"It ends at {en}, when the hall closes.")


def _provisional(calendar: Calendar) -> Explanation:
    last = calendar.published_through
    return Explanation(
        f"放假安排公布至{_zh(last)}，其后暂按周一至周五为工作日计算，到期日为暂定，新安排公布后重新计算。",
        f"Days off are published through {_en(last)}; later days are counted as plain weekdays for now, "
        "so the date is provisional and will be counted again.",
    )


def _stop(state: ClockState, hall: HallHours) -> Explanation:
    zh, en = _moment(state.stopped_at or state.as_of, hall)
    return Explanation(f"已于{zh}停止计时。", f"It stopped at {en}.")


def _amount(count: int, unit: Unit) -> tuple[str, str]:
    zh, en = UNITS[unit]
    return f"{count}{zh}", f"{count} {en}"


def _basis(entry: Entry) -> tuple[str, str]:
    return (f"（依据：{entry.basis}）", f" ({entry.basis})") if entry.basis else ("", "")


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def _short(days: list[date]) -> str:
    return f"{len(days)}天（{'、'.join(f'{day.month}月{day.day}日' for day in days)}）"


def _en(day: date) -> str:
    return f"{day:%Y-%m-%d} ({_DAYS[day.weekday()]})"


def _moment(at: datetime, hall: HallHours) -> tuple[str, str]:
    local = at.astimezone(hall.zone)
    return f"{_zh(local.date())}{local:%H:%M}", f"{_en(local.date())} {local:%H:%M}"
