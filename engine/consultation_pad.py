"""The pad on which consultations are kept: those of one's own hall, whether their slip is made, what came of them."""

from __future__ import annotations

from typing import Any, Final

from engine.audit_desk.desk import halls_at
from engine.consulting import CONSULTING_ROLES
from storage import consultations, slips
from workflows.actor import Actor
from workflows.errors import NotFound

LISTED: Final = 50
"""How many consultations a page lists, the newest first."""


async def list_consultations(actor: Actor, *, waiting: bool = False) -> list[dict[str, Any]]:
    """The newest consultations of the actor's halls.

    :param waiting: only those of which no case has come.
    :raises Forbidden: ``role_not_allowed``.
    """
    return await consultations.of_halls(await halls_at(actor, CONSULTING_ROLES), waiting=waiting, limit=LISTED)


async def read_consultation(actor: Actor, number: str) -> dict[str, Any]:
    """One consultation with the number of the case that came of it, and ``ready``: whether its slip can be printed.

    :param number: of the slip (文号). :raises Forbidden: ``role_not_allowed``.
    :raises NotFound: ``consultation_not_found``, also in another hall.
    """
    row = await consultations.by_number(number, await halls_at(actor, CONSULTING_ROLES))
    if row is None:
        raise NotFound("consultation_not_found", "没有找到该咨询记录。", "There is no such consultation.")
    slip = await slips.newest(number)
    return row | {"ready": bool(slip and slip["object_key"])}
