"""迁移方案, its making: a steward says which cases in flight are to move to which versions, and asks for a dry run.

A worker makes the dry run (:mod:`engine.moves.carrying_over`): it lists every case with what would become of it and
why. Nothing is changed before another steward has approved the plan (:mod:`engine.moves.migrating`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.context import Context
from engine.once import once
from engine.work import Answer
from storage import access, catalogues, moves, organisations, outbox
from storage.db import Connection, uuid7
from workflows.actor import Actor, Grant, Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.payload import Code, ShortText, Text, refuse_control_characters

MOVE: Final = "cases.move"
"""The outbox topic of a step of a plan; ``data`` is its key."""

Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Planning(Struct, forbid_unknown_fields=True, frozen=True):
    """Which cases are to move: those of a flow version, or of one item's version under it, and to which versions.

    ``item``, ``item_from`` and ``item_to`` belong together; without them the cases keep their item versions.
    ``organisation`` (code) says whose cases; it may be left out by who is steward in one place only.
    """

    flow: Code
    flow_from: Version
    flow_to: Version
    reason: Text
    item: ShortText | None = None
    item_from: Version | None = None
    item_to: Version | None = None
    organisation: Code | None = None


async def plan(context: Context, actor: Actor, request: Planning, now: datetime, key: str = "") -> Answer:
    """Keep a plan and leave its dry run to a worker; no case is changed.

    :param now: UTC. :param key: idempotency key; may be empty.
    :returns: ``plan`` and its ``state``.
    :raises Forbidden: ``role_not_allowed``, ``organisation_needed``. :raises Malformed: ``nothing_to_move``,
        ``versions_incomplete``, ``control_character``, ``key_reused``.
    :raises NotFound: ``organisation_not_found``, ``flow_not_found``, ``item_not_found``.
    :raises Conflict: ``item_of_another_flow``, ``version_not_in_force``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    grant, place = await _place(actor, request.organisation)
    await _require_versions(context, request, now)
    row = {
        "id": uuid7(),
        "organisation_id": place["id"],
        "flow": request.flow,
        "flow_from": request.flow_from,
        "flow_to": request.flow_to,
        "item_code": request.item or "",
        "item_from": request.item_from,
        "item_to": request.item_to,
        "reason": request.reason,
        "planned_by": actor.person,
        "planned_for": grant.acting_for,
        "planned_at": now,
    }

    async def write(connection: Connection) -> Answer:
        await moves.add(connection, row)
        await outbox.add(connection, MOVE, {"plan": row["id"]}, None, now)
        return await logged(connection, actor, row["id"], "plan", "looking", now)

    answer = await once(actor, key, ["migration.plan", request], now, write)
    context.wake()
    return answer


async def _place(actor: Actor, code: str | None) -> tuple[Grant, dict[str, Any]]:
    """For which organisation a steward plans, and under which grant."""
    grants = [grant for grant in actor.grants if grant.role is Role.item_steward]
    if not grants:
        raise not_a_steward()
    if code is None and len({grant.path for grant in grants}) > 1:
        raise Forbidden("organisation_needed", "请指明适用的机构。", "Say for which organisation this is.")
    known = {row["code"] if code else row["path"]: row for row in await organisations.every()}
    place = known.get(code or grants[0].path)
    grant = next((grant for grant in grants if place is not None and grant.covers(place["path"])), None)
    if place is None or grant is None:
        raise NotFound(
            "organisation_not_found",
            "没有该机构，或者它不在您的管辖范围内。",
            "There is no such place within your reach.",
        )
    return grant, place


async def _require_versions(context: Context, request: Planning, now: datetime) -> None:
    """Every version is published and belongs to the flow, and those to move to apply today."""
    _require_a_change(request)
    day = context.hours(None).day(now)
    for version in (request.flow_from, request.flow_to):
        await context.flow(request.flow, version)
    heads = [row for row in await catalogues.flow_heads() if row["name"] == request.flow]
    if any(row["version"] == request.flow_to and (row["in_force_from"] or day) > day for row in heads):
        raise _not_in_force(f"流程 {request.flow} ", f"the flow {request.flow}", request.flow_to, day)
    if request.item is not None and request.item_from is not None and request.item_to is not None:
        await _require_item(request.item, request.item_from, request.flow)
        row = await _require_item(request.item, request.item_to, request.flow)
        ended = row["in_force_to"] is not None and row["in_force_to"] < day
        if row["in_force_from"] > day or ended:
            raise _not_in_force("事项", "the item", request.item_to, day)


def _require_a_change(request: Planning) -> None:
    given = (request.item is None, request.item_from is None, request.item_to is None)
    if any(given) and not all(given):
        raise Malformed(
            "versions_incomplete",
            "移转事项版本须同时写明事项编码、原版本和新版本。",
            "To move to another item version, give the item's code, the version from which and the one to which.",
        )
    if request.flow_from == request.flow_to and request.item_from == request.item_to:
        raise Malformed(
            "nothing_to_move",
            "原版本与新版本相同，没有需要移转的内容。",
            "The versions are the same on both sides; there is nothing to move.",
        )


def _not_in_force(what: str, what_en: str, version: int, day: date) -> Conflict:
    return Conflict(
        "version_not_in_force",
        f"{what}第{version}版在{day:%Y-%m-%d}不在实施期内，不能作为移转的目标。",
        f"Version {version} of {what_en} is not in force on {day}; no case is moved to it.",
        basis="实施清单",
    )


async def _require_item(code: str, version: int, flow: str) -> dict[str, Any]:
    row = await moves.item_version(code, version)
    if row is None:
        raise NotFound(
            "item_not_found",
            f"没有已发布的事项 {code} 第{version}版。",
            f"No version {version} of the item {code} is published.",
        )
    if row["flow"] != flow:
        raise Conflict(
            "item_of_another_flow",
            f"事项第{version}版的办理流程是 {row['flow']}，不是 {flow}；办件不得移转到另一种流程。",
            f"Version {version} of the item is handled under {row['flow']}, not {flow}; a case stays in its procedure.",
            flow=row["flow"],
        )
    return row


def not_a_steward() -> Forbidden:
    """The refusal of whoever is no steward."""
    role = Role.item_steward
    return Forbidden(
        "role_not_allowed",
        f"您的岗位不能进行此操作，应由{role.zh}办理。",
        f"Your role may not do this; it is for: {role.en}.",
        roles=[role.value],
    )


async def logged(
    connection: Connection, actor: Actor, key: UUID, step: str, state: str, now: datetime
) -> dict[str, Any]:
    """The answer, once the log says who did this."""
    row = {"at": now, "actor": actor.person, "subject": f"migration_plan:{key}", "action": f"migration.{step}",
           "purpose": ""}  # fmt: skip
    await access.add(connection, row)
    return {"plan": str(key), "state": state}
