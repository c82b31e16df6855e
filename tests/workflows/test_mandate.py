"""Mandates as rules: term, scope, one person in one part; asked without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.workflows.situations import DEPARTMENT, FOOD, HALL, NOW, PEOPLE, situation, someone
from workflows.actor import Actor, Grant, Role
from workflows.errors import YichuangError
from workflows.events import Act
from workflows.flow import packaged_flows
from workflows.guards import GUARDS
from workflows.mandate import (
    LONGEST,
    POWER_OF,
    MandateState,
    Power,
    agents_in_sight,
    best_of,
    check_standing,
    check_term,
    check_two_people,
    mandate_of_act,
    named,
    state_of,
)
from workflows.scope import hats_of, sees
from workflows.situation import MandateFacts, Situation
from workflows.visit import check_booking, check_record

TODAY = date(2026, 3, 2)
WEEK = timedelta(days=7)
BASE = MandateFacts(
    UUID(int=51), "示政服委〔2026〕1号", UUID(int=61), "李某", PEOPLE["ann"], "王某", "ab", frozenset({FOOD.code}),
    frozenset({"file", "supply"}), TODAY, TODAY + WEEK, evidenced=True,
)  # fmt: skip


def code_of(problem: Any) -> str | None:
    """What a call refuses with; None when it does not."""
    try:
        problem()
    except YichuangError as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("from_on", "until_on", "code"),
    [
        (TODAY, TODAY, None),
        (TODAY - WEEK, TODAY, None),
        (TODAY + WEEK, TODAY + WEEK + LONGEST, None),
        (TODAY + WEEK, TODAY + WEEK + LONGEST + timedelta(days=1), "mandate_term_wrong"),
        (TODAY - WEEK, TODAY - timedelta(days=1), "mandate_term_wrong"),
        (TODAY + WEEK, TODAY, "mandate_term_wrong"),
    ],
)
def test_a_mandate_has_a_term_with_an_end(from_on: date, until_on: date, code: str | None) -> None:
    assert code_of(lambda: check_term(from_on, until_on, TODAY)) == code


def test_nobody_gives_a_mandate_to_themself() -> None:
    assert code_of(lambda: check_two_people(("passport", "A1"), ("passport", "A1"))) == "principal_is_agent"
    assert code_of(lambda: check_two_people(("passport", "A1"), ("travel_permit", "A1"))) is None


@pytest.mark.parametrize(
    ("change", "day", "code", "state"),
    [
        ({}, TODAY, None, MandateState.in_force),
        ({}, TODAY + WEEK, None, MandateState.in_force),
        ({}, TODAY + WEEK + timedelta(days=1), "mandate_expired", MandateState.expired),
        ({}, TODAY - timedelta(days=1), "mandate_not_yet", MandateState.coming),
        ({"evidenced": False}, TODAY, "mandate_without_evidence", MandateState.awaiting_evidence),
        ({"revoked_at": NOW}, TODAY, "mandate_revoked", MandateState.ended),
        ({"powers": frozenset({"supply", "withdraw"})}, TODAY, "mandate_too_narrow", MandateState.in_force),
    ],
)
def test_a_mandate_counts_within_its_term_and_powers(
    change: dict[str, Any], day: date, code: str | None, state: MandateState
) -> None:
    mandate = replace(BASE, **change)
    assert code_of(lambda: check_standing(mandate, {Power.file}, day)) == code
    assert state_of(mandate, day) is state


def test_what_is_in_nobodys_mandate_is_refused() -> None:
    assert code_of(lambda: check_standing(BASE, set(), TODAY)) == "mandate_too_narrow"


def test_any_of_several_mandates_will_do_and_the_newest_speaks() -> None:
    old, new = replace(BASE, number="1", from_on=TODAY - WEEK), replace(BASE, number="2", revoked_at=NOW)
    assert best_of([new, old], {Power.file}, TODAY) is old
    old = replace(old, until_on=TODAY - timedelta(days=1))
    assert code_of(lambda: best_of([old, new], {Power.file}, TODAY)) == "mandate_revoked"
    assert code_of(lambda: best_of([], {Power.file}, TODAY)) == "mandate_missing"


def test_a_number_is_looked_up_for_the_matter_only() -> None:
    one = replace(BASE, case="X")
    assert named([one], one.number, FOOD.code, "X") is one
    for number, item, case in (("other", FOOD.code, "X"), (one.number, "other", "X"), (one.number, FOOD.code, "Y")):
        assert code_of(lambda: named([one], number, item, case)) == "mandate_unknown"  # noqa: B023  # called at once


def agent(who: str = "ann", *mandates: MandateFacts, **case: Any) -> Situation:
    return situation("CORRECTION", role=Role.agent, who=who, mandates=mandates, **case)


def test_an_agent_acts_under_their_own_mandate_for_this_matter() -> None:
    assert mandate_of_act(agent("ann", BASE), Act.SUPPLY) is BASE
    for who, mandate, act, code in (
        ("bob", BASE, Act.SUPPLY, "mandate_missing"),
        ("ann", replace(BASE, items=frozenset({"other"})), Act.SUPPLY, "mandate_missing"),
        ("ann", replace(BASE, case="another"), Act.SUPPLY, "mandate_missing"),
        ("ann", BASE, Act.WITHDRAW, "mandate_too_narrow"),
        ("ann", BASE, Act.REQUEST_HEARING, "mandate_too_narrow"),
    ):
        assert code_of(lambda: mandate_of_act(agent(who, mandate), act)) == code, (who, act)  # noqa: B023  # idem


def test_others_need_no_mandate() -> None:
    assert mandate_of_act(situation(role=Role.clerk, who="bob"), Act.WITHDRAW) is None


@pytest.mark.parametrize("role", [Role.clerk, Role.officer, Role.reviewer, Role.approver, Role.issuer])
def test_who_acts_for_the_applicant_has_no_other_part(role: Role) -> None:
    hatted = situation(role=role, mandates=(BASE,))
    assert code_of(lambda: mandate_of_act(hatted, Act.ACCEPT)) == "two_hats"
    assert code_of(lambda: mandate_of_act(situation(role=role, who="bob", mandates=(BASE,)), Act.ACCEPT)) is None
    revoked = replace(BASE, revoked_at=NOW)
    assert code_of(lambda: mandate_of_act(situation(role=role, mandates=(revoked,)), Act.ACCEPT)) == "two_hats"


@pytest.mark.parametrize("part", ["receiver", "handler", "endorser"])
def test_who_handled_the_case_does_not_act_for_the_applicant(part: str) -> None:
    assert code_of(lambda: mandate_of_act(agent("ann", BASE, **{part: PEOPLE["ann"]}), Act.SUPPLY)) == "two_hats"
    assert mandate_of_act(agent("ann", BASE, **{part: PEOPLE["bob"]}), Act.SUPPLY) is BASE


def test_nor_does_a_delegate_of_theirs() -> None:
    own = Grant(Role.clerk, UUID(int=99), HALL)
    stand_in = Grant(Role.agent, UUID(int=99), HALL, PEOPLE["ann"], "王某")
    seen = situation(role=Role.clerk, who="bob", mandates=(BASE,))
    seen.actor = Actor(PEOPLE["bob"], "bob", (own, stand_in))
    assert code_of(lambda: mandate_of_act(seen, Act.RECEIVE)) == "two_hats"
    seen.actor = Actor(PEOPLE["bob"], "bob", (stand_in,))
    seen.role = Role.agent
    assert code_of(lambda: mandate_of_act(seen, Act.SUPPLY)) == "mandate_missing"  # 民法典169


def test_an_agent_sees_the_cases_of_their_own_principals_only() -> None:
    ann, elsewhere = someone(Role.agent), someone(Role.agent, path=HALL + "-2")
    assert sees(ann, HALL, DEPARTMENT, routed=True, agents={PEOPLE["ann"]})
    assert not sees(ann, HALL, DEPARTMENT, routed=True)
    assert not sees(ann, HALL, DEPARTMENT, routed=True, agents={PEOPLE["bob"]})
    assert not sees(elsewhere, HALL, DEPARTMENT, routed=True, agents={PEOPLE["ann"]})


@pytest.mark.parametrize(
    ("change", "followed", "seen"),
    [
        ({}, False, True),
        ({"evidenced": False}, False, False),
        ({"revoked_at": NOW}, False, False),
        ({"revoked_at": NOW}, True, True),
        ({"items": frozenset({"other"})}, False, False),
        ({"agent": None}, False, False),
    ],
)
def test_who_of_the_agents_is_in_sight(change: dict[str, Any], *, followed: bool, seen: bool) -> None:
    mandate = replace(BASE, **change)
    case = situation(mandates=(mandate,), mandate=mandate.id if followed else None).case
    assert agents_in_sight(case, FOOD.code) == ({PEOPLE["ann"]} if seen else set())


def test_who_is_clerk_and_agent_is_an_agent_for_their_principals_only() -> None:
    clerk, agent = Grant(Role.clerk, UUID(int=9), HALL), Grant(Role.agent, UUID(int=9), HALL)
    both = Actor(PEOPLE["ann"], "ann", (clerk, agent))
    assert hats_of(both, {PEOPLE["ann"]}).grants == (agent, clerk)
    assert hats_of(both, set()).grants == (clerk,)


@pytest.mark.parametrize(
    ("payload", "case", "code"),
    [
        ({}, {}, None),
        ({}, {"situation": frozenset({"agent"})}, "mandate_missing"),
        ({"in_person": True}, {"situation": frozenset({"agent"})}, None),
        ({"mandate_number": BASE.number}, {"mandates": (BASE,)}, None),
        ({"mandate_number": "9"}, {"mandates": (BASE,)}, "mandate_unknown"),
        ({"mandate_number": BASE.number}, {"mandates": (replace(BASE, until_on=TODAY - WEEK),)}, "mandate_expired"),
        ({}, {"flags": frozenset({"proxy"}), "mandate": BASE.id, "mandates": (BASE,)}, None),
        (
            {},
            {
                "flags": frozenset({"proxy"}),
                "mandate": BASE.id,
                "mandates": (replace(BASE, revoked_at=datetime(2026, 3, 1, tzinfo=NOW.tzinfo)),),
            },
            "mandate_revoked",
        ),
        (
            {},
            {
                "flags": frozenset({"proxy"}),
                "mandate": BASE.id,
                "mandates": (replace(BASE, revoked_at=NOW), replace(BASE, id=UUID(int=52), number="2")),
            },
            None,
        ),
        ({}, {"flags": frozenset({"proxy"}), "mandate": UUID(int=70), "mandates": (BASE,)}, "mandate_missing"),
    ],
)
def test_who_hands_in_for_the_applicant_shows_a_mandate(
    payload: dict[str, Any], case: dict[str, Any], code: str | None
) -> None:
    seen = situation("NEW", role=Role.clerk, who="bob", payload=payload, **case)
    assert code_of(lambda: GUARDS["representative_mandated"].check(seen)) == code


def test_every_step_of_an_agent_falls_under_a_power() -> None:
    acts = {
        step.definition.action for flow in packaged_flows().values() for step in flow.steps if Role.agent in step.roles
    }
    assert acts
    assert acts <= set(POWER_OF)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"second": PEOPLE["ann"]}, "two_people_needed"),
        ({"in_area": False}, "outside_the_area"),
        ({"immobile": False}, "can_come_themself"),
        ({"day": TODAY - timedelta(days=1)}, "visit_in_the_past"),
    ],
)
def test_two_people_visit_who_cannot_come(change: dict[str, Any], code: str | None) -> None:
    wish: dict[str, Any] = {"first": PEOPLE["ann"], "second": PEOPLE["bob"], "day": TODAY, "today": TODAY}
    assert code_of(lambda: check_booking(**{**wish, "in_area": True, "immobile": True, **change})) == code


def test_a_visit_is_recorded_once_and_only_with_who_was_conscious() -> None:
    assert code_of(lambda: check_record("booked", conscious=True, took_place=True)) is None
    assert code_of(lambda: check_record("booked", conscious=False, took_place=True)) == "not_conscious"
    assert code_of(lambda: check_record("booked", conscious=False, took_place=False)) is None
    with pytest.raises(YichuangError) as found:
        check_record("done", conscious=True, took_place=True)
    assert found.value.code == "visit_recorded"
