"""Are the stored objects those that came in? Evidence and documents are read and held against row, trail and lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from engine.auditing import Breach
from engine.context import Context
from engine.keeping.scrubbing import examine
from storage import scrubs

SAMPLE: Final = 200
"""How many objects a sample reads."""
_AT_A_TIME: Final = 100
_WORDS: Final = {
    "altered": ("字节与收取时不符，被改动或调换过", "its bytes are not those that came in: altered or swapped"),
    "missing": ("对象缺失", "it is gone"),
    "unlocked": ("未在应有期限内锁定", "it is not locked for as long as it must be"),
    "unreadable": ("对象存储无法读出", "the store cannot give it"),
    "unlike_trail": (
        "登记的摘要与留痕不符，登记或对象被调换过",
        "its row names another digest than the trail: swapped",
    ),
}
_KINDS: Final = {"scan": "扫描件", "paper": "文书", "slip": "单据", "package": "归档信息包", "report": "报表"}


async def verify_objects(context: Context, *, sample: str | None = None) -> tuple[int, list[Breach]]:
    """Read stored evidence: how many objects, and what is not whole. Nothing is recorded.

    :param sample: the seed of a sample of :data:`SAMPLE` objects; None for all of them.
    :raises Unavailable: when a server does not answer.
    """
    count, breaches = 0, []
    async for row in _chosen(sample):
        count += 1
        found = await asyncio.to_thread(_fault, context, row)
        breaches += [found] if found else []
    return count, breaches


async def verify_objects_of(context: Context, number: str) -> tuple[int, list[Breach]]:
    """The same for every object of one case."""
    rows = await scrubs.of_case(number)
    found = [await asyncio.to_thread(_fault, context, row) for row in rows]
    return len(rows), [one for one in found if one]


async def _chosen(sample: str | None) -> AsyncIterator[dict[str, Any]]:
    if sample is not None:
        for row in await scrubs.sample(sample, SAMPLE):
            yield row
        return
    after = UUID(int=0)
    while rows := await scrubs.walk(after, _AT_A_TIME):
        for row in rows:
            yield row
        after = rows[-1]["id"]


def _fault(context: Context, row: dict[str, Any]) -> Breach | None:
    """What is wrong with one object, if something is. Blocks."""
    result = "unlike_trail" if row["told"] not in {None, row["digest"]} else examine(context.objects, row)[0]
    if result == "whole":
        return None
    zh, en = _WORDS[result]
    chain = row["case_number"] or row["name"]
    return Breach(
        chain,
        0,
        f"object_{result}",
        f"{chain} {_KINDS[row['kind']]} {row['name']}（{row['key']}）：{zh}",
        f"{chain}, {row['kind']} {row['name']} ({row['key']}): {en}",
    )
