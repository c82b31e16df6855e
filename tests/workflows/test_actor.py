"""The engine and the applicant as actors: what each reaches, and that nobody else can be one of them."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.workflows.situations import DEPARTMENT, FOOD, HALL
from workflows.actor import SYSTEM, UNGRANTABLE, Actor, Grant, Role, check_exclusive
from workflows.errors import Conflict, Forbidden
from workflows.events import Act
from workflows.flow import Step, packaged_flows
from workflows.scope import acting_role, role_at, sees

MINE, THEIRS = "4601002603020000017", "4601002603020000025"
APPLICANT = Actor(UUID(int=7), "申请人", kind="applicant", case=MINE)


def steps(state: str, act: Act) -> list[Step]:
    return [step for step in packaged_flows()["PERMIT"].steps_from(state) if step.definition.action is act]


def test_the_engine_reaches_every_case_and_takes_its_own_steps_only() -> None:
    assert sees(SYSTEM, HALL, DEPARTMENT, routed=False)
    assert acting_role(SYSTEM, steps("DELIVERED", Act.INVITE_RATING), FOOD, HALL, DEPARTMENT) is Role.system
    assert acting_role(SYSTEM, steps("IN_TRANSIT", Act.SIGN_OFF_POST), FOOD, HALL, DEPARTMENT) is Role.system
    for state, act in (("VERIFY", Act.GRANT), ("READY", Act.DELIVER), ("DELIVERED", Act.RATE)):
        with pytest.raises(Forbidden):
            acting_role(SYSTEM, steps(state, act), FOOD, HALL, DEPARTMENT)


def test_an_applicant_reaches_their_own_case_and_takes_the_applicants_steps_only() -> None:
    assert sees(APPLICANT, HALL, DEPARTMENT, routed=True, number=MINE)
    assert not sees(APPLICANT, HALL, DEPARTMENT, routed=True, number=THEIRS)
    assert not sees(APPLICANT, HALL, DEPARTMENT, routed=True)
    assert not sees(Actor(UUID(int=7), "申请人", kind="applicant"), HALL, DEPARTMENT, routed=True)
    assert acting_role(APPLICANT, steps("DELIVERED", Act.RATE), FOOD, HALL, DEPARTMENT) is Role.applicant
    with pytest.raises(Forbidden):
        acting_role(APPLICANT, steps("VERIFY", Act.GRANT), FOOD, HALL, DEPARTMENT)


@pytest.mark.parametrize("role", sorted(UNGRANTABLE))
def test_nobody_is_granted_to_be_the_engine_or_an_applicant(role: Role) -> None:
    with pytest.raises(Conflict) as found:
        check_exclusive([role])
    assert (found.value.code, found.value.extra["roles"]) == ("role_not_grantable", [role.value])
    smuggled = Actor(UUID(int=8), "某人", (Grant(role, UUID(int=2), HALL),))
    assert not sees(smuggled, HALL, DEPARTMENT, routed=True)
    assert role_at(smuggled, set(Role), HALL, DEPARTMENT) is None


def test_only_staff_answer_for_an_act() -> None:
    clerk = Actor(UUID(int=9), "某人", (Grant(Role.clerk, UUID(int=2), HALL),))
    assert (clerk.staff, SYSTEM.staff, APPLICANT.staff) == (clerk.person, None, None)
