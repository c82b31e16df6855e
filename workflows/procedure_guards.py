"""Conditions on special procedures, site checks, hearings and third parties."""

from __future__ import annotations

from workflows.guarding import guard, selector
from workflows.situation import Situation


@selector()
def site_check_keeps_clock(situation: Situation) -> bool:
    """Not written yet."""
    return True


@selector()
def site_check_stops_clock(situation: Situation) -> bool:
    """Not written yet."""
    return False


@guard("colleagues", of_payload=True)
def two_officers_named(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def party_signed_or_refused(situation: Situation) -> None:
    """Not written yet."""


@guard("special")
def special_notice_served(situation: Situation) -> None:
    """Not written yet."""


@guard("special")
def no_special_open(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def special_within_limit(situation: Situation) -> None:
    """Not written yet."""


@guard("special", "hearing")
def hearing_was_held(situation: Situation) -> None:
    """Not written yet."""


@guard()
def hearing_possible(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing")
def hearing_not_told(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing")
def hearing_told(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing")
def hearing_request_in_time(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing")
def hearing_wanted(situation: Situation) -> None:
    """Not written yet."""


@guard(of_payload=True)
def hearing_told_early_enough(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing", of_payload=True)
def hearing_within_limit(situation: Situation) -> None:
    """Not written yet."""


@guard("colleagues", "signers", of_payload=True)
def host_is_not_reviewer(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing")
def hearing_scheduled(situation: Situation) -> None:
    """Not written yet."""


@guard("hearing")
def hearing_right_met(situation: Situation) -> None:
    """Not written yet."""


@guard("third_parties", of_payload=True)
def third_parties_are_new(situation: Situation) -> None:
    """Not written yet."""


@guard("third_parties", of_payload=True)
def third_party_was_told(situation: Situation) -> None:
    """Not written yet."""


@guard("third_parties")
def third_parties_heard(situation: Situation) -> None:
    """Not written yet."""
