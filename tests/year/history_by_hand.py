"""What is counted by hand, and the periods for which it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from tests.year import days
from tests.year.case_by_hand import Case

Pair = tuple[int, int]


class Card(NamedTuple):
    """A card as the trail shows it."""

    case: str
    level: str
    rule: str
    on: date
    lifted: bool


class Ticket(NamedTuple):
    """办不成事: registered, solved, and by when it had to be."""

    registered: date
    solved: datetime | None
    due: datetime


@dataclass(frozen=True)
class History:
    """Everything that is counted. :param papers: kinds of documents that were issued, by case."""

    cases: Sequence[Case]
    papers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cards: Sequence[Card] = ()
    tickets: Sequence[Ticket] = ()

    def of(self, numbers: set[str]) -> History:
        """The part of it that belongs to some cases; tickets belong to none."""
        cases = [case for case in self.cases if case.number in numbers]
        return History(cases, self.papers, [card for card in self.cards if card.case in numbers])


@dataclass(frozen=True)
class Period:
    """From one day to another, both included."""

    since: date
    until: date

    def has(self, at: datetime | date | None) -> bool:
        """Whether a moment, or a day, falls into it."""
        day = days.day_of(at) if isinstance(at, datetime) else at
        return day is not None and self.since <= day <= self.until

    @property
    def end(self) -> datetime:
        """Its last moment."""
        return days.moment(self.until + days.DAY, time())
