"""What an act makes somebody owe, and what settles it: post-checks, explanations, answers, rectifications."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.command import Work
from storage import duties
from storage.db import uuid7


def owe(work: Work, kind: str, working_days: int, *, since: datetime | None = None, **data: Any) -> date:
    """From now on something is owed on the case; the last hall day for it, which another calendar may move.

    :param kind: see :class:`storage.duties.Duty`.
    :param working_days: from the hall's day of ``since`` (UTC; the act itself if not given), which does not count.
    """
    day = work.hours.day(since or work.effective_at)
    due_on = work.situation.calendar.add_working_days(day, working_days).on
    owe_until(work, kind, due_on, **data, counted_from=day.isoformat(), working_days=working_days)
    return due_on


def owe_until(work: Work, kind: str, due_on: date, **data: Any) -> None:
    """The same, until the close of business on a hall day that was set. :param kind: as for :func:`owe`."""
    due_at = work.hours.closing(due_on)
    row = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "seq": work.case["head_seq"] + 1,
        "kind": kind,
        "opened_at": work.effective_at,
        "due_on": due_on,
        "due_at": due_at,
        "next_at": due_at,
        "data": data,
    }
    work.then(duties.owe, row)


def settle(work: Work, kind: str, outcome: str) -> None:
    """What was owed under a kind is done with this act."""
    work.then(duties.settle, work.case["id"], kind, work.now, work.command.actor.staff, outcome)
