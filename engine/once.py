"""Something that is not an act on one case, done once under an idempotency key, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from asyncpg.exceptions import UniqueViolationError

from engine.work import Answer, replay
from storage import registers
from storage.db import Connection, reading, transaction
from workflows.actor import Actor
from workflows.errors import YichuangError

_encode = msgspec.json.Encoder(order="sorted").encode


async def once(
    actor: Actor, key: str, request: Any, now: datetime, write: Callable[[Connection], Awaitable[Answer]]
) -> Answer:
    """Do what ``write`` does, or give the answer that it gave before under this key.

    :param key: the caller's idempotency key, at most 120 characters; empty when the caller will not repeat.
    :param request: what tells this request from another one under the same key. :param now: UTC.
    :raises Malformed: ``key_reused``; and whatever ``write`` refuses, with nothing written.
    """
    digest = hashlib.sha256(_encode(request)).hexdigest()
    try:
        async with transaction() as connection:
            seen = await registers.answer(connection, actor.person, key) if key else None
            if seen is not None:
                return replay(seen, digest)
            answer = await write(connection)
            if key:
                await registers.remember(connection, actor.person, key, digest, answer, now)
            return answer
    except (UniqueViolationError, YichuangError):
        # A twin of this request may have been quicker: while this one waited for a lock, or at the key itself.
        seen = await _answered_meanwhile(actor, key)
        if seen is None:
            raise
        return replay(seen, digest)


async def _answered_meanwhile(actor: Actor, key: str) -> dict[str, Any] | None:
    if not key:
        return None
    async with reading() as connection:
        return await registers.answer(connection, actor.person, key)
