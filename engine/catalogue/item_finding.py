"""Finding an item in force by a part of its name, its pinyin or its code, while it is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from pypinyin import Style, pinyin

from engine.browsing import listed
from engine.context import Context
from storage import catalogues
from workflows.item_search import Findable, Readings, rank

_KNOWN: Final[dict[UUID, Findable]] = {}
"""Item versions that were looked through before; a published version never changes."""
_EACH: Final = cast("Callable[[str], str]", list)
"""What is no Chinese character stands for itself, one by one; the library's types know a single text only."""


async def find_items(context: Context, now: datetime, *, text: str, limit: int) -> list[dict[str, Any]]:
    """The items in force today (hall time) that fit what was typed, the best first, as :func:`browsing.list_items`.

    :param now: UTC. :param text: see :func:`workflows.item_search.rank`; every item fits an empty one.
    """
    keys = await catalogues.keys_in_force(context.hours(None).day(now))
    await _learn([key for key in keys if key not in _KNOWN])
    ranked = [(place, n) for n, key in enumerate(keys) if (place := rank(_KNOWN[key], text)) is not None]
    return [listed(row) for row in await catalogues.listed([keys[n] for _, n in sorted(ranked)[:limit]])]


async def _learn(keys: list[UUID]) -> None:
    if not keys:
        return
    rows = await catalogues.names_of(keys)
    _KNOWN.update(await asyncio.to_thread(lambda: {row["id"]: _findable(row) for row in rows}))


def _findable(row: dict[str, Any]) -> Findable:
    return Findable(row["code"], row["name"], row["name_en"] or "", readings_of(row["name"]))


def readings_of(name: str) -> tuple[Readings, ...]:
    """How each character of a name may be read; what a phrase settles has one reading, everything in small letters."""
    read = pinyin(name, style=Style.NORMAL, heteronym=True, errors=_EACH)
    return tuple(tuple(reading.casefold() for reading in one) for one in read)
