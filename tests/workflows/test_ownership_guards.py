"""首问负责 and 作废 at their edges: who hands a case over, to whom; who voids one, and until when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.workflows.situations import PEOPLE, situation
from tests.workflows.test_guards import passes, refusal
from workflows.actor import Role
from workflows.documents import KINDS
from workflows.errors import Conflict, Forbidden
from workflows.oversight_guards import WITHOUT_LEGAL_EFFECT
from workflows.situation import Colleague, PaperFacts, Situation

ANN, BOB, CAO = PEOPLE["ann"], PEOPLE["bob"], PEOPLE["cao"]
OFFER = {"to": "bob", "reason": "轮班"}


def offer(roles: set[Role] | None = None, role: Role = Role.clerk, **case: Any) -> Situation:
    """Ann offers her case to Bob, who holds these roles where the case is."""
    here = situation(role=role, payload=OFFER, **({"owner": ANN} | case))
    if roles is not None:
        here.colleagues = {"bob": Colleague(BOB, "bob", frozenset(roles))}
    return here


@pytest.mark.parametrize("role", [Role.guide, Role.clerk, Role.hall_manager, Role.officer])
def test_a_case_is_offered_to_a_colleague_who_may_own_it(role: Role) -> None:
    passes("offered_to_colleague", offer({role, Role.issuer}))
    passes("offered_to_colleague", offer({role}, owner=None))


@pytest.mark.parametrize("roles", [None, set(), {Role.issuer}, {Role.approver}, {Role.agent, Role.supervisor}])
def test_it_is_not_offered_to_anybody_else(roles: set[Role] | None) -> None:
    found = refusal("offered_to_colleague", offer(roles))
    assert (type(found), found.code, found.basis) == (Conflict, "colleague_unknown", "国发〔2022〕5号 首问负责")


def test_only_its_owner_or_the_hall_manager_offers_it() -> None:
    found = refusal("offered_to_colleague", offer({Role.clerk}, owner=CAO))
    assert (type(found), found.code) == (Forbidden, "not_the_owner")
    passes("offered_to_colleague", offer({Role.clerk}, role=Role.hall_manager, owner=CAO))
    assert (
        refusal("offered_to_colleague", offer({Role.clerk}, role=Role.hall_manager, owner=BOB)).code == "owner_already"
    )


def test_only_whom_it_was_offered_to_takes_it_over() -> None:
    passes("handover_is_for_me", situation(offered_to=ANN))
    nothing, anothers = [refusal("handover_is_for_me", situation(offered_to=who)) for who in (None, BOB)]
    assert (type(nothing), nothing.code) == (Conflict, "no_handover_offered")
    assert (type(anothers), anothers.code) == (Forbidden, "handover_not_for_you")


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_document_of_legal_effect_bars_voiding(code: str) -> None:
    here = replace(situation(), papers=(PaperFacts("D01", "示政服收〔2026〕1号"), PaperFacts(code, "文号")))
    if code in WITHOUT_LEGAL_EFFECT:
        passes("no_legal_document_yet", here)
    else:
        found = refusal("no_legal_document_yet", here)
        assert (found.code, found.extra["documents"]) == ("legal_document_issued", ["文号"])


def test_two_people_void_a_case() -> None:
    passes("void_was_proposed", situation(void_proposer=BOB))
    unproposed, alone = [refusal("void_was_proposed", situation(void_proposer=who)) for who in (None, ANN)]
    assert (type(unproposed), unproposed.code) == (Conflict, "void_not_proposed")
    assert (type(alone), alone.code) == (Forbidden, "same_person")
