"""Conditions on who decides, on special procedures and extensions, and on handing over."""

from __future__ import annotations

from workflows.errors import Conflict, Forbidden
from workflows.guarding import guard, selector
from workflows.item import SpecialProcedure
from workflows.party import validate_id
from workflows.situation import Situation


@guard()
def endorser_is_not_handler(situation: Situation) -> None:
    """Who handled the case does not endorse it (GB/T 39046; 审批表三级签署)."""
    _refuse_same_person(situation, situation.case.handler)


@guard()
def not_yet_endorsed(situation: Situation) -> None:
    """An opinion stands until the case is sent back; it is not written over."""
    if situation.case.endorser is not None:
        raise Conflict(
            "already_endorsed",
            "该办件已有审核意见，如需更改请退回承办。",
            "The case has been endorsed; send it back to change that.",
        )


@guard()
def approver_is_not_handler(situation: Situation) -> None:
    """A decision takes two distinct people: neither handler nor endorser approves."""
    _refuse_same_person(situation, situation.case.handler)
    _refuse_same_person(situation, situation.case.endorser)


def _refuse_same_person(situation: Situation, other: object) -> None:
    if situation.actor.person == other:
        raise Forbidden(
            "same_person",
            "承办、审核与批准不得为同一人，请由另一位有权人员办理。",
            "The same person may not both review and approve; another authorised person must act.",
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


def special_procedure(situation: Situation) -> SpecialProcedure | None:
    """The special procedure of the item that the payload names by its ``kind``."""
    kind = situation.payload.get("kind")
    return next((found for found in situation.item.special_procedures if found.kind == kind), None)


@guard(of_payload=True)
def special_kind_has_basis(situation: Situation) -> None:
    """Time is excluded only for the eight kinds of article 45 or on the item's own legal basis."""
    found = special_procedure(situation)
    if found is None or not found.excluded:
        raise Conflict(
            "special_kind_without_basis",
            "该环节不在该事项依法可以扣除期限的特别程序之内，期限继续计算。",
            "This is not a special procedure whose time the law leaves out for this item; the limits go on running.",
            basis="行政许可法45",
            kinds=[one.kind for one in situation.item.special_procedures if one.excluded],
        )


@guard()
def extension_by_right_approver(situation: Situation) -> None:
    """An extension is approved by the head that the item's law names (许可法42)."""
    extension = situation.item.extension
    if extension is None:
        raise Conflict(
            "extension_not_provided",
            "该事项的法定期限不得延长。",
            "The law gives this item no extension of its limit.",
            basis="行政许可法42(1)",
        )
    if situation.role is not extension.role:
        raise Forbidden(
            "role_not_allowed",
            f"延长期限应由{extension.role.zh}批准。",
            f"The extension is for the {extension.role.en} to approve.",
            basis=extension.basis,
            roles=[extension.role.value],
        )


@selector()
def overdue_tolerance_withdraws(situation: Situation) -> bool:
    """The item counts an application as withdrawn when what was owed under tolerance never came (视为撤回)."""
    return situation.item.tolerance_overdue == "withdrawn"


@selector()
def overdue_tolerance_terminates(situation: Situation) -> bool:
    """The item ends an application when what was owed under tolerance never came (终止办理)."""
    return situation.item.tolerance_overdue == "terminated"
