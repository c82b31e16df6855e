"""The issue window: the result's way to the applicant, by hand, by post or electronically."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.issue.serving import service_row
from engine.mandates.proxying import check_collector
from engine.work import Work
from storage import pickups, postings, results, services, shelf
from storage.db import uuid7
from workflows.errors import Conflict
from workflows.issue_guards import result_papers, waybill_used
from workflows.party import validate_electronic_address, validate_id
from workflows.pickup import DIGITS

INVITE: Final = "rating.invite"
"""What is to be done after a delivery: the applicant is invited to rate."""
SEALED_CODE: Final = "pickup_codes.code_sealed"
"""Under which name pickup codes are sealed."""
_READY: Final = "READY"


def mark_ready(work: Work) -> None:
    """证照待领: the result is put on its shelf, and the applicant gets a code to collect it with."""
    keep(work, work.payload.get("shelf", ""), "ready")


def keep(work: Work, place: str, cause: str) -> None:
    """The result waits from now on: at this place (may be empty), under a code of its own."""
    case = work.case
    work.then(shelf.enter, case["id"], case["hall_id"], place, work.command.actor.staff, work.now, cause)
    renew_pickup_code(work)


def renew_pickup_code(work: Work) -> None:
    """重发取件码: a new code, kept as its keyed digest and sealed for the message; the one before it is over."""
    sealer, case = work.context.sealer, work.case
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    index = sealer.index(code, pickup_index(case["number"]))
    work.then(pickups.issue, case["id"], index, sealer.seal(code, SEALED_CODE), work.now)


def pickup_index(number: str) -> str:
    """Under which name the code of a case is indexed: the same digits of another case give another digest."""
    return f"pickup:{number}"


def _take_away(work: Work, cause: str, outcome: str) -> None:
    """The result leaves the shelf, and its pickup code has had its time."""
    work.then(shelf.leave, work.case["id"], work.command.actor.staff, work.now, cause)
    work.then(pickups.end, work.case["id"], outcome, work.now)


def deliver(work: Work) -> None:
    """送达: handed over against an identity check, the recipient's number sealed (许可法44); or a denial left (38(2)).

    :raises Conflict: ``recipient_is_not_applicant`` when somebody else calls themself the applicant; and as in
        :func:`engine.mandates.proxying.check_collector`. :raises Forbidden: idem, when a mandate does not reach so far.
    """
    person = work.payload.get("recipient")
    if person is None:
        _hand_over(work, "left", work.case["applicant"]["name"], refused=True)
        return
    number = validate_id(person["id_kind"], person["id_number"])
    relation = person.get("relation", "self")
    if relation == "self":
        refuse_stranger(work.context, work.case, person["id_kind"], number)
    check_collector(work, person["id_kind"], number, relation)
    refused = bool(work.payload.get("refused"))
    sealed = work.context.sealer.seal(number, "deliveries.id_sealed")
    identity = {"relation": relation, "id_kind": person["id_kind"], "id_sealed": sealed}
    _hand_over(work, "left" if refused else "window", person["name"], refused=refused, **identity)


def refuse_stranger(context: Context, case: Mapping[str, Any], kind: str, number: str) -> None:
    """A natural person who collects as the applicant is the one who applied.

    :param number: of the identity document, in its standard form.
    :raises Conflict: ``recipient_is_not_applicant``.
    """
    filed = case["applicant"]
    if filed["kind"] != "person" or filed["id_kind"] != kind:
        return
    sealed = context.sealer.open(case["applicant_sealed"], "cases.applicant_sealed")
    if msgspec.json.decode(sealed)["id_number"] != number:
        raise Conflict(
            "recipient_is_not_applicant",
            "领取人证件号码与申请人不符。代领的，请注明与申请人的关系并核验授权委托书。",
            "The recipient's number is not the applicant's. Say what they are to the applicant and check the mandate.",
            basis="行政许可法44；民法典165",
        )


def consent_electronic(work: Work) -> None:
    """送达地址确认: the electronic address, sealed; papers may be sent there from now on (国务院令716号10)."""
    address = validate_electronic_address(work.payload["electronic_address"])
    sealed = work.context.sealer.seal(address, "electronic_addresses.address_sealed")
    work.then(services.confirm_address, work.case["id"], work.case["head_seq"] + 1, sealed, work.now)


def deliver_electronically(work: Work) -> None:
    """电子送达: to the address that the applicant confirmed last; it equals paper (国务院令716号10)."""
    _hand_over(work, "electronic", work.case["applicant"]["name"])


def send_by_post(work: Work, line: int = 1, order: UUID | None = None) -> None:
    """邮寄: one parcel, one waybill.

    :param line: the case's place in a parcel of several. :param order: what was ordered of the courier, if it was.
    :raises Conflict: ``waybill_used`` when somebody else used the waybill a moment before.
    """
    case, carrier, waybill = work.case["id"], work.payload["carrier"], work.payload["waybill"]

    async def write(connection: Any) -> None:
        if not await postings.send(connection, case, carrier, waybill, work.now, line, order):
            raise waybill_used()

    work.then(write)
    _take_away(work, "post", "posted")


def sign_off_post(work: Work) -> None:
    """邮件签收: the carrier says who signed; with that the result is delivered (许可法44)."""
    signer = work.payload["signed_by"]
    work.then(postings.end, work.case["id"], "signed", work.now, signer)
    _hand_over(work, "post", signer, relation="")


def return_post(work: Work) -> None:
    """邮件退回: the parcel came back, and the result waits again."""
    work.then(postings.end, work.case["id"], "returned", work.now, work.payload["reason"])
    if work.situation.state == _READY:
        keep(work, "", "returned")


def _hand_over(work: Work, way: str, recipient: str, *, refused: bool = False, **identity: Any) -> None:
    """The result has reached the applicant: what, to whom and how; the certificate of service lists it."""
    papers = result_papers(work.situation)
    listed = [{"code": paper.code, "number": paper.number} for paper in papers]
    row = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "way": way,
        "recipient": recipient,
        "relation": "self",
        "id_kind": "",
        "id_sealed": b"",
        "delivered_by": work.command.actor.staff,
        "delivered_at": work.now,
    }
    work.papers_data["D18"] = {"way": way, "documents": listed, "received_by": recipient}
    work.data["delivered"] = listed
    work.then(results.add, "deliveries", row | identity)
    _take_away(work, way, "used")
    work.then(services.add, [service_row(work, paper, way, recipient, refused=refused) for paper in papers])
    work.outbox.append({"topic": INVITE, "data": {"case": work.case["number"]}})
