"""Conditions on 容缺受理 and 告知承诺."""

from __future__ import annotations

from workflows.guarding import guard
from workflows.situation import Situation


@guard()
def tolerance_allowed(situation: Situation) -> None:
    """Not written yet."""


@guard("materials")
def only_deferrable_missing(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def tolerance_chosen(situation: Situation) -> None:
    """Not written yet."""


@guard()
def tolerance_open(situation: Situation) -> None:
    """Not written yet."""


@guard("materials")
def deferred_all_in(situation: Situation) -> None:
    """Not written yet."""


@guard()
def tolerance_overdue(situation: Situation) -> None:
    """Not written yet."""


@guard()
def promise_permitted(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def promise_signed(situation: Situation) -> None:
    """Not written yet."""


@guard("duties")
def promise_check_due(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def correction_day_given(situation: Situation) -> None:
    """Not written yet."""


@guard("duties")
def promise_was_broken(situation: Situation) -> None:
    """Not written yet."""
