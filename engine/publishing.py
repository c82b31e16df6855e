"""What the hall works by: flows, items, calendar years. Published versions never change.

Here a version is published by whoever sets the machine up; :mod:`engine.catalogue.approving` publishes what one
steward proposed and another approved.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.recounting import RECOUNT
from storage import access, calendars, cases, catalogues, organisations, outbox, recounts, versions
from storage.db import Connection, transaction, uuid7
from workflows.actor import SYSTEM
from workflows.calendar import YearEdition, build_calendar
from workflows.calendar_change import first_difference
from workflows.errors import Conflict, DefinitionError, NotFound
from workflows.flow import Flow
from workflows.item import ItemVersion, from_wire, to_wire
from workflows.lints import require_lawful

_TOO_HIGH: Final = 100_000
_SETTLING: Final = timedelta(seconds=5)
"""How long a recount waits for acts that had read the calendar before the import and had not committed yet."""


async def publish_flow(flow: Flow, now: datetime, in_force_from: date | None = None) -> bool:
    """Publish a flow version, at set-up; False when it is published already.

    :param now: UTC. :param in_force_from: the first day (hall time) on which cases are opened under it; None: at once.
    :raises DefinitionError: ``flow_unlawful``. :raises Conflict: ``version_taken`` by another text,
        ``version_out_of_order`` below one that is published.
    """
    async with transaction():
        await catalogues.hold(flow.name)
        return await put_flow(flow, now, in_force_from)


async def publish_item(item: ItemVersion, now: datetime) -> bool:
    """Publish an item version, at set-up; False when it is published already.

    From its first day it applies and no lower version does. :param now: UTC.
    :raises NotFound: ``organisation_not_found`` for its department, or for another that takes part or examines first.
    :raises Conflict: ``version_taken`` by other content, ``version_out_of_order``, ``item_cancelled``.
    """
    async with transaction():
        await catalogues.hold(item.code)
        return await put_item(item, now)


async def import_flow(flow: Flow, now: datetime) -> bool:
    """Publish a flow version as the machine's owner, on the record. As :func:`publish_flow`."""
    async with transaction() as connection:
        await catalogues.hold(flow.name)
        done = await put_flow(flow, now, None)
        if done:
            await _log(connection, f"flow:{flow.name}", "flow.import", flow.version, digest_of(flow), now)
    return done


async def import_item(item: ItemVersion, now: datetime) -> bool:
    """Publish an item version as the machine's owner, on the record. As :func:`publish_item`."""
    async with transaction() as connection:
        await catalogues.hold(item.code)
        done = await put_item(item, now)
        if done:
            await _log(connection, f"item:{item.code}", "item.import", item.version, digest_of(item), now)
    return done


async def _log(connection: Connection, subject: str, action: str, version: int, digest: str, now: datetime) -> None:
    row = {"at": now, "actor": SYSTEM.person, "subject": subject, "action": action, "purpose": "命令行导入"}
    await access.add(connection, row | {"version": version, "digest": digest})


async def put_flow(flow: Flow, now: datetime, in_force_from: date | None) -> bool:
    """Publish a flow version; needs a transaction that holds its name. As :func:`publish_flow`."""
    require_number(flow.name, flow.version)
    require_lawful(flow)
    numbers = [row["version"] for row in await catalogues.flow_heads() if row["name"] == flow.name]
    if flow.version not in numbers:
        require_in_order(f"{flow.name} {flow.version}", flow.version, max(numbers, default=0))
    try:
        return await catalogues.publish_flow(flow.name, flow.version, flow.source, digest_of(flow), now, in_force_from)
    except ValueError:
        raise version_taken(f"{flow.name} {flow.version}") from None


