"""The lists that people work from: cases within their organisation, and those in which it is their turn."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from storage import agent_cases, cases, organisations
from workflows import scope
from workflows.actor import Actor, Role
from workflows.flow import Flow

NOWHERE: Final = (0, "-infinity", UUID(int=0))
"""Where the first page begins."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


async def reach(actor: Actor) -> tuple[list[UUID], list[UUID]]:
    """The organisations whose cases the actor sees as a hall, and as a department."""
    halls = [grant.path for grant in actor.grants if grant.role in scope.HALL_ROLES]
    departments = [grant.path for grant in actor.grants if grant.role in scope.DEPARTMENT_ROLES]
    return (await organisations.halls_of(halls)), (await organisations.subtree(departments) if departments else [])


async def halls_for(actor: Actor, roles: Collection[Role]) -> list[UUID]:
    """The halls in which the actor holds one of these roles."""
    return await organisations.halls_of([grant.path for grant in actor.grants if grant.role in roles])


async def list_cases(
    actor: Actor,
    *,
    states: list[str] | None = None,
    item: str | None = None,
    due_before: datetime | None = None,
    priority: bool = False,
    mine: bool = False,
    after: tuple[int, str, UUID] = NOWHERE,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the cases within the actor's organisation: those with priority first, then the most urgent.

    :param priority: only those whom the law serves first.
    :param mine: only open ones for which the actor answers to the applicant (首问负责).
    """
    halls, departments = await reach(actor)
    asked: dict[str, Any] = {"item": item, "due_before": due_before, "priority": priority, "after": after}
    places: dict[str, Any] = {"halls": halls, "departments": departments}
    if mine:
        rows = await cases.owned(actor.person, **places, states=states, **asked, limit=limit)
    else:
        rows = await cases.page(**places, hall_states=states, department_states=states, **asked, limit=limit)
    return await _with_principals(actor, rows, limit, states=states, open_only=mine, **asked)


async def _with_principals(actor: Actor, rows: list[dict[str, Any]], limit: int, **asked: Any) -> list[dict[str, Any]]:
    """A page of the actor's halls and departments, and of the principals for whom they act as an agent."""
    halls = await halls_for(actor, {Role.agent})
    if not halls:
        return rows
    found = {
        row["id"]: row for row in [*rows, *await agent_cases.page(actor.person, halls=halls, limit=limit, **asked)]
    }
    return sorted(found.values(), key=lambda row: (row["rank"], row["due_at"] or _NEVER, row["id"]))[:limit]


async def list_tasks(
    context: Context, actor: Actor, *, after: tuple[int, str, UUID] = NOWHERE, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the cases in which it is this actor's turn: those with priority first, then the most urgent."""
    flows = await context.newest_flows()
    halls, departments = await reach(actor)
    rows = await cases.page(
        halls=halls,
        departments=departments,
        hall_states=_waiting_for(flows, actor.roles & scope.HALL_ROLES),
        department_states=_waiting_for(flows, actor.roles & scope.DEPARTMENT_ROLES),
        after=after,
        limit=limit,
    )
    return await _with_principals(actor, rows, limit, states=_waiting_for(flows, frozenset({Role.agent})), after=after)


def _waiting_for(flows: Iterable[Flow], roles: frozenset[Role]) -> list[str]:
    return sorted(
        {
            source
            for flow in flows
            for step in flow.steps
            for source in step.definition.sources
            if step.roles & roles and not step.definition.aside
        }
    )
