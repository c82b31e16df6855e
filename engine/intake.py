"""Receipt and acceptance: 提交, 收件登记, 当场更正, 受理."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from engine.work import Work
from storage import checks, child_cases, materials
from storage.db import uuid7
from workflows.actor import Role
from workflows.effects import effective_acceptance
from workflows.handling_guards import is_instant
from workflows.material_guards import counted, line_on_list
from workflows.proof import CheckFacts
from workflows.situation import MaterialFacts


def submit(work: Work) -> None:
    """提交: for pre-review; where the item is handled online from end to end, it is the receipt itself (29(3))."""
    if work.flow.states[work.situation.state].phase == "receipt":
        work.change(received_at=work.now)
        if work.situation.role is Role.clerk:
            work.change(receiver_id=work.command.actor.staff)
    count_materials(work)


def return_pre_review(work: Work) -> None:
    """预审退回: what is named as lacking is on the list of the item, as everything that is asked for."""
    for gap in work.payload["gaps"]:
        line_on_list(work.situation, gap["material"])


def receive(work: Work) -> None:
    """收件: the papers are in the hall's hands; the clock of the notice starts (许可法32(1)(4))."""
    work.change(received_at=work.now, receiver_id=work.command.actor.staff)
    count_materials(work)


def correct_on_spot(work: Work) -> None:
    """当场更正: an error that can be corrected at once is corrected at once (许可法32(1)(3))."""
    count_materials(work)


def accept(work: Work) -> None:
    """受理: as of when everything asked for was handed in (许可法32(1)(5))."""
    work.change(accepted_at=effective_acceptance(work.situation.notice, work.now))
    take_in_hand(work)
    work.papers_data["D05"] = {"mode": "normal"}


def take_in_hand(work: Work) -> None:
    """Who accepts an instant item (即办件) is the one who handles it; somebody else decides."""
    if is_instant(work.situation):
        work.change(handler_id=work.command.actor.staff)


def count_materials(work: Work) -> None:
    """Write the counts that came with the act, if any did; departments that take part are shown them too.

    What whoever counted has checked by its grade is kept as a check of theirs.
    """
    sent = work.payload.get("materials", ())
    facts = counted(work.situation)
    rows = [_row(facts[row["line"]], work.now) for row in sent]
    if rows:
        work.then(materials.count, work.case["id"], rows)
        if "joint" in work.case["flags"]:
            work.then(child_cases.share_materials, work.case["id"], work.now)
    held = [facts[row["line"]] for row in sent if row.get("checked")]
    if seen := [_check(work, got.line, got.check) for got in held if got.check]:
        work.then(checks.add, seen)


def _row(got: MaterialFacts, now: datetime) -> dict[str, Any]:
    return {
        "line": got.line,
        "originals": got.originals,
        "copies": got.copies,
        "pages": got.pages,
        "exempt": got.exempt,
        "counted_at": now,
    }


def _check(work: Work, line: str, check: CheckFacts) -> dict[str, Any]:
    actor, situation = work.command.actor, work.situation
    name = signed_by(actor.signature(situation.grant), situation.role)
    return check_row(work.case["id"], line, check, "", actor.staff) | {"checked_name": name}


def signed_by(name: str, role: Role) -> str:
    """Name and post of who checked, as printed on copies."""
    return f"{name}（{role.zh}）"


def check_row(case: UUID, line: str, check: CheckFacts, note: str, by: UUID | None) -> dict[str, Any]:
    """A check as it is kept. :param note: what was found, in words. :param by: key of who checked."""
    return {
        "id": uuid7(),
        "case_id": case,
        "line": line,
        "kind": check.kind.value,
        "passed": check.passed,
        "reference": check.reference,
        "valid_to": check.valid_to,
        "note": note,
        "checked_by": by,
        "checked_name": check.by,
        "checked_at": check.at,
    }
