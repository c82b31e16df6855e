"""Conditions on receipt: what submission counts as, true intention, refusal to accept, who takes the case over."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from workflows.actor import Role
from workflows.errors import Conflict, Forbidden
from workflows.guarding import guard, selector
from workflows.issue_guards import check_witness, electronic_delivery_consented
from workflows.situation import Situation

FIRST_CONTACT: Final = "国发〔2022〕5号 首问负责"
_OTHER_AUTHORITY: Final = re.compile(
    r"(?:32|三十二)条?(?:(?:\(1\)|\(一\)|1款|一款)(?:\(2\)|\(二\)|2项|二项)|\(?[2二]\)?项)"
)
"""Article 32(1)(2) as people write it."""
OWNERS: Final = frozenset({Role.guide, Role.clerk, Role.hall_manager, Role.officer})
"""Who may answer for an applicant as their first contact."""


@selector()
def submission_is_receipt(situation: Situation) -> bool:
    """The item is handled online from end to end, so that what is submitted is received (行政许可法29(3))."""
    return situation.item.online_acceptance


@selector()
def submission_is_not_receipt(situation: Situation) -> bool:
    """What is submitted is looked at first and received at the window."""
    return not situation.item.online_acceptance


def asks_intention(situation: Situation) -> bool:
    """Whether an elderly person's true intention must be asked: by the item, and by who the parties are."""
    elderly = "elder" in situation.case.situation or "elderly" in situation.case.flags
    return situation.item.asks_intention and elderly


@guard()
def intention_recorded(situation: Situation) -> None:
    """Property and household matters of an elderly person wait until their true intention was asked and recorded."""
    if asks_intention(situation) and "intention_recorded" not in situation.case.flags:
        raise Conflict(
            "intention_not_recorded",
            "该事项涉及老年人，须先当面询问其真实意思，记录并由本人签字。",
            "An elderly person is concerned: ask for their true intention face to face, record it and have it signed.",
            basis="老年人权益保障法55",
        )


@guard(of_payload=True)
def intention_signed(situation: Situation) -> None:
    """The record of the true intention is signed by the elderly person themself."""
    if not situation.payload.get("signed"):
        raise Conflict(
            "signature_missing",
            "询问记录须由老年人本人签字。",
            "The record must be signed by the elderly person themself.",
            basis="老年人权益保障法55",
        )


@guard(of_payload=True)
def right_authority_named(situation: Situation) -> None:
    """Who is refused because the matter is another authority's is told which one it is (行政许可法32(1)(2))."""
    article = "".join(unicodedata.normalize("NFKC", situation.payload["article"]).split()).replace("第", "")
    if _OTHER_AUTHORITY.search(article) and not situation.payload.get("right_authority", "").strip():
        raise Conflict(
            "right_authority_missing",
            "不属于本机关职权范围的，应当告知申请人向哪个行政机关申请。",
            "If the matter is not this authority's, the applicant is told which authority to turn to.",
            basis="行政许可法32(1)(2)",
        )


@guard("colleagues", of_payload=True)
def offered_to_colleague(situation: Situation) -> None:
    """The owner (or the hall manager) hands over to an active colleague who may own; nobody is passed on to nobody.

    :raises Forbidden: ``not_the_owner``. :raises Conflict: ``colleague_unknown``, ``owner_already``.
    """
    case = situation.case
    if case.owner not in {None, situation.actor.person} and situation.role is not Role.hall_manager:
        raise Forbidden(
            "not_the_owner",
            "您不是该办件的首问责任人，不能移交。请由首问责任人或大厅主管移交。",
            "You are not the first contact of this case; the owner or the hall manager hands it over.",
            basis=FIRST_CONTACT,
        )
    colleague = situation.colleagues.get(situation.payload["to"])
    if colleague is None or not colleague.roles & OWNERS:
        titles = sorted(OWNERS)
        raise Conflict(
            "colleague_unknown",
            f"没有可以接手的在岗人员，应为本大厅或承办部门的{'、'.join(role.zh for role in titles)}。请核对登录名。",
            "There is no such colleague of this hall or department who may take the case: "
            f"{', '.join(role.en for role in titles)}. Check the sign-in name.",
            basis=FIRST_CONTACT,
            roles=[role.value for role in titles],
        )
    if colleague.person == case.owner:
        raise Conflict(
            "owner_already",
            "对方已是该办件的首问责任人，无须移交。",
            "This colleague is the first contact of the case already.",
            basis=FIRST_CONTACT,
        )


@guard()
def handover_is_for_me(situation: Situation) -> None:
    """Only whom it was offered to takes a case over; until then the owner stays.

    :raises Conflict: ``no_handover_offered``. :raises Forbidden: ``handover_not_for_you``.
    """
    if situation.case.offered_to is None:
        raise Conflict(
            "no_handover_offered",
            "该办件没有待接受的移交。请先由首问责任人提出移交。",
            "No handover of this case is waiting; its owner offers one first.",
            basis=FIRST_CONTACT,
        )
    if situation.case.offered_to != situation.actor.person:
        raise Forbidden(
            "handover_not_for_you",
            "该移交是向其他人员提出的，只能由其本人接受。",
            "This handover was offered to somebody else; only they may take it.",
            basis=FIRST_CONTACT,
        )


_NEVER_SERVED: Final = frozenset({"D14"})
"""What stays inside the authority: the approval form."""
_DELIVERED: Final = frozenset({"D16", "D17"})
"""What reaches the applicant by delivery, with a certificate of service."""


@guard("papers", of_payload=True)
def document_to_serve(situation: Situation) -> None:
    """What is served is a document of this case that has not reached the applicant yet."""
    number = situation.payload["document"]
    paper = next((paper for paper in situation.papers if paper.number == number), None)
    if paper is None or paper.code in _NEVER_SERVED:
        raise Conflict(
            "no_such_document",
            "该办件没有此文号的可送达文书，请核对文号。",
            "The case has no document of that number that could be served; check the number.",
            basis="行政许可法32(2)",
        )
    if paper.served_at is not None:
        raise Conflict(
            "already_served",
            f"该文书已于{situation.hours.day(paper.served_at):%Y-%m-%d}送达。",
            f"This document was served on {situation.hours.day(paper.served_at):%Y-%m-%d}.",
            served_at=paper.served_at.isoformat(),
        )
    if paper.code in _DELIVERED:
        raise Conflict(
            "delivered_with_result",
            "不予许可决定书和证照请通过“送达”或“邮寄”办理，并出具送达回证。",
            "Denials and certificates are delivered or posted, with a certificate of service; use those steps.",
            basis="行政许可法38、44",
        )
    if situation.payload.get("way") == "electronic":
        electronic_delivery_consented(situation)


@guard(of_payload=True)
def refusal_has_witness(situation: Situation) -> None:
    """A paper that is refused, or left, takes a witness (留置送达)."""
    check_witness(situation)
