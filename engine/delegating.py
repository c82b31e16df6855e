"""Standing in for somebody who is absent (代理履职): appointed for a time, ended early, listed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from engine.identity import actor_of
from storage import access, delegations, people
from storage.db import Connection, transaction, uuid7
from workflows.actor import Actor, Grant, Role
from workflows.delegation import ABOVE, check_appointer, check_delegate, check_period
from workflows.errors import Conflict, Malformed, NotFound
from workflows.payload import Code, ShortText, refuse_control_characters

_OFFERED: Final = 300
"""How many roles of colleagues are offered; everybody else is typed by their sign-in name."""


class Appointing(Struct, forbid_unknown_fields=True, frozen=True):
    """A request to let somebody stand in for somebody else in one role.

    ``person`` and ``delegate`` are sign-in names, ``organisation`` is the code of the place where the absent person
    holds the role. ``from_at`` and ``until_at`` are moments with their zone; at the second it no longer holds.
    """

    person: Code
    delegate: Code
    role: Role
    organisation: Code
    from_at: datetime
    until_at: datetime
    reason: ShortText


async def appoint(actor: Actor, request: Appointing, now: datetime) -> dict[str, Any]:
    """Let a delegate hold one grant of an absent person for a time; every act of theirs names both.

    :param now: UTC. :returns: ``id``, ``from_at``, ``until_at``.
    :raises NotFound: ``person_not_found``. :raises Malformed: ``period_wrong``.
    :raises Forbidden: ``appointer_not_allowed``, ``delegates_to_oneself``.
    :raises Conflict: ``grant_missing``, ``role_not_delegable``, ``delegate_outside``, ``roles_exclusive``,
        ``delegated_already`` when somebody else stands in at that time, ``delegate_absent`` when the delegate does not
        fill that role themself at that time.
    """
    refuse_control_characters(request.reason)
    if request.from_at.tzinfo is None or request.until_at.tzinfo is None:
        raise Malformed("period_wrong", "代理起止时间须注明时区。", "Both moments of the period need their zone.")
    check_period(request.from_at, request.until_at, now)
    async with transaction() as connection:
        principal, delegate = await _person(request.person), await _person(request.delegate)
        grant = await _grant(principal, request)
        check_appointer(actor, principal, delegate, grant)
        await delegations.lock_people(connection, [principal.person, delegate.person])
        others = await delegations.during(
            connection, [principal.person, delegate.person], request.from_at, request.until_at
        )
        _refuse_clash(others, principal, delegate, grant)
        held = {Role(row["role"]) for row in others if row["delegate_id"] == delegate.person}
        check_delegate(principal, delegate, grant, held)
        row = _row(actor, principal, delegate, grant, request, now)
        await delegations.add(connection, row)
        await _log(connection, actor, row["id"], "delegation.appoint", now, request.reason)
    return {"id": row["id"], "from_at": row["from_at"], "until_at": row["until_at"]}


async def _person(login: str) -> Actor:
    account = await people.by_login(login)
    if account is None or not account["active"]:
        raise NotFound("person_not_found", f"没有在岗人员“{login}”。", f"There is no active person {login}.")
    return actor_of(account)


async def _grant(principal: Actor, request: Appointing) -> Grant:
    """The absent person's own grant that the request names."""
    for grant in principal.grants:
        if grant.role is request.role and grant.path.rpartition("/")[2] == request.organisation:
            return grant
    raise Conflict(
        "grant_missing",
        "被代理人在该机构没有这一岗位。",
        "The person does not hold this role there, so nobody can stand in for it.",
        basis="岗位权限",
    )


def _refuse_clash(others: list[dict[str, Any]], principal: Actor, delegate: Actor, grant: Grant) -> None:
    """One delegate for a grant at a time, and nobody who is absent themself."""
    for row in others:
        same = row["person_id"] == principal.person and row["role"] == grant.role
        if same and row["organisation_id"] == grant.organisation:
            raise Conflict(
                "delegated_already",
                "该岗位在此期间已有代理人，请先结束原代理。",
                "Somebody stands in for this role at that time already; end that first.",
            )
        if row["person_id"] == delegate.person:
            raise Conflict(
                "delegate_absent",
                "拟代理人在此期间本人也由他人代理，请另选代理人。",
                "The delegate is absent at that time and has a delegate of their own; choose somebody else.",
            )


def _row(
    actor: Actor, principal: Actor, delegate: Actor, grant: Grant, request: Appointing, now: datetime
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "person_id": principal.person,
        "delegate_id": delegate.person,
        "role": grant.role.value,
        "organisation_id": grant.organisation,
        "from_at": request.from_at,
        "until_at": request.until_at,
        "reason": request.reason,
        "created_by": actor.staff,
        "created_at": now,
    }


async def _log(connection: Connection, actor: Actor, key: UUID, action: str, now: datetime, purpose: str) -> None:
    row = {"at": now, "actor": actor.person, "subject": str(key), "action": action, "purpose": purpose}
    await access.add(connection, row)


async def end(actor: Actor, key: UUID, now: datetime) -> None:
    """End a delegation before its time; who may appoint one may end it. Nothing is done to one that is over.

    :param now: UTC.
    :raises NotFound: ``delegation_not_found``, also for one out of the actor's reach.
    """
    async with transaction() as connection:
        row = await delegations.read(connection, key)
        if row is None or not _may_end(actor, row):
            raise NotFound("delegation_not_found", "没有该代理记录。", "There is no such delegation within your reach.")
        if row["ended_at"] is None and row["until_at"] > now:
            await delegations.end(connection, key, now)
            await _log(connection, actor, key, "delegation.end", now, "")


def _may_end(actor: Actor, row: dict[str, Any]) -> bool:
    grant = Grant(Role(row["role"]), row["organisation_id"], row["path"])
    above = any(one.role in ABOVE and one.acting_for is None and one.covers(grant.path) for one in actor.grants)
    return above or actor.person in {row["person_id"], row["delegate_id"]}


async def list_delegations(
    actor: Actor, now: datetime, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the delegations that hold or are to come: one's own, and those that one may appoint.

    :param now: UTC. :param after: ``from_at`` and ``id`` of the last row of the page before.
    """
    paths = [grant.path for grant in actor.grants if grant.role in ABOVE and grant.acting_for is None]
    return await delegations.open_at(now, actor.person, paths, after, limit)


async def list_colleagues(actor: Actor) -> list[dict[str, Any]]:
    """Whom the actor may choose from when appointing: themself first, then who works where they do, at most 300.

    A row for each role that somebody holds: ``person``, ``login``, ``name``, ``role``, ``organisation``.
    """
    paths = sorted({grant.path for grant in actor.grants if grant.acting_for is None})
    return await delegations.colleagues(paths, actor.person, _OFFERED) if paths else []
