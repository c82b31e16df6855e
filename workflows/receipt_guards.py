"""Conditions on receipt: what submission counts as, true intention, who takes the case over."""

from __future__ import annotations

from workflows.guarding import guard, selector
from workflows.situation import Situation


@selector()
def submission_is_receipt(situation: Situation) -> bool:
    """Not written yet."""
    return False


@selector()
def submission_is_not_receipt(situation: Situation) -> bool:
    """Not written yet."""
    return True


@guard()
def intention_recorded(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def intention_signed(situation: Situation) -> None:
    """Not written yet."""


@guard("colleagues", of_payload=True)
def offered_to_colleague(situation: Situation) -> None:
    """Not written yet."""


@guard()
def handover_is_for_me(situation: Situation) -> None:
    """Not written yet."""


@guard("papers", of_payload=True)
def document_to_serve(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def refusal_has_witness(situation: Situation) -> None:
    """Not written yet."""
