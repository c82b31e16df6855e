"""Words of what moves cases to other versions: the event on a case, and the pages of the plans."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MOVES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "event.migrated": ("移转到其他版本", "Moved to other versions"),
        "events.flow_version": ("流程版本", "Version of the flow"),
        "events.item_version": ("事项版本", "Version of the item"),
        "events.plan_reason": ("移转理由", "Why it was moved"),
        "events.approved_by": ("方案批准人", "The plan was approved by"),
        "moves.title": ("迁移方案", "Migration plans"),
        "moves.lead": (
            "在办办件保留登记时的版本；只有经另一位事项管理员批准的方案才能移转，已受理的期限不变。",
            "Cases keep the versions they began under. Only a plan that another steward has approved moves them, and no"
            " accepted limit changes.",
        ),
        "versions.cases": ("在办办件", "Open cases"),
        "versions.move": ("移转到此版", "Move to this version"),
        "moves.empty": ("还没有迁移方案。", "There is no plan yet."),
        "moves.new": ("拟定方案（先试算，不改动办件）", "Make a plan (a dry run first; no case is changed)"),
        "moves.flow": ("办理流程", "Procedure"),
        "moves.item": ("事项编码（只移转一个事项时）", "Code of the item (to move one item's cases)"),
        "moves.from": ("原版本", "From version"),
        "moves.to": ("新版本", "To version"),
        "moves.item_from": ("事项原版本", "Item: from version"),
        "moves.item_to": ("事项新版本", "Item: to version"),
        "moves.organisation": ("机构代码（可空）", "Code of the organisation (may be empty)"),
        "moves.reason": ("理由", "Reason"),
        "moves.submit": ("试算", "Make the dry run"),
        "moves.refused_to_plan": ("方案未保存", "The plan was not kept"),
        "moves.not_done": ("未办理", "Not done"),
        "moves.versions": ("第{before}版 → 第{after}版", "version {before} → {after}"),
        "moves.planned": ("拟定", "Made"),
        "moves.approved": ("批准", "Approved"),
        "moves.ordered": ("下令执行", "Ordered"),
        "moves.cancelled": ("放弃", "Given up"),
        "moves.ended": ("结束", "Ended"),
        "moves.by_at": ("{who} {at}", "{who}, {at}"),
        "moves.cases": ("试算办件", "Cases looked at"),
        "moves.movable": ("可以移转", "May move"),
        "moves.staying": ("保留原版本", "Stay"),
        "moves.moved": ("已移转", "Moved"),
        "moves.refused": ("未移转", "Not moved"),
        "moves.lines": ("办件", "Cases"),
        "moves.only_all": ("全部", "All"),
        "moves.verdict": ("试算", "Dry run"),
        "moves.result": ("结果", "Result"),
        "moves.why": ("原因", "Why"),
        "moves.no_lines": ("没有这样的办件。", "There is no such case."),
        "moves.approve": ("批准方案", "Approve the plan"),
        "moves.carry_out": ("执行方案", "Carry it out"),
        "moves.cancel": ("放弃方案", "Give it up"),
        "moves.wait": ("正在处理，完成后本页自动更新。", "This is under way; the page follows by itself."),
        "move_state.looking": ("试算中", "dry run under way"),
        "move_state.looked_at": ("待批准", "to be approved"),
        "move_state.approved": ("已批准", "approved"),
        "move_state.moving": ("移转中", "moving"),
        "move_state.finished": ("已完成", "finished"),
        "move_state.cancelled": ("已放弃", "given up"),
        "move.moves": ("可以移转", "moves"),
        "move.stays": ("保留原版本", "stays"),
        "move.moved": ("已移转", "moved"),
        "move.refused": ("未移转", "not moved"),
        "move.gone": ("已办结或已另行移转", "over, or moved already"),
    }
)
"""(Chinese, English) by message id."""
