"""Instant items, joint handling, colleagues, supplements, fees, order of acceptance; the two people of a decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.workflows.situations import DEPARTMENT, PEOPLE, item_with, situation, started
from workflows.actor import Actor, Grant, Role
from workflows.clock import ClockKind, Unit
from workflows.errors import Forbidden, Malformed, YichuangError
from workflows.guards import GUARDS, SELECTORS, selected
from workflows.item import Fee, ItemVersion, PromiseLimit, StatutoryLimit
from workflows.situation import Colleague, MaterialFacts, Situation

ANN, BOB, CAO = PEOPLE["ann"], PEOPLE["bob"], PEOPLE["cao"]
TEN = StatutoryLimit(n=10, unit=Unit.working_days, basis="办法1")
AT_ONCE = PromiseLimit(n=0, unit=Unit.working_days)
TEN_AND_NONE: dict[str, Any] = {"case_kind": "instant", "promise_limit": AT_ONCE, "statutory_limit": TEN}


def refusal(name: str, here: Situation) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        GUARDS[name].check(here)
    assert found.value.zh
    assert found.value.en
    return found.value


def passes(name: str, here: Situation) -> None:
    GUARDS[name].check(here)


def instant(**changes: Any) -> ItemVersion:
    return item_with(**TEN_AND_NONE | changes)


def test_only_an_instant_item_that_was_not_converted_is_decided_at_once() -> None:
    passes("item_is_instant", situation("ACCEPTED", item=instant()))
    for here in (situation("ACCEPTED"), situation("ACCEPTED", item=instant(), flags=frozenset({"converted"}))):
        assert refusal("item_is_instant", here).basis == "GB/T 39046-2020 A.6"


@pytest.mark.parametrize(
    ("legal", "unit", "days", "most"),
    [
        (TEN, Unit.working_days, 1, None),
        (TEN, Unit.working_days, 10, None),
        (TEN, Unit.working_days, 0, 10),
        (TEN, Unit.working_days, 11, 10),
        (TEN, Unit.natural_days, 1, 0),
        (None, Unit.working_days, 20, None),
        (None, Unit.working_days, 21, 20),
        (StatutoryLimit(n=15, unit=Unit.natural_days, basis="社会保险法57"), Unit.natural_days, 15, None),
        (StatutoryLimit(n=0, unit=Unit.working_days, basis="条例"), Unit.working_days, 1, 0),
    ],
)
def test_a_converted_item_promises_no_more_than_the_law_gives(
    legal: StatutoryLimit | None, unit: Unit, days: int, most: int | None
) -> None:
    item = instant(statutory_limit=legal, promise_limit=PromiseLimit(n=0, unit=unit))
    here = situation("ACCEPTED", item=item, payload={"days": days})
    if most is None:
        passes("converted_within_statutory", here)
    else:
        found = refusal("converted_within_statutory", here)
        assert (found.code, found.extra["most"]) == ("promise_over_statutory", most)


@pytest.mark.parametrize(("at", "late"), [("2026-03-02T09:30", False), ("2026-03-02T09:31", True)])
def test_a_conversion_comes_before_the_hall_closes_on_the_day_that_was_promised(at: str, late: bool) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    clock = started(ClockKind.promise, 0)
    here = situation("ACCEPTED", item=instant(), payload={"days": 3}, entries=(clock,), now=now)
    if late:
        assert refusal("converted_within_statutory", here).code == "conversion_too_late"
    else:
        passes("converted_within_statutory", here)


@pytest.mark.parametrize(
    ("changes", "chosen"),
    [
        ({}, "handled_by_one"),
        ({"joint": ("police",)}, "handled_jointly"),
        ({"pre_examination": "health"}, "examined_below"),
    ],
)
def test_one_way_of_dispatching_fits_an_item(changes: dict[str, Any], chosen: str) -> None:
    here = situation("ACCEPTED", item=item_with(**changes))
    ways = ("handled_by_one", "handled_jointly", "examined_below")
    assert [name for name in ways if selected([name], here)] == [chosen]


def test_the_lead_waits_for_every_department() -> None:
    here = situation("REVIEW")
    passes("children_closed", here)
    here.children_open = 2
    assert refusal("children_closed", here).extra["open"] == 2


@pytest.mark.parametrize(
    ("to", "code"),
    [("bob", None), ("cao", "assignee_not_officer"), ("dan", "assignee_not_officer"), ("ann", "already_handler")],
)
def test_a_case_goes_to_another_officer(to: str, code: str | None) -> None:
    here = situation("REVIEW", payload={"to": to}, handler=ANN)
    here.colleagues = {
        "ann": Colleague(ANN, "ann", frozenset({Role.officer})),
        "bob": Colleague(BOB, "bob", frozenset({Role.officer, Role.approver})),
        "cao": Colleague(CAO, "cao", frozenset({Role.reviewer})),
    }
    if code is None:
        passes("assignee_is_officer", here)
    else:
        assert refusal("assignee_is_officer", here).code == code


def asks(*materials: str, below: str = "") -> Situation:
    return situation(
        "REVIEW",
        item=item_with(pre_examination=below),
        payload={"gaps": [{"material": code, "defect": "缺", "how_to_obtain": "自备"} for code in materials]},
        materials=(
            MaterialFacts("M01", originals=1, scans_stored=1),
            MaterialFacts("M02", exempt="e_cert"),
            MaterialFacts("M03", originals=1, scans_refused=1),
        ),
    )


def test_a_supplement_names_what_the_list_names() -> None:
    passes("supplement_is_new", asks("M01", "M04"))
    assert refusal("supplement_is_new", asks("M01", "M09")).extra["lines"] == ["M09"]
    assert refusal("supplement_is_new", asks("M06")).code == "material_not_on_list"


def test_after_an_examination_below_nothing_is_asked_for_twice() -> None:
    passes("supplement_is_new", asks("M03", "M04", below="health"))
    for again in ("M01", "M02"):
        found = refusal("supplement_is_new", asks(again, "M04", below="health"))
        assert (found.code, found.basis, found.extra["lines"]) == ("material_asked_again", "行政许可法35", [again])


FIXED = Fee(amount="80.00", basis="收费标准")
VARIABLE = Fee(note="按面积", basis="条例37")


@pytest.mark.parametrize(
    ("fee", "flags", "barred"),
    [
        (None, set(), False),
        (FIXED, set(), True),
        (FIXED, {"fee_asked"}, True),
        (FIXED, {"fee_asked", "fee_paid"}, False),
        (VARIABLE, set(), False),
        (VARIABLE, {"fee_asked"}, True),
        (VARIABLE, {"fee_asked", "fee_paid"}, False),
    ],
)
def test_a_lawful_fee_is_paid_before_the_grant(fee: Fee | None, flags: set[str], barred: bool) -> None:
    here = situation("VERIFY", item=item_with(fee=fee), flags=frozenset(flags))
    if barred:
        found = refusal("fee_paid", here)
        assert (found.code, found.basis) == ("fee_unpaid", fee.basis if fee else "")
    else:
        passes("fee_paid", here)


def test_a_fee_is_asked_for_where_there_is_one_and_recorded_once() -> None:
    passes("item_has_fee", situation(item=item_with(fee=FIXED)))
    assert refusal("item_has_fee", situation(item=item_with(fee=None))).basis == "行政许可法58"
    paid = situation(item=item_with(fee=FIXED), flags=frozenset({"fee_asked", "fee_paid"}))
    assert refusal("item_has_fee", paid).code == refusal("fee_was_asked", paid).code == "fee_paid_already"
    passes("fee_was_asked", situation(flags=frozenset({"fee_asked"})))
    assert refusal("fee_was_asked", situation()).code == "fee_not_asked"


@pytest.mark.parametrize("amount", ["80.00", "0.01", "123456.78"])
def test_an_amount_is_in_yuan(amount: str) -> None:
    passes("amount_in_yuan", situation(payload={"amount": amount}))


@pytest.mark.parametrize("amount", ["80", "80.0", "0.00", "-1.00", "01.00", "1,000.00", "八十元", "80.00元", "80.00\n"])
def test_anything_else_is_no_amount(amount: str) -> None:
    found = refusal("amount_in_yuan", situation(payload={"amount": amount}))
    assert (type(found), found.code) == (Malformed, "amount_wrong")


@pytest.mark.parametrize(("limited", "before", "barred"), [(True, 1, True), (True, 0, False), (False, 5, False)])
def test_a_limited_number_is_granted_in_the_order_of_acceptance(limited: bool, before: int, barred: bool) -> None:
    here = situation("VERIFY", item=item_with(quantity_limited=limited))
    here.accepted_before = before
    if barred:
        assert refusal("order_of_acceptance", here).basis == "行政许可法57"
    else:
        passes("order_of_acceptance", here)


@pytest.mark.parametrize(("overdue", "grants"), [("none", False), ("deemed_approved", True), ("deemed_renewed", True)])
def test_silence_is_a_grant_only_where_the_item_says_so(overdue: str, grants: bool) -> None:
    here = situation("REVIEW", item=item_with(on_overdue=overdue, on_overdue_basis="办法9"))
    assert SELECTORS["silence_grants"].check(here) is grants


def standing_in(for_whom: UUID) -> Grant:
    """Ann holds somebody else's grant while they are away."""
    return Grant(Role.approver, UUID(int=99), DEPARTMENT, for_whom, "他人")


