"""Conditions on completeness of the notice, later lines and lapse."""

from __future__ import annotations

from workflows.guarding import guard
from workflows.situation import Situation


@guard("materials", of_payload=True)
def notice_covers_gaps(situation: Situation) -> None:
    """Not written yet."""


@guard("notice", of_payload=True)
def lines_are_new(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def later_lines_have_changed_fact(situation: Situation) -> None:
    """Not written yet."""


@guard()
def correction_overdue(situation: Situation) -> None:
    """Not written yet."""


@guard("reminders")
def applicant_was_reminded(situation: Situation) -> None:
    """Not written yet."""
