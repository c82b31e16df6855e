"""Conditions on voiding and reissuing a certificate, each asked directly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workflows.situations import PEOPLE, situation
from workflows.actor import Grant, Role
from workflows.errors import Conflict, Forbidden
from workflows.guards import GUARDS, SELECTORS
from workflows.situation import CertificateFacts, PaperFacts, Situation

OLD = CertificateFacts("示证〔2026〕1号", "reissued", "reissue", PEOPLE["ann"])
NEW = CertificateFacts("示证〔2026〕2号", "in_force")


def case(*certificates: CertificateFacts, who: str = "ann") -> Situation:
    found = situation("READY", role=Role.approver, who=who)
    found.certificates = certificates
    return found


def barred(guard: str, here: Situation) -> str | None:
    try:
        GUARDS[guard].check(here)
    except (Conflict, Forbidden) as refusal:
        return refusal.code
    return None


def test_only_what_is_in_force_is_changed() -> None:
    assert barred("certificate_in_force", case(OLD, NEW)) is None
    for state in ("void", "reissued", "revoked"):
        assert barred("certificate_in_force", case(replace(NEW, state=state))) == "no_certificate_in_force"
    assert barred("certificate_in_force", case()) == "no_certificate_in_force"


@pytest.mark.parametrize(
    ("guard", "proposal"), [("certificate_void_proposed", "void"), ("certificate_reissue_proposed", "reissue")]
)
def test_a_change_takes_a_proposal_and_another_person(guard: str, proposal: str) -> None:
    proposed = replace(NEW, proposal=proposal, proposed_by=PEOPLE["bob"])
    other = replace(proposed, proposal="reissue" if proposal == "void" else "void")
    assert barred(guard, case(proposed)) is None
    assert barred(guard, case(NEW)) == "certificate_change_not_proposed"
    assert barred(guard, case(other)) == "certificate_change_not_proposed"
    assert barred(guard, case(OLD)) == "certificate_change_not_proposed"
    assert barred(guard, case(proposed, who="bob")) == "same_person"


def test_a_delegate_of_who_proposed_it_does_not_consent() -> None:
    here = case(replace(NEW, proposal="void", proposed_by=PEOPLE["bob"]))
    (own,) = here.actor.grants
    here.grant = Grant(own.role, own.organisation, own.path, acting_for=PEOPLE["bob"], principal="bob")
    assert barred("certificate_void_proposed", here) == "same_person"


def test_a_delivered_case_has_something_to_deliver_again_only_after_a_reissue() -> None:
    here = case(OLD, NEW)
    chosen = SELECTORS["certificate_to_deliver"].check
    here.papers = (PaperFacts("D15", "示准1号"), PaperFacts("D17", NEW.number, here.now))
    assert not chosen(here)
    here.papers = (PaperFacts("D17", NEW.number),)
    assert chosen(here)
