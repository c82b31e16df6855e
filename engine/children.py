"""Child cases from outside an act: ended with the case that they belong to, and listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.operations import act
from engine.reading import seen_case
from engine.work import Command
from storage import child_cases
from workflows.actor import SYSTEM, Actor
from workflows.errors import Conflict
from workflows.events import Act


async def cancel_children(context: Context, data: dict[str, Any], clock: Callable[[], datetime]) -> None:
    """End every child that is still open after its parent has ended; done again, it finds nothing left.

    :param data: ``case``, the number of the parent. :param clock: says what time it is, UTC.
    """
    for number in await child_cases.open_children(data["case"]):
        command = Command(SYSTEM, number, Act.CANCEL_CHILD, {"reason": "主办件已办结。"}, clock())
        try:
            await act(context, command)
        except Conflict:  # its department was quicker; only a child that is still open is a failure
            if number in await child_cases.open_children(data["case"]):
                raise


async def list_children(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """The departments that take part in a case: their child cases, how far they are, their opinions.

    :raises NotFound: ``case_not_found``, also for a case out of the actor's sight.
    """
    await seen_case(context, actor, number)
    rows = await child_cases.of_parent(number)
    for row in rows:
        flow = await context.flow(row.pop("flow"), row.pop("flow_version"))
        row["state_title"], row["state_title_en"] = flow.states[row["state"]].title, flow.states[row["state"]].title_en
    return rows
