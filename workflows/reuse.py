"""免提交: what may stand in for the paper of a line, and what may not: another's, another kind, refused, over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from workflows.errors import Conflict, NotFound
from workflows.material import Grade, MaterialLine
from workflows.proof import GRADES, NO_PAPER
from workflows.situation import MaterialFacts

CONSENT: Final = "个人信息保护法14、34"
"""An applicant is asked before something of theirs is used for another purpose than it was given for."""
Kind = Literal["certificate", "scan", "licence"]
KINDS: Final[dict[str, tuple[str, str]]] = {
    "certificate": ("本系统签发的证照", "a certificate issued here"),
    "scan": ("此前核验过的材料", "a material verified before"),
    "licence": ("外部电子证照", "a certificate of an outside service"),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """Something of the applicant's that may stand in for paper.

    :param name: of the certificate or proof. :param issuer: who issued it, as far as is known.
    :param hall: where it was issued or verified; empty for an outside one. :param reference: its number, or who
        verified it; told only after consent. :param usable: in force, or kept and not overtaken since.
    """

    kind: Kind
    name: str
    issuer: str
    hall: str
    reference: str
    usable: bool
    valid_from: date | None = None
    valid_to: date | None = None

    def in_time(self, today: date) -> bool:
        """Whether its validity covers a day (hall date)."""
        begun = self.valid_from is None or self.valid_from <= today
        return begun and (self.valid_to is None or today <= self.valid_to)

    def serves(self, line: MaterialLine, today: date) -> bool:
        """Whether it may be offered for a line on a day (hall date)."""
        return self.usable and self.name == line.proof and self.in_time(today)

    @property
    def exempt(self) -> str:
        """Why no paper is needed where it stands in."""
        return "verified_before" if self.kind == "scan" else "e_cert"


def require_reusable(line: MaterialLine) -> None:
    """Refuse that anything stands in for what the applicant makes for this very application.

    :raises Conflict: ``exemption_not_allowed``.
    """
    if line.grade is Grade.D:
        raise Conflict(
            "exemption_not_allowed",
            f"材料“{line.name}”由申请人为本次申请出具，不能免提交。",
            f"{line.name_en} is the applicant's statement for this application; nothing can stand in for it.",
            basis=GRADES,
            line=line.code,
        )


def require_free(line: MaterialLine, got: MaterialFacts) -> None:
    """Refuse a second proof beside one that stands, or beside paper that was taken in.

    :raises Conflict: ``reuse_standing``, ``paper_there_already``.
    """
    if got.reuse is not None:
        raise Conflict(
            "reuse_standing",
            f"{line.code} {line.name}已经免提交。要改用其他证明，请先终止该项免提交。",
            f"Something stands in for {line.code} already; end that reuse first.",
            basis=NO_PAPER,
            line=line.code,
        )
    if got.originals + got.copies:
        raise Conflict(
            "paper_there_already",
            f"{line.code} {line.name}已收纸质件，无须免提交。要改为免提交，请先退还纸质件并更正份数。",
            f"Paper was taken in for {line.code}; give it back and correct the counts first.",
            basis=NO_PAPER,
            line=line.code,
        )


def require_serves(proof: Proof, line: MaterialLine, today: date) -> None:
    """Refuse what does not serve for a line.

    :param today: hall date.
    :raises Conflict: ``proof_of_another_kind``, ``proof_not_usable``, ``proof_expired``.
    """
    if proof.name != line.proof:
        raise Conflict(
            "proof_of_another_kind",
            f"{line.code}要求的是“{line.proof}”，所选的是“{proof.name}”，不能代替。",
            f"{line.code} asks for {line.proof}; what was chosen is {proof.name}.",
            basis=GRADES,
            line=line.code,
        )
    if not proof.usable:
        zh, en = KINDS[proof.kind]
        raise Conflict(
            "proof_not_usable",
            f"所选{zh}已被撤销、作废、替换或未通过核验，不能使用。请另选，或收取纸质件。",
            f"What was chosen ({en}) was revoked, replaced or refused; choose another, or take paper.",
            basis=GRADES,
            line=line.code,
        )
    if not proof.in_time(today):
        raise Conflict(
            "proof_expired",
            f"所选证明的有效期{f'至{proof.valid_to:%Y-%m-%d}' if proof.valid_to else '尚未开始'}，不能使用。",
            f"It is not valid on this day{f' (until {proof.valid_to:%Y-%m-%d})' if proof.valid_to else ''}.",
            basis=GRADES,
            line=line.code,
        )


def require_consent(*, given: bool) -> None:
    """Refuse that something of the applicant's is used again without their consent.

    :raises Conflict: ``consent_missing``.
    """
    if not given:
        raise Conflict(
            "consent_missing",
            "须先征得申请人同意并记录，才能调用其已有的证照或材料；不同意的，收取纸质件。",
            "The applicant consents first, and that is recorded; who does not consent hands in paper.",
            basis=CONSENT,
        )


def offer_not_found() -> NotFound:
    """The refusal of what is not the applicant's, the same as of what does not exist."""
    return NotFound(
        "offer_not_found",
        "该申请人没有所选的证照或材料，请重新查询。",
        "The applicant has nothing of that kind; look again.",
    )


def may_end(reuse: MaterialFacts, today: date, *, settled: bool) -> None:
    """Refuse that a reuse ends which the acceptance rests on and which still holds.

    :param settled: the application is accepted with everything in. :param today: hall date.
    :raises Conflict: ``no_reuse_standing``, ``reuse_settled``.
    """
    if reuse.reuse is None:
        raise Conflict("no_reuse_standing", "该材料没有免提交。", "Nothing stands in for this material.")
    if settled and reuse.reuse.holds(today):
        raise Conflict(
            "reuse_settled",
            "申请已凭该项免提交受理，且其仍然有效，不能终止。",
            "The application was accepted on it and it still holds; it cannot be ended.",
            basis="行政许可法32(1)(5)",
        )
