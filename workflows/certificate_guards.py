"""Conditions on voiding and reissuing a certificate: two people, a reason, one that is in force."""

from __future__ import annotations

from typing import Final

from workflows.errors import Conflict, Forbidden
from workflows.guarding import guard, selector
from workflows.situation import CertificateFacts, Situation

_BASIS: Final = "行政许可法39；证照管理（两人）"
_WAY: Final = {"void": ("作废", "voiding"), "reissue": ("换发", "reissue")}


def in_force(situation: Situation) -> CertificateFacts | None:
    """The certificate of the case that is in force; there is at most one."""
    return next((one for one in situation.certificates if one.state == "in_force"), None)


@guard("certificates")
def certificate_in_force(situation: Situation) -> None:
    """Only a certificate that is in force is voided or reissued."""
    if in_force(situation) is None:
        raise Conflict(
            "no_certificate_in_force",
            "该办件没有有效的证照，不能申请作废或换发。",
            "The case has no certificate in force that could be voided or reissued.",
            basis=_BASIS,
        )


@guard("certificates")
def certificate_void_proposed(situation: Situation) -> None:
    """The issue window has proposed to void it, and somebody else consents."""
    _consent_to(situation, "void")


@guard("certificates")
def certificate_reissue_proposed(situation: Situation) -> None:
    """The issue window has proposed to reissue it, and somebody else consents."""
    _consent_to(situation, "reissue")


@selector("papers")
def certificate_to_deliver(situation: Situation) -> bool:
    """A certificate was made again after the case was delivered, and has not reached the applicant yet."""
    return any(paper.code == "D17" and paper.served_at is None for paper in situation.papers)


def _consent_to(situation: Situation, proposal: str) -> None:
    """:raises Conflict: ``certificate_change_not_proposed``. :raises Forbidden: ``same_person``."""
    found = in_force(situation)
    if found is None or found.proposal != proposal:
        zh, en = _WAY[proposal]
        raise Conflict(
            "certificate_change_not_proposed",
            f"出件窗口尚未提出{zh}该证照，请先由出件员提出并说明理由。",
            f"The issue window has not proposed the {en} of this certificate; it does so first, with a reason.",
            basis=_BASIS,
        )
    acting_for = situation.grant.acting_for if situation.grant else None
    if found.proposed_by in {situation.actor.person, acting_for}:
        raise Forbidden(
            "same_person",
            "提出作废或换发证照的人不得自行批准，请由另一位批准人办理。",
            "Who proposed it may not consent to it; another approver must act.",
            basis=_BASIS,
        )
