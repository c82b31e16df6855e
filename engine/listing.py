"""The lists that people work from: cases within their organisation, and those in which it is their turn."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from storage import agent_cases, organisations, queues
from workflows import scope
from workflows.actor import Actor, Role
from workflows.flow import Flow
from workflows.light import Light

NOWHERE: Final = (0, "-infinity", UUID(int=0))
"""Where the first page begins."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
WARNING: Final = {Light.red: 3, Light.yellow: 2, Light.amber: 1}
"""The lights of cases that press, the most pressing first, with how far they have come."""


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
    standing: queues.Standing | None = None,
    after: tuple[int, str, UUID] = NOWHERE,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the cases within the actor's organisation: those with priority first, then the most urgent.

    :param priority: only those whom the law serves first.
    :param mine: only open ones for which the actor answers to the applicant (首问负责).
    :param standing: only those that stand so, see :func:`standing`.
    """
    halls, departments = await reach(actor)
    asked: dict[str, Any] = {
        "item": item, "due_before": due_before, "priority": priority, "standing": standing, "after": after,
    }  # fmt: skip
    places: dict[str, Any] = {"halls": halls, "departments": departments}
    if mine:
        rows = await queues.owned(actor.person, **places, states=states, **asked, limit=limit)
    else:
        rows = await queues.page(**places, hall_states=states, department_states=states, **asked, limit=limit)
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


def standing(light: Light | None, now: datetime) -> queues.Standing | None:
    """What a list is asked for that shows only cases with this light. :param now: UTC."""
    return queues.Standing(now, WARNING[light]) if light in WARNING else None


def light_at(row: dict[str, Any], now: datetime) -> Light | None:
    """How a listed case stands: by the limits of hall and departments; None where none of them runs.

    :param row: with ``red_at``, ``yellow_at``, ``amber_at``. :param now: UTC.
    """
    if row["red_at"] is None:
        return None
    passed = {Light.red: row["red_at"] < now} | {
        light: row[f"{light}_at"] is not None and row[f"{light}_at"] <= now for light in (Light.yellow, Light.amber)
    }
    return next((light for light in WARNING if passed[light]), Light.green)


async def list_tasks(
    context: Context,
    actor: Actor,
    *,
    standing: queues.Standing | None = None,
    after: tuple[int, str, UUID] = NOWHERE,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the cases in which it is this actor's turn: those with priority first, then the most urgent.

    :param standing: only those that stand so, see :func:`standing`.
    """
    asked: dict[str, Any] = {"standing": standing, "after": after}
    turn = await _turn(context, actor)
    rows = await queues.page(**turn, **asked, limit=limit)
    states = _waiting_for(await context.newest_flows(), frozenset({Role.agent}))
    return await _with_principals(actor, rows, limit, states=states, **asked)


async def count_tasks(context: Context, actor: Actor, now: datetime) -> dict[Light, int]:
    """How many of the cases in which it is this actor's turn press, by light; no more than a thousand are counted.

    :param now: UTC.
    """
    found = await queues.warning(**await _turn(context, actor), now=now)
    if halls := await halls_for(actor, {Role.agent}):
        states = _waiting_for(await context.newest_flows(), frozenset({Role.agent}))
        asked: dict[str, Any] = {"after": NOWHERE, "limit": queues.MOST_COUNTED}
        for light, level in WARNING.items():
            rows = await agent_cases.page(
                actor.person, halls=halls, states=states, standing=standing(light, now), **asked
            )
            found |= {row["id"]: level for row in rows}
    return {light: sum(one == level for one in found.values()) for light, level in WARNING.items()}


async def _turn(context: Context, actor: Actor) -> dict[str, Any]:
    """Where the actor works, and the states in which it is their turn there."""
    flows = await context.newest_flows()
    halls, departments = await reach(actor)
    return {
        "halls": halls,
        "departments": departments,
        "hall_states": _waiting_for(flows, actor.roles & scope.HALL_ROLES),
        "department_states": _waiting_for(flows, actor.roles & scope.DEPARTMENT_ROLES),
    }


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
