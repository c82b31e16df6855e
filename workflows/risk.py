"""What makes a case worth a second look, and how many lots it gets for that in a weighted draw (风险加权抽查)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from workflows.errors import Malformed

HEAVIEST: Final = 100
"""The highest weight that one risk may have."""
_BAD_RATING: Final = 4

Facts = Mapping[str, Any]
"""The columns of :class:`workflows.fact.CaseFact` that are asked about, and ``same_minute`` (see :data:`RISKS`)."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk: its titles, the lots that it adds by default, and whether a case has it."""

    title: str
    title_en: str
    weight: int
    holds: Callable[[Facts], bool]


RISKS: Final[Mapping[str, Risk]] = MappingProxyType(
    {
        "overdue": Risk(
            "超过法定或承诺时限", "Past the statutory or promised limit", 4,
            lambda facts: facts["statutory_in_time"] is False or facts["promise_in_time"] is False,
        ),
        "red_card": Risk("红牌", "Red card", 4, lambda facts: facts["cards_red"] > 0),
        "late_notice": Risk(
            "一次性告知超期", "Late one-time notice", 4, lambda facts: facts["notice_in_time"] is False
        ),
        "second_notice": Risk(
            "一次性告知后又提出补正", "New lines after the one-time notice", 6,
            lambda facts: facts["notices"] > 1 or facts["lines_offending"] > 0,
        ),
        "deemed_acceptance": Risk(
            "逾期未告知视为受理", "Deemed accepted by silence", 6, lambda facts: facts["deemed_at"] is not None
        ),
        "same_minute": Risk("报审后即时批准", "Decided within moments of the review", 5,
                            lambda facts: bool(facts["same_minute"])),
        "reassigned": Risk("更换承办人", "Reassigned", 2, lambda facts: facts["reassignments"] > 0),
        "special_procedure": Risk("特别程序", "Special procedure", 2, lambda facts: facts["specials"] > 0),
        "extended": Risk("延长期限", "Extended", 2, lambda facts: facts["extensions"] > 0),
        "tolerance": Risk("容缺受理", "Accepted with tolerance", 1, lambda facts: bool(facts["tolerated"])),
        "promise": Risk("告知承诺", "Granted on a promise", 1, lambda facts: bool(facts["promised"])),
        "denied": Risk("不予许可或不予受理", "Denied or not accepted", 2,
                       lambda facts: facts["outcome"] in {"denied", "not_accepted"}),
        "bad_rating": Risk("差评", "Bad rating", 2, lambda facts: (facts["rating"] or 0) >= _BAD_RATING),
    }
)  # fmt: skip
"""Every risk by name. ``same_minute``: the decision came so soon after the review that nobody can have read it."""


def weights(changed: Mapping[str, int]) -> dict[str, int]:
    """The weight of every risk: the default, or what the deployment says instead; 0 switches a risk off.

    :raises Malformed: ``risk_unknown``; ``risk_weight_wrong`` outside 0 to 100.
    """
    if strange := sorted(set(changed) - set(RISKS)):
        raise Malformed(
            "risk_unknown",
            f"没有这些风险项：{'、'.join(strange)}。可用的有：{'、'.join(RISKS)}。",
            f"There are no such risks: {', '.join(strange)}. There are: {', '.join(RISKS)}.",
        )
    if any(not 0 <= weight <= HEAVIEST for weight in changed.values()):
        raise Malformed(
            "risk_weight_wrong",
            f"风险权重应为0至{HEAVIEST}的整数。",
            f"The weight of a risk is a whole number from 0 to {HEAVIEST}.",
        )
    return {name: changed.get(name, risk.weight) for name, risk in RISKS.items()}


def risks_of(facts: Facts) -> tuple[str, ...]:
    """The risks that a case has, in the order of :data:`RISKS`."""
    return tuple(name for name, risk in RISKS.items() if risk.holds(facts))
