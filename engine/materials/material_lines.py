"""A locked case in the hands of somebody who may act on its materials: how every such act beside the flow begins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from engine import trail
from engine.context import Context
from engine.evidence import require_open
from engine.mandates.proxying import hold, on_case, sees
from engine.watching import refuse_overtaken
from storage import cases, materials
from storage.db import Connection
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Forbidden
from workflows.events import EventName
from workflows.item import ItemVersion
from workflows.mandate import Power
from workflows.material import MaterialLine
from workflows.material_guards import not_on_list
from workflows.situation import MandateFacts, MaterialFacts


@dataclass(frozen=True, slots=True)
class CaseInHand:
    """A locked case, its item, who acts on it as what, and the hall's day."""

    context: Context
    connection: Connection
    case: dict[str, Any]
    item: ItemVersion
    facts: dict[str, MaterialFacts]
    actor: Actor
    role: Role
    mandate: MandateFacts | None
    now: datetime

    @property
    def today(self) -> date:
        """The hall's date."""
        return self.context.hours(self.case["hall_hours"]).day(self.now)

    def line(self, code: str) -> MaterialLine:
        """The line of this code, if the case's situation calls for it.

        :raises Conflict: ``material_not_on_list``.
        """
        flags = frozenset(self.case["situation"])
        found = next((line for line in self.item.materials if line.code == code and line.applies(flags)), None)
        if found is None:
            raise not_on_list(code)
        return found

    def got(self, code: str) -> MaterialFacts:
        """What was handed in for a line."""
        return self.facts.get(code, MaterialFacts(code))

    async def tell(self, name: EventName, data: dict[str, Any]) -> int:
        """Put an event behind the last one of the case; its number in the chain."""
        return await trail.append(
            self.context,
            self.connection,
            self.case,
            name,
            data,
            self.now,
            actor=self.actor,
            role=self.role,
            mandate=self.mandate,
        )


async def take_case(
    context: Context,
    connection: Connection,
    actor: Actor,
    number: str,
    roles: Collection[Role],
    powers: Collection[Power],
    now: datetime,
) -> CaseInHand:
    """Lock a case for somebody who may do something with its materials.

    :param roles: who may. :param powers: an agent's mandate must hold one of them. :param now: UTC.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``, ``two_hats``, and as in
        :func:`workflows.mandate.best_of`.
    :raises Conflict: ``case_closed``; ``moment_passed`` while time has something to do first.
    """
    case = await cases.lock(connection, number, actor.person, "")
    if case is None:
        raise scope.not_found()
    flow = await context.flow(case["flow"], case["flow_version"])
    if not sees(actor, case, routed=case["state"] != flow.initial):
        raise scope.not_found()
    require_open(flow, case)
    refuse_overtaken(case, now)
    role, mandate = on_case(context, case, actor, roles, powers, now)
    if role is None:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'、'.join(one.zh for one in roles)}办理。",
            f"Your role may not do this; it is for: {', '.join(one.en for one in roles)}.",
            roles=[one.value for one in roles],
        )
    if mandate is not None:
        await hold(connection, mandate)
    rows = msgspec.convert(await materials.of_case(connection, case["id"]), list[MaterialFacts])
    item = await context.item(case["item_id"])
    return CaseInHand(context, connection, case, item, {row.line: row for row in rows}, actor, role, mandate, now)
