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
    :param lists: the figures behind which it must be found: among what is counted, of shares among the rest.
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


def _told(*names: str) -> frozenset[str]:
    return frozenset(names)


TWICE, ADDED, DEEMED, UNSERVED = "notice_once_rate", "offending_lines", "deemed_acceptances", "notice_served_rate"
LATE, UNLAWFUL, STILL_OPEN = "on_time_rate", "statutory_on_time_rate", "overdue_open"
HELD_BACK, SHELVED, UNDELIVERED = "delivery_on_time_rate", "uncollected", "undelivered_overdue"
PASSED: Final = _told("promise_red", "stage_overdue", "explanation_missing")
UNHEARD: Final = _told("rater_contact_overdue", "rectification_overdue")
HEARD_LATE: Final = UNHEARD | {"rater_follow_up_overdue"}
ANSWERED: Final = _told("contact_on_time_rate", "rectified_rate")
PLANTED: Final[tuple[Planted, ...]] = (
    Planted(breaches.late_notice, LABOUR, date(2025, 3, 12), _told("notice_missed"), _told(DEEMED)),
    Planted(breaches.forgotten, INJURY, date(2025, 1, 22), _told("notice_missed"), _told(DEEMED)),
    Planted(breaches.told_again, FOOD, date(2025, 4, 14), _told("told_twice"), _told(TWICE, ADDED)),
    Planted(breaches.told_again_for_a_reason, FREIGHT, date(2025, 5, 12), lists=_told(TWICE)),
    Planted(breaches.never_served, FOOD, date(2025, 6, 9), lists=_told(UNSERVED)),
    Planted(breaches.late_decision, FOOD, date(2025, 4, 24), _told("promise_red", "stage_overdue"), _told(LATE)),
    Planted(breaches.at_the_last_minute, FOOD, date(2025, 9, 24)),
    Planted(breaches.a_minute_late, FOOD, date(2025, 1, 23), PASSED, _told(LATE)),
    Planted(
        breaches.unlawfully_late, FOOD, date(2025, 6, 10),
        _told("promise_red", "statutory_red", "stage_overdue", "explanation_missing"), _told(LATE, UNLAWFUL),
    ),
    Planted(
        breaches.open_at_the_end, FOOD, date(2025, 12, 8),
        _told("promise_red", "statutory_red", "stage_overdue", "explanation_missing"), _told(STILL_OPEN),
    ),
    Planted(breaches.late_delivery, FREIGHT, date(2025, 7, 7), _told("delivery_red"), _told(HELD_BACK)),
    Planted(breaches.long_in_custody, HYGIENE, date(2025, 9, 26)),
    Planted(breaches.never_collected, FOOD, date(2025, 11, 20), _told("delivery_red"), _told(SHELVED, UNDELIVERED)),
    Planted(breaches.late_handover, LABOUR, date(2025, 2, 11), _told("handover_overdue"), _told("handover_in_time")),
    Planted(breaches.late_reply, FREIGHT, date(2025, 8, 5), _told("reply_overdue")),
    Planted(breaches.slow_review, LABOUR, date(2025, 9, 2), _told("stage_overdue")),
    Planted(breaches.appealed, LABOUR, date(2025, 11, 4), _told("stage_overdue")),
    Planted(breaches.slow_pre_review, FOOD, date(2025, 5, 20), _told("stage_overdue"), way="online"),
    Planted(breaches.unanswered_order, LABOUR, date(2025, 10, 14), _told("order_unanswered")),
    Planted(breaches.self_approval, FOOD, date(2025, 3, 4)),
    Planted(breaches.veto_of_the_window, FOOD, date(2025, 3, 18)),
    Planted(
        breaches.owed_in_vain, ALLOWANCE, date(2025, 3, 3), _told("tolerance_lapsed"), _told("tolerance_kept_rate"),
        situation=("ill_or_disabled",),
    ),
    Planted(breaches.broken_promise, HYGIENE, date(2025, 2, 17), situation=("promise",)),
    Planted(breaches.revoked_on_the_shelf, HYGIENE, date(2025, 5, 7), situation=("promise",)),
    Planted(
        breaches.unchecked_promise, HYGIENE, date(2025, 8, 11), _told("post_check_overdue"),
        _told("promise_check_rate"), situation=("promise",),
    ),
    Planted(breaches.slow_word, FOOD, date(2025, 6, 16), HEARD_LATE, ANSWERED),
    Planted(breaches.no_word, FREIGHT, date(2025, 6, 23), UNHEARD, ANSWERED),
)  # fmt: skip
"""Every one of them, at its day."""
WARNINGS: Final = frozenset(
    {"notice_reminder", "promise_amber", "promise_yellow", "statutory_yellow", "delivery_yellow", "archiving_overdue"}
)
"""Rules that only say that a limit is about to end, and the archive, which lies behind everybody's case."""
LISTS: Final = frozenset[str]().union(*(planted.lists for planted in PLANTED))


def stories() -> Iterator[tuple[Plan, Story]]:
    """The planted cases as the year needs them."""
    for planted in PLANTED:
        yield planted.plan(), planted.story
