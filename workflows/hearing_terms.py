"""The terms of hearings and of third parties' statements (行政许可法36, 47, 48), counted in working days (82)."""

from __future__ import annotations

from datetime import date
from typing import Final

from workflows.errors import Conflict
from workflows.procedure_guards import day_sent
from workflows.situation import Situation

REQUEST_DAYS: Final = 5
"""Working days from being told in which a hearing may be requested (行政许可法47(1))."""
HELD_WITHIN: Final = 20
"""Working days from the request in which it is held (行政许可法47(1))."""
NOTICE_DAYS: Final = 7
"""Working days before the hearing by which its time and place are told (行政许可法48(1)(1))."""
ANSWER_DAYS: Final = 5
"""Working days that a third party has to make a statement where no law sets them (行政许可法36)."""
FAR: Final = date.max
"""The end of a term that has not begun."""


def wanted(situation: Situation) -> bool:
    """Whether a hearing must be held: a law asks for it, or somebody does and has not given it up."""
    hearing = situation.hearing
    requested = hearing is not None and hearing.requested_at is not None and hearing.waived_at is None
    return situation.item.hearing == "mandatory" or requested


def last_day(situation: Situation, days: int, document: str) -> date:
    """The last hall day of a term that begins when a document is served; far off while it has not been.

    :param days: working days, the day of service not counted. :param document: its number.
    """
    served = next((paper.served_at for paper in situation.papers if paper.number == document), None)
    return FAR if served is None else situation.calendar.add_working_days(situation.hours.day(served), days).on


def earliest_day(situation: Situation) -> date:
    """The first hall day on which a hearing can be held whose time and place are told today."""
    return situation.calendar.add_working_days(situation.today, NOTICE_DAYS).on


def latest_day(situation: Situation) -> date | None:
    """The last day on which a hearing that was requested may be held."""
    hearing = situation.hearing
    if hearing is None or hearing.requested_at is None:
        return None
    return situation.calendar.add_working_days(situation.hours.day(hearing.requested_at), HELD_WITHIN).on


def held_late(situation: Situation) -> bool:
    """Whether the day that is being set lies beyond the twenty working days."""
    latest = latest_day(situation)
    return latest is not None and day_sent(situation, "held_on") > latest


def still_open(code: str, zh: str, en: str, until: date, basis: str) -> Conflict:
    """The refusal of a decision while a term runs. :param until: its last hall day, or :data:`FAR`."""
    unserved = until == FAR
    return Conflict(
        code,
        f"告知文书尚未送达，{zh}尚未开始，请先送达。" if unserved else f"{zh}至{until:%Y-%m-%d}止，尚未届满。",
        f"The notice has not been served, so the {en} has not begun; serve it first."
        if unserved
        else f"The {en} runs until {until}.",
        basis=basis,
    )