@pytest.mark.parametrize(
    ("signers", "handler", "principal", "barred"),
    [
        ({BOB}, BOB, None, False),
        ({BOB, ANN}, BOB, None, True),
        ({BOB}, BOB, CAO, False),
        ({BOB}, BOB, BOB, True),
        ({BOB, CAO}, BOB, CAO, True),
        (set(), CAO, CAO, True),
    ],
)
def test_nobody_decides_who_signed_in_any_round_or_stands_in_for_one_who_did(
    signers: set[UUID], handler: UUID, principal: UUID | None, barred: bool
) -> None:
    here = situation("VERIFY", who="ann", handler=handler)
    here.signers = frozenset(signers)
    here.grant = standing_in(principal) if principal else None
    if barred:
        found = refusal("approver_is_not_handler", here)
        assert (type(found), found.code) == (Forbidden, "same_person")
    else:
        passes("approver_is_not_handler", here)


@pytest.mark.parametrize(
    ("item", "handler", "flags", "barred"),
    [
        (instant(), BOB, set(), True),
        (item_with(), None, set(), True),
        (item_with(), BOB, set(), False),
        (instant(), BOB, {"converted"}, False),
    ],
)
def test_who_received_an_application_that_is_not_reviewed_does_not_decide_it(
    item: ItemVersion, handler: UUID | None, flags: set[str], barred: bool
) -> None:
    here = situation("ACCEPTED", who="ann", item=item, handler=handler, receiver=ANN, flags=frozenset(flags))
    if barred:
        assert refusal("approver_is_not_handler", here).code == "same_person"
    else:
        passes("approver_is_not_handler", here)


@pytest.mark.parametrize(("handlers", "barred"), [({BOB}, False), ({BOB, ANN}, True)])
def test_who_handled_in_an_earlier_round_does_not_endorse(handlers: set[UUID], barred: bool) -> None:
    here = situation("VERIFY", who="ann", handler=BOB)
    here.handlers = frozenset(handlers)
    here.signers = frozenset({ANN, BOB})
    if barred:
        assert refusal("endorser_is_not_handler", here).code == "same_person"
    else:
        passes("endorser_is_not_handler", here)


def test_a_delegate_signs_with_both_names() -> None:
    ann = Actor(ANN, "安某")
    assert ann.signature(None) == ann.signature(Grant(Role.officer, UUID(int=9), DEPARTMENT)) == "安某"
    assert ann.signature(standing_in(BOB)) == "安某（代他人）"
