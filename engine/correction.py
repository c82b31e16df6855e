"""The one-time notice and what comes of it: 补正告知, 接收补正材料."""

from __future__ import annotations

from engine.intake import count_materials
from engine.work import Work
from storage import notices
from storage.db import uuid7


def give_notice(work: Work) -> None:
    """补正告知: everything that must be corrected, told once (许可法32(1)(4))."""
    lines = list(work.payload["lines"])
    work.then(notices.give, uuid7(), work.case["id"], work.command.actor.person, work.now, lines)


def supply(work: Work) -> None:
    """接收补正材料: lines of the notice that have been met; nothing new may be asked for (许可法32(1)(5))."""
    work.then(notices.meet, work.case["id"], list(work.payload["lines"]), work.now)
    count_materials(work)
