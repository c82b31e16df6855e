"""Oversight: cards left, appealed and settled, orders and their answers, the public word on an overrun (D24)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.owing import owe, settle
from engine.work import Work
from storage import cards
from storage.db import uuid7
from workflows.oversight_guards import EXPLANATION, REPLY


def supervise(work: Work) -> None:
    """督办: an order in writing, with the day by which the department must answer."""
    due_on = owe(work, REPLY, work.payload["reply_days"])
    work.papers_data["D24"] = {"reply_due_on": due_on.isoformat()}
    work.data["reply_due_on"] = due_on.isoformat()


def answer_supervision(work: Work) -> None:
    """答复督办: what was ordered has been answered."""
    settle(work, REPLY, work.payload["answer"])


def explain_overdue(work: Work) -> None:
    """公开超期说明: anybody who asks for the status reads why the limit was passed (优化营商环境条例36(2))."""
    settle(work, EXPLANATION, work.payload["explanation"])


def appeal_card(work: Work) -> None:
    """申诉: the card stays, and somebody else looks at it."""
    work.then(cards.appeal, work.payload["card"], work.command.actor.staff, work.now, work.payload["reason"])


def lift_card(work: Work) -> None:
    """撤销亮牌: the card no longer counts, and remains to be seen with the reason."""
    _settle_card(work, "lifted")


def uphold_card(work: Work) -> None:
    """维持亮牌: the appeal did not succeed, and there is no second one."""
    _settle_card(work, "upheld")


def _settle_card(work: Work, state: str) -> None:
    work.then(
        cards.settle, work.payload["card"], state, work.command.actor.staff, work.now, work.payload["reason"]
    )  # fmt: skip


def raise_violation(work: Work, rule: str, basis: str) -> str:
    """Leave a red card for an unlawful act with the act itself, and tell the supervisor; the card's number.

    :param rule: what was broken, as a name such as ``notice_extended``. :param basis: the article.
    """
    number = leave_card(work, rule, "red", clock="", started_at=None, due_on=None)
    if "D24" not in {*work.step.definition.documents, *work.papers}:
        work.papers.append("D24")
    facts = {"rule": rule, "level": "red", "card": number, "basis": basis}
    work.papers_data["D24"] = work.papers_data.get("D24", {}) | facts
    work.messages.append(("supervisor", "task", rule, facts))
    return number


def leave_card(
    work: Work, rule: str, level: str, *, clock: str, started_at: datetime | None, due_on: date | None
) -> str:
    """A card of this level, from the moment at which the act counts; its number, which stands in the trail too.

    :param clock: kind of the clock that it is about; empty for a duty or an unlawful act.
    :param started_at: when the clock began to run, or the duty (UTC). :param due_on: its last hall day.
    """
    listed: list[dict[str, str]] = work.data.setdefault("cards", [])
    seq = work.case["head_seq"] + 1
    number = f"{work.case['number']}-{seq}" + (f".{len(listed) + 1}" if listed else "")
    listed.append({"number": number, "rule": rule, "level": level})
    row: dict[str, Any] = {
        "id": uuid7(),
        "number": number,
        "case_id": work.case["id"],
        "seq": seq,
        "rule": rule,
        "level": level,
        "clock": clock,
        "started_at": started_at,
        "due_on": due_on,
        "raised_at": work.effective_at,
        "recorded_at": work.now,
    }
    work.then(cards.add, row)
    return number
