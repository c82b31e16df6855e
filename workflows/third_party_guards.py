"""Conditions on third parties with a major interest: told, heard, before a decision (行政许可法36)."""

from __future__ import annotations

from datetime import date

from workflows.errors import Conflict
from workflows.guarding import guard
from workflows.hearing_terms import ANSWER_DAYS, last_day, still_open
from workflows.situation import Situation, ThirdPartyFacts


@guard("third_parties", of_payload=True)
def third_parties_are_new(situation: Situation) -> None:
    """Everybody is told once."""
    told = [known.name for known in situation.third_parties]
    names = [row["name"] for row in situation.payload["parties"]]
    if len({*told, *names}) < len(told) + len(names):
        raise Conflict(
            "third_party_told",
            "有利害关系人已经告知过或重复填写，请核对。",
            "Somebody here has been told already or is named twice; check the names.",
            basis="行政许可法36",
        )


@guard("third_parties", of_payload=True)
def third_party_was_told(situation: Situation) -> None:
    """A statement is of somebody who was told of the case."""
    if situation.payload["party"] not in {known.name for known in situation.third_parties}:
        raise Conflict(
            "third_party_unknown",
            "没有告知过该利害关系人，请先告知，再记录其陈述申辩。",
            "Nobody of this name was told of the case; tell them first, then record the statement.",
            basis="行政许可法36",
        )


@guard("third_parties", "papers")
def third_parties_heard(situation: Situation) -> None:
    """Before a decision everybody with a major interest has been heard, or has let the time for it pass."""
    open_until = [
        until
        for party in situation.third_parties
        if party.heard_at is None and situation.today <= (until := _answer_until(situation, party))
    ]
    if open_until:
        raise still_open(
            "third_parties_unheard", "利害关系人陈述申辩的期限", "time for third parties' statements",
            max(open_until), "行政许可法36",
        )  # fmt: skip


def _answer_until(situation: Situation, party: ThirdPartyFacts) -> date:
    return last_day(situation, ANSWER_DAYS, party.document)
