"""Words of the lists of cases, in Chinese and in English, by message id."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

QUEUE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "queue.case": ("办件与事项", "Case and item"),
        "queue.holder": ("现由谁办理", "Now with"),
        "queue.since": ("{at} 起", "since {at}"),
        "queue.no_limit": ("没有计时", "No limit runs"),
        "queue.none_so": ("没有这种期限状态的办件。", "No case stands so."),
        "queue.clear": ("清除条件", "Clear"),
        "queue.ticked": ("已选 # 件", "# chosen"),
        "queue.keys": ("按键：Alt +", "Keys: Alt +"),
        "queue.keys.move": ("逐件移动", "move from case to case"),
        "queue.keys.open": ("打开", "open"),
        "queue.keys.tick": ("勾选", "tick"),
        "queue.keys.bulk": ("批量办理", "do one act on all that is ticked"),
    }
)
"""(Chinese, English) by message id."""
