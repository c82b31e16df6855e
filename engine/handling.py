"""Between acceptance and decision: 承办签收, 转办, 补充材料, 下级初审."""

from __future__ import annotations

from engine import deciding
from engine.intake import count_materials
from engine.ownership import become_owner
from engine.work import Work
from storage import child_cases


def sign_in(work: Work) -> None:
    """承办签收: the officer has the case, and answers to the applicant for it from now on (首问负责)."""
    work.change(handler_id=work.command.actor.staff)
    become_owner(work)


def reassign(work: Work) -> None:
    """转办: another officer of the department has the case."""
    work.change(handler_id=work.situation.colleagues[work.payload["to"]].person)


def supply_supplement(work: Work) -> None:
    """接收补充材料: counted as handed in; no clock stood still for it (许可法45)."""
    count_materials(work)


def send_below(work: Work) -> None:
    """交下级机关初审: the lower authority's department has the case until it reports up (许可法43)."""
    _hand_to(work, work.item.pre_examination)


def report_up(work: Work) -> None:
    """初审完毕，上报: the lower authority's opinion, and the case goes back to the department that decides."""
    deciding.report_up(work)
    _hand_to(work, work.item.department)


def _hand_to(work: Work, department: str) -> None:
    work.data["department"] = department
    work.then(child_cases.hand_to, work.case["id"], department)
