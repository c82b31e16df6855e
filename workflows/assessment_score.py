"""The score of a month: what each group loses or wins, never more than its points, and the sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.assessment import AssessedItem, AssessmentTable, Group, Part, item_of
from workflows.errors import Malformed

MOST_TIMES = 1000
"""How many times one entry may count."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What one confirmed entry brings into the score: an item, how many times, the points of each time."""

    item: str
    times: int
    points: int


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part of the form: what was found, and what of it counts under its cap."""

    title: str
    found: int
    counted: int


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One group of the form.

    :param deducted: points lost. :param added: points won. :param score: what remains or comes of both.
    """

    number: int
    title: str
    points: int
    deducted: int
    added: int
    score: int
    parts: tuple[PartScore, ...]


@dataclass(frozen=True, slots=True)
class MonthScore:
    """The score of a month, group by group in the order of the form, and what each item comes to by itself."""

    groups: tuple[GroupScore, ...]
    total: int
    items: Mapping[str, int]


def check_entry(table: AssessmentTable, entry: Scored) -> AssessedItem:
    """The item of an entry whose count and points the table allows.

    :raises Malformed: ``item_unknown``, ``times_wrong``, ``points_wrong``, ``points_beyond_cap``.
    """
    item = item_of(table, entry.item)
    if not 1 <= entry.times <= MOST_TIMES:
        raise Malformed(
            "times_wrong",
            f"次数应为1至{MOST_TIMES}的整数。",
            f"The number of times is a whole number from 1 to {MOST_TIMES}.",
            field="times",
        )
    if entry.points not in item.rates:
        listed = "、".join(str(points) for points in sorted(item.rates))
        raise Malformed(
            "points_wrong",
            f"“{item.code}”每次为{listed}分，不能按{entry.points}分计。",
            f"Item {item.code} counts {sorted(item.rates)} points a time, not {entry.points}.",
            field="points",
            rates=sorted(item.rates),
        )
    bound = bound_of(table, item.code)
    if entry.times * entry.points > bound:
        raise Malformed(
            "points_beyond_cap",
            f"“{item.code}”一次登记{entry.times * entry.points}分，超过该项上限{bound}分。请按上限内的次数登记。",
            f"{entry.times * entry.points} points for item {item.code} are beyond its cap of {bound}.",
            field="times",
            cap=bound,
        )
    return item


def bound_of(table: AssessmentTable, code: str) -> int:
    """The most that an item may come to in a month: its own cap, that of its part, or of its group."""
    group, part, item = next(row for row in table.rows() if row[2].code == code)
    return item.most or part.points or group.points


def score(table: AssessmentTable, entries: Iterable[Scored]) -> MonthScore:
    """Add a month up. Neither the order of entries nor how they are split changes the score.

    :param entries: those that count; each as :func:`check_entry` allows.
    """
    found: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        found[entry.item] += entry.times * entry.points
    groups = tuple(_group(table, group, found) for group in table.group)
    return MonthScore(groups, sum(group.score for group in groups), dict(found))


def _group(table: AssessmentTable, group: Group, found: Mapping[str, int]) -> GroupScore:
    parts = tuple(_part(table, group, part, found) for part in group.part)
    lost = _sum(group, parts, "deduct", "malus")
    won = _sum(group, parts, "bonus")
    begun = group.points if group.starts_full else 0
    return GroupScore(group.number, group.title, group.points, lost, won, begun - lost + won, parts)


def _part(table: AssessmentTable, group: Group, part: Part, found: Mapping[str, int]) -> PartScore:
    each = [(found.get(item.code, 0), bound_of(table, item.code)) for item in part.items]
    counted = sum(min(points, bound) for points, bound in each)
    return PartScore(part.title, sum(points for points, _ in each), min(counted, part.points or group.points))


def _sum(group: Group, parts: Iterable[PartScore], *effects: str) -> int:
    """What parts of these effects come to together, within the points of the group."""
    counted = (done.counted for part, done in zip(group.part, parts, strict=True) if part.effect in effects)
    return min(sum(counted), group.points)
