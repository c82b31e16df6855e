"""Working days in China: the published years as data, and arithmetic over them.

A weekday is a working day and a weekend day is not, except where the State Council's yearly notice says
otherwise. Days that no notice covers yet are counted as plain weekdays and every date that rests on them
is provisional; nothing is guessed.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from workflows.errors import DefinitionError, Malformed
from workflows.toml_files import Problem, decode, refusal

_WEEKDAYS = 5  # date.weekday() of Saturday; Monday to Friday are below it
_FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""The festivals of every year (全国年节及纪念日放假办法2); one that meets a weekend is made up on a weekday (6)."""


class Holiday(msgspec.Struct, frozen=True, kw_only=True):
    """One holiday of a year's notice: weekdays taken off, and weekend days worked in exchange."""

    name: str
    name_en: str
    off: tuple[date, ...] = ()
    work: tuple[date, ...] = ()


class YearEdition(msgspec.Struct, frozen=True, kw_only=True):
    """One year as one notice set it; a correction is a higher ``version`` of the same year."""

    year: int
    version: int
    source: str
    published_on: date
    holiday: tuple[Holiday, ...]


class Dated(NamedTuple):
    """A date found by counting, and whether it rests on days that no notice covers yet."""

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working-day arithmetic over whole published years.

    :param edition: which versions of which years were used, e.g. ``2025.1+2026.1``; record it beside results.
    :param published_from: first day of the first published year.
    :param published_through: last day of the last published year.
    :param off: weekdays that are not worked. :param work: weekend days that are.
    :param names: Chinese and English name of the holiday behind each exceptional day.
    """

    edition: str
    published_from: date
    published_through: date
    off: frozenset[date]
    work: frozenset[date]
    names: Mapping[date, tuple[str, str]] = field(default_factory=dict, repr=False)
    _first: int = field(init=False, repr=False, compare=False)
    _last: int = field(init=False, repr=False, compare=False)
    _ranks: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _days: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number the working days once, so that every count afterwards is a table look-up."""
        first, last = self.published_from.toordinal(), self.published_through.toordinal()
        days, ranks = [], []
        for ordinal in range(first, last + 1):
            if self._worked(date.fromordinal(ordinal)):
                days.append(ordinal)
            ranks.append(len(days))
        for name, value in (
            ("_first", first),
            ("_last", last),
            ("_ranks", tuple(ranks)),
            ("_days", tuple(days)),
        ):
            object.__setattr__(self, name, value)

    def is_working_day(self, day: date) -> bool:
        """Whether authorities work on ``day``; outside the published years, whether it is a weekday."""
        return self._worked(day)

    def is_published(self, day: date) -> bool:
        """Whether a notice covers ``day``."""
        return self.published_from <= day <= self.published_through

    def add_working_days(self, day: date, count: int) -> Dated:
        """The ``count``-th working day after ``day``, which itself is not counted (民法典201; 行政许可法82).

        :param count: working days, 0 or more; 0 gives ``day`` itself.
        :raises Malformed: ``negative_amount``.
        """
        if count < 0:
            raise Malformed("negative_amount", "期限不能为负数。", "A limit cannot be negative.", amount=count)
        if count == 0:
            return Dated(day, provisional=False)
        start = day.toordinal()
        end = self._select(self._rank(start) + count)
        return Dated(date.fromordinal(end), start + 1 < self._first or end > self._last)

    def next_working_day(self, day: date) -> Dated:
        """``day`` itself if it is worked, otherwise the first working day after it (民法典203(1))."""
        start = day.toordinal()
        end = start if self._worked(day) else self._select(self._rank(start) + 1)
        return Dated(date.fromordinal(end), start < self._first or end > self._last)

    def working_day_before(self, day: date, count: int) -> date:
        """The first day from which at most ``count`` working days are left to ``day``, that one included in the count.

        :param count: 0 or more.
        """
        return date.fromordinal(self._select(self._rank(day.toordinal()) - count))

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; 0 when ``end`` is not later."""
        return max(0, self._rank(end.toordinal()) - self._rank(start.toordinal()))

    def _worked(self, day: date) -> bool:
        return day in self.work or (day.weekday() < _WEEKDAYS and day not in self.off)

    def _rank(self, ordinal: int) -> int:
        """How many working days lie between the first published day and this one; negative before it."""
        if ordinal < self._first:
            return _weekdays(ordinal) - _weekdays(self._first - 1)
        if ordinal > self._last:
            return len(self._days) + _weekdays(ordinal) - _weekdays(self._last)
        return self._ranks[ordinal - self._first]

    def _select(self, rank: int) -> int:
        """The working day of that rank, as an ordinal."""
        total = len(self._days)
        if 0 < rank <= total:
            return self._days[rank - 1]
        return _weekday(rank + _weekdays(self._first - 1) if rank <= 0 else rank - total + _weekdays(self._last))


def same_day_in_month(day: date, count: int) -> date:
    """The corresponding day ``count`` months on; where that month has none, its last day (民法典202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays up to and with this ordinal; ordinal 1 was a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


def _weekday(count: int) -> int:
    """The ordinal of the ``count``-th Monday-to-Friday."""
    weeks, rest = divmod(count - 1, 5)
    return weeks * 7 + rest + 1


def parse_edition(text: str, filename: str = "calendar.toml") -> YearEdition:
    """Read one year's file.

    :raises DefinitionError: ``definition_not_wellformed``, naming every problem: an unknown key, a day both
        off and worked or listed twice, one of another year, a weekend day as off, a weekday as worked, a
        festival without a day off, a working day between the days off of one holiday.
    """
    edition = decode(text, YearEdition, filename)
    problems = _edition_problems(edition)
    if problems:
        raise refusal(filename, problems)
    return edition


def _edition_problems(edition: YearEdition) -> list[Problem]:
    off = [day for holiday in edition.holiday for day in holiday.off]
    work = [day for holiday in edition.holiday for day in holiday.work]
    listed = off + work
    twice = [day for day in sorted(set(listed)) if off.count(day) > 1 or work.count(day) > 1]
    year = edition.year
    problems = [_of(day, "既放假又上班", "both off and worked") for day in sorted(set(off) & set(work))]
    problems += [_of(day, f"不在{year}年", f"not in {year}") for day in listed if day.year != year]
    problems += [_of(day, "重复列出", "listed twice") for day in twice]
    problems += [_of(day, "本来就是周末，不必列出", "a weekend day is off already") for day in off if _on_weekend(day)]
    problems += [
        _of(day, "本来就是工作日，不必列出", "a weekday is worked already") for day in work if not _on_weekend(day)
    ]
    named = [holiday.name for holiday in edition.holiday if holiday.off]
    missing = [one for one in _FESTIVALS if not any(one in name for name in named)]
    problems += [Problem(one, "全年没有放假", "no day off in the whole year") for one in missing]
    return problems + [problem for holiday in edition.holiday for problem in _holes(holiday)]


def _on_weekend(day: date) -> bool:
    return day.weekday() >= _WEEKDAYS


def _of(day: date, zh: str, en: str) -> Problem:
    return Problem(f"{day}", zh, en)


def _holes(holiday: Holiday) -> list[Problem]:
    """Working days between the days off of one holiday; the notices always make it one stretch."""
    if not holiday.off:
        return []
    first, last = min(holiday.off), max(holiday.off)
    between = [first + timedelta(days=step) for step in range(1, (last - first).days)]
    return [
        _of(day, f"{holiday.name}假期中间断开，这一天上班", f"a hole in {holiday.name}, worked between its days off")
        for day in between
        if day not in holiday.off and (day.weekday() < _WEEKDAYS or day in holiday.work)
    ]


def build_calendar(editions: Iterable[YearEdition]) -> Calendar:
    """One calendar from the newest version of each year.

    :raises DefinitionError: ``calendar_empty``; ``calendar_hole`` when a year between two others is missing.
    """
    newest: dict[int, YearEdition] = {}
    for edition in sorted(editions, key=lambda one: (one.year, one.version)):
        newest[edition.year] = edition
    if not newest:
        raise DefinitionError("calendar_empty", "没有任何年度的放假安排。", "There is no published year at all.")
    years = list(newest)
    holes = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if holes:
        listed = ", ".join(map(str, holes))
        raise DefinitionError(
            "calendar_hole",
            f"缺少年度放假安排：{listed}。请先导入。",
            f"The years {listed} are missing between others; import them first.",
            years=holes,
        )
    holidays = [holiday for year in newest.values() for holiday in year.holiday]
    return Calendar(
        edition="+".join(f"{year.year}.{year.version}" for year in newest.values()),
        published_from=date(years[0], 1, 1),
        published_through=date(years[-1], 12, 31),
        off=frozenset(day for holiday in holidays for day in holiday.off),
        work=frozenset(day for holiday in holidays for day in holiday.work),
        names={day: (one.name, one.name_en) for one in holidays for day in one.off + one.work},
    )


def packaged_editions() -> tuple[YearEdition, ...]:
    """The years that come with this release, in order."""
    folder = resources.files("workflows") / "calendars"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(parse_edition(file.read_text(encoding="utf-8"), file.name) for file in files)


@cache
def load_calendar() -> Calendar:
    """The calendar of the years that come with this release."""
    return build_calendar(packaged_editions())
