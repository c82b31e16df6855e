"""Ledgers for the tests of clocks: moments in hall time, entries, and what derives from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workflows.calendar import load_calendar
from workflows.clock import ClockAct, ClockKind, ClockState, Entry, HallHours, Unit, derive

CALENDAR = load_calendar()
HALL = HallHours()
KIND = ClockKind.statutory
WD, ND, MONTHS, HOURS = Unit.working_days, Unit.natural_days, Unit.months, Unit.hours
LATER = datetime(2028, 6, 1, tzinfo=UTC)
ARTICLE_42 = "行政许可法42(1)"
ARTICLE_45 = "行政许可法45"


def at(moment: str) -> datetime:
    """A moment in hall time, as UTC; 10:00 where only a date is given."""
    day, _, clock = moment.partition(" ")
    return datetime.fromisoformat(f"{day}T{clock or '10:00'}+08:00").astimezone(UTC)


def local(moment: datetime) -> str:
    """A moment as the hall's date and time of day."""
    return f"{moment.astimezone(HALL.zone):%Y-%m-%d %H:%M}"


def start(moment: str, amount: int, unit: Unit = WD, kind: ClockKind = KIND) -> Entry:
    return Entry(kind, "start", at(moment), amount, unit, basis=ARTICLE_42)


def event(act: ClockAct, moment: str, **rest: Any) -> Entry:
    return Entry(KIND, act, at(moment), **rest)


def suspension(since: str, until: str | None = None, note: str = "检验") -> list[Entry]:
    """A special procedure, and its end where it has one."""
    began = event("suspend", since, basis=ARTICLE_45, note=note)
    return [began] if until is None else [began, event("resume", until, basis=ARTICLE_45)]


def extension(moment: str, amount: int, unit: Unit = WD) -> Entry:
    return event("extend", moment, amount=amount, unit=unit, basis=ARTICLE_42, by="机关负责人王海宁")


def amendment(moment: str, amount: int, unit: Unit = WD) -> Entry:
    return event("amend", moment, amount=amount, unit=unit, basis="行政许可法42(2)")


def state(*entries: Entry, as_of: datetime = LATER) -> ClockState:
    return derive(entries, CALENDAR, HALL, as_of)[entries[0].kind]


def due(*entries: Entry, as_of: datetime = LATER) -> str:
    return state(*entries, as_of=as_of).due_on.isoformat()
