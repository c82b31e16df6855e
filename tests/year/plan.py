"""What will become of each application of the year: drawn from a seed, beside the breaches that are planted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final, TypeVar

from tests.factories import ITEMS
from tests.year import days
from workflows.item import ItemVersion

T = TypeVar("T")

YEAR: Final = 2025
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)

FOOD, SHOP, LABOUR, INJURY = ITEMS[1], ITEMS[2], ITEMS[4], ITEMS[8]
HYGIENE, MARRIAGE, ALLOWANCE, FREIGHT, REMOTE = ITEMS[16], ITEMS[20], ITEMS[21], ITEMS[25], ITEMS[30]
ARRIVALS: Final[dict[str, tuple[int, ...]]] = {
    FOOD.code: (4, 2, 6, 6, 5, 5, 5, 5, 6, 4, 5, 4),
    LABOUR.code: (1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 1),
    HYGIENE.code: (2, 1, 3, 3, 3, 3, 2, 2, 3, 2, 2, 2),
    FREIGHT.code: (2, 1, 4, 4, 3, 3, 3, 3, 4, 3, 3, 2),
    SHOP.code: (3, 2, 6, 5, 5, 4, 4, 4, 5, 4, 4, 3),
    MARRIAGE.code: (2, 4, 2, 2, 6, 2, 2, 3, 3, 5, 2, 2),
    REMOTE.code: (4, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4),
    INJURY.code: (1, 1, 1, 2, 1, 1, 2, 2, 1, 1, 1, 1),
    ALLOWANCE.code: (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
}
"""How many of a thousand come for what in which month, about: shops after the Spring Festival, weddings in May."""
SLOW: Final = {"amr": 0, "health": 1, "transport": 1, "hrss": 2, "civil": 2}
"""Working days that a department takes longer than the quickest."""
WINDOWS: Final = {"hall": ("w01", "w02", "w03", "w04"), "town-hall": ("town-w01",)}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One application.

    :param arrives: when somebody comes or sends it (UTC). :param name: of a planted breach; empty otherwise.
    :param way: how it is handed in: ``window``, ``online``, ``agent``.
    :param intake: what comes of it up to acceptance, a function of :mod:`tests.year.intake`.
    :param handling: the same up to the decision. :param issue: the same up to delivery.
    :param scan_missing: one line of paper has no scan that was kept.
    :param rating: 1 to 5, 0 for none. :param answered: how a bad rating is answered.
    """

    name: str = ""
    item: ItemVersion
    arrives: datetime
    hall: str = "hall"
    window: str = "w01"
    clerk: str = "clerk"
    way: str = "window"
    situation: tuple[str, ...] = ()
    intake: str = "accepted"
    handling: str = "plain"
    issue: str = "collected"
    slow: int = 0
    scan_missing: bool = False
    rating: int = 0
    answered: str = ""
    archived: bool = True


def drawn(chance: Random, count: int) -> Iterator[Plan]:
    """So many applications of a year in which everybody keeps the law, about as they come to a hall."""
    places = [(code, month) for code, months in ARRIVALS.items() for month, _ in enumerate(months, 1)]
    weights = [share for months in ARRIVALS.values() for share in months]
    for code, month in chance.choices(places, weights, k=count):
        yield _drawn(chance, next(item for item in ITEMS.values() if item.code == code), month)


def _drawn(chance: Random, item: ItemVersion, month: int) -> Plan:
    open_days = [day for day in _month(month) if days.works(day)]
    arrives = days.moment(chance.choice(open_days), time(8, 40)) + timedelta(minutes=chance.randrange(360))
    hall = "town-hall" if item in (FREIGHT, REMOTE, ALLOWANCE) and chance.random() < 0.4 else "hall"
    way = _one_of(chance, WAYS[item.flow if item != REMOTE else "REMOTE"])
    if way == "online" and item.online_acceptance:
        arrives = days.moment(chance.choice(_month(month)), time()) + timedelta(minutes=chance.randrange(1440))
    intake = _one_of(chance, INTAKE[item.code])
    instant = item.case_kind == "instant"
    handling = _one_of(chance, (AT_ONCE if instant else HANDLING) | MORE.get(item.code, {}))
    rating = _one_of(chance, RATINGS)
    return Plan(
        item=item,
        arrives=arrives,
        hall=hall,
        window=chance.choice(WINDOWS[hall]),
        clerk=chance.choice(("clerk", "clerk2")),
        way="window" if way == "agent" and (hall != "hall" or intake not in BY_AGENTS) else way,
        situation=("promise",) if intake == "promised" else (),
        intake=intake,
        handling=handling,
        issue=_one_of(chance, ISSUE),
        slow=SLOW.get(item.department, 0),
        scan_missing=chance.random() < 0.05,
        rating=rating,
        answered=_one_of(chance, ANSWERS) if rating > 3 else "",
        archived=chance.random() < 0.7,
    )


def _month(month: int) -> list[date]:
    first = date(YEAR, month, 1)
    return [day for step in range(31) if (day := first + step * days.DAY).month == month]


def _one_of(chance: Random, shares: Mapping[T, int]) -> T:
    return chance.choices(list(shares), list(shares.values()))[0]


WAYS = {
    "PERMIT": {"window": 6, "online": 3, "agent": 1},
    "GENERIC": {"window": 1},
    "MARKET_ENTITY": {"window": 4, "online": 1},
    "REMOTE": {"window": 1, "online": 3},
}
BY_AGENTS = {"accepted", "notified", "corrected_on_spot"}
_USUAL = {
    "accepted": 50, "corrected_on_spot": 8, "notified": 14, "notified_twice": 2, "lapsed": 3, "refused": 3,
    "overruled": 2, "withdrawn": 3, "voided": 1, "never_received": 1,
}  # fmt: skip
_LISTED = {**_USUAL, "tolerated": 8}
INTAKE = {
    FOOD.code: _LISTED,
    LABOUR.code: _USUAL,
    HYGIENE.code: {**_LISTED, "promised": 20},
    FREIGHT.code: _LISTED,
    SHOP.code: _USUAL,
    MARRIAGE.code: {"accepted": 20, "withdrawn": 1, "corrected_on_spot": 2},
    REMOTE.code: {"accepted": 20, "corrected_on_spot": 2, "withdrawn": 1},
    INJURY.code: _LISTED,
    ALLOWANCE.code: _USUAL,
}
HANDLING = {"plain": 40, "endorsed": 10, "sent_back": 4, "denied": 6, "withdrawn": 3, "terminated": 1}
MORE: dict[str, dict[str, int]] = {
    SHOP.code: {"at_once": 6, "converted": 1},
    FOOD.code: {"extended": 4, "reassigned": 4},
    HYGIENE.code: {"tested": 10},
}
AT_ONCE = {"at_once": 1}
ISSUE = {"collected": 30, "by_agent": 3, "posted": 8, "electronic": 8, "later": 5}
RATINGS = {0: 50, 1: 25, 2: 10, 3: 5, 4: 3, 5: 4}
ANSWERS = {"rectified": 7, "involved": 1, "set_aside": 1}
