"""The people of the sample hall as actors."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from engine.identity import actor_of
from storage import people
from storage.db import reading
from workflows.actor import Actor


async def actor(login: str, kind: Literal["person", "machine"] = "person", now: datetime | None = None) -> Actor:
    """Somebody of the sample hall; with ``now`` (UTC), also for those whom they stand in for at that moment."""
    row = await people.by_login(login, now)
    assert row is not None, login
    return actor_of(row, kind)


async def also(login: str, role: str, organisation: str) -> None:
    """Give somebody one more role, as a small authority may have to."""
    async with reading() as connection:
        await connection.execute(
            "INSERT INTO role_grants (id, person_id, role, organisation_id) SELECT uuidv7(), p.id, $2, o.id"
            " FROM people p, organisations o WHERE p.login = $1 AND o.code = $3",
            login,
            role,
            organisation,
        )
