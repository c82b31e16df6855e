"""Conditions on delivery and rating."""

from __future__ import annotations

from workflows.guarding import guard
from workflows.situation import Situation


@guard()
def electronic_delivery_consented(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def waybill_is_new(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def waybill_matches(situation: Situation) -> None:
    """Not written yet."""


@guard()
def not_yet_invited(situation: Situation) -> None:
    """Not written yet."""


@guard()
def not_yet_rated(situation: Situation) -> None:
    """Not written yet."""


@guard()
def rated_badly(situation: Situation) -> None:
    """Not written yet."""


@guard("duties")
def contact_is_owed(situation: Situation) -> None:
    """Not written yet."""


@guard("duties")
def rectification_is_owed(situation: Situation) -> None:
    """Not written yet."""
