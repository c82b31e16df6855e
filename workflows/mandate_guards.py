"""Conditions on who stands at the window for the applicant (row 5: person or agent identified, D22 if agent)."""

from __future__ import annotations

from workflows.errors import Conflict
from workflows.guarding import guard
from workflows.mandate import BASIS, Power, best_of, check_standing, named
from workflows.situation import MandateFacts, Situation


@guard(of_payload=True)
def representative_mandated(situation: Situation) -> None:
    """Whoever hands in for the applicant holds a mandate in force to file; the applicant needs none.

    :raises Conflict: ``mandate_missing``, ``mandate_unknown``. :raises Forbidden: see
        :func:`workflows.mandate.check_standing`.
    """
    case, payload = situation.case, situation.payload
    if number := payload.get("mandate_number"):
        check_standing(named(case.mandates, number, situation.item.code, case.number), {Power.file}, situation.today)
    elif payload.get("in_person"):
        return
    elif "proxy" in case.flags:
        best_of(followers(situation), {Power.file}, situation.today)
    elif "agent" in case.situation:
        raise Conflict(
            "mandate_missing",
            "由代理人办理的，须先登记授权委托书并在此填写编号；申请人本人到场的，请勾选“本人到场”。",
            "An agent needs a registered mandate: give its number; or say that the applicant is here in person.",
            basis=BASIS,
        )


def followers(situation: Situation) -> list[MandateFacts]:
    """The mandates of whoever follows the case: the one that it was filed under, and later ones of the same agent."""
    case = situation.case
    here = [one for one in case.mandates if one.concerns(situation.item.code, case.number)]
    filed = next((one for one in here if one.id == case.mandate), None)
    return [one for one in here if filed and one.agent_index == filed.agent_index]
