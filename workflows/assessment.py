"""月度考核表: what a contractor who staffs a hall is scored on, as data; the packaged table and how any table is read.

A table is a definition like a flow: a hall may write its own, a published version never changes, and an assessment
keeps to the version under which it was opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from workflows.errors import Malformed
from workflows.toml_files import decode, refusal

Effect = Literal["deduct", "bonus", "malus"]
Per = Literal["time", "matter", "person", "month"]
Kind = Literal["trail", "sensor", "partial", "manual"]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Points = Annotated[int, Meta(ge=1, le=200)]

CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "duties_of_service": ("限时办结、一次性告知、窗口无否决权", "time limits, one-time notice, no veto of windows"),
    "complaint_upheld": ("投诉（差评）经复核属实", "a complaint (bad rating) that stands after review"),
    "grave_complaint": ("非常不满意且经复核属实", "a rating of 5 that stands after review"),
    "receipt_and_delivery": ("扫描、回执、送达", "scans, receipts, delivery"),
    "post_changed": ("同一人同日在多个窗口收件", "one person receives at several windows on a day"),
    "report_late": ("运行报告逾期", "report on operations not filed in time"),
    "complaint_handling": ("差评联系、整改逾期", "a bad rating not answered or put right in time"),
    "rating_not_invited": ("送达后未邀请评价", "not invited to rate after delivery"),
}
"""What the trail can prove, by the name under which a table asks for it."""
CLUES: Final[Mapping[str, tuple[str, str]]] = {
    "bad_ratings": ("差评", "bad ratings"),
    "came_again": ("收件后仍需补正，多次到场", "came again because something was lacking"),
    "proxied": ("帮办代办", "proxy service"),
    "priority": ("优先服务对象", "people who are served first"),
    "paper_not_spared": ("有电子证照仍收纸质材料", "paper taken where an electronic certificate is named"),
    "best_ratings": ("非常满意", "ratings of 1"),
}
"""Lists of cases from which a person judges; nothing is proposed from them."""


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One grade of an item that has several, with its points."""

    title: Title
    title_en: Title
    points: Points


class AssessedItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the table.

    :param code: group and number as printed, e.g. ``3-9``. :param points: for each time, matter, person or month.
    :param cap: the most that the item costs or brings in a month; 0: what its part allows.
    :param kind: ``trail`` the engine finds it with ``check``; ``partial`` it lists cases (``clues``) for a person;
        ``sensor`` the roster or devices of the hall would say; ``manual`` only people see it.
    :param levels: the grades, where points differ by grade.
    """

    code: Annotated[str, Meta(pattern=r"^[1-9]-[^\s]{1,10}$")]
    title: Title
    title_en: Title
    points: Points
    per: Per
    kind: Kind
    cap: Annotated[int, Meta(ge=0, le=200)] = 0
    check: str = ""
    clues: str = ""
    levels: tuple[Level, ...] = ()

    @property
    def rates(self) -> frozenset[int]:
        """The points that one time may cost or bring."""
        return frozenset(level.points for level in self.levels) or frozenset({self.points})

    @property
    def most(self) -> int:
        """The most that it may come to in a month by itself; 0 where only its part bounds it."""
        return self.points if self.per == "month" and not self.cap else self.cap


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """考核项目: items that belong together.

    :param points: of its own; 0 where it shares those of its group.
    """

    title: Title
    title_en: Title
    items: Annotated[tuple[AssessedItem, ...], Meta(min_length=1)]
    points: Annotated[int, Meta(ge=0, le=200)] = 0
    effect: Effect = "deduct"


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """服务内容: one group of the table and its points."""

    number: Annotated[int, Meta(ge=1, le=9)]
    title: Title
    title_en: Title
    points: Points
    part: Annotated[tuple[Part, ...], Meta(min_length=1)]

    @property
    def starts_full(self) -> bool:
        """Whether it begins with its points and loses them; otherwise it begins at nought and moves both ways."""
        return all(part.effect == "deduct" for part in self.part)


class Tier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the performance pay is due, in percent, from a mean score of ``least`` on."""

    least: int
    percent: Annotated[int, Meta(ge=0, le=100)]


class PayRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the scores mean for the pay.

    :param share_percent: of the yearly price that is performance pay.
    :param person_permille: of the performance pay that each person short of the certificate rate costs.
    :param tiers: from the highest down.
    """

    share_percent: Annotated[int, Meta(ge=1, le=100)]
    person_permille: Annotated[int, Meta(ge=0, le=1000)]
    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1)]


class AssessmentTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table as one version has it.

    :param total: the most that a month can score. :param report_due_working_days: after the end of a month, by which
        the contractor's report on it is filed.
    """

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
    version: Annotated[int, Meta(ge=1, le=100_000)]
    title: Title
    title_en: Title
    total: Points
    report_due_working_days: Annotated[int, Meta(ge=1, le=60)]
    pay: PayRules
    group: Annotated[tuple[Group, ...], Meta(min_length=1)]

    @property
    def items(self) -> Mapping[str, AssessedItem]:
        """Every item by its code, in the order of the form."""
        return {item.code: item for _, _, item in self.rows()}

    def rows(self) -> Iterator[tuple[Group, Part, AssessedItem]]:
        """Every item with its group and part, in the order of the form."""
        return ((group, part, item) for group in self.group for part in group.part for item in part.items)

    def asked(self, check: str) -> tuple[AssessedItem, ...]:
        """The items that a machine check serves."""
        return tuple(item for item in self.items.values() if item.check == check)


def parse_table(text: str, filename: str) -> AssessmentTable:
    """Read a table, TOML or JSON, and refuse one whose points do not add up.

    :raises DefinitionError: ``definition_not_wellformed``, naming every problem.
    """
    table = decode(text, AssessmentTable, filename)
    problems = [*_sums(table), *_items(table), *_tiers(table.pay)]
    if problems:
        raise refusal(filename, problems)
    return table


def _sums(table: AssessmentTable) -> Iterator[str]:
    """The points of the groups make the total, those of parts make their group's."""
    if (found := sum(group.points for group in table.group)) != table.total:
        yield f"total: {table.total}, but the groups have {found}"
    numbers = [group.number for group in table.group]
    if numbers != sorted(set(numbers)):
        yield "group.number: used twice or out of order"
    for group in table.group:
        own = [part.points for part in group.part if part.points]
        if own and (len(own) < len(group.part) or sum(own) != group.points):
            yield f"group {group.number}: its parts have {sum(own)} points, the group {group.points}"
        if not group.starts_full and any(part.effect == "deduct" for part in group.part):
            yield f"group {group.number}: deductions beside bonuses"


def _items(table: AssessmentTable) -> Iterator[str]:
    """Every code once and in its group; caps within reach; checks and clues that the engine knows."""
    for code, times in Counter(item.code for _, _, item in table.rows()).items():
        if times > 1:
            yield f"item {code}: used twice"
    for group, part, item in table.rows():
        bound = part.points or group.points
        if not item.code.startswith(f"{group.number}-"):
            yield f"item {item.code}: outside group {group.number}"
        if max(item.rates) > bound or item.cap > bound:
            yield f"item {item.code}: more than the {bound} points of its part"
        if item.cap and item.cap < max(item.rates):
            yield f"item {item.code}.cap: below the points of one time"
        yield from _evidence(item)


def _evidence(item: AssessedItem) -> Iterator[str]:
    if (item.kind == "trail") != bool(item.check):
        yield f"item {item.code}: a check belongs to an item of kind trail, and to no other"
    if item.check and item.check not in CHECKS:
        yield f"item {item.code}.check: unknown; known are {', '.join(sorted(CHECKS))}"
    if item.clues and (item.kind != "partial" or item.clues not in CLUES):
        yield f"item {item.code}.clues: unknown, or not an item of kind partial"


def _tiers(pay: PayRules) -> Iterator[str]:
    falling = [(tier.least, tier.percent) for tier in pay.tiers]
    if falling != sorted(set(falling), reverse=True) or len({least for least, _ in falling}) < len(falling):
        yield "pay.tiers: from the highest score down, each once, and the share falls with it"


def item_of(table: AssessmentTable, code: str) -> AssessedItem:
    """One item by its code. :raises Malformed: ``item_unknown``."""
    found = table.items.get(code)
    if found is None:
        raise Malformed(
            "item_unknown",
            f"考核表没有“{code}”这一项，请按表内编号填写。",
            f"The table has no item {code}; use a number of the table.",
            field="item",
        )
    return found


@cache
def packaged_table() -> AssessmentTable:
    """The table that comes with this release."""
    return parse_table(packaged_text(), "monthly.toml")


def packaged_text() -> str:
    """The text of that table."""
    return (resources.files("workflows") / "assessments" / "monthly.toml").read_text(encoding="utf-8")
