"""The organisations that an administrator may choose from in a form."""

from __future__ import annotations

from typing import Any, Final

from storage import accounts
from workflows.actor import Actor

_MOST: Final = 300
"""How many a form offers; others are typed by their code."""


async def places_within(actor: Actor, kind: str = "") -> list[dict[str, Any]]:
    """Organisations at or below those of the actor, from the top down, at most 300: code and name.

    :param kind: only ``region``, ``hall``, ``window`` or ``department``; empty for any.
    """
    return await accounts.places(sorted({grant.path for grant in actor.grants}), kind, _MOST)
