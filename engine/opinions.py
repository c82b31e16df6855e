"""The opinions signed on a case, for whoever signs next."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.reading import seen_case
from storage import papers
from workflows.actor import Actor


async def list_opinions(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """Reviews, endorsements, decisions and reasons for sending back, oldest first: kind, result, words, who, when.

    :raises NotFound: ``case_not_found``, also for a case out of the actor's sight.
    """
    case, _ = await seen_case(context, actor, number)
    return await papers.opinions(case["id"], 0, None)
