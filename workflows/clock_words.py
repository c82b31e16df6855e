"""The words in which limits are told to people: titles, units, dates, and what starts or stops a limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from workflows.actor import Role
from workflows.citation import cite
from workflows.clock import ClockAct, ClockKind, ClockState, Entry, HallHours, Unit
from workflows.item import EXCLUDED_KINDS

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

BEGUN: dict[ClockKind, tuple[str, str]] = {
    ClockKind.notice: ("收到申请材料", "the application was received"),
    ClockKind.statutory: ("受理", "the application was accepted"),
    ClockKind.promise: ("受理", "the application was accepted"),
    ClockKind.delivery: ("作出准予决定", "the decision to grant was made"),
    ClockKind.correction: ("告知申请人补正", "the applicant was told what to correct"),
    ClockKind.tolerance: ("容缺受理", "the application was accepted with materials deferred"),
    ClockKind.handover: ("移送承办部门", "the case was sent to the department"),
    ClockKind.stage: ("进入本环节", "this stage began"),
    ClockKind.reply: ("报请部门答复", "the department was asked"),
}
"""What happened on the day from which each limit counts, unless the entry says otherwise in its note."""

DEEMED_ACCEPTED = "收到申请材料，因逾期未告知补正，依法视为当日受理"
"""The note of a limit that counts from receipt because nobody told the applicant in time (行政许可法32(1)(4))."""

ALL_SUPPLIED = "收到全部补正材料"
"""The note of a limit that counts from the day on which all that was asked for was there (行政许可法32(1)(5))."""

_NOTES = {
    DEEMED_ACCEPTED: "the application was received; as nobody told the applicant in time what to correct, "
    "it is deemed accepted on that day",
    ALL_SUPPLIED: "everything that was asked for was handed in",
    **dict(EXCLUDED_KINDS.values()),
}
_ROLES = {role.zh: role.en for role in Role}
_WEEKDAYS = "一二三四五六日"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence in Chinese and the same in English."""

    zh: str
    en: str


def effective(state: ClockState, act: ClockAct) -> Iterator[Entry]:
    """The entries of this act that had an effect on the limit."""
    return (entry for entry in state.entries if entry.act == act and entry not in state.void)


def note_en(note: str) -> str:
    """A note of the ledger in English where its words are known, otherwise as it was written."""
    return _NOTES.get(note, note)


def role_en(by: str) -> str:
    """Who acted, in English where only the role is named, otherwise as it was written."""
    return _ROLES.get(by, by)


def because(*entries: Entry) -> tuple[str, str]:
    """The articles of these entries, in brackets, each once; empty where they have none."""
    cited = [cite(basis) for basis in dict.fromkeys(entry.basis for entry in entries if entry.basis)]
    if not cited:
        return "", ""
    return f"（依据：{'；'.join(zh for zh, _ in cited)}）", f" ({'; '.join(en for _, en in cited)})"


def amount(count: int, unit: Unit) -> tuple[str, str]:
    """A number of units, e.g. 20个工作日."""
    zh, en = UNITS[unit]
    return f"{count}{zh}", plural(count, en)


def hours(seconds: float) -> tuple[str, str]:
    """A length of time in hours, to a tenth. :param seconds: the length."""
    size = round(seconds / 3600, 1)
    zh, en = UNITS[Unit.hours]
    return f"{size:g}{zh}", plural(size, en)


def plural(count: float, words: str) -> str:
    """A number and what it counts. :param words: with ``(s)`` for what is left off behind 1."""
    return f"{count:g} {words.replace('(s)', '' if count == 1 else 's')}"


def day_zh(day: date) -> str:
    """A date with its day of the week, e.g. 2026年3月2日（周一）."""
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def days_zh(days: list[date]) -> str:
    """How many days and which, e.g. 1天（4月6日）."""
    return f"{len(days)}天（{'、'.join(f'{day.month}月{day.day}日' for day in days)}）"


def day_en(day: date) -> str:
    """A date with its day of the week, e.g. 2026-03-02 (Mon)."""
    return f"{day:%Y-%m-%d} ({_DAYS[day.weekday()]})"


def moment(at: datetime, hall: HallHours) -> tuple[str, str]:
    """A moment in hall time, to the minute."""
    local = at.astimezone(hall.zone)
    return f"{day_zh(local.date())}{local:%H:%M}", f"{day_en(local.date())} {local:%H:%M}"
