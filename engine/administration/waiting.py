"""What waits for stewards and administrators, who have no cases: drafts, plans, failed work, alarms, accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from engine import operating
from engine.administration import listing_tokens, managing_people
from engine.catalogue import approving
from engine.moves import migrating
from engine.webhooks import subscribing
from workflows.actor import Actor, Role

WITHOUT_CASES: Final = frozenset({Role.item_steward, Role.system_admin, Role.security_admin})
"""Whoever holds no other role than these has no case to work on or to look at."""
MOST: Final = 200
"""Beyond this nothing more is counted."""
SOON: Final = timedelta(days=30)
"""How long before its end a token is told of."""
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many things of one kind. :param what: the kind, as the list of words calls it. :param path: their page."""

    what: str
    path: str
    count: int


async def waiting_for(actor: Actor, now: datetime) -> list[Waiting]:
    """What waits for somebody as steward or administrator, also what there is none of; empty for everybody else.

    :param now: UTC.
    """
    found: list[Waiting] = []
    if Role.item_steward in actor.roles:
        found += await _of_steward(actor)
    if Role.system_admin in actor.roles:
        found += await _of_system_admin(actor, now)
    if Role.security_admin in actor.roles:
        found += await _of_security_admin(actor, now)
    return found


async def _of_steward(actor: Actor) -> list[Waiting]:
    drafts = await approving.list_drafts(actor, state="proposed", limit=MOST)
    plans = await migrating.list_plans(actor, limit=MOST)
    webhooks = await subscribing.list_webhooks(actor, limit=MOST)
    others = sum(row["state"] == "looked_at" and row["planned_by"] != actor.person for row in plans)
    return [
        Waiting("drafts", "/drafts?waiting=1", sum(row["proposed_by"] != actor.person for row in drafts)),
        Waiting("plans_to_approve", "/moves", others),
        Waiting("plans_to_carry_out", "/moves", sum(row["state"] == "approved" for row in plans)),
        Waiting("webhooks", "/webhooks", sum(row["dead"] > 0 or row["failures"] > 0 for row in webhooks)),
    ]


async def _of_system_admin(actor: Actor, now: datetime) -> list[Waiting]:
    letters = await operating.list_dead_letters(actor, after=_FIRST, limit=MOST)
    alarms = await operating.list_alarms(actor, after=_FIRST, limit=MOST)
    locked = await managing_people.list_people(actor, standing="locked", now=now, limit=MOST)
    return [
        Waiting("dead_letters", "/dead-letters", len(letters)),
        Waiting("alarms", "/alarms", len(alarms)),
        Waiting("locked", "/people?standing=locked", len(locked)),
    ]


async def _of_security_admin(actor: Actor, now: datetime) -> list[Waiting]:
    idle = await managing_people.list_people(actor, standing="no_role", now=now, limit=MOST)
    tokens = await listing_tokens.list_tokens(actor, now, limit=MOST)
    ending = sum(row["expires_at"] is not None and row["expires_at"] <= now + SOON for row in tokens)
    return [
        Waiting("without_role", "/people?standing=no_role", len(idle)),
        Waiting("tokens", "/tokens", ending),
    ]
