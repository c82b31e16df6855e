"""Review and decision: 承办意见, 审核, 退回, 准予, 不予许可."""

from __future__ import annotations

from typing import Any

from engine.work import Work
from storage import results
from storage.db import uuid7


def submit_review(work: Work) -> None:
    """承办: the handler's signed opinion; whoever signs it may not decide."""
    work.change(handler_id=work.command.actor.person, endorser_id=None)
    _sign(work, "review", work.payload["proposal"], work.payload["opinion"])


def endorse(work: Work) -> None:
    """审核: a second signed opinion by somebody else."""
    work.change(endorser_id=work.command.actor.person)
    _sign(work, "endorsement", "endorsed", work.payload["opinion"])


def send_back(work: Work) -> None:
    """退回承办: the opinions so far stand in the file, and the case is reviewed again."""
    work.change(endorser_id=None)
    _sign(work, "return", "sent_back", work.payload["reason"])


def grant(work: Work) -> None:
    """准予许可 (许可法38(1))."""
    work.change(approver_id=work.command.actor.person)
    _sign(work, "decision", "granted", work.payload["opinion"])


def deny(work: Work) -> None:
    """不予许可: with facts, reasons and article; the paper names the remedies (许可法38(2))."""
    work.change(approver_id=work.command.actor.person)
    _sign(work, "decision", "denied", work.payload["reason"], work.payload["article"])


def _sign(work: Work, kind: str, result: str, opinion: str, article: str = "") -> None:
    row: dict[str, Any] = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "seq": work.case["head_seq"] + 1,
        "kind": kind,
        "result": result,
        "opinion": opinion,
        "article": article,
        "signed_by": work.command.actor.person,
        "signed_name": work.command.actor.name,
        "signed_at": work.now,
    }
    work.then(results.add, "decisions", row)
