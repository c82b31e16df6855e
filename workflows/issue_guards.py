"""Conditions on delivery and rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workflows.errors import Conflict
from workflows.guarding import guard, selector
from workflows.party import validate_electronic_address, validate_id
from workflows.situation import PaperFacts, Situation

RESULTS: Final = frozenset({"D15", "D16", "D17"})
"""The documents that carry a result: the decision either way, and the certificate."""
BAD_LEVEL: Final = 4
"""Ratings from this level on are bad ones (差评, GB/T 39046 A.8)."""


def result_papers(situation: Situation) -> tuple[PaperFacts, ...]:
    """The decision and the certificate of the case, as far as they have not reached the applicant."""
    return tuple(paper for paper in situation.papers if paper.code in RESULTS and paper.served_at is None)


@guard("papers")
def result_to_deliver(situation: Situation) -> None:
    """Only what was issued is delivered, and a certificate of service lists it (送达回证)."""
    if not result_papers(situation):
        raise Conflict(
            "nothing_to_deliver",
            "该办件没有待送达的决定书或证照。",
            "The case has no decision or certificate that is still to be delivered.",
            basis="行政许可法44",
        )


@selector("papers")
def result_is_denial(situation: Situation) -> bool:
    """What was decided is a denial."""
    return any(paper.code == "D16" for paper in situation.papers)


@selector("papers")
def result_is_grant(situation: Situation) -> bool:
    """What was decided is no denial."""
    return not result_is_denial(situation)


@guard(of_payload=True)
def collector_entitled(situation: Situation) -> None:
    """Whoever takes a result for somebody else shows a mandate (民法典165)."""
    check_entitled(situation.payload)


def check_entitled(payload: Mapping[str, Any]) -> None:
    """The same for anything that is handed out. :raises Conflict: ``mandate_missing``."""
    person, shown = payload.get("recipient"), {"mandate", "mandate_number"}
    if person and person.get("relation") in {"agent", "family"} and not any(map(payload.get, shown)):
        raise Conflict(
            "mandate_missing",
            "代领人须出示授权委托书，请核验后勾选“已核验授权委托书”，已登记的请填写编号。",
            "Whoever collects for the applicant must show a mandate; check it and say so, or give its number.",
            basis="民法典165",
        )


@guard(of_payload=True)
def recipient_or_refusal(situation: Situation) -> None:
    """A denial is handed to an identified recipient, or left with a witness when it is refused (留置送达).

    :raises Conflict: ``recipient_missing``, ``witness_missing``. :raises Malformed: when an identity number fails.
    """
    person = situation.payload.get("recipient")
    if person is not None:
        validate_id(person["id_kind"], person["id_number"])
    elif not situation.payload.get("refused"):
        raise Conflict(
            "recipient_missing",
            "请登记领取人；当事人拒收的，请注明拒收和见证人。",
            "Name the recipient; or, when the paper is refused, say so and name a witness.",
            basis="参照民事诉讼法89",
        )
    check_witness(situation)


def check_witness(situation: Situation) -> None:
    """A paper that somebody refuses to take is left in the presence of a witness, who is not the recipient.

    :raises Conflict: ``witness_missing``.
    """
    payload = situation.payload
    left = payload.get("refused") or payload.get("way") == "left"
    witness = str(payload.get("witness", "")).strip()
    if left and (not witness or witness == payload.get("recipient")):
        raise Conflict(
            "witness_missing",
            "拒收或留置送达须有见证人，且不得是受送达人本人。请填写见证人。",
            "A refusal, or a paper that is left, takes a witness other than the recipient; name one.",
            basis="参照民事诉讼法89",
        )


@guard()
def electronic_delivery_consented(situation: Situation) -> None:
    """Papers are sent electronically only to who agreed to it and confirmed the address (D28)."""
    if "electronic_delivery" not in situation.case.flags:
        raise Conflict(
            "electronic_delivery_not_consented",
            "申请人未确认电子送达。请先办理送达地址确认，或改用窗口、邮寄送达。",
            "The applicant has not agreed to electronic delivery; confirm the address first, or use another way.",
            basis="国务院令716号10；参照民事诉讼法90",
        )


@guard(of_payload=True)
def electronic_address_confirmed(situation: Situation) -> None:
    """The address for electronic delivery is a mobile number or an e-mail address, signed for by the applicant.

    :raises Malformed: ``electronic_address_wrong``, ``mobile_wrong``. :raises Conflict: ``signature_missing``.
    """
    validate_electronic_address(situation.payload["electronic_address"])
    if not situation.payload.get("signed"):
        raise Conflict(
            "signature_missing",
            "电子送达须由申请人签字确认。",
            "Electronic delivery must be signed for by the applicant.",
            basis="国务院令716号10；参照民事诉讼法90",
        )


@guard("waybill", of_payload=True)
def waybill_is_new(situation: Situation) -> None:
    """A waybill stands for one parcel."""
    if situation.waybill_used:
        raise waybill_used()


def waybill_used() -> Conflict:
    """The refusal of a waybill that stands for another parcel."""
    return Conflict(
        "waybill_used",
        "该运单号已登记过，一个运单只对应一次邮寄，请核对。",
        "This waybill is used already; one waybill stands for one parcel. Check the number.",
        basis="行政许可法44",
    )


@guard("posting", of_payload=True)
def waybill_matches(situation: Situation) -> None:
    """Who reports on a parcel names the one that is on its way with this case."""
    if situation.posting is None or situation.posting.waybill != situation.payload["waybill"]:
        raise Conflict(
            "waybill_wrong",
            "运单号与该办件在途邮件不符，请核对。",
            "This is not the waybill of the parcel that is on its way with this case; check the number.",
            basis="行政许可法44",
        )


@guard()
def not_yet_invited(situation: Situation) -> None:
    """An applicant is invited to rate a case once (一次一评)."""
    if "rating_invited" in situation.case.flags:
        raise Conflict(
            "already_invited",
            "该办件已邀请过评价。",
            "The applicant has been invited to rate this case.",
            basis="GB/T 39734-2020",
        )


@guard("rating")
def not_yet_rated(situation: Situation) -> None:
    """A case is rated once (一次一评)."""
    if situation.rating is not None:
        raise Conflict(
            "already_rated",
            "该办件已评价，每件只评价一次。",
            "This case has been rated; each case is rated once.",
            basis="GB/T 39734-2020",
        )


@guard("rating", "duties")
def rated_badly(situation: Situation) -> None:
    """A rectification is opened for a bad rating, once."""
    opened = any(duty.kind == "rectification" for duty in situation.duties)
    if situation.rating is None or situation.rating.level < BAD_LEVEL or opened:
        raise Conflict(
            "no_bad_rating",
            "该办件没有待整改的差评。",
            "The case has no bad rating that waits for a rectification.",
            basis="国办发〔2019〕51号",
        )


@guard("duties", "rating")
def contact_is_owed(situation: Situation) -> None:
    """Who gave a bad rating is contacted once, and the note is kept."""
    if not _owed(situation, "rater_contact"):
        raise Conflict(
            "no_contact_owed",
            "该办件没有待联系的差评，或已联系。",
            "No rater waits to be contacted on this case.",
            basis="国办发〔2019〕51号",
        )


@guard("duties")
def rectification_is_owed(situation: Situation) -> None:
    """What was rated badly is put right after the rater was heard, once."""
    if _owed(situation, "rater_contact"):
        raise Conflict(
            "rater_not_contacted",
            "请先联系评价人、核实情况，再登记整改结果。",
            "Contact the rater and hear them first; then record what was put right.",
            basis="国办发〔2019〕51号",
        )
    if not _owed(situation, "rectification"):
        raise Conflict(
            "no_rectification_owed",
            "该办件没有待整改的差评。",
            "No rectification is owed on this case.",
            basis="国办发〔2019〕51号",
        )


def _owed(situation: Situation, kind: str) -> bool:
    return any(duty.kind == kind and duty.done_at is None for duty in situation.duties)
