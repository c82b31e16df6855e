"""Who may see a case and in which role somebody acts on it: deny unless a grant covers the place.

Hall roles see what their hall (or anything below their organisation) handles; department roles see only what is
routed to their department, and nothing before it is routed. An agent sees the cases of their own principals only.
Administrators of the system see no case at all (GB/T 22239). An applicant reaches one case, the engine itself every
case, and each takes only the steps that the flow gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final
from uuid import UUID

from workflows.actor import UNGRANTABLE, Actor, Grant, Role
from workflows.errors import Forbidden, NotFound
from workflows.flow import Step
from workflows.item import ItemVersion

HALL_ROLES: Final = frozenset(
    {
        Role.clerk,
        Role.hall_manager,
        Role.issuer,
        Role.supervisor,
        Role.complaint_handler,
        Role.impasse_handler,
        Role.archivist,
        Role.auditor,
        Role.guide,
        Role.government_head,
    }
)
DEPARTMENT_ROLES: Final = frozenset({Role.officer, Role.reviewer, Role.approver, Role.authority_head})
_OWN_ROLE: Final = {"applicant": Role.applicant, "system": Role.system}
"""The one role of those who hold no grants."""


def sees(
    actor: Actor,
    hall_path: str,
    department_path: str,
    *,
    routed: bool,
    number: str = "",
    agents: Collection[UUID] = (),
) -> bool:
    """Whether the actor reaches a case of this hall and department.

    :param routed: whether the case has left the window's own preparation (it is not in its initial state).
    :param number: of the case; an applicant reaches only the one that is theirs.
    :param agents: who acts for the applicant under a mandate (see :func:`workflows.mandate.agents_in_sight`).
    """
    if actor.kind in _OWN_ROLE:
        return actor.kind == "system" or (number != "" and actor.case == number)
    return any(
        (grant.role in HALL_ROLES and _in_hall(grant, hall_path))
        or (routed and grant.role in DEPARTMENT_ROLES and grant.covers(department_path))
        or (grant.role is Role.agent and actor.person in agents and _in_hall(grant, hall_path))
        for grant in actor.grants
    )


def not_found() -> NotFound:
    """The same answer for a case that is not there and for one out of sight."""
    return NotFound(
        "case_not_found",
        "没有找到该办件，或者它不在您的管辖范围内。请核对办件编号。",
        "There is no such case within your organisation; check the number.",
    )


def hats_of(actor: Actor, agents: Collection[UUID]) -> Actor:
    """The actor as they may act on a case: as an agent only where they are one of its agents, and then first as one."""
    mine = actor.person in agents
    kept = [grant for grant in actor.grants if mine or grant.role is not Role.agent]
    return replace(actor, grants=tuple(sorted(kept, key=lambda grant: grant.role is not Role.agent)))


def grant_at(actor: Actor, roles: Collection[Role], hall_path: str, department_path: str) -> Grant | None:
    """The grant under which the actor holds the first of these roles where the case is: in its hall or department.

    Their own grants come before those of whom they stand in for.
    """
    permitted = frozenset(roles) - UNGRANTABLE
    for grant in sorted(actor.grants, key=lambda grant: grant.acting_for is not None):
        behind = grant.role in DEPARTMENT_ROLES
        here = grant.covers(department_path) if behind else _in_hall(grant, hall_path)
        if grant.role in permitted and here:
            return grant
    return None


def role_at(actor: Actor, roles: Collection[Role], hall_path: str, department_path: str) -> Role | None:
    """The first of these roles that the actor has on a case of this place."""
    own = _OWN_ROLE.get(actor.kind)
    if own is not None:
        return own if own in roles else None
    grant = grant_at(actor, roles, hall_path, department_path)
    return grant.role if grant else None


def _in_hall(grant: Grant, hall_path: str) -> bool:
    """Whether a grant is for the hall, what lies above it, or one of its windows, which share the hall's cases."""
    return grant.covers(hall_path) or grant.path.startswith(hall_path + "/")


def acting_role(actor: Actor, steps: Iterable[Step], item: ItemVersion, hall_path: str, department_path: str) -> Role:
    """The role in which the actor may take one of these steps on a case of this place.

    :raises Forbidden: ``role_not_allowed`` when no grant fits, naming the roles that would.
    """
    permitted: set[Role] = set()
    for step in steps:
        permitted |= step.roles
        if step.authorised_window and item.authorised_window:
            permitted.add(Role.clerk)
    role = role_at(actor, permitted, hall_path, department_path)
    if role is not None:
        return role
    titles = sorted(permitted)
    raise Forbidden(
        "role_not_allowed",
        f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in titles) or '系统'}办理。",
        f"Your role may not do this; it is for: {', '.join(role.en for role in titles) or 'the system'}.",
        basis="窗口无否决权；岗位权限",
        roles=[role.value for role in titles],
    )
