"""What an act makes somebody owe, and what settles it: post-checks, explanations, answers, rectifications."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.work import Work
from storage import duties
from storage.db import uuid7


def owe(work: Work, kind: str, working_days: int, **data: Any) -> date:
    """From now on something is owed on the case; the last hall day for it.

    :param kind: see :class:`storage.duties.Duty`. :param working_days: from the day of the act, which does not count.
    """
    due_on = work.situation.calendar.add_working_days(work.day(), working_days).on
    due_at = work.hours.closing(due_on)
    row = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "seq": work.case["head_seq"] + 1,
        "kind": kind,
        "opened_at": work.now,
        "due_on": due_on,
        "due_at": due_at,
        "next_at": due_at,
        "data": data,
    }
    work.then(duties.owe, row)
    return due_on


def settle(work: Work, kind: str, outcome: str) -> None:
    """What was owed under a kind is done with this act."""
    work.then(duties.settle, work.case["id"], kind, work.now, work.command.actor.staff, outcome)
