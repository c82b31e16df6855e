"""Why a limit ends when it does, in sentences that a clerk can read to an applicant."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.calendar import Calendar
from workflows.clock import ClockState, Entry, HallHours, Unit
from workflows.clock_left_out import days_off, suspension
from workflows.clock_words import (
    BEGUN,
    KINDS,
    UNITS,
    Explanation,
    amount,
    because,
    day_en,
    day_zh,
    effective,
    hours,
    moment,
    note_en,
    role_en,
)

__all__ = ["KINDS", "UNITS", "Explanation", "explain"]

_VOID = {"amend": ("变更", "change"), "suspend": ("暂停", "suspension"), "extend": ("延长", "extension")}


def explain(state: ClockState, calendar: Calendar, hall: HallHours) -> tuple[Explanation, ...]:
    """Start and why it is that, limit and its article, days left out and why, what was added by whom, and the end.

    :param calendar: the one that the state was derived with, so that the sentences fit the date.
    """
    return tuple(_sentences(state, calendar, hall))


def _sentences(state: ClockState, calendar: Calendar, hall: HallHours) -> Iterator[Explanation]:
    yield _start(state, hall)
    yield from (_amendment(entry, hall) for entry in effective(state, "amend"))
    yield from days_off(state, calendar, hall)
    yield from (suspension(state, one, calendar, hall) for one in state.suspensions)
    yield from (_extension(entry, hall) for entry in effective(state, "extend"))
    if not state.suspensions or state.suspensions[-1].until not in (None, state.stopped_at):
        yield from _sum(state)
        yield from _moved(state, calendar, hall)
    yield _end(state, hall)
    yield from (_void(entry, hall) for entry in state.void)
    if state.provisional:
        yield _provisional(state, calendar)
    if state.stopped_at is not None:
        yield _stop(state, hall)


def _start(state: ClockState, hall: HallHours) -> Explanation:
    start = state.entries[0]
    unit, (zh, en) = start.unit or state.unit, KINDS[state.kind]
    law_zh, law_en = because(start)
    why_zh, why_en = (start.note, note_en(start.note)) if start.note else BEGUN[state.kind]
    first = hall.day(start.at)
    when_zh, when_en = day_zh(first), day_en(first)
    size_zh, size_en = amount(start.amount or 0, unit)
    if unit is Unit.hours:
        when_zh, when_en = moment(start.at, hall)
        from_zh, from_en = "自此时起算", "counted from that moment"
    elif not start.amount:
        size_zh, size_en = "为当日", "the same day"
        from_zh, from_en = "当日下班时届满", "it ends when the hall closes on that day"
    else:
        from_zh, from_en = "当日不计入，自次日起算", "that day is not counted"
    return Explanation(
        f"{zh}{size_zh}{law_zh}：{when_zh}{why_zh}，{from_zh}。",
        f"The {en} is {size_en}{law_en}: on {when_en} {why_en}; {from_en}.",
    )


def _amendment(entry: Entry, hall: HallHours) -> Explanation:
    (size_zh, size_en), (law_zh, law_en) = amount(entry.amount or 0, entry.unit or Unit.working_days), because(entry)
    by_zh, by_en = (f"由{entry.by}将", f" by {role_en(entry.by)}") if entry.by else ("", "")
    why_zh, why_en = _reason(entry)
    on = hall.day(entry.at)
    return Explanation(
        f"{day_zh(on)}{by_zh}期限改为{size_zh}{law_zh}{why_zh}，起算日不变。",
        f"Changed{by_en} on {day_en(on)} to {size_en}{law_en}{why_en}; the start is the same.",
    )


def _extension(entry: Entry, hall: HallHours) -> Explanation:
    (size_zh, size_en), (law_zh, law_en) = amount(entry.amount or 0, entry.unit or Unit.working_days), because(entry)
    by_zh, by_en = (f"经{entry.by}批准", f" by {role_en(entry.by)}") if entry.by else ("", "")
    why_zh, why_en = _reason(entry)
    on = hall.day(entry.at)
    return Explanation(
        f"{day_zh(on)}{by_zh}延长{size_zh}{law_zh}{why_zh}。",
        f"Extended{by_en} on {day_en(on)} by {size_en}{law_en}{why_en}.",
    )


def _reason(entry: Entry) -> tuple[str, str]:
    return (f"，理由：{entry.note}", f", because: {note_en(entry.note)}") if entry.note else ("", "")


def _sum(state: ClockState) -> Iterator[Explanation]:
    """Limit, time left out and extension together, where there is more than the limit."""
    if not state.excluded and not state.extended:
        return
    left_out = Unit.natural_days if state.unit is Unit.months else state.unit
    out = hours(state.excluded) if state.unit is Unit.hours else amount(state.excluded, left_out)
    parts = []
    if state.excluded:
        parts.append((f"扣除的{out[0]}", f"{out[1]} left out"))
    if state.extended:
        size_zh, size_en = amount(state.extended, state.unit)
        parts.append((f"延长的{size_zh}", f"{size_en} of extension"))
    whole_zh, whole_en = amount(state.limit, state.unit)
    end_zh, end_en = f"，数至{day_zh(state.counted_on)}", f", which gives {day_en(state.counted_on)}"
    if state.unit is Unit.hours:
        end_zh, end_en = "", ""
    yield Explanation(
        f"期限{whole_zh}，加上{'、'.join(zh for zh, _ in parts)}{end_zh}。",
        f"Together {whole_en} and {' and '.join(en for _, en in parts)}{end_en}.",
    )


def _moved(state: ClockState, calendar: Calendar, hall: HallHours) -> Iterator[Explanation]:
    """A limit that was used up on a day off, while the clock stood still, or before it had begun."""
    counted, due = state.counted_on, state.due_on
    if counted == due:
        return
    to_zh, to_en = day_zh(due), day_en(due)
    resumed = state.suspensions[-1].until if state.suspensions else None
    if resumed is not None and hall.closing(counted) < resumed:
        until_zh, until_en = moment(resumed, hall)
        yield Explanation(
            f"当时仍在暂停，期限不在暂停期间届满；{until_zh}恢复，顺延至{to_zh}。",
            f"The clock stood still then, and no limit ends while it does; resumed at {until_en}, it ends on {to_en}.",
        )
    elif not state.suspensions and hall.closing(counted) < state.started_at:
        yield Explanation(
            f"起算时已经下班，期限顺延至下一个工作日{to_zh}。",
            f"The hall had closed when it began, so it ends on the next working day, {to_en}.",
        )
    else:
        name_zh, name_en = calendar.names.get(counted, ("周末", "the weekend"))
        yield Explanation(
            f"期限最后一日{day_zh(counted)}适逢{name_zh}，顺延至{to_zh}（依据：《民法典》第二百零三条第一款）。",
            f"The last day, {day_en(counted)}, is a day off ({name_en}), so the end moves to {to_en} "
            "(Civil Code, art. 203(1)).",
        )


def _end(state: ClockState, hall: HallHours) -> Explanation:
    if state.due_at is None:
        today, end = hall.day(state.as_of), state.due_on
        return Explanation(
            f"目前暂停，不会到期；如在{day_zh(today)}恢复，到期日为{day_zh(end)}。",
            f"Suspended, nothing falls due now; if resumed on {day_en(today)}, it ends on {day_en(end)}.",
        )
    zh, en = moment(state.due_at, hall)
    if state.unit is Unit.hours:
        return Explanation(f"到期时间：{zh}。", f"It ends at {en}.")
    return Explanation(f"到期时间：{zh}（下班时止）。", f"It ends at {en}, when the hall closes.")


def _void(entry: Entry, hall: HallHours) -> Explanation:
    (zh, en), (what_zh, what_en) = moment(entry.at, hall), _VOID[entry.act]
    return Explanation(
        f"{zh}的{what_zh}在期限届满之后，不改变到期时间。",
        f"The {what_en} at {en} came after the limit had ended and does not move it.",
    )


def _provisional(state: ClockState, calendar: Calendar) -> Explanation:
    first, last = calendar.published_from, calendar.published_through
    known_zh, known_en = f"放假安排公布至{day_zh(last)}，其后", f"Days off are published through {day_en(last)}; later"
    if state.due_on <= last:
        known_zh, known_en = (
            f"放假安排自{day_zh(first)}起收录，此前",
            f"Days off are known from {day_en(first)}; earlier",
        )
    return Explanation(
        f"{known_zh}暂按周一至周五为工作日计算，到期日为暂定，有新的安排后重新计算。",
        f"{known_en} days are counted as plain weekdays for now, so the date is provisional and will be counted again.",
    )


def _stop(state: ClockState, hall: HallHours) -> Explanation:
    at = state.stopped_at or state.as_of
    zh, en = moment(at, hall)
    late = state.due_at is not None and at > state.due_at
    when_zh, when_en = ("已超过期限", "after the limit") if late else ("在期限之内", "within the limit")
    return Explanation(f"已于{zh}停止计时，{when_zh}。", f"It stopped at {en}, {when_en}.")
