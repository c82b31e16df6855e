"""Stewards who propose and publish, for tests of drafts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from engine.catalogue import approving
from engine.catalogue.proposing import Proposal, propose
from engine.context import Context
from storage.db import reading
from tests.factories import FOOD, START, table_counts
from tests.people import actor
from workflows.errors import YichuangError
from workflows.item import ItemVersion, to_wire

MAKER, CHECKER = "item_steward", "item_steward2"
LATER = date(2026, 3, 9)
"""The Monday after the factories' start."""


def next_food(**changes: Any) -> ItemVersion:
    """The second version of the sample's first item, from :data:`LATER`, with some fields changed."""
    return msgspec.structs.replace(FOOD, **{"version": 2, "in_force_from": LATER} | changes)


def text_of(item: ItemVersion) -> str:
    """An item as an export prints it."""
    return json.dumps(to_wire(item), ensure_ascii=False)


async def proposed(context: Context, kind: str, /, *, by: str = MAKER, now: datetime = START, **fields: Any) -> UUID:
    """A draft that waits; its key."""
    request = msgspec.convert({"kind": kind} | fields, Proposal)
    answer = await propose(context, await actor(by), request, now)
    found: UUID = answer["draft"]
    return found


async def done(context: Context, kind: str, /, *, now: datetime = START, **fields: Any) -> UUID:
    """Proposed by one steward and published by the other; the key of the draft."""
    draft = await proposed(context, kind, now=now, **fields)
    answer = await approving.publish(context, await actor(CHECKER), draft, now)
    assert answer["state"] == "published"
    return draft


@asynccontextmanager
async def barred(code: str) -> AsyncIterator[pytest.ExceptionInfo[YichuangError]]:
    """Assert that a block is refused under this code, and that nothing was written."""
    before = await table_counts()
    with pytest.raises(YichuangError) as caught:
        yield caught
    assert caught.value.code == code, caught.value.en
    assert await table_counts() == before


async def logged(subject: str) -> list[tuple[str, str]]:
    """The steps that the access log has of an item or flow, with their digests, in order."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT action, body::jsonb->>'digest' AS digest FROM access_log WHERE subject LIKE $1 ORDER BY day, seq",
            f"%:{subject}",
        )
    return [(row["action"], row["digest"]) for row in rows]
