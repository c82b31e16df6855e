"""What the hall works by: organisations and people, calendar years, flows, items. Published versions never change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.recounting import RECOUNT
from storage import calendars, cases, catalogues, organisations, outbox, recounts
from storage.db import Connection, transaction, uuid7
from workflows.calendar import YearEdition, build_calendar
from workflows.calendar_change import first_difference
from workflows.errors import Conflict, NotFound
from workflows.flow import Flow
from workflows.item import ItemVersion, to_wire
from workflows.lints import require_lawful

_SETTLING: Final = timedelta(seconds=5)
"""How long a recount waits for acts that had read the calendar before the import and had not committed yet."""


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

    :raises NotFound: ``organisation_not_found`` for its department, or for another that takes part or examines first.
    :raises Conflict: ``version_taken`` by other content.
    """
    department = await _department(item, item.department)
    for code in (*item.joint, *([item.pre_examination] if item.pre_examination else ())):
        await _department(item, code)
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


async def _department(item: ItemVersion, code: str) -> dict[str, Any]:
    found = await organisations.by_code(code)
    if found is None:
        raise NotFound(
            "organisation_not_found",
            f"事项“{item.name}”的部门 {code} 不存在。",
            f"The department {code} of item {item.code} does not exist.",
        )
    return found


def version_taken(what: str) -> Conflict:
    """The refusal of a change to what is published."""
    return Conflict(
        "version_taken",
        f"{what} 已发布，内容不可更改。请使用新的版本号。",
        f"{what} is published and does not change; publish a new version.",
    )


@dataclass(frozen=True, slots=True)
class ImportedYear:
    """What importing a year sets going: the key of its recount, and how many cases that will look at."""

    recount: UUID
    cases: int


async def import_calendar(edition: YearEdition, now: datetime) -> ImportedYear | None:
    """Import a year of the working-day calendar, and leave the recount of what it may move to the outbox.

    :param now: UTC. :returns: None when that version of the year is there already.
    :raises DefinitionError: ``calendar_hole`` when years between it and the others would be missing.
    """
    async with transaction() as connection:
        await calendars.hold(connection)
        known = await calendars.in_force()
        after = build_calendar([*known, edition])
        key = await calendars.add(connection, edition, now)
        if key is None:
            return None
        since = first_difference(build_calendar(known), after) if known else after.published_from
        return await _begin_recount(connection, key, since, now)


async def _begin_recount(connection: Connection, edition: UUID, since: date | None, now: datetime) -> ImportedYear:
    """The batch and its first piece of work; nothing is left to do where no day changed or there is no case."""
    recount = uuid7()
    idle = since is None or not await cases.any_case(connection)
    count = 0 if idle or since is None else await recounts.count_concerned(connection, since)
    row = {
        "id": recount,
        "edition_id": edition,
        "since": since,
        "started_at": now,
        "finished_at": now if idle else None,
    }
    await recounts.begin(connection, row)
    if not idle:
        await outbox.add(connection, RECOUNT, {"recount": recount}, None, now + _SETTLING)
    return ImportedYear(recount, count)
