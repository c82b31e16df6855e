"""我的委托人: for whom an agent acts, what waits for whom, and which mandates end soon."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from engine.context import Context
from engine.listing import halls_for
from storage import principals
from workflows.actor import Actor, Role

MOST: Final = 200
"""How many principals are listed."""


async def list_principals(context: Context, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The principals of an agent's standing mandates, each with the mandates and with what is open under them.

    :param now: UTC. :returns: ``principal`` (masked), ``mandates``, ``cases`` with state, holder and due moment; those
        for whom something waits with the applicant side first.
    """
    halls = await halls_for(actor, {Role.agent})
    day = context.hours(None).day(now)
    found = await principals.of_agent(actor.person, day, MOST) if halls else []
    rows = await principals.open_cases(actor.person, [one["id"] for one in found], halls)
    titled = [row | await _state(context, row) for row in rows]
    listed = [
        one
        | {
            "mandates": [row | {"until_on": date.fromisoformat(row["until_on"])} for row in one["mandates"]],
            "cases": [row for row in titled if row["party_id"] == one["id"]],
        }
        for one in found
    ]
    return sorted(listed, key=lambda one: not any(row["holder"] == "applicant" for row in one["cases"]))


async def _state(context: Context, row: dict[str, Any]) -> dict[str, str]:
    state = (await context.flow(row["flow"], row["flow_version"])).states[row["state"]]
    return {"state_title": state.title, "state_title_en": state.title_en}
