"""Bytes that came in wait in the object store, without retention, until a worker has judged them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.work import Answer
from storage.db import uuid7
from storage.scan_files import Received
from workflows.actor import Actor
from workflows.errors import Unavailable, YichuangError


def incoming_row(actor: Actor, received: Received, now: datetime) -> dict[str, Any]:
    """The row of a new scan under a key of its own. :param now: UTC."""
    scan = uuid7()
    return {
        "id": scan,
        "file_name": received.name,
        "kind": received.kind.value,
        "size": received.size,
        "sha256": received.sha256,
        "digest": received.digest,
        "digest_algorithm": received.algorithm,
        "object_key": f"{scan}",
        "uploaded_by": actor.person,
        "uploaded_at": now,
    }


async def take_in(
    context: Context, received: Received, row: dict[str, Any], keep: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Put the bytes into the store, then write of them; where nothing was written, or an earlier answer is
    repeated, they are dropped again.

    :param row: of the scan, as :func:`incoming_row` made it.
    :param keep: writes the row in a transaction; asked once the bytes are there. Answers with ``scan``.
    :raises Unavailable: when the object store or database does not answer; nothing was kept. Refusals as in ``keep``.
    """
    await asyncio.to_thread(context.objects.put_incoming, row["object_key"], received.path)
    try:
        answer = await keep()
    except YichuangError as refusal:
        # Where the database went away the commit may have arrived: then the bytes are needed, else they are collected.
        if not isinstance(refusal, Unavailable):
            await asyncio.to_thread(context.objects.drop_incoming, row["object_key"])
        raise
    if answer["scan"] != str(row["id"]):
        await asyncio.to_thread(context.objects.drop_incoming, row["object_key"])
    context.wake()
    return answer
