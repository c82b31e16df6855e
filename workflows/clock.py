"""The clock ledger: what happened to a legal time limit, and the due date that follows from it.

Only entries are stored. The due date is derived from them as often as needed, and the order in which they
were written down never matters: entries are read by the moment they took effect. A limit counts whole days
in the hall's time zone, the day it starts not included, and ends when the hall closes on the due day
(民法典201, 203).

Several suspensions count once, as their union (s, e]. A further start begins a new run of the same kind of
clock, and the latest run is the one reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.calendar import Calendar, Dated, same_day_in_month
from workflows.errors import Malformed


class ClockKind(StrEnum):
    """The nine limits a case may be under."""

    notice = "notice"
    statutory = "statutory"
    promise = "promise"
    delivery = "delivery"
    correction = "correction"
    tolerance = "tolerance"
    handover = "handover"
    stage = "stage"
    reply = "reply"


class Unit(StrEnum):
    """What a limit is counted in."""

    working_days = "working_days"
    natural_days = "natural_days"
    months = "months"
    hours = "hours"


ClockAct = Literal["start", "amend", "suspend", "resume", "extend", "stop"]

# At one instant an old run ends before a new one begins, and a limit is set before anything is done to it.
_PRECEDENCE: dict[str, int] = {"stop": 0, "start": 1, "amend": 2, "suspend": 3, "resume": 4, "extend": 5}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to one clock.

    :param act: ``start`` and ``amend`` set the limit (amend changes it from the original start), ``extend``
        adds to it, ``suspend`` and ``resume`` exclude time, ``stop`` ends the run.
    :param at: when it took effect, with a time zone; may lie before the moment it was written down.
    :param amount: size of the limit or of the extension; 0 means the same day.
    :param unit: unit of ``amount``.
    :param basis: the article, e.g. ``行政许可法42(1)``.
    :param by: who did it, as shown to an applicant.
    :param note: why, in words for an applicant, e.g. ``检验``.
    :raises Malformed: ``clock_entry_wrong``.
    """

    kind: ClockKind
    act: ClockAct
    at: datetime
    amount: int | None = None
    unit: Unit | None = None
    basis: str = ""
    by: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse an entry that nothing could be derived from."""
        sets_limit = self.act in ("start", "amend", "extend")
        if self.at.tzinfo is None or (sets_limit and (self.unit is None or (self.amount or 0) < 0)):
            raise _entry_wrong()
        if sets_limit and self.amount is None:
            raise _entry_wrong()


_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class HallHours:
    """The hall's time zone and its hours; a limit ends at ``closes`` on its due day.

    :param opens: start of business in hall time. :param closes: end of business in hall time.
    """

    zone: ZoneInfo = _CHINA
    opens: time = time(8, 30)
    closes: time = time(17, 30)

    def day(self, at: datetime) -> date:
        """The hall's date at that moment."""
        return at.astimezone(self.zone).date()

    def closing(self, on: date) -> datetime:
        """When the hall closes on that date, in UTC."""
        return _closing(self.zone, self.closes, on)


