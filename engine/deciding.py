"""Review and decision: 承办意见, 审核, 退回, 准予, 不予许可, and what others contribute to it."""

from __future__ import annotations

from engine.signing import sign
from engine.work import Work


def submit_review(work: Work) -> None:
    """承办: the handler's signed opinion; whoever signs it may not decide."""
    work.change(handler_id=work.command.actor.staff, endorser_id=None)
    sign(work, "review", work.payload["proposal"], work.payload["opinion"])


def report_up(work: Work) -> None:
    """初审: the lower authority's signed opinion goes up with the case (许可法35)."""
    work.change(handler_id=None)
    sign(work, "review", "reported", work.payload["opinion"])


def endorse(work: Work) -> None:
    """审核: a second signed opinion by somebody else."""
    work.change(endorser_id=work.command.actor.staff)
    sign(work, "endorsement", "endorsed", work.payload["opinion"])


def send_back(work: Work) -> None:
    """退回承办: the opinions so far stand in the file, and the case is reviewed again."""
    work.change(endorser_id=None)
    sign(work, "return", "sent_back", work.payload["reason"])


def grant(work: Work) -> None:
    """准予许可 (许可法38(1))."""
    work.change(approver_id=work.command.actor.staff)
    sign(work, "decision", "granted", work.payload["opinion"])


def deny(work: Work) -> None:
    """不予许可: with facts, reasons and article; the paper names the remedies (许可法38(2))."""
    work.change(approver_id=work.command.actor.staff)
    sign(work, "decision", "denied", work.payload["reason"], work.payload["article"])
