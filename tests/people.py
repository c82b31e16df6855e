"""The people of the sample hall as actors."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from engine.identity import actor_of
from storage import people
from workflows.actor import Actor


async def actor(login: str, kind: Literal["person", "machine"] = "person", now: datetime | None = None) -> Actor:
    """Somebody of the sample hall; with ``now`` (UTC), also for those whom they stand in for at that moment."""
    row = await people.by_login(login, now)
    assert row is not None, login
    return actor_of(row, kind)