async def put_item(item: ItemVersion, now: datetime) -> bool:
    """Publish an item version; needs a transaction that holds its code. As :func:`publish_item`."""
    require_number(item.code, item.version)
    department = await require_departments(item)
    known = await versions.item_version(item.code, item.version)
    if known is not None:
        if from_wire(known["data"]) != item:
            raise version_taken(f"{item.code} {item.version}")
        return False
    published = await versions.of_item(item.code)
    if published:
        require_in_order(f"{item.code} {item.version}", item.version, published[0]["version"])
        require_not_cancelled(published[0])
    row = {
        "code": item.code,
        "version": item.version,
        "name": item.name,
        "department_id": department["id"],
        "flow": item.flow,
        "data": to_wire(item),
        "digest": digest_of(item),
        "in_force_from": item.in_force_from,
        "in_force_to": item.in_force_to,
        "published_at": now,
    }
    await catalogues.add_item(row)
    return True


def digest_of(content: ItemVersion | Flow) -> str:
    """SHA-256 over what is published, hexadecimal: the text of a flow, the data of an item however it was written."""
    if isinstance(content, Flow):
        return hashlib.sha256(content.source.encode()).hexdigest()
    return hashlib.sha256(msgspec.json.encode(to_wire(content), order="sorted")).hexdigest()


async def require_departments(item: ItemVersion) -> dict[str, Any]:
    """The department of an item, all others that it names being there too.

    :raises NotFound: ``organisation_not_found``.
    """
    for code in (*item.joint, *([item.pre_examination] if item.pre_examination else ())):
        await _department(item, code)
    return await _department(item, item.department)


async def _department(item: ItemVersion, code: str) -> dict[str, Any]:
    found = await organisations.by_code(code)
    if found is None:
        raise NotFound(
            "organisation_not_found",
            f"事项“{item.name}”的部门 {code} 不存在。",
            f"The department {code} of item {item.code} does not exist.",
        )
    return found


def require_number(subject: str, version: int) -> None:
    """Refuse a number that leaves little room for those after it.

    :raises DefinitionError: ``version_too_high`` from 100,000 on.
    """
    if version >= _TOO_HIGH:
        raise DefinitionError(
            "version_too_high",
            f"{subject} 的版本号 {version} 过大，请使用已发布版本的下一个号码。",
            f"The version {version} of {subject} is too high; use the number after the one that is published.",
        )


def require_in_order(what: str, version: int, newest: int) -> None:
    """Versions are published in the order of their numbers, so that the highest is always the latest word.

    :raises Conflict: ``version_out_of_order``.
    """
    if version < newest:
        raise Conflict(
            "version_out_of_order",
            f"{what} 低于已发布的版本 {newest}，请使用更高的版本号。",
            f"{what} is below version {newest}, which is published; use a higher number.",
            newest=newest,
        )


def require_not_cancelled(row: dict[str, Any]) -> None:
    """A cancelled item gets no further version (实施清单).

    :param row: any version of the item. :raises Conflict: ``item_cancelled``.
    """
    if row["cancelled_after"] is not None:
        raise Conflict(
            "item_cancelled",
            f"事项“{row['name']}”已取消，实施至{row['cancelled_after']:%Y-%m-%d}，不能再发布新版本或变更。",
            f"The item is cancelled after {row['cancelled_after']}; nothing more is published of it.",
            basis="国办函〔2016〕108号",
        )


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


async def import_calendar(edition: YearEdition, now: datetime, *, logged: bool = True) -> ImportedYear | None:
    """Import a year of the working-day calendar, and leave the recount of what it may move to the outbox.

    :param now: UTC. :param logged: False for the years that come with the program.
    :returns: None when that version of the year is there already.
    :raises DefinitionError: ``calendar_hole`` when years between it and the others would be missing.
    """
    async with transaction() as connection:
        await calendars.hold(connection)
        known = await calendars.in_force()
        after = build_calendar([*known, edition])
        key = await calendars.add(connection, edition, now)
        if key is None:
            return None
        if logged:
            digest = hashlib.sha256(msgspec.json.encode(edition)).hexdigest()
            await _log(connection, f"calendar:{edition.year}", "calendar.import", edition.version, digest, now)
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
