"""Conditions on the right to a hearing: told, used or given up, and met before a decision (行政许可法46, 47)."""

from __future__ import annotations

from datetime import date

from workflows.errors import Conflict
from workflows.guarding import guard
from workflows.hearing_terms import REQUEST_DAYS, last_day, still_open, wanted
from workflows.procedure_guards import HEARING
from workflows.situation import HearingFacts, Situation


@guard("hearing", "third_parties")
def hearing_possible(situation: Situation) -> None:
    """A hearing is for items whose law knows one, and for cases that concern the major interests of others."""
    if situation.item.hearing == "none" and not situation.third_parties:
        raise Conflict(
            "hearing_not_provided",
            "该事项依法不适用听证，且本办件未涉及他人重大利益关系。如有利害关系人，请先告知利害关系人。",
            "No law gives this item a hearing, and the case concerns nobody else's major interests. "
            "If it does, tell the third parties first.",
            basis="行政许可法46、47",
        )


@guard("hearing")
def hearing_not_told(situation: Situation) -> None:
    """The right to a hearing is told once."""
    if situation.hearing is not None and situation.hearing.told_at is not None:
        raise Conflict(
            "hearing_already_told",
            "听证权利已经告知过。",
            "The right to a hearing has been told already.",
            basis="行政许可法47(1)",
        )


@guard("hearing", "papers")
def hearing_request_in_time(situation: Situation) -> None:
    """A hearing is requested within five working days of the day on which its right was told (行政许可法47(1))."""
    hearing = situation.hearing
    if hearing is None or hearing.told_at is None:
        raise _not_told()
    if wanted(situation) or hearing.recorded_at is not None:
        raise Conflict(
            "hearing_already_requested",
            "本办件已经申请听证或依法应当听证，无需再次申请。",
            "A hearing has been requested already, or a law asks for it.",
            basis="行政许可法47(1)",
        )
    until = _request_until(situation, hearing)
    if situation.today > until:
        raise Conflict(
            "hearing_request_late",
            f"申请听证的期限已于{until:%Y-%m-%d}届满。",
            f"The time to request a hearing ended on {until}.",
            basis="行政许可法47(1)",
        )


@guard("hearing", of_payload=True)
def hearing_not_given_up(situation: Situation) -> None:
    """Who has given the hearing up in writing does not request it again."""
    hearing = situation.hearing
    gone = hearing is not None and hearing.waived_at is not None
    if gone and hearing is not None and hearing.waived_by == situation.payload["requested_by"]:
        raise Conflict(
            "hearing_waived",
            "该申请人已书面放弃听证。",
            "This party has given the hearing up in writing.",
            basis="行政许可法47(1)",
        )


@guard("hearing")
def hearing_told(situation: Situation) -> None:
    """Only what was told can be given up, and not once the hearing has been held or where a law demands it."""
    hearing = situation.hearing
    if hearing is None or hearing.told_at is None:
        raise _not_told()
    if situation.item.hearing == "mandatory" or hearing.recorded_at is not None:
        raise Conflict(
            "hearing_not_waivable",
            "该事项依法应当举行听证，或者听证已经举行，不能放弃。",
            "A law demands this hearing, or it has been held; it cannot be given up.",
            basis="行政许可法46",
        )


def _not_told() -> Conflict:
    return Conflict(
        "hearing_right_not_told",
        "尚未告知听证权利，请先告知。",
        "The right to a hearing has not been told yet; tell it first.",
        basis="行政许可法47(1)",
    )


@guard("hearing", of_payload=True)
def hearing_given_up_in_writing(situation: Situation) -> None:
    """A hearing is given up in writing; one that was requested, by whoever requested it."""
    hearing = situation.hearing
    if not situation.payload.get("signed"):
        raise Conflict(
            "signature_missing",
            "放弃听证须有书面并签字。",
            "A hearing is given up in writing, signed.",
            basis="行政许可法47",
        )
    if hearing and wanted(situation) and hearing.requested_by != situation.payload["waived_by"]:
        raise Conflict(
            "not_who_requested",
            "听证由他人申请，只能由申请听证的人放弃。",
            "Somebody else requested this hearing; only they can give it up.",
            basis="行政许可法47",
        )


@guard("special", "hearing")
def hearing_was_held(situation: Situation) -> None:
    """Time left out for a hearing ends with its record, or when whoever requested it gives it up."""
    special, hearing = situation.special, situation.hearing
    if special is None or special.kind != HEARING or special.finished_at is not None:
        return
    if wanted(situation) and (hearing is None or hearing.recorded_at is None):
        raise _unheard()


def _unheard() -> Conflict:
    return Conflict(
        "hearing_not_held",
        "听证尚未举行并形成笔录；应当根据听证笔录作出决定。",
        "The hearing has not been held and recorded yet; the decision follows its record.",
        basis="行政许可法46、47、48(2)",
    )


@guard("hearing", "third_parties", "papers")
def hearing_right_met(situation: Situation) -> None:
    """Before a decision: a hearing that must be held is recorded; a right to one was told, served, and not used."""
    hearing = situation.hearing
    if hearing is not None and hearing.recorded_at is not None:
        return
    if wanted(situation):
        raise _unheard()
    if hearing is None or hearing.told_at is None:
        if situation.third_parties:
            raise _not_told()
        return
    given_up = hearing.waived_at is not None and not situation.third_parties
    until = _request_until(situation, hearing)
    if not given_up and situation.today <= until:
        raise still_open("hearing_right_open", "申请听证的期限", "time to request a hearing", until, "行政许可法47(1)")


def _request_until(situation: Situation, hearing: HearingFacts) -> date:
    return last_day(situation, REQUEST_DAYS, hearing.document)
