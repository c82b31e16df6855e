"""A second answer to when a limit ends, found by walking: one day at a time, or one half-hour at a time.

It shares nothing with the engine. The days off and the weekend days that are worked are typed in from the yearly
notices; times are naive and in hall time; an act takes effect on the half-hour. Of two changes of a limit at one
moment the longer limit holds.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

_DAY = timedelta(days=1)
_TICK = timedelta(minutes=30)
_CLOSES = time(17, 30)
_LAST_PUBLISHED = date(2026, 12, 31)
_AT_ONE_MOMENT = ("stop", "start", "amend", "suspend", "resume", "extend")


def _days(year: int, text: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in text.split()}


OFF = (
    _days(2023, "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29")
    | _days(2023, "10-02 10-03 10-04 10-05 10-06")
    | _days(2024, "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17")
    | _days(2024, "10-01 10-02 10-03 10-04 10-07")
    | _days(2025, "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02")
    | _days(2025, "10-01 10-02 10-03 10-06 10-07 10-08")
    | _days(2026, "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25")
    | _days(2026, "10-01 10-02 10-05 10-06 10-07")
)
WORKED = (
    _days(2023, "01-28 01-29 04-23 05-06 06-25 10-07 10-08")
    | _days(2024, "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12")
    | _days(2025, "01-26 02-08 04-27 09-28 10-11")
    | _days(2026, "01-04 02-14 02-28 05-09 09-20 10-10")
)


class Happening(NamedTuple):
    """One line of a ledger, in hall time."""

    at: datetime
    act: str
    amount: int = 0
    unit: str = ""


class Answer(NamedTuple):
    """What there is to know of the latest run of a clock."""

    due: datetime
    suspended: bool
    excluded: int
    extended: int
    limit: int
    provisional: bool
    without_effect: int


def worked(day: date) -> bool:
    return day in WORKED or (day.weekday() not in (5, 6) and day not in OFF)


def answer(happenings: list[Happening], as_of: datetime) -> Answer:
    """The end of the limit as the ledger stands at ``as_of``; at least one start lies before it."""
    run, stopped = _latest_run([one for one in happenings if one.at <= as_of])
    counting: list[Happening] = []
    without_effect = 0
    for one in run:
        late = one.act in ("amend", "suspend", "extend") and not _still_at(counting, one.at)
        if late and one.at > _Walk(counting, one.at).due:
            without_effect += 1
        else:
            counting.append(one)
    suspended = stopped is None and _still_at(counting, as_of)
    walk = _Walk(counting, stopped or as_of)
    return Answer(walk.due, suspended, walk.excluded, walk.extended, walk.limit, walk.provisional, without_effect)


def working_days_used(happenings: list[Happening], until: datetime) -> int:
    """Working days after the start up to ``until`` or the stop on which the clock did not stand still."""
    run, stopped = _latest_run(happenings)
    last = (stopped or until).date()
    day, used = run[0].at.date(), 0
    while day < last:
        day += _DAY
        used += worked(day) and not _still_at([one for one in run if one.at < datetime.combine(day, time())], until)
    return used


def _latest_run(happenings: list[Happening]) -> tuple[list[Happening], datetime | None]:
    """What happened from the last start on up to a stop, and when that was."""
    ordered = sorted(happenings, key=lambda one: (one.at, _AT_ONE_MOMENT.index(one.act), one.amount))
    begun = max(index for index, one in enumerate(ordered) if one.act == "start")
    run: list[Happening] = []
    for one in ordered[begun:]:
        if one.act == "stop":
            return run, one.at
        run.append(one)
    return run, None


def _still_at(happenings: list[Happening], at: datetime) -> bool:
    """Whether more has been suspended than resumed by then."""
    open_now = 0
    for one in happenings:
        if one.at <= at and one.act == "suspend":
            open_now += 1
        if one.at <= at and one.act == "resume" and open_now:
            open_now -= 1
    return open_now > 0


class _Walk:
    """From the start of a run to the end of its limit; what is suspended at ``now`` counts as resumed then."""

    def __init__(self, happenings: list[Happening], now: datetime) -> None:
        self.start = happenings[0].at
        sized = [one for one in happenings if one.act in ("start", "amend")]
        self.limit, self.unit = sized[-1].amount, sized[-1].unit
        self.extended = sum(one.amount for one in happenings if one.act == "extend")
        self.spans = self._spans(happenings, now)
        self.runs_from = self.spans[-1][1] if self.spans else self.start
        self.excluded = 0
        self.due = self._by_half_hours() if self.unit == "hours" else self._by_days()
        self.provisional = self.unit != "hours" and self.due.date() > _LAST_PUBLISHED

    @staticmethod
    def _spans(happenings: list[Happening], now: datetime) -> list[tuple[datetime, datetime]]:
        """The times for which the clock stood still."""
        spans, since = [], None
        for index, one in enumerate(happenings):
            still = _still_at(happenings[: index + 1], one.at)
            if still and since is None:
                since = one.at
            elif not still and since is not None:
                spans.append((since, one.at))
                since = None
        return spans if since is None else [*spans, (since, now)]

    def _by_days(self) -> datetime:
        day, used = self.start.date(), 0
        wanted = self.limit + self.extended
        if self.unit == "months":
            wanted = _days_in_months(day, wanted)
        while True:
            closing = datetime.combine(day, _CLOSES)
            if used >= wanted and worked(day) and closing >= self.runs_from:
                return closing
            day += _DAY
            if self.unit == "working_days" and not worked(day):
                continue
            if any(since.date() < day <= until.date() for since, until in self.spans):
                self.excluded += 1
            else:
                used += 1

    def _by_half_hours(self) -> datetime:
        at, used = self.start, 0
        while used < 2 * (self.limit + self.extended) or at < self.runs_from:
            if any(since <= at < until for since, until in self.spans):
                self.excluded += 1800
            else:
                used += 1
            at += _TICK
        return at


def _days_in_months(first: date, months: int) -> int:
    """How many days lie between a day and the same day so many months on, or that month's last day."""
    day, turned, count = first, 0, 0
    while turned < months or (day.day != first.day and (day + _DAY).day != 1):
        day += _DAY
        count += 1
        turned += day.day == 1
    return count
