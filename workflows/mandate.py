"""帮办代办 under a mandate (授权委托书, D22): who may give one to whom, and what may be done under it, act by act.

A mandate names the agent, the matter, the powers and the term (民法典165). It counts only within all of them, from the
day it begins until it ends or is revoked (民法典173), and only once its paper is kept. The agent is nothing else in
the case: whoever acts for the applicant neither receives, reviews, endorses nor decides it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.events import Act
from workflows.situation import CaseFacts, MandateFacts, Situation

BASIS: Final = "民法典165"
ENDED: Final = "民法典173"
LONGEST: Final = timedelta(days=1096)
"""How long a mandate lasts at most: three years. A default: the law asks for a term and sets none."""


class Power(StrEnum):
    """What an agent may do for the applicant (代理权限)."""

    file = "file"
    supply = "supply"
    withdraw = "withdraw"
    collect = "collect"

    @property
    def zh(self) -> str:
        """The power in Chinese, as printed on the mandate."""
        return POWERS[self][0]

    @property
    def en(self) -> str:
        """The power in English."""
        return POWERS[self][1]


POWERS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        Power.file: ("提出申请", "file the application"),
        Power.supply: ("补交材料", "supply materials"),
        Power.withdraw: ("撤回申请", "withdraw"),
        Power.collect: ("领取结果", "collect the result"),
    }
)
POWER_OF: Final[Mapping[Act, Power]] = MappingProxyType(
    {
        Act.OPEN: Power.file,
        Act.SUBMIT: Power.file,
        Act.RECEIVE: Power.file,
        Act.SUPPLY: Power.supply,
        Act.SUPPLY_SUPPLEMENT: Power.supply,
        Act.WITHDRAW: Power.withdraw,
        Act.DELIVER: Power.collect,
    }
)
"""Under which power an act falls. What is not here is in no mandate."""


class MandateState(StrEnum):
    """Where a mandate stands on a day."""

    awaiting_evidence = "awaiting_evidence"
    coming = "coming"
    in_force = "in_force"
    expired = "expired"
    ended = "ended"


class Ending(StrEnum):
    """Why a mandate ends before its term (民法典173)."""

    revoked = "revoked"
    resigned = "resigned"
    lapsed = "lapsed"


def ordered(powers: Collection[str]) -> list[Power]:
    """Powers in the order in which the paper lists them."""
    return [power for power in Power if power in powers]


def check_term(from_on: date, until_on: date, today: date) -> None:
    """Refuse a term that is over, backwards or without an end in sight. Hall dates, both included.

    :raises Malformed: ``mandate_term_wrong``.
    """
    if not (today <= until_on and from_on <= until_on and until_on - from_on <= LONGEST):
        raise Malformed(
            "mandate_term_wrong",
            "委托期限有误：截止日不得早于起始日和今天，且不超过三年。请按授权委托书填写。",
            "The term is wrong: it ends neither before it begins nor before today, and lasts three years at most.",
            basis=BASIS,
        )


def check_two_people(principal: tuple[str, str], agent: tuple[str, str]) -> None:
    """Refuse a mandate to oneself.

    :param principal: kind and number of the identity document, in standard form. :param agent: idem.
    :raises Conflict: ``principal_is_agent``.
    """
    if principal == agent:
        raise Conflict(
            "principal_is_agent",
            "委托人与代理人是同一人，无需委托，请由本人直接申请。",
            "The principal and the agent are the same person; let them apply themselves.",
            basis="民法典161",
        )


def named(mandates: Iterable[MandateFacts], number: str, item: str, case: str) -> MandateFacts:
    """The applicant's mandate of this number, if it is for this item and case.

    :raises Conflict: ``mandate_unknown``.
    """
    return numbered([mandate for mandate in mandates if mandate.concerns(item, case)], number)


def numbered(mandates: Iterable[MandateFacts], number: str) -> MandateFacts:
    """The one of these mandates that has this number. :raises Conflict: ``mandate_unknown``."""
    for mandate in mandates:
        if mandate.number == number:
            return mandate
    raise Conflict(
        "mandate_unknown",
        "该编号不是本申请人就本事项出具的授权委托书，请核对编号，或先登记委托。",
        "No mandate of this applicant for this matter has that number; check it, or register the mandate first.",
        basis=BASIS,
    )


def state_of(mandate: MandateFacts, today: date) -> MandateState:
    """Where a mandate stands on a day (hall date)."""
    if mandate.revoked_at is not None:
        return MandateState.ended
    if today > mandate.until_on:
        return MandateState.expired
    if not mandate.evidenced:
        return MandateState.awaiting_evidence
    return MandateState.coming if today < mandate.from_on else MandateState.in_force


def mandate_needed() -> Forbidden:
    """The refusal of an agent who names no mandate."""
    return _refused(
        "mandate_needed",
        "帮办代办须凭授权委托书办理，请填写其编号。",
        "An agent acts under a mandate; give its number.",
    )


def check_standing(mandate: MandateFacts, wanted: Collection[Power], today: date) -> None:
    """Refuse what is not within a mandate on a day (hall date).

    :param wanted: powers of which the mandate must hold one; empty: the act is in nobody's mandate.
    :raises Forbidden: ``mandate_without_evidence``, ``mandate_revoked``, ``mandate_not_yet``, ``mandate_expired``,
        ``mandate_too_narrow``.
    """
    term = f"{mandate.from_on:%Y-%m-%d}至{mandate.until_on:%Y-%m-%d}"
    span = f"{mandate.from_on:%Y-%m-%d} to {mandate.until_on:%Y-%m-%d}"
    if not mandate.evidenced:
        raise _refused(
            "mandate_without_evidence",
            f"授权委托书{mandate.number}尚无核验通过的扫描件，请先上传。",
            f"The paper of mandate {mandate.number} has not been scanned and kept; upload it first.",
        )
    if mandate.revoked_at is not None:
        raise _refused(
            "mandate_revoked",
            f"授权委托书{mandate.number}已经终止，不能再代为办理。请由申请人本人办理或重新委托。",
            f"Mandate {mandate.number} has been ended; let the applicant act, or give a new mandate.",
            ENDED,
        )
    if today < mandate.from_on:
        raise _refused(
            "mandate_not_yet",
            f"授权委托书{mandate.number}的期限为{term}，尚未开始。",
            f"Mandate {mandate.number} runs from {span}; it has not begun.",
        )
    if today > mandate.until_on:
        raise _refused(
            "mandate_expired",
            f"授权委托书{mandate.number}的期限为{term}，已经届满。请由申请人本人办理或重新委托。",
            f"Mandate {mandate.number} ran from {span}; let the applicant act, or give a new mandate.",
            ENDED,
        )
    _check_powers(mandate, wanted)


def _check_powers(mandate: MandateFacts, wanted: Collection[Power]) -> None:
    if not mandate.powers & set(wanted):
        held = ordered(mandate.powers)
        raise _refused(
            "mandate_too_narrow",
            f"授权委托书{mandate.number}的权限为{'、'.join(power.zh for power in held)}，不包括此项操作。",
            f"Mandate {mandate.number} gives the power to {', '.join(power.en for power in held)}; not to do this.",
            powers=sorted(mandate.powers),
        )


def _refused(code: str, zh: str, en: str, basis: str = BASIS, **extra: object) -> Forbidden:
    return Forbidden(code, zh, en, basis=basis, **extra)


def best_of(mandates: Iterable[MandateFacts], wanted: Collection[Power], today: date) -> MandateFacts:
    """One of these mandates under which something may be done on a day; the newest that holds.

    :param today: hall date.
    :raises Forbidden: ``mandate_missing`` where there is none; or why the newest does not do.
    """
    refusals: list[Forbidden] = []
    for mandate in sorted(mandates, key=lambda mandate: (mandate.from_on, mandate.number), reverse=True):
        try:
            check_standing(mandate, wanted, today)
        except Forbidden as problem:
            refusals.append(problem)
        else:
            return mandate
    missing = _refused(
        "mandate_missing",
        "没有该申请人就本事项出具的授权委托书，不能代为办理。请先登记委托。",
        "There is no mandate of this applicant for this matter; register one first.",
    )
    raise next(iter(refusals), missing)


def agents_in_sight(case: CaseFacts, item: str) -> frozenset[UUID]:
    """The agents on the staff who see a case: by a mandate that was not revoked, or as those who follow it."""
    return frozenset(
        mandate.agent
        for mandate in case.mandates
        if mandate.agent is not None
        and mandate.evidenced
        and mandate.concerns(item, case.number)
        and (mandate.revoked_at is None or mandate.id == case.mandate)
    )


def refuse_two_hats(case: CaseFacts, item: str, actor: Actor, role: Role) -> None:
    """Who acts for the applicant has no other part in the case; nor has who stands in for them (帮办代办不得收件审批).

    :raises Forbidden: ``two_hats``.
    """
    if actor.staff is None:
        return
    me = {actor.person} | {grant.acting_for for grant in actor.grants if grant.acting_for is not None}
    others = {case.receiver, case.handler, case.endorser} if role is Role.agent else _agents(case, item)
    if me & (others - {None}):
        raise Forbidden(
            "two_hats",
            "帮办代办人员（含其代理履职人）不得收件、审核或批准其代办的办件，反之亦然，请由他人办理。",
            "Who acts for the applicant (or stands in for who does) neither receives, reviews nor decides the case, and"
            " the other way round; somebody else must.",
            basis="帮办代办：不得兼任收件、审核、批准",
        )


def _agents(case: CaseFacts, item: str) -> set[UUID | None]:
    return {one.agent for one in case.mandates if one.evidenced and one.concerns(item, case.number)}


def mandate_of_act(situation: Situation, act: Act) -> MandateFacts | None:
    """The mandate under which an agent takes a step now; None for everybody who does not act as an agent.

    :raises Forbidden: ``two_hats``; and as in :func:`best_of`.
    """
    power = POWER_OF.get(act)
    return mandate_of(situation, {power} if power else set())


def mandate_of(situation: Situation, wanted: Collection[Power]) -> MandateFacts | None:
    """The same, for something that falls under one of these powers."""
    case, actor = situation.case, situation.actor
    refuse_two_hats(case, situation.item.code, actor, situation.role)
    if situation.role is not Role.agent or actor.staff is None:
        return None
    mine = [one for one in case.mandates if one.agent == actor.person]
    return best_of((one for one in mine if one.concerns(situation.item.code, case.number)), wanted, situation.today)
