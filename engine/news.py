"""What happened on a case since somebody looked at it."""

from __future__ import annotations

from typing import Any, Final

from engine.context import Context
from engine.reading import seen_case
from storage import audit
from workflows.actor import Actor

MOST: Final = 20
"""How many events are told at most."""


async def list_news(
    context: Context, actor: Actor, number: str, *, after: int, own: bool = True
) -> list[dict[str, Any]]:
    """The events of a case after one that was seen, in order. No look is logged: they name nobody's data.

    What the engine does with files of its own accord is left out, as long as it moves nothing.

    :param after: number of the last event that was seen. :param own: tell also what the actor did.
    :raises NotFound: ``case_not_found``, also for a case out of the actor's sight.
    """
    await seen_case(context, actor, number)
    rows = await audit.of_case(number, after=after, limit=MOST)
    return [row for row in rows if _tells(row) and (own or row["actor"] != actor.person)]


def _tells(row: dict[str, Any]) -> bool:
    return row["actor"] is not None or row["from_state"] != row["to_state"]
