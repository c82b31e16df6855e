"""归档期限: a case that has come to its end is owed to the archive within some days (row 37)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.command import Work
from engine.owing import owe_until, settle

ARCHIVING: Final = "archiving"
"""What is owed from the end of a case until it is archived."""


def comes_to_an_end(work: Work) -> bool:
    """Whether the act ends the case or archives it: then more is written than its own statement."""
    return work.situation.state != work.case["state"] and _kind(work, work.situation.state) in {"terminal", "final"}


def owe_archiving(work: Work) -> None:
    """Owe the archive a case that ends with this act, in natural days; one that is archived owes nothing more.

    A last day on which nobody works moves to the next working day (民法典203).
    """
    if not comes_to_an_end(work):
        return
    if _kind(work, work.situation.state) == "final":
        settle(work, ARCHIVING, "")
    elif _kind(work, work.case["state"]) != "terminal":
        last = work.hours.day(work.effective_at) + timedelta(days=work.context.settings.archive_days)
        owe_until(work, ARCHIVING, work.situation.calendar.next_working_day(last).on)


def _kind(work: Work, state: str) -> str:
    return work.flow.states[state].kind
