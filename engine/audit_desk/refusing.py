"""The trace of acts that were refused because one person may not have two parts: who tried what, and when."""

from __future__ import annotations

from datetime import datetime

from engine.reading import log_access
from workflows.actor import Actor
from workflows.anomaly import REFUSED, SEPARATION
from workflows.errors import Forbidden


async def note(actor: Actor, number: str, tried: str, refusal: Forbidden, now: datetime) -> None:
    """Leave an entry in the access log for a refusal by the separation of duties; nothing for any other.

    The act itself left nothing behind. :param tried: the act, by its identifier. :param now: UTC.
    """
    if refusal.code in SEPARATION and actor.staff is not None:
        await log_access(actor, number, REFUSED, now, f"{tried}: {refusal.code}")
