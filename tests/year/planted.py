"""The breaches that are planted at known cases, and what each of them must be found as; no other may be found."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from tests.year import breaches, days
from tests.year.life import FIRST_MINUTE, Life
from tests.year.plan import ALLOWANCE, FOOD, FREIGHT, HYGIENE, INJURY, LABOUR, Plan
from workflows.item import ItemVersion

Story = Callable[[Life], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Planted:
    """One breach.

    :param story: what happens. :param on: the day on which the applicant comes.
    :param cards: the rules whose cards it must leave beside those that only warn; no case without a plant has any.
    :param lists: the lists of the one-time notice on which it must stand: ``A1``, ``A2``, ``A5``, ``A7``.
    """

    story: Story
    item: ItemVersion
    on: date
    cards: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    way: str = "window"
    situation: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The story's name."""
        return self.story.__name__

    def plan(self) -> Plan:
        """As the other applications of the year have one."""
        arrives = days.moment(self.on, FIRST_MINUTE) + timedelta(minutes=20)
        return Plan(
            name=self.name, item=self.item, arrives=arrives, way=self.way, situation=self.situation, archived=False
        )


def _red(*rules: str) -> frozenset[str]:
    return frozenset(rules)


PLANTED: Final[tuple[Planted, ...]] = (
    Planted(breaches.late_notice, LABOUR, date(2025, 3, 12), _red("notice_missed"), frozenset({"A5"})),
    Planted(breaches.forgotten, INJURY, date(2025, 1, 22), _red("notice_missed"), frozenset({"A5"})),
    Planted(breaches.told_again, FOOD, date(2025, 4, 14), _red("told_twice"), frozenset({"A1", "A2"})),
    Planted(breaches.told_again_for_a_reason, FREIGHT, date(2025, 5, 12), lists=frozenset({"A1"})),
    Planted(breaches.never_served, FOOD, date(2025, 6, 9), lists=frozenset({"A7"})),
    Planted(breaches.late_decision, FOOD, date(2025, 4, 24), _red("promise_red", "stage_overdue")),
    Planted(
        breaches.unlawfully_late, FOOD, date(2025, 6, 10),
        _red("promise_red", "statutory_red", "stage_overdue", "explanation_missing"),
    ),
    Planted(
        breaches.open_at_the_end, FOOD, date(2025, 12, 8),
        _red("promise_red", "statutory_red", "stage_overdue", "explanation_missing"),
    ),
    Planted(breaches.late_delivery, FREIGHT, date(2025, 7, 7), _red("delivery_red")),
    Planted(breaches.long_in_custody, HYGIENE, date(2025, 9, 26)),
    Planted(breaches.never_collected, FOOD, date(2025, 11, 20), _red("delivery_red")),
    Planted(breaches.late_handover, LABOUR, date(2025, 2, 11), _red("handover_overdue")),
    Planted(breaches.late_reply, FREIGHT, date(2025, 8, 5), _red("reply_overdue")),
    Planted(breaches.slow_review, LABOUR, date(2025, 9, 2), _red("stage_overdue")),
    Planted(breaches.appealed, LABOUR, date(2025, 11, 4), _red("stage_overdue")),
    Planted(breaches.revoked_on_the_shelf, HYGIENE, date(2025, 5, 7), situation=("promise",)),
    Planted(breaches.slow_pre_review, FOOD, date(2025, 5, 20), _red("stage_overdue"), way="online"),
    Planted(breaches.unanswered_order, LABOUR, date(2025, 10, 14), _red("order_unanswered")),
    Planted(breaches.self_approval, FOOD, date(2025, 3, 4)),
    Planted(breaches.veto_of_the_window, FOOD, date(2025, 3, 18)),
    Planted(breaches.owed_in_vain, ALLOWANCE, date(2025, 3, 3), situation=("ill_or_disabled",)),
    Planted(breaches.broken_promise, HYGIENE, date(2025, 2, 17), situation=("promise",)),
    Planted(breaches.unchecked_promise, HYGIENE, date(2025, 8, 11), situation=("promise",)),
    Planted(breaches.slow_word, FOOD, date(2025, 6, 16)),
    Planted(breaches.no_word, FREIGHT, date(2025, 6, 23)),
)  # fmt: skip
"""Every one of them, at its day."""


def stories() -> Iterator[tuple[Plan, Story]]:
    """The planted cases as the year needs them."""
    for planted in PLANTED:
        yield planted.plan(), planted.story
