"""Words of the page of days on which a hall is closed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CLOSURES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.closures": ("停止办公", "Closed days"),
        "closures.title": ("停止办公的日子", "Days on which the hall is closed"),
        "closures.lead": (
            "台风、停电等大厅临时不开放的日子。当日预约自动改到下一个开放日并通知申请人；法定期限照常计算，不顺延。",
            "Days on which the hall does not open, for a storm or a power cut. Visits move to the next open day and"
            " applicants are told. Legal time limits stay as they are.",
        ),
        "closures.new": ("声明停止办公", "Declare a closed day"),
        "closures.day": ("日期", "Day"),
        "closures.hall": ("大厅", "Hall"),
        "closures.reason": ("原因", "Reason"),
        "closures.reason_hint": ("会写进给申请人的改期通知。", "Applicants read it when their visit moves."),
        "closures.declare": ("声明停止办公", "Declare it closed"),
        "closures.declared": ("声明时间", "Declared"),
        "closures.since": ("自这一天起", "From this day on"),
        "closures.none": ("{day} 起没有声明停止办公的日子。", "No closed day from {day} on."),
        "closures.not_done": ("没有声明", "Not declared"),
        "closures.done": (
            "已声明 {day} 停止办公；{count} 个预约将改期，并逐一通知申请人。",
            "{day} is declared closed; {count} visit(s) move, and each applicant is told.",
        ),
    }
)
"""(Chinese, English) by message id."""
