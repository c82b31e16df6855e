"""Words of the stewards' and administrators' pages: flows as pictures, calendars, people, tokens, delegations, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ADMINISTRATION: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "flows.picture": ("{title}第{version}版流程图", "{title}, version {version}, as a picture"),
        "flows.drawing": ("流程图", "The flow as a picture"),
        "flows.table": ("流程环节表", "The flow in words"),
        "flows.draw": ("流程图", "Drawn"),
        "flows.now": ("现在", "now"),
        "flows.case_at": ("现处状态", "is now"),
        "flows.step": ("环节与依据", "Step, and under what"),
        "flows.leads_to": ("转入", "Leads to"),
        "flows.who": ("办理人", "Taken by"),
        "flows.stays": ("状态不变", "no other state"),
        "flows.ends": ("流程到此结束", "The flow ends here"),
        "flows.not_drawn": ("图中未画", "not drawn"),
        "flows.aside": (
            "随时可以进行的事项（标记优先、亮牌、撤回等）不画线，见办件页面。能从多个状态转入的环节只写在表中。",
            "Acts beside the way (priority, cards, withdrawal) are not shown; steps from many states are in the table"
            " only.",
        ),
        "actor_class.applicant": ("申请人", "The applicant"),
        "actor_class.window": ("窗口", "The window"),
        "actor_class.department": ("部门", "The department"),
        "actor_class.system": ("系统自动", "The system"),
        "actor_class.other": ("其他", "Others"),
    }
)
"""(Chinese, English) by message id."""
