"""The one-time notice and what comes of it: 补正告知, 补充告知, 接收补正材料, 逾期退件."""

from __future__ import annotations

from typing import Any

from engine.ending import NOT_CORRECTED, list_returned
from engine.hints import hints_by_line
from engine.intake import count_materials
from engine.oversight import raise_violation
from engine.work import Work
from storage import notices
from storage.db import uuid7
from workflows.correction_guards import changed_fact
from workflows.situation import NoticeLine


def give_notice(work: Work) -> None:
    """补正告知: everything that must be corrected, told once; the trail keeps what had been told before (32(1)(4))."""
    lines = _tell(work)
    told = hints_by_line(work.situation.told, {line["line"]: line["material"] for line in lines})
    if told:
        work.data["told_before"] = told


def add_notice_lines(work: Work) -> None:
    """补充告知: lines on a changed fact; without one they are the authority's violation and bind nobody (72(4))."""
    violation = not changed_fact(work.situation)
    lines = _tell(work, changed_fact=changed_fact(work.situation), violation=violation)
    work.data |= {"lines": [line["line"] for line in lines], "violation": violation}
    if violation:
        raise_violation(work, "told_twice", "行政许可法32(1)(4)、72(4)")


def _tell(work: Work, *, changed_fact: str = "", violation: bool = False) -> list[dict[str, Any]]:
    """Write a notice, its lines numbered on from those before; what is printed is what is kept."""
    ways = {line.code: line.how_to_obtain for line in work.item.materials}
    first = len(work.situation.notice.lines) + 1 if work.situation.notice else 1
    lines = [
        {
            **row,
            "line": number,
            "how_to_obtain": (row.get("how_to_obtain") or "").strip() or ways[row["material"]],
        }
        for number, row in enumerate(work.payload["lines"], first)
    ]
    notice = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "given_at": work.now,
        "given_by": work.command.actor.staff,
        "changed_fact": changed_fact,
        "violation": violation,
    }
    work.papers_data["D03"] = {"lines": lines}
    work.then(notices.give, notice, lines)
    return lines


def supply(work: Work) -> None:
    """接收补正材料: lines of the notice that are met now, and those still open; nothing new is asked for (32(1)(5))."""
    handed_in = set(work.payload["lines"])
    told = work.situation.notice.lines if work.situation.notice else ()
    matched = {
        "met": [_short(line) for line in told if line.line in handed_in],
        "open": [_short(line) for line in told if line.met_at is None and line.line not in handed_in],
    }
    work.data |= matched
    work.papers_data["D04"] = matched
    work.then(notices.meet, work.case["id"], sorted(handed_in), work.now)
    count_materials(work)


def _short(line: NoticeLine) -> dict[str, Any]:
    return {"line": line.line, "material": line.material, "requirement": line.requirement}


def confirm_lapse(work: Work) -> None:
    """逾期未补正退件: confirmed by the authority, never by the window; what was handed in goes back."""
    work.data["result_code"] = NOT_CORRECTED
    work.papers_data["D21"] = {"result_code": NOT_CORRECTED}
    list_returned(work, "D21")