@lru_cache(maxsize=4096)
def _closing(zone: ZoneInfo, closes: time, on: date) -> datetime:
    return datetime.combine(on, closes, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Time that does not count; ``until`` is None while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ClockState:
    """One run of one clock, as it stands at ``as_of``.

    :param due_on: last day of the limit in hall time; while suspended, the day if resumed at ``as_of``.
    :param due_at: the last moment, UTC; None while suspended, because then nothing falls due.
    :param provisional: the date rests on days that no notice covers yet.
    :param limit: the limit in force without extensions. :param extended: what extensions added, same unit.
    :param excluded: days of the unit's kind that suspensions took out; seconds for a limit in hours.
    """

    kind: ClockKind
    running: bool
    suspended: bool
    started_at: datetime
    stopped_at: datetime | None
    due_on: date
    due_at: datetime | None
    provisional: bool
    unit: Unit
    limit: int
    extended: int
    excluded: int
    suspensions: tuple[Suspension, ...]
    entries: tuple[Entry, ...]
    as_of: datetime


def derive(
    entries: Iterable[Entry], calendar: Calendar, hall: HallHours, as_of: datetime
) -> dict[ClockKind, ClockState]:
    """The latest run of every kind of clock that had begun by ``as_of``.

    Entries that take effect later than ``as_of`` are left out, so a past moment can be asked for as well.

    :raises Malformed: ``clock_units_mixed`` when an extension is in another unit than its limit.
    """
    runs: dict[ClockKind, list[Entry]] = {}
    orphans: dict[ClockKind, Entry] = {}
    for entry in sorted(entries, key=_effective):
        if entry.at > as_of:
            break
        _place(entry, runs, orphans)
    return {kind: _state(run, calendar, hall, as_of) for kind, run in runs.items()}


def _effective(entry: Entry) -> tuple[datetime, int, int, str, str]:
    return entry.at, _PRECEDENCE[entry.act], entry.amount or 0, entry.basis, entry.note


def _place(entry: Entry, runs: dict[ClockKind, list[Entry]], orphans: dict[ClockKind, Entry]) -> None:
    """Put an entry into the run it belongs to; without an open run only a start has any effect."""
    run = runs.get(entry.kind)
    is_open = run is not None and run[-1].act != "stop"
    if entry.act == "start":
        runs[entry.kind] = [entry]
        orphan = orphans.get(entry.kind)
        if orphan is not None and orphan.at == entry.at:
            runs[entry.kind].append(orphan)
    elif is_open and run is not None:
        run.append(entry)
    elif entry.act == "stop":
        orphans[entry.kind] = entry


def _state(run: Sequence[Entry], calendar: Calendar, hall: HallHours, as_of: datetime) -> ClockState:
    start, last = run[0], run[-1]
    limit, unit, extended = _limit(run)
    stopped_at = last.at if last.act == "stop" else None
    suspensions = _union(run, stopped_at)
    suspended = bool(suspensions) and suspensions[-1].until is None
    excluded = _excluded(suspensions, unit, calendar, hall, as_of)
    if unit is Unit.hours:
        due_at = start.at.astimezone(UTC) + timedelta(hours=limit + extended, seconds=excluded)
        dated = Dated(hall.day(due_at), provisional=False)
    else:
        dated = _count(hall.day(start.at), unit, limit + extended, excluded, calendar)
        due_at = hall.closing(dated.on)
    return ClockState(
        kind=start.kind,
        running=stopped_at is None and not suspended,
        suspended=suspended,
        started_at=start.at,
        stopped_at=stopped_at,
        due_on=dated.on,
        due_at=None if suspended else due_at,
        provisional=dated.provisional,
        unit=unit,
        limit=limit,
        extended=extended,
        excluded=excluded,
        suspensions=suspensions,
        entries=tuple(run),
        as_of=as_of,
    )


def _limit(run: Sequence[Entry]) -> tuple[int, Unit, int]:
    limit, unit, extended = 0, Unit.working_days, 0
    for entry in run:
        if entry.amount is None or entry.unit is None:
            continue
        if entry.act == "extend":
            extended += entry.amount
        else:
            limit, unit = entry.amount, entry.unit
    if extended and any(entry.act == "extend" and entry.unit is not unit for entry in run):
        raise Malformed(
            "clock_units_mixed",
            "延长期限与原期限的计算单位不同，无法计算到期日。",
            "An extension is in another unit than its limit; no due date follows from them.",
        )
    return limit, unit, extended


def _union(run: Sequence[Entry], stopped_at: datetime | None) -> tuple[Suspension, ...]:
    """The suspensions as intervals that do not overlap; an open one ends where the run stops."""
    found: list[Suspension] = []
    depth, since = 0, run[0].at
    for entry in run:
        if entry.act == "suspend":
            since = entry.at if depth == 0 else since
            depth += 1
        elif entry.act == "resume" and depth:
            depth -= 1
            if depth == 0:
                found.append(Suspension(since, entry.at))
    if depth:
        found.append(Suspension(since, stopped_at))
    return tuple(found)


def _excluded(
    suspensions: Sequence[Suspension], unit: Unit, calendar: Calendar, hall: HallHours, as_of: datetime
) -> int:
    measure = _MEASURES[unit]
    return sum(measure(one.since, one.until or as_of, calendar, hall) for one in suspensions)


_MEASURES: dict[Unit, Callable[[datetime, datetime, Calendar, HallHours], int]] = {
    Unit.working_days: lambda s, e, calendar, hall: calendar.working_days_between(hall.day(s), hall.day(e)),
    Unit.natural_days: lambda s, e, _, hall: (hall.day(e) - hall.day(s)).days,
    Unit.months: lambda s, e, _, hall: (hall.day(e) - hall.day(s)).days,
    Unit.hours: lambda s, e, _, __: int((e - s).total_seconds()),
}


def _count(day: date, unit: Unit, amount: int, excluded: int, calendar: Calendar) -> Dated:
    """The last day of a limit in days or months; what was excluded is added before a day off is left."""
    if unit is Unit.working_days:
        return calendar.add_working_days(day, amount + excluded)
    if unit is Unit.natural_days:
        return calendar.add_natural_days(day, amount + excluded)
    end = same_day_in_month(day, amount) + timedelta(days=excluded)
    return calendar.next_working_day(end)


def _entry_wrong() -> Malformed:
    return Malformed(
        "clock_entry_wrong",
        "期限记录须有带时区的时间；开始、变更和延长还须有不小于0的数量和单位。",
        "A clock entry needs a time with its zone; a start, change or extension also an amount and a unit.",
    )
