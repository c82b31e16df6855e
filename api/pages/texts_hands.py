"""Words of the pages for what is put into people's hands: languages, forms to be signed, what becomes of ratings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "open.language": ("希望收到的消息语言", "Language of messages"),
        "language.zh": ("中文", "Chinese"),
        "language.en": ("英文", "English"),
        "mandates.form": ("委托书表样编号（由窗口打印的）", "Number of the form (if the window drew it up)"),
        "event.review_proposed": ("提请误评复核", "Rating said to be mistaken"),
        "event.set_aside": ("误评不予采纳", "Rating set aside as mistaken"),
        "event.upheld": ("复核后评价有效", "Rating stands"),
        "event.followed_up": ("差评回访", "Rater asked afterwards"),
        "rating.reason": ("理由", "Reason"),
        "rating.evidence": ("证据", "Evidence"),
        "rating.reached": ("是否联系上", "Reached"),
        "rating.satisfied": ("是否满意", "Satisfied"),
        "rating.note": ("回访情况", "What was said"),
    }
)
"""(Chinese, English) by message id."""
