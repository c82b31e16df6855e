"""Deny by default: who sees a case and in which role somebody acts on it."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.workflows.situations import DEPARTMENT, FOOD, HALL, item_with
from tests.workflows.test_flow import permit
from workflows.actor import Actor, Grant, Role
from workflows.errors import Forbidden
from workflows.events import Act
from workflows.flow import Step
from workflows.scope import DEPARTMENT_ROLES, HALL_ROLES, acting_role, role_at, sees

CITY, PROVINCE, OTHER_HALL = "460000/460100", "460000", "460000/460100/hall-2"
OTHER_DEPARTMENT = "460000/460100/amr-2"


def actor(*grants: tuple[Role, str]) -> Actor:
    return Actor(UUID(int=1), "某人", tuple(Grant(role, UUID(int=2), path) for role, path in grants))


def steps(state: str, act: Act) -> list[Step]:
    return [step for step in permit().steps_from(state) if step.definition.action is act]


@pytest.mark.parametrize(
    ("role", "path", "before", "after"),
    [
        (Role.clerk, HALL, True, True),
        (Role.clerk, CITY, True, True),
        (Role.auditor, PROVINCE, True, True),
        (Role.clerk, OTHER_HALL, False, False),
        (Role.clerk, HALL + "/w01", True, True),
        (Role.clerk, HALL + "-2/w01", False, False),
        (Role.clerk, DEPARTMENT, False, False),
        (Role.officer, DEPARTMENT, False, True),
        (Role.approver, CITY, False, True),
        (Role.officer, OTHER_DEPARTMENT, False, False),
        (Role.officer, HALL, False, False),
        (Role.system_admin, PROVINCE, False, False),
        (Role.security_admin, PROVINCE, False, False),
        (Role.item_steward, CITY, False, False),
        (Role.assessor, CITY, False, False),
        (Role.project_director, HALL, False, False),
    ],
)
def test_who_sees_a_case_before_and_after_it_is_routed(role: Role, path: str, before: bool, after: bool) -> None:
    seen = [sees(actor((role, path)), HALL, DEPARTMENT, routed=routed) for routed in (False, True)]
    assert seen == [before, after]


def test_without_a_grant_nothing_is_seen_and_nothing_done() -> None:
    assert not sees(actor(), HALL, DEPARTMENT, routed=True)
    with pytest.raises(Forbidden) as found:
        acting_role(actor(), steps("RECEIVED", Act.ACCEPT), FOOD, HALL, DEPARTMENT)
    assert found.value.extra["roles"] == ["clerk", "officer"]


def test_a_role_counts_only_where_the_case_is() -> None:
    for path in (OTHER_DEPARTMENT, HALL, DEPARTMENT + "/desk"):
        with pytest.raises(Forbidden):
            acting_role(actor((Role.officer, path)), steps("RECEIVED", Act.ACCEPT), FOOD, HALL, DEPARTMENT)
    two = actor((Role.officer, OTHER_DEPARTMENT), (Role.clerk, HALL))
    assert acting_role(two, steps("RECEIVED", Act.ACCEPT), FOOD, HALL, DEPARTMENT) is Role.clerk
    assert role_at(two, {Role.officer}, HALL, DEPARTMENT) is None
    assert role_at(two, (Role.officer, Role.clerk), HALL, DEPARTMENT) is Role.clerk


def test_a_clerk_accepts_only_under_a_written_authorisation() -> None:
    clerk = actor((Role.clerk, HALL))
    assert acting_role(clerk, steps("RECEIVED", Act.ACCEPT), FOOD, HALL, DEPARTMENT) is Role.clerk
    bare = item_with(authorised_window=False)
    with pytest.raises(Forbidden) as found:
        acting_role(clerk, steps("RECEIVED", Act.ACCEPT), bare, HALL, DEPARTMENT)
    assert found.value.extra["roles"] == ["officer"]
    assert "承办人" in found.value.zh


def test_an_authorisation_to_accept_is_none_to_refuse() -> None:
    for act in (Act.REFUSE_ACCEPTANCE, Act.OVERRULE_ESCALATION):
        with pytest.raises(Forbidden):
            acting_role(actor((Role.clerk, HALL)), steps("ESCALATED", act), FOOD, HALL, DEPARTMENT)


def test_no_role_belongs_to_both_sides_and_administrators_to_neither() -> None:
    assert not HALL_ROLES & DEPARTMENT_ROLES
    assert not (HALL_ROLES | DEPARTMENT_ROLES) & {Role.system_admin, Role.security_admin, Role.applicant, Role.system}
