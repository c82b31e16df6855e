"""Conditions on service, delivery and rating, each asked directly."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.situations import NOW, situation
from workflows.errors import Conflict, Malformed
from workflows.guards import GUARDS, SELECTORS
from workflows.issue_guards import result_papers
from workflows.party import mask_electronic_address, validate_electronic_address
from workflows.payload import redact
from workflows.situation import DutyFacts, PaperFacts, PostingFacts, RatingFacts, Situation

NUMBER = "110105" + "19491231002X"
PERSON = {"name": "示例人", "id_kind": "resident_id", "id_number": NUMBER, "relation": "self"}


def case(*papers: PaperFacts, flags: frozenset[str] = frozenset(), **payload: Any) -> Situation:
    found = situation("READY", payload=payload, flags=flags)
    found.papers = papers
    return found


def barred(guard: str, here: Situation) -> str | None:
    """The code of the guard's refusal, None when it lets the act pass."""
    try:
        GUARDS[guard].check(here)
    except (Conflict, Malformed) as refusal:
        return refusal.code
    return None


def paper(code: str, number: str = "示1号", *, served: bool = False) -> PaperFacts:
    return PaperFacts(code, number, NOW if served else None)


def test_results_are_the_decision_and_the_certificate_that_are_still_here() -> None:
    here = case(paper("D01"), paper("D15", served=True), paper("D17"), paper("D14"))
    assert [one.code for one in result_papers(here)] == ["D17"]
    assert barred("result_to_deliver", here) is None
    assert barred("result_to_deliver", case(paper("D05"), paper("D15", served=True))) == "nothing_to_deliver"


def test_a_returned_parcel_waits_as_what_was_decided() -> None:
    for papers, denied in (((paper("D16"),), True), ((paper("D15"), paper("D17")), False)):
        here = case(*papers)
        assert SELECTORS["result_is_denial"].check(here) is denied
        assert SELECTORS["result_is_grant"].check(here) is not denied


@pytest.mark.parametrize(
    ("relation", "mandate", "code"),
    [
        ("self", None, None),
        ("legal_representative", None, None),
        ("agent", None, "mandate_missing"),
        ("agent", True, None),
        ("family", False, "mandate_missing"),
        ("family", True, None),
    ],
)
def test_who_collects_for_somebody_else_shows_a_mandate(relation: str, mandate: bool | None, code: str | None) -> None:
    assert barred("collector_entitled", case(recipient=PERSON | {"relation": relation}, mandate=mandate)) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"recipient": PERSON}, None),
        ({"recipient": PERSON | {"id_number": NUMBER[:-1] + "1"}}, "id_check_failed"),
        ({}, "recipient_missing"),
        ({"refused": True}, "witness_missing"),
        ({"refused": True, "witness": "见证人"}, None),
        ({"refused": True, "witness": " "}, "witness_missing"),
        ({"recipient": PERSON, "refused": True}, "witness_missing"),
    ],
)
def test_a_denial_is_handed_over_or_left_with_a_witness(payload: dict[str, Any], code: str | None) -> None:
    assert barred("recipient_or_refusal", case(**payload)) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"way": "window"}, None),
        ({"way": "left"}, "witness_missing"),
        ({"way": "post", "refused": True}, "witness_missing"),
        ({"way": "left", "witness": "见证人"}, None),
        ({"way": "left", "recipient": "见证人", "witness": "见证人"}, "witness_missing"),
    ],
)
def test_what_is_left_takes_a_witness(payload: dict[str, Any], code: str | None) -> None:
    assert barred("refusal_has_witness", case(**payload)) == code


def test_a_document_is_served_by_its_number_once() -> None:
    papers = (paper("D05", "甲"), paper("D03", "乙", served=True), paper("D14", "丙"), paper("D16", "丁"))
    codes = [barred("document_to_serve", case(*papers, document=number)) for number in ("甲", "乙", "丙", "丁", "戊")]
    assert codes == [None, "already_served", "no_such_document", "delivered_with_result", "no_such_document"]


def test_electronic_delivery_takes_consent_and_an_address() -> None:
    assert barred("electronic_delivery_consented", case()) == "electronic_delivery_not_consented"
    assert barred("electronic_delivery_consented", case(flags=frozenset({"electronic_delivery"}))) is None
    given: dict[str, Any] = {"electronic_address": "a.b@example.cn", "signed": True}
    assert barred("electronic_address_confirmed", case(**given)) is None
    assert barred("electronic_address_confirmed", case(**given | {"signed": False})) == "signature_missing"


@pytest.mark.parametrize("text", ["a@b", "@example.cn", "a b@example.cn", "a@example.cn@x.cn", "a@-", "名@例.cn"])
def test_what_is_no_electronic_address(text: str) -> None:
    with pytest.raises(Malformed) as found:
        validate_electronic_address(text)
    assert found.value.code == "electronic_address_wrong"
    assert text not in found.value.zh + found.value.en


def test_an_electronic_address_is_kept_masked_in_the_trail() -> None:
    assert validate_electronic_address(" +86 138-0000-1234 ") == "13800001234"
    assert mask_electronic_address("office@example.cn") == "o***@example.cn"
    assert mask_electronic_address("13800001234") == "138****1234"
    kept = redact({"electronic_address": "office@example.cn", "signed": True})
    assert kept == {"electronic_address": "o***@example.cn", "signed": True}


def test_a_waybill_stands_for_one_parcel_and_reports_name_it() -> None:
    here = case(waybill="EX1")
    assert barred("waybill_is_new", here) is None
    assert barred("waybill_matches", here) == "waybill_wrong"
    here.waybill_used, here.posting = True, PostingFacts("示例速递", "EX1", NOW)
    assert barred("waybill_is_new", here) == "waybill_used"
    assert barred("waybill_matches", here) is None
    here.posting = PostingFacts("示例速递", "EX2", NOW)
    assert barred("waybill_matches", here) == "waybill_wrong"


def test_an_applicant_is_invited_once_and_rates_once() -> None:
    assert barred("not_yet_invited", case()) is None
    assert barred("not_yet_invited", case(flags=frozenset({"rating_invited"}))) == "already_invited"
    here = case()
    assert barred("not_yet_rated", here) is None
    here.rating = RatingFacts(1, NOW)
    assert barred("not_yet_rated", here) == "already_rated"


@pytest.mark.parametrize("level", [None, 1, 2, 3, 4, 5])
def test_only_a_bad_rating_is_rectified_and_once(level: int | None) -> None:
    here = case()
    here.rating = RatingFacts(level, NOW) if level else None
    assert barred("rated_badly", here) == (None if level in {4, 5} else "no_bad_rating")
    here.duties = (DutyFacts("rectification", NOW.date(), NOW, "已整改"),)
    assert barred("rated_badly", here) == "no_bad_rating"


def test_the_rater_is_heard_before_anything_is_put_right() -> None:
    contact, repair = DutyFacts("rater_contact", NOW.date()), DutyFacts("rectification", NOW.date())
    contacted, repaired = (DutyFacts(duty.kind, NOW.date(), NOW) for duty in (contact, repair))
    answers = []
    for duties in ((), (contact, repair), (contacted, repair), (contacted, repaired)):
        here = case()
        here.duties = duties
        answers.append((barred("contact_is_owed", here), barred("rectification_is_owed", here)))
    assert answers == [
        ("no_contact_owed", "no_rectification_owed"),
        (None, "rater_not_contacted"),
        ("no_contact_owed", None),
        ("no_contact_owed", "no_rectification_owed"),
    ]
