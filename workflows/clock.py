"""The clock ledger: what happened to a legal time limit, and the due date that follows from it.

Only entries are stored. The due date is derived from them as often as needed, and the order in which they
were written down never matters: entries are read by the moment they took effect. How a limit is counted out
is said in :mod:`workflows.clock_count`.

Several suspensions count once, as their union. What takes effect after a limit has ended moves it no more: a
missed limit stays missed. A further start begins a new run of the same kind of clock, and the latest run is
the one reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from workflows.calendar import Calendar
from workflows.clock_count import Counter, End, in_hours, in_months, in_natural_days, in_working_days
from workflows.errors import Malformed
from workflows.hall_hours import HallHours

__all__ = ["ClockAct", "ClockKind", "ClockState", "Entry", "HallHours", "Suspension", "Unit", "derive"]


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


_COUNTERS: dict[Unit, Counter] = {
    Unit.working_days: in_working_days,
    Unit.natural_days: in_natural_days,
    Unit.months: in_months,
    Unit.hours: in_hours,
}

ClockAct = Literal["start", "amend", "suspend", "resume", "extend", "stop"]

# At one instant an old run ends before a new one begins, and a limit is set before anything is done to it.
_PRECEDENCE: dict[str, int] = {"stop": 0, "start": 1, "amend": 2, "suspend": 3, "resume": 4, "extend": 5}

_MOVES = frozenset({"amend", "suspend", "extend"})
"""What moves the end of a limit, as long as it has not passed."""

_SIZED = frozenset({"start", "amend", "extend"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to one clock.

    :param act: ``start`` and ``amend`` set the limit (amend changes it from the original start), ``extend``
        adds to it, ``suspend`` and ``resume`` exclude time, ``stop`` ends the run.
    :param at: when it took effect, with a time zone; may lie before the moment it was written down.
    :param amount: size of the limit or of the extension, up to 3650; 0 means the same day.
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
        sized = self.amount is not None and 0 <= self.amount <= 3650 and self.unit is not None
        if self.at.tzinfo is None or (self.act in _SIZED and not sized):
            raise Malformed(
                "clock_entry_wrong",
                "期限记录须有带时区的时间；开始、变更和延长还须有0至3650之间的数量和单位。",
                "A clock entry needs a time with its zone; a start, change or extension also an amount from 0 to 3650 "
                "and a unit.",
            )


@dataclass(frozen=True, slots=True)
class Suspension:
    """Time that does not count; ``until`` is None while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """One run of one clock, as it stands at ``as_of``.

    :param due_on: last day of the limit in hall time; while suspended, the day if resumed at ``as_of``.
    :param due_at: the last moment, UTC; None while suspended, because then nothing falls due.
    :param counted_on: the last day by counting alone; ``due_on`` is later where that one is a day off or the clock
        stood still.
    :param provisional: the date rests on days that no notice covers yet.
    :param limit: the limit in force without extensions. :param extended: what extensions added, same unit.
    :param excluded: days of the unit's kind that suspensions took out; seconds for a limit in hours.
    :param void: entries that came after the end of the limit and therefore do not move it.
    """

    kind: ClockKind
    running: bool
    suspended: bool
    started_at: datetime
    stopped_at: datetime | None
    due_on: date
    due_at: datetime | None
    counted_on: date
    provisional: bool
    unit: Unit
    limit: int
    extended: int
    excluded: int
    suspensions: tuple[Suspension, ...]
    entries: tuple[Entry, ...]
    void: tuple[Entry, ...]
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


def _effective(entry: Entry) -> tuple[datetime, int, int, str, str, str, bool, str]:
    """Every field, so that entries that differ are never in the order in which they happened to come."""
    amount = -1 if entry.amount is None else entry.amount
    who = entry.by or ""
    return (
        entry.at, _PRECEDENCE[entry.act], amount, entry.unit or "", entry.basis, entry.note, entry.by is None, who,
    )  # fmt: skip


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


@dataclass(slots=True)
class _Run:
    """One run of a clock while its entries are read in the order in which they took effect."""

    started_at: datetime
    limit: int = 0
    unit: Unit = Unit.working_days
    extended: int = 0
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    suspended_since: datetime | None = None
    depth: int = 0
    void: list[Entry] = field(default_factory=list)

    def end(self, calendar: Calendar, hall: HallHours, as_of: datetime) -> End:
        """Where the limit ends, if a suspension that lasts were over at ``as_of``."""
        open_gap = [] if self.suspended_since is None else [(self.suspended_since, as_of)]
        count = _COUNTERS[self.unit]
        return count(self.started_at, self.limit + self.extended, [*self.gaps, *open_gap], calendar, hall)

    def take(self, entry: Entry) -> None:
        match entry.act:
            case "start" | "amend" | "extend":
                self._resize(entry)
            case "suspend":
                self.suspended_since = self.suspended_since or entry.at
                self.depth += 1
            case "resume" if self.depth:
                self.depth -= 1
                self._close_gap(entry.at, self.depth)
            case "stop":
                self._close_gap(entry.at, 0)

    def _resize(self, entry: Entry) -> None:
        amount, unit = entry.amount or 0, entry.unit or self.unit
        if unit is not self.unit and (entry.act == "extend" or self.extended):
            raise Malformed(
                "clock_units_mixed",
                "延长期限与原期限的计算单位不同，无法计算到期日。",
                "An extension is in another unit than its limit; no due date follows from them.",
            )
        if entry.act == "extend":
            self.extended += amount
        else:
            self.limit, self.unit = amount, unit

    def _close_gap(self, at: datetime, depth: int) -> None:
        if depth == 0 and self.suspended_since is not None:
            self.gaps.append((self.suspended_since, at))
            self.suspended_since = None


def _state(entries: Sequence[Entry], calendar: Calendar, hall: HallHours, as_of: datetime) -> ClockState:
    start, last = entries[0], entries[-1]
    run = _read(entries, calendar, hall)
    end = run.end(calendar, hall, as_of)
    stopped_at = last.at if last.act == "stop" else None
    suspended = run.suspended_since is not None
    gaps: list[tuple[datetime, datetime | None]] = [*run.gaps]
    if run.suspended_since is not None:
        gaps.append((run.suspended_since, None))
    return ClockState(
        kind=start.kind,
        running=stopped_at is None and not suspended,
        suspended=suspended,
        started_at=start.at,
        stopped_at=stopped_at,
        due_on=end.on,
        due_at=None if suspended else end.at,
        counted_on=end.counted_on,
        provisional=end.provisional,
        unit=run.unit,
        limit=run.limit,
        extended=run.extended,
        excluded=end.excluded,
        suspensions=tuple(Suspension(since, until) for since, until in gaps),
        entries=tuple(entries),
        void=tuple(run.void),
        as_of=as_of,
    )


def _read(entries: Sequence[Entry], calendar: Calendar, hall: HallHours) -> _Run:
    run = _Run(entries[0].at)
    for entry in entries:
        moves = entry.act in _MOVES and run.suspended_since is None
        if moves and entry.at > run.end(calendar, hall, entry.at).at:
            run.void.append(entry)
        else:
            run.take(entry)
    return run
