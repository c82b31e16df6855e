"""Conditions on voiding, orders, cards and the public word on an overrun."""

from __future__ import annotations

from workflows.guarding import guard
from workflows.situation import Situation


@guard("papers")
def no_legal_document_yet(situation: Situation) -> None:
    """Not written yet."""


@guard()
def void_was_proposed(situation: Situation) -> None:
    """Not written yet."""


@guard("duties")
def order_is_open(situation: Situation) -> None:
    """Not written yet."""


@guard("duties")
def explanation_is_owed(situation: Situation) -> None:
    """Not written yet."""


@guard("cards", of_payload=True)
def card_stands(situation: Situation) -> None:
    """Not written yet."""


@guard("cards", of_payload=True)
def card_appealed(situation: Situation) -> None:
    """Not written yet."""
