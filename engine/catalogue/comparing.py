"""The published versions of items and flows, from when to when each applies, and what differs between two."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from engine.browsing import flow_view
from engine.context import Context
from storage import versions
from workflows.difference import Change
from workflows.difference_of_flows import flow_difference
from workflows.difference_of_items import item_difference
from workflows.errors import NotFound
from workflows.flow import Flow
from workflows.item import ItemVersion, from_wire
from workflows.item_words import PartTold, item_told

VersionState = Literal["coming", "in_force", "suspended", "ended", "superseded"]
"""``superseded``: a higher version took its place before its first day."""
_DAY: Final = timedelta(days=1)
_MORE_THAN_ANY: Final = 2**31


def state_of(row: dict[str, Any], day: date) -> VersionState:
    """Where a version stands on a day (hall time)."""
    first, last = row["in_force_from"], row["in_force_to"]
    if last is not None and last < first:
        return "superseded"
    if last is not None and last < day:
        return "ended"
    if day < first:
        return "coming"
    return "suspended" if row.get("suspended") else "in_force"


async def list_items(*, text: str, after: str, limit: int) -> list[dict[str, Any]]:
    """A page of all items by code in their newest version, also those that take no application today."""
    return await versions.heads(after=after, text=text, limit=limit)


async def item_versions(context: Context, code: str, now: datetime) -> list[dict[str, Any]]:
    """Every version of an item, the newest first: its days, where it stands today, who proposed and who published it.

    :param now: UTC. :raises NotFound: ``item_not_found``.
    """
    rows = await versions.of_item(code)
    if not rows:
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    today = context.hours(None).day(now)
    return [row | {"state": state_of(row, today)} for row in rows]


async def item_version(context: Context, code: str, version: int, now: datetime) -> dict[str, Any]:
    """One version of an item with its content as published, ``data``. Refusals as in :func:`compare_items`."""
    row = await _item_row(code, version)
    return row | {"state": state_of(row, context.hours(None).day(now))}


async def item_in_words(code: str, version: int) -> tuple[tuple[str, tuple[PartTold, ...]], ...]:
    """One version of an item part by part, in words of both languages.

    :raises NotFound: ``version_not_found``.
    """
    return item_told(from_wire((await _item_row(code, version))["data"]))


async def compare_items(code: str, before: int, after: int) -> tuple[Change, ...]:
    """What the version ``after`` has that ``before`` had not, and the other way round.

    :raises NotFound: ``version_not_found``.
    """
    old, new = await _item_row(code, before), await _item_row(code, after)
    return item_difference(from_wire(old["data"]), from_wire(new["data"]))


async def _item_row(code: str, version: int) -> dict[str, Any]:
    row = await versions.item_version(code, version) if 0 < version < _MORE_THAN_ANY else None
    if row is None:
        raise _no_version(code, version)
    return row


async def flow_versions(context: Context, name: str, now: datetime) -> list[dict[str, Any]]:
    """Every version of a flow, the newest first. Cases are opened under one until the day before the next begins.

    :param now: UTC. :raises NotFound: ``flow_not_found``.
    """
    rows = await versions.of_flow(name)
    if not rows:
        raise NotFound("flow_not_found", f"没有名为“{name}”的已发布流程。", f"No flow {name} is published.")
    hours, today = context.hours(None), context.hours(None).day(now)
    ends: date | None = None
    found = []
    for row in rows:
        first = row["in_force_from"] or hours.day(row["published_at"])
        row |= {"in_force_from": first, "in_force_to": ends}
        found.append({key: value for key, value in row.items() if key != "source"} | {"state": state_of(row, today)})
        ends = min(first - _DAY, ends or first)
    return found


async def flow_version(context: Context, name: str, version: int, now: datetime) -> dict[str, Any]:
    """One version of a flow: its states and steps as data, ``flow``, and its text, ``source``.

    :param now: UTC. :raises NotFound: ``flow_not_found``, ``version_not_found``.
    """
    for row in await flow_versions(context, name, now):
        if row["version"] == version:
            flow = await context.flow(name, version)
            return row | {"flow": flow_view(flow), "source": flow.source}
    raise _no_version(name, version)


async def compare_flows(context: Context, name: str, before: int, after: int) -> tuple[Change, ...]:
    """What the version ``after`` has that ``before`` had not, and the other way round.

    :raises NotFound: ``version_not_found``.
    """
    return flow_difference(await _flow(context, name, before), await _flow(context, name, after))


async def _flow(context: Context, name: str, version: int) -> Flow:
    if not 0 < version < _MORE_THAN_ANY:
        raise _no_version(name, version)
    try:
        return await context.flow(name, version)
    except NotFound:
        raise _no_version(name, version) from None


async def against_published(context: Context, content: ItemVersion | Flow) -> tuple[int | None, tuple[Change, ...]]:
    """The highest published version below this one, and what differs from it; None where this is the first."""
    if isinstance(content, Flow):
        older = [row["version"] for row in await versions.of_flow(content.name) if row["version"] < content.version]
        base = max(older, default=None)
        return base, flow_difference(await context.flow(content.name, base), content) if base is not None else ()
    older = [row["version"] for row in await versions.of_item(content.code) if row["version"] < content.version]
    base = max(older, default=None)
    if base is None:
        return None, ()
    return base, item_difference(from_wire((await _item_row(content.code, base))["data"]), content)


def _no_version(subject: str, version: int) -> NotFound:
    return NotFound(
        "version_not_found", f"{subject} 没有第 {version} 版。", f"There is no version {version} of {subject}."
    )
