"""Receipt and acceptance: 提交, 收件登记, 当场更正, 受理."""

from __future__ import annotations

from typing import Any

from engine.work import Work
from storage import child_cases, materials
from workflows.actor import Role
from workflows.effects import effective_acceptance
from workflows.handling_guards import is_instant


def submit(work: Work) -> None:
    """提交: for pre-review; where the item is handled online from end to end, it is the receipt itself (29(3))."""
    if work.flow.states[work.situation.state].phase == "receipt":
        work.change(received_at=work.now)
        if work.situation.role is Role.clerk:
            work.change(receiver_id=work.command.actor.staff)
    count_materials(work)


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
    """Write the counts that came with the act, if any did; departments that take part are shown them too."""
    rows: list[dict[str, Any]] = [
        {
            "line": row["line"],
            "originals": row.get("originals", 0),
            "copies": row.get("copies", 0),
            "pages": row.get("pages", 0),
            "exempt": row.get("exempt"),
            "counted_at": work.now,
        }
        for row in work.payload.get("materials", ())
    ]
    if rows:
        work.then(materials.count, work.case["id"], rows)
        if "joint" in work.case["flags"]:
            work.then(child_cases.share_materials, work.case["id"], work.now)
