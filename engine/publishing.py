"""What the hall works by: organisations and people, calendar years, flows, items. Published versions never change."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from storage import calendars, catalogues, organisations
from storage.db import transaction
from workflows.calendar import YearEdition, build_calendar
from workflows.errors import Conflict, NotFound
from workflows.flow import Flow
from workflows.item import ItemVersion, to_wire
from workflows.lints import require_lawful


async def publish_flow(flow: Flow, now: datetime) -> bool:
    """Publish a flow version; False when it is published already.

    :raises DefinitionError: ``flow_unlawful``. :raises Conflict: ``version_taken`` by
        another text.
    """
    require_lawful(flow)
    digest = hashlib.sha256(flow.source.encode()).hexdigest()
    try:
        return await catalogues.publish_flow(flow.name, flow.version, flow.source, digest, now)
    except ValueError:
        raise version_taken(f"{flow.name} {flow.version}") from None


async def publish_item(item: ItemVersion, now: datetime) -> bool:
    """Publish an item version; False when it is published already.

    :raises NotFound: ``organisation_not_found`` for its department. :raises Conflict: ``version_taken`` by other
        content.
    """
    department = await organisations.by_code(item.department)
    if department is None:
        raise NotFound(
            "organisation_not_found",
            f"事项“{item.name}”的部门 {item.department} 不存在。",
            f"The department {item.department} of item {item.code} does not exist.",
        )
    data = to_wire(item)
    row = {
        "code": item.code,
        "version": item.version,
        "name": item.name,
        "department_id": department["id"],
        "flow": item.flow,
        "data": data,
        "digest": hashlib.sha256(msgspec.json.encode(data, order="sorted")).hexdigest(),
        "in_force_from": item.in_force_from,
        "in_force_to": item.in_force_to,
        "published_at": now,
    }
    try:
        return await catalogues.publish_item(row)
    except ValueError:
        raise version_taken(f"{item.code} {item.version}") from None


def version_taken(what: str) -> Conflict:
    """The refusal of a change to what is published."""
    return Conflict(
        "version_taken",
        f"{what} 已发布，内容不可更改。请使用新的版本号。",
        f"{what} is published and does not change; publish a new version.",
    )


async def import_calendar(edition: YearEdition, now: datetime) -> bool:
    """Import a year of the working-day calendar; False when that version of it is there already.

    :raises DefinitionError: ``calendar_hole`` when years between it and the others would be missing.
    """
    known = await calendars.in_force()
    build_calendar([*known, edition])
    async with transaction() as connection:
        return await calendars.add(connection, edition, now)
