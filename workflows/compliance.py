"""Compliance with the one-time notice (一次性告知), case by case: every notice beside the first one, and what is wrong
with each of its lines (D§5, A1 to A7).

What breaks a rule is counted by its figure; here is shown why a case is among that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from workflows.fact import NoticeFact
from workflows.fact_events import Event, clocks_of, moment
from workflows.fact_notice import given_in, notice_facts

PARTS_OF_A_LINE: Final = ("material", "defect", "requirement", "basis")
"""What every line of a notice says (行政许可法32(1)(4), D03)."""
_COMPARED: Final = ("material", "defect", "requirement")


class Rule(NamedTuple):
    """A rule that can be broken: its figure, and which part of what that counts has broken it."""

    figure: str
    part: Literal["numerator", "rest"]


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "A1": Rule("notice_once_rate", "rest"),
        "A2": Rule("offending_lines", "numerator"),
        "A3": Rule("notice_on_time_rate", "rest"),
        "A5": Rule("deemed_acceptances", "numerator"),
        "A6": Rule("notice_lines_complete", "rest"),
        "A7": Rule("notice_served_rate", "rest"),
    }
)
"""By their numbers in D§5; A4, told on the spot, is a figure that nobody can break."""


class Line(Struct, frozen=True, kw_only=True):
    """One line of a notice, beside the first notice.

    :param standing: ``first``: of the first notice; ``again``: told there as well, as line ``same_as``; ``changed``:
        new, and a changed fact is claimed for it; ``offending``: new, and none is (许可法72(4)).
    :param missing: which of material, defect, requirement and basis it does not say.
    """

    line: int
    material: str
    defect: str
    requirement: str
    basis: str
    standing: Literal["first", "again", "changed", "offending"]
    same_as: int | None
    missing: list[str]


class Told(Struct, frozen=True, kw_only=True):
    """One notice as it was given. Moments in UTC.

    :param number: its place among the notices of the case. :param kind: see :class:`workflows.fact.NoticeFact`.
    :param given_by: the name of who gave it, and so of who claimed its ``changed_fact``, in their ``role``.
    :param due_at: the last moment for it; None for lines that were added, which have no time of their own.
    :param working_days: of that time used. :param served_at: when it reached the applicant.
    :param breaches: numbers of the rules that it breaks (A2, A3, A6, A7).
    """

    number: int
    kind: str
    given_at: datetime
    given_by: str
    role: str
    due_at: datetime | None
    in_time: bool | None
    working_days: int | None
    changed_fact: str
    document: str
    served_at: datetime | None
    served_way: str
    lines: list[Line]
    breaches: list[str]


def told(case: UUID, events: Sequence[Event]) -> list[Told]:
    """Every notice of a case with its lines beside those of the first one.

    :param case: its key. :param events: all events of the case in order, with the names of their actors.
    """
    facts = notice_facts(case, events)
    first = facts[0].lines if facts else []
    return [_told(fact, first, event) for fact, event in zip(facts, given_in(events), strict=True)]


def _told(fact: NoticeFact, first: Sequence[Mapping[str, Any]], event: Event) -> Told:
    lines = [_line(row, fact, first) for row in fact.lines]
    due = None if fact.kind == "added" else moment(clocks_of(event).get("notice", {}).get("due_at"))
    return Told(
        number=fact.number,
        kind=fact.kind,
        given_at=fact.given_at,
        given_by=event["actor_name"],
        role=fact.role,
        due_at=due,
        in_time=fact.in_time,
        working_days=fact.working_days,
        changed_fact=fact.changed_fact,
        document=fact.document,
        served_at=fact.served_at,
        served_way=fact.served_way,
        lines=lines,
        breaches=_breaches(fact),
    )


def _breaches(fact: NoticeFact) -> list[str]:
    broken = {
        "A2": bool(fact.offending),
        "A3": fact.in_time is False,
        "A6": fact.complete < fact.told,
        "A7": fact.served_at is None,
    }
    return [rule for rule, is_broken in broken.items() if is_broken]


def _line(row: Mapping[str, Any], fact: NoticeFact, first: Sequence[Mapping[str, Any]]) -> Line:
    same = next((one["line"] for one in first if all(one.get(name) == row.get(name) for name in _COMPARED)), None)
    standing: Literal["first", "again", "changed", "offending"] = "changed"
    if fact.number == 1:
        standing = "first"
    elif row["line"] in fact.offending:
        standing = "offending"
    elif same is not None:
        standing = "again"
    said = {name: str(row.get(name) or "") for name in PARTS_OF_A_LINE}
    return Line(
        line=row["line"],
        **said,
        standing=standing,
        same_as=same if standing == "again" else None,
        missing=[name for name, words in said.items() if not words.strip()],
    )
