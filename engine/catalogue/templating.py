"""The text that a draft begins from: the newest version of an item or flow, with the next number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

import msgspec

from engine.context import Context
from storage import versions
from workflows.errors import NotFound
from workflows.item import from_wire, to_wire

_VERSION: Final = re.compile(r"^version\s*=\s*\d+", re.MULTILINE)


async def next_item(context: Context, code: str, now: datetime) -> str:
    """The newest version of an item as JSON, numbered on and from tomorrow (hall time), without a last day.

    :param now: UTC. :raises NotFound: ``item_not_found``.
    """
    rows = await versions.of_item(code)
    newest = await versions.item_version(code, rows[0]["version"]) if rows else None
    if newest is None:
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    first = context.hours(None).day(now) + timedelta(days=1)
    item = msgspec.structs.replace(
        from_wire(newest["data"]), version=newest["version"] + 1, in_force_from=first, in_force_to=None
    )
    return msgspec.json.format(msgspec.json.encode(to_wire(item)), indent=2).decode()


async def next_flow(context: Context, name: str) -> str:
    """The text of the newest version of a flow, numbered on.

    :raises NotFound: ``flow_not_found``.
    """
    flow = await context.flow(name)
    return _VERSION.sub(f"version = {flow.version + 1}", flow.source, count=1)
