"""报表: which periods a report is made of, which are due, what it groups, and what tells one content from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from workflows.compliance import RULES
from workflows.errors import Malformed
from workflows.figure import Figure, Words
from workflows.figure_beside import BESIDE
from workflows.figure_notices import NOTICES
from workflows.figure_papers import PAPERS
from workflows.figure_period import check_asked
from workflows.figure_procedures import PROCEDURES, SPLIT
from workflows.figure_service import DELIVERY, RATINGS, VISITS
from workflows.figure_timeliness import TIMELINESS
from workflows.figure_volume import VOLUME

Code = Annotated[str, Meta(min_length=1, max_length=60)]


class Kind(StrEnum):
    """How long the period of a report is; a ``range`` is any other one."""

    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    range = "range"


SCHEDULED: Final = (Kind.daily, Kind.weekly, Kind.monthly)
"""What is made for every hall when its period is over."""
CAUGHT_UP: Final = 62
"""How many periods of a kind are made up at most for a hall that made none for long; older ones can be ordered."""
DAYS_DRAWN: Final = 62
"""Up to how many days a report shows its course day by day; longer ones do so month by month."""
TITLES: Final[Mapping[Kind, Words]] = {
    Kind.daily: Words("日报", "Daily report"),
    Kind.weekly: Words("周报", "Weekly report"),
    Kind.monthly: Words("月报", "Monthly report"),
    Kind.range: Words("区间报表", "Report of a period"),
}


class Subject(NamedTuple):
    """Figures that belong together, under a title."""

    title: Words
    figures: tuple[Figure, ...]


SUBJECTS: Final = (
    Subject(Words("办件量", "Volume"), VOLUME),
    Subject(Words("时限", "Timeliness"), TIMELINESS),
    Subject(Words("一次性告知", "The one-time notice"), NOTICES),
    Subject(Words("跑动", "Visits"), VISITS),
    Subject(Words("好差评", "Ratings"), RATINGS),
    Subject(Words("出件送达", "Delivery"), DELIVERY),
    Subject(Words("材料与回执", "Papers"), PAPERS),
    Subject(Words("特别程序与退件", "Procedures"), PROCEDURES),
    Subject(Words("各环节用时", "Who held the case"), SPLIT),
    Subject(Words("事项与办不成事", "Items and tickets"), BESIDE),
)
"""Every figure of D§5, grouped."""
COURSE: Final = ("received", "accepted", "closed")
"""Figures whose course over the period is shown."""
LISTED: Final[Mapping[str, tuple[str, str]]] = {
    **{rule: (asked.figure, asked.part) for rule, asked in RULES.items()},
    "overdue": ("overdue_rate", "numerator"),
    "undelivered": ("undelivered_overdue", "numerator"),
}
"""Breaches whose cases a report lists, each with its figure and the part of it that is the breach."""


class ReportWish(Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """One report as it is ordered.

    :param since: a hall day of the period; of a ``range`` its first. :param until: the last day of a ``range``.
    :param hall: only this hall, by its code. :param department: only this department, by its code.
    :param as_of: as the trail told it at that moment, which must be settled; by default the newest settled one.
    """

    kind: Kind
    since: date
    until: date | None = None
    hall: Code | None = None
    department: Code | None = None
    as_of: Annotated[datetime, Meta(tz=True)] | None = None

    def period(self) -> tuple[date, date]:
        """First and last hall day. :raises Malformed: ``last_day_needed``, ``period_wrong``, ``period_too_long``."""
        if self.kind is not Kind.range:
            return period_of(self.kind, self.since)
        if self.until is None:
            raise Malformed(
                "last_day_needed", "区间报表须填写截止日期。", "A report of a period is asked for with its last day."
            )
        check_asked(self.since, self.until)
        return self.since, self.until

    def digest(self) -> str:
        """What tells this wish from others: SHA-256 of its canonical form, hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def period_of(kind: Kind, day: date) -> tuple[date, date]:
    """The day, the week from Monday, or the month in which a day lies: first and last day."""
    if kind is Kind.weekly:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if kind is Kind.monthly:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return day.replace(day=1), following - timedelta(days=1)
    return day, day


def end_of(until: date, zone: ZoneInfo) -> datetime:
    """The moment at which a last day is over in a hall's zone, UTC."""
    return datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC)


def due_periods(kind: Kind, last: date | None, settled: datetime, zone: ZoneInfo) -> list[tuple[date, date]]:
    """The periods of a kind that are over and of which no report was ordered yet, the oldest first.

    :param last: the first day of the newest period that has one; None: only the newest period that is over is due.
    :param settled: up to which moment the trail has been read, UTC. :param zone: of the hall.
    """
    found: list[tuple[date, date]] = []
    for since, until in _backwards(kind, settled.astimezone(zone).date()):
        if end_of(until, zone) > settled:
            continue
        if since <= (last or date.min) or len(found) == (CAUGHT_UP if last else 1):
            break
        found.append((since, until))
    return found[::-1]


def _backwards(kind: Kind, day: date) -> Iterator[tuple[date, date]]:
    while True:
        since, until = period_of(kind, day)
        yield since, until
        day = since - timedelta(days=1)


def step_of(since: date, until: date) -> str:
    """The dimension of time by which a report of a period shows its course."""
    return "day" if until - since < timedelta(days=DAYS_DRAWN) else "month"


def content_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 (hexadecimal) of what a report says: its numbers, codes, cases and definitions, as canonical JSON.

    What things are called is left out, since a place may be renamed later; what is counted cannot change.
    """
    return hashlib.sha256(msgspec.json.encode(_nameless(content), order="sorted")).hexdigest()


def _nameless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _nameless(one) for key, one in value.items() if key not in _NAMES}
    if isinstance(value, (list, tuple)):
        return [_nameless(one) for one in value]
    return value


_NAMES: Final = frozenset({"label", "label_en", "item_name", "item_name_en"})
