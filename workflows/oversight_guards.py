"""Conditions on voiding, orders, cards and the public word on an overrun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflows.errors import Conflict, Forbidden, NotFound
from workflows.guarding import guard
from workflows.situation import CardFacts, DutyFacts, Situation

OVERSIGHT: Final = "监察督办"
APPEAL: Final = "亮牌申诉"
REPLY: Final = "supervision_reply"
EXPLANATION: Final = "overdue_explanation"
MOST_REPLY_DAYS: Final = 30
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "standing": ("尚未被申诉", "was not appealed"),
    "appealed": ("已在申诉中", "is under appeal"),
    "upheld": ("经申诉已维持", "was upheld on appeal"),
    "lifted": ("经申诉已撤销", "was lifted on appeal"),
}
JOINT_VOID: Final = "监督和审计共同作废，仅限技术错误"
WITHOUT_LEGAL_EFFECT: Final = frozenset({"D01", "D02", "D04", "D14", "D22", "D23", "D24", "D26", "D28"})
"""Receipts, slips and internal papers; whatever else the authority issues binds it or tells somebody of a right."""


@guard("papers")
def no_legal_document_yet(situation: Situation) -> None:
    """A case is void only for a technical error, so only while nothing was issued that somebody may rely on.

    :raises Conflict: ``legal_document_issued``, naming the documents.
    """
    legal = [paper.number for paper in situation.papers if paper.code not in WITHOUT_LEGAL_EFFECT]
    if legal:
        raise Conflict(
            "legal_document_issued",
            f"已出具有法律效力的文书：{'、'.join(legal)}，不能作废。请依法撤回、终止或作出决定。",
            f"Documents with legal effect were issued: {', '.join(legal)}; the case can no longer be voided. "
            "Withdraw, terminate or decide it.",
            basis=JOINT_VOID,
            documents=legal,
        )


@guard()
def void_was_proposed(situation: Situation) -> None:
    """Two people void a case: the supervisor proposes, the auditor verifies.

    :raises Conflict: ``void_not_proposed``. :raises Forbidden: ``same_person``.
    """
    proposer = situation.case.void_proposer
    if proposer is None:
        raise Conflict(
            "void_not_proposed",
            "尚未由监察督办员提出作废。请先由其提出并说明技术错误。",
            "No supervisor has proposed to void this case; they propose first and name the technical error.",
            basis=JOINT_VOID,
        )
    if proposer == situation.actor.person:
        raise Forbidden(
            "same_person",
            "提出作废和核实作废不得为同一人。",
            "Whoever proposed to void a case does not void it.",
            basis=JOINT_VOID,
        )


@guard("duties")
def no_open_order(situation: Situation) -> None:
    """One order at a time, so that every answer belongs to one; until then the department is urged.

    :raises Conflict: ``order_open``, with the last hall day for the answer.
    """
    order = _owed(situation, REPLY)
    if order is not None:
        raise Conflict(
            "order_open",
            f"上一督办尚未答复（答复期限{order.due_on:%Y-%m-%d}）。答复前可以催办，不能再次督办。",
            f"The order before this one is not answered yet (due {order.due_on:%Y-%m-%d}); until then the department "
            "can be urged.",
            basis=OVERSIGHT,
            due_on=order.due_on.isoformat(),
        )


@guard(of_payload=True)
def reply_days_fit(situation: Situation) -> None:
    """An order leaves time to answer, and not for ever.

    :raises Conflict: ``reply_days_wrong``.
    """
    if not 1 <= situation.payload["reply_days"] <= MOST_REPLY_DAYS:
        raise Conflict(
            "reply_days_wrong",
            f"答复期限应为1至{MOST_REPLY_DAYS}个工作日。",
            f"The time to answer is from 1 to {MOST_REPLY_DAYS} working days.",
            basis=OVERSIGHT,
        )


@guard("duties")
def order_is_open(situation: Situation) -> None:
    """Only an order that was given can be answered, and once.

    :raises Conflict: ``order_not_open``.
    """
    if _owed(situation, REPLY) is None:
        raise Conflict(
            "order_not_open",
            "该办件没有待答复的督办。",
            "No order on this case waits for an answer.",
            basis=OVERSIGHT,
        )


@guard("duties")
def explanation_is_owed(situation: Situation) -> None:
    """The public is told why a limit was passed once one was passed.

    :raises Conflict: ``no_explanation_owed``.
    """
    if _owed(situation, EXPLANATION) is None:
        raise Conflict(
            "no_explanation_owed",
            "该办件没有超期，或者超期原因已经公开说明。",
            "No limit of this case was passed, or the reason was explained in public already.",
            basis="优化营商环境条例36(2)",
        )


def _owed(situation: Situation, kind: str) -> DutyFacts | None:
    return next((duty for duty in situation.duties if duty.kind == kind and duty.done_at is None), None)


@guard("cards", of_payload=True)
def card_stands(situation: Situation) -> None:
    """A card is appealed once, while it stands.

    :raises NotFound: ``card_not_found``. :raises Conflict: ``card_not_standing``.
    """
    card = _card(situation)
    if card.state != "standing":
        raise Conflict(
            "card_not_standing",
            f"该亮牌{_STATES[card.state][0]}，不能再申诉。",
            f"This card {_STATES[card.state][1]}; it cannot be appealed again.",
            basis=APPEAL,
            state=card.state,
        )


@guard("cards", of_payload=True)
def card_appealed(situation: Situation) -> None:
    """An appeal is settled once, and by somebody else than who made it.

    :raises NotFound: ``card_not_found``. :raises Conflict: ``card_not_appealed``. :raises Forbidden: ``same_person``.
    """
    card = _card(situation)
    if card.state != "appealed":
        raise Conflict(
            "card_not_appealed",
            f"该亮牌{_STATES[card.state][0]}，没有待处理的申诉。",
            f"This card {_STATES[card.state][1]}; no appeal waits to be settled.",
            basis=APPEAL,
            state=card.state,
        )
    if card.appealed_by == situation.actor.person:
        raise Forbidden(
            "same_person",
            "申诉人不得处理自己的申诉，请由另一位监察督办员办理。",
            "Nobody settles their own appeal; another supervisor must.",
            basis=APPEAL,
        )


def _card(situation: Situation) -> CardFacts:
    number = situation.payload["card"]
    found = next((card for card in situation.cards if card.number == number), None)
    if found is None:
        raise NotFound(
            "card_not_found", "该办件没有此编号的亮牌，请核对编号。", "The case has no card of this number; check it."
        )
    return found
