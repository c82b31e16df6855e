"""What waits in a department: for being signed in, reviewed, approved; and who there handles how much."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from engine import listing
from engine.context import Context
from storage import department_queue, organisations, queues
from workflows.actor import Actor, Role
from workflows.errors import Forbidden
from workflows.flow import Flow
from workflows.scope import DEPARTMENT_ROLES

WORKERS: Final = DEPARTMENT_ROLES
"""Who works in a department."""
_ASSIGNERS: Final = frozenset({Role.reviewer, Role.approver})
"""Who passes cases to an officer, and so sees the whole of the department's work."""

MOST_COUNTED: Final = department_queue.MOST_COUNTED
"""How many cases of one department in one state are counted; where there are more, that is said."""

Row = dict[str, Any]


async def list_department_tasks(
    context: Context,
    actor: Actor,
    *,
    state: str = "",
    item: str = "",
    after: tuple[int, str, UUID] = listing.NOWHERE,
    limit: int = 50,
) -> list[Row]:
    """A page of the open cases that wait in the actor's departments: priority first, then the most urgent.

    :param state: only those that wait in it; otherwise those in which it is the actor's turn.
    :param item: only those of one item, by code.
    :raises Forbidden: ``role_not_allowed`` for who works in no department.
    """
    departments, flows = await departments_of(actor), await context.newest_flows()
    return await queues.page(
        halls=[],
        departments=departments,
        department_states=[state] if state in _seen(flows, actor) else _turn(flows, actor),
        item=item or None,
        after=after,
        limit=limit,
    )


async def count_waiting(context: Context, actor: Actor) -> list[Row]:
    """How many cases wait in the actor's departments, by ``state`` and ``item_code``.

    A thousand of one department and state are counted at most. Refusals as :func:`list_department_tasks`.
    """
    departments = await departments_of(actor)
    return await department_queue.waiting(departments, _seen(await context.newest_flows(), actor))


async def states_of_turn(context: Context, actor: Actor) -> list[str]:
    """The states in which it is the actor's turn, as somebody of a department, in the order of the flows."""
    return _turn(await context.newest_flows(), actor)


async def list_officers(context: Context, actor: Actor) -> list[Row]:
    """The officers of the actor's departments: login, name, and how many open cases each handles, the fewest first.

    Empty for whoever passes no cases on.
    """
    places = [grant.path for grant in actor.grants if grant.role in _ASSIGNERS]
    if not places:
        return []
    states = _states_of(await context.newest_flows(), DEPARTMENT_ROLES)
    return await department_queue.staff(await organisations.subtree(places), Role.officer, states)


async def name_cases(actor: Actor, numbers: list[str]) -> list[Row]:
    """The cases of these numbers that the actor sees, as lists show them, the most urgent first."""
    halls, departments = await listing.reach(actor)
    return await department_queue.named(numbers, halls, departments)


async def departments_of(actor: Actor) -> list[UUID]:
    """The departments in which the actor works, with what lies below them.

    :raises Forbidden: ``role_not_allowed`` for who works in none.
    """
    places = [grant.path for grant in actor.grants if grant.role in DEPARTMENT_ROLES]
    if places:
        return await organisations.subtree(places)
    titles = sorted(DEPARTMENT_ROLES)
    raise Forbidden(
        "role_not_allowed",
        f"部门待办供{'、'.join(role.zh for role in titles)}使用。",
        f"The tasks of a department are for: {', '.join(role.en for role in titles)}.",
        basis="岗位权限",
        roles=[role.value for role in titles],
    )


def _turn(flows: list[Flow], actor: Actor) -> list[str]:
    return _states_of(flows, actor.roles & DEPARTMENT_ROLES)


def _seen(flows: list[Flow], actor: Actor) -> list[str]:
    """The states of the actor's turn; whoever passes cases on also sees those that wait for officers."""
    roles = actor.roles & DEPARTMENT_ROLES
    return _states_of(flows, roles | {Role.officer} if roles & _ASSIGNERS else roles)


def _states_of(flows: list[Flow], roles: frozenset[Role]) -> list[str]:
    """The states in which a step of the way waits for one of these roles, in the order of the flows."""
    found: dict[str, None] = {}
    for flow in flows:
        sources = {
            source
            for step in flow.steps
            if step.roles & roles and not step.definition.aside
            for source in step.definition.sources
        }
        found |= dict.fromkeys(name for name in flow.states if name in sources)
    return list(found)
