"""Conditions on who decides, and on handing over."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from workflows.errors import Conflict, Forbidden
from workflows.guarding import guard, selector
from workflows.handling_guards import is_instant
from workflows.party import validate_id
from workflows.situation import Situation


@guard("handlers")
def endorser_is_not_handler(situation: Situation) -> None:
    """Who handled the case in any round, in person or through a delegate, does not endorse it (审批表三级签署)."""
    _refuse_same_person(situation, {situation.case.handler, *situation.handlers})


@guard()
def not_yet_endorsed(situation: Situation) -> None:
    """An opinion stands until the case is sent back; it is not written over."""
    if situation.case.endorser is not None:
        raise Conflict(
            "already_endorsed",
            "该办件已有审核意见，如需更改请退回承办。",
            "The case has been endorsed; send it back to change that.",
        )


@guard("signers")
def approver_is_not_handler(situation: Situation) -> None:
    """A decision takes two distinct people: nobody who handled or endorsed the case in any round approves it.

    Where there is no review of its own (即办件, 告知承诺), who received the application is one of those who handled it.
    """
    case = situation.case
    at_once = case.handler is None or is_instant(situation)
    first = {case.receiver} if at_once else set()
    _refuse_same_person(situation, {case.handler, case.endorser, *situation.signers, *first})


def _refuse_same_person(situation: Situation, others: Collection[UUID | None]) -> None:
    """Neither the actor nor whom the actor stands in for may be one of the others."""
    acting_for = situation.grant.acting_for if situation.grant else None
    if {situation.actor.person, acting_for} & (set(others) - {None}):
        raise Forbidden(
            "same_person",
            "承办、审核与批准不得为同一人（含其代理人），请由另一位有权人员办理。",
            "The same person, or a delegate of theirs, may not both review and approve; another authorised person"
            " must act.",
            basis="行政许可法34；审批分离",
        )


@guard()
def tolerance_closed(situation: Situation) -> None:
    """No decision while something is still owed under tolerance (容缺)."""
    if "tolerance" in situation.case.flags:
        raise Conflict(
            "tolerance_open",
            "容缺材料尚未补齐，不能作出决定。",
            "Something is still owed under tolerance; no decision can be made.",
            basis="容缺受理规定",
        )


@guard(of_payload=True)
def recipient_identified(situation: Situation) -> None:
    """Who takes the result shows a valid identity number.

    :raises Malformed: when the number fails its check.
    """
    person = situation.payload["recipient"]
    validate_id(person["id_kind"], person["id_number"])


@guard(of_payload=True)
def applicant_signed(situation: Situation) -> None:
    """A withdrawal is the applicant's own signed wish."""
    if not situation.payload.get("signed"):
        raise Conflict(
            "signature_missing",
            "撤回须由申请人签字确认。",
            "A withdrawal must be signed by the applicant.",
            basis="行政许可法31",
        )


@selector()
def overdue_tolerance_withdraws(situation: Situation) -> bool:
    """The item counts an application as withdrawn when what was owed under tolerance never came (视为撤回)."""
    return situation.item.tolerance_overdue == "withdrawn"


@selector()
def overdue_tolerance_terminates(situation: Situation) -> bool:
    """The item ends an application when what was owed under tolerance never came (终止办理)."""
    return situation.item.tolerance_overdue == "terminated"
