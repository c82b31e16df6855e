"""告知承诺: granted on the applicant's promise, checked afterwards, put right or revoked."""

from __future__ import annotations

from datetime import date

from engine.owing import owe, owe_until, settle
from engine.signing import sign
from engine.work import Work
from storage import certificates
from workflows.tolerance_guards import open_promise_duty


def grant_on_promise(work: Work) -> None:
    """告知承诺，当场准予: accepted and granted in one act; the promise is to be checked within the item's days."""
    work.change(accepted_at=work.now, approver_id=work.command.actor.staff)
    sign(work, "decision", "granted", work.payload["opinion"])
    due_on = owe(work, "post_check", work.item.post_check_days)
    work.data["post_check_due"] = due_on.isoformat()
    work.papers_data["D15"] = {"mode": "promise"}


def check_promise(work: Work) -> None:
    """承诺核查: kept, or to be put right by a day, or broken. Whoever checks does not revoke."""
    outcome, duty = work.payload["outcome"], open_promise_duty(work.situation)
    sign(work, "review", outcome, work.payload["findings"])
    if duty is not None:
        settle(work, duty.kind, outcome)
    if outcome == "to_correct":
        owe_until(work, "promise_correction", date.fromisoformat(work.payload["correct_by"]))


def revoke(work: Work) -> None:
    """撤销许可决定: the promise was broken; the certificate is no longer in force (许可法69, 79)."""
    sign(work, "revocation", "revoked", work.payload["reason"], work.payload["article"])
    work.then(certificates.end, work.case["id"], "revoked", work.command.actor.staff, work.now)
