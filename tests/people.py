"""The people of the sample hall as actors."""

from __future__ import annotations

from engine.identity import _actor
from storage import people
from workflows.actor import Actor


async def actor(login: str, kind: str = "person") -> Actor:
    """Somebody of the sample hall."""
    row = await people.by_login(login)
    assert row is not None, login
    return _actor(row, kind)
