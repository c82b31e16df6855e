"""Words of the consultation pad: what was asked, what is lacking, the slip, the case that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONSULTATIONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "consult.title": ("咨询登记", "Consultations"),
        "consult.lead": (
            "本大厅最近的咨询，新的在前。每次咨询都出具一次性告知单，之后可直接转为办件。",
            "The latest consultations of this hall. Each gives a slip, and can become a case later.",
        ),
        "consult.new": ("登记咨询", "Note a consultation"),
        "consult.all": ("全部", "All"),
        "consult.waiting": ("只看未转办件的", "Only those without a case"),
        "consult.empty": ("还没有咨询记录。", "There is no consultation yet."),
        "consult.number": ("告知单号", "Slip"),
        "consult.question": ("咨询问题", "Question"),
        "consult.question_default": ("办理该事项需要什么材料？", "What is needed for this item?"),
        "consult.answer": ("答复", "Answer"),
        "consult.answer_default": (
            "请按本单所列备齐材料后到窗口办理。",
            "Bring what this slip lists, then apply at the window.",
        ),
        "consult.gaps": ("还缺哪些材料（勾选；没有则不勾）", "What is lacking (tick; none if nothing is)"),
        "consult.defect_default": ("未提供", "Not provided"),
        "consult.defect_of": ("{line} 存在的问题", "{line}: what is wrong"),
        "consult.how_of": ("{line} 如何取得", "{line}: how to obtain it"),
        "consult.contact": ("联系电话", "Telephone"),
        "consult.submit": ("登记并出具一次性告知单", "Keep it and issue the slip"),
        "consult.preview": ("预览告知单", "See the slip first"),
        "consult.refused": ("没有登记成功", "It was not kept"),
        "consult.keys": ("空格勾选；按住 Alt 再按 S：登记。", "Space ticks; Alt and S: keep."),
        "consult.done": ("一次性告知单 {number}", "Slip {number}"),
        "consult.by": ("答复人", "Answered by"),
        "consult.at": ("时间", "When"),
        "consult.lacking": ("所缺材料", "Lacking"),
        "consult.nothing_lacking": ("没有指出所缺材料。", "Nothing was said to be lacking."),
        "consult.print": ("打印告知单", "Print the slip"),
        "consult.making": ("告知单正在生成，稍候自动出现…", "The slip is being made and appears by itself…"),
        "consult.case": ("已转办件", "Case"),
        "consult.to_case": ("转为办件", "Open a case of it"),
        "consult.back": ("全部咨询", "All consultations"),
        "consult.done_keys": (
            "回车：打印；按住 Alt 再按 N：转为办件；按 C：再登记一次咨询。",
            "Enter: print. Alt and N: open a case. Alt and C: another consultation.",
        ),
    }
)
"""(Chinese, English) by message id."""
