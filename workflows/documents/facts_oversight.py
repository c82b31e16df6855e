"""What the papers of oversight say: D24 and D25."""

from __future__ import annotations

from typing import Any

from workflows.clock import ClockKind
from workflows.documents.facts_receipt import clock_title
from workflows.documents.source import Source
from workflows.documents.wording import Words

Facts = dict[str, Any]

_LEVELS = {"reminder": "催办通知", "amber": "黄牌", "yellow": "黄牌", "red": "红牌"}
_SATISFACTION = {1: "非常满意", 2: "满意", 3: "基本满意", 4: "不满意", 5: "非常不满意"}


def supervision(source: Source, w: Words) -> Facts:
    """D24: a reminder, a card or an order: rule, limit, reason, and by when an answer is due."""
    data = source.data
    level = data.get("level", "")
    clock = data.get("clock", "")
    titled = clock in {kind.value for kind in ClockKind}
    return {
        "title": {"": "督办通知书", "reminder": "催办通知书"}.get(level, f"{_LEVELS.get(level, level)}通知单"),
        "level": _LEVELS.get(level, "督办"),
        "card": data.get("card", ""),
        "rule": data.get("title") or data.get("rule", ""),
        "clock": clock_title(clock, w) if titled else "",
        "due": w.day(data.get("due_on")),
        "reason": data.get("reason") or data.get("explanation") or "",
        "reply_due": w.day(data.get("reply_due_on")),
        "to": source.department.name,
    }


def rectification(source: Source, w: Words) -> Facts:
    """D25 差评整改单: the rating, and by when to answer and put it right (GB/T 39046 A.8)."""
    data = source.data
    level = data.get("level", 0)
    return {
        "level": _SATISFACTION.get(level, str(level)),
        "comment": data.get("comment", ""),
        "contact_by": w.day(data.get("contact_by")),
        "rectify_by": w.day(data.get("rectify_by")),
        "to": source.department.name,
    }
