"""Conditions between acceptance and decision: instant items, joint handling, colleagues, supplements, fees."""

from __future__ import annotations

from workflows.guarding import guard, selector
from workflows.situation import Situation


@guard()
def item_is_instant(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def converted_within_statutory(situation: Situation) -> None:
    """Not written yet."""


@selector()
def handled_by_one(situation: Situation) -> bool:
    """Not written yet."""
    return True


@selector()
def handled_jointly(situation: Situation) -> bool:
    """Not written yet."""
    return False


@selector()
def examined_below(situation: Situation) -> bool:
    """Not written yet."""
    return False


@guard("children")
def children_closed(situation: Situation) -> None:
    """Not written yet."""


@guard("colleagues", of_payload=True)
def assignee_is_officer(situation: Situation) -> None:
    """Not written yet."""


@guard("materials", of_payload=True)
def supplement_is_new(situation: Situation) -> None:
    """Not written yet."""


@guard()
def fee_paid(situation: Situation) -> None:
    """Not written yet."""


@guard()
def item_has_fee(situation: Situation) -> None:
    """Not written yet."""


@guard()
def fee_was_asked(situation: Situation) -> None:
    """Not written yet."""


@guard("queue")
def order_of_acceptance(situation: Situation) -> None:
    """Not written yet."""


@selector()
def silence_grants(situation: Situation) -> bool:
    """Not written yet."""
    return False
