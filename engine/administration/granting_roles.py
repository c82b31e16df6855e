"""Roles given and taken away by the security administrator (GB/T 22239-2019 8.1.5.3: 对主体进行授权)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from engine.administration.account_reach import held, log, places_of, refuse_inactive, refuse_last
from storage import accounts, organisations, people
from storage.db import transaction
from workflows.actor import Actor, Role, check_exclusive
from workflows.errors import Conflict, NotFound
from workflows.payload import Code


class RoleWanted(Struct, forbid_unknown_fields=True, frozen=True):
    """A role in an organisation, given by its code, and everything below it."""

    role: Role
    organisation: Code


async def grant_role(actor: Actor, login: str, request: RoleWanted, now: datetime) -> UUID:
    """Give somebody a role; what it may not be held with is refused, also what they hold for somebody absent.

    :param now: UTC. :returns: the key by which it is taken away.
    :raises Forbidden: ``role_not_allowed`` for anybody but a security administrator, ``own_account``.
    :raises NotFound: ``person_not_found``, ``organisation_not_found``, also out of reach.
    :raises Conflict: ``account_inactive``, ``roles_exclusive``, ``role_not_grantable``, ``grant_there``.
    """
    paths = places_of(actor, Role.security_admin)
    place = await organisations.by_code(request.organisation)
    if place is None or not actor.may(Role.security_admin, within=place["path"]):
        raise NotFound("organisation_not_found", "没有该机构。", "There is no such organisation within your reach.")
    async with transaction() as connection:
        row = await held(connection, actor, login, paths)
        refuse_inactive(row)
        account = await people.by_login(login, now) or {"grants": []}
        check_exclusive([request.role, *(Role(one["role"]) for one in account["grants"])])
        key = await accounts.grant(connection, row["id"], request.role.value, place["id"])
        if key is None:
            raise Conflict("grant_there", "该人员在此机构已有这一岗位。", "The person holds this role there already.")
        await log(connection, actor, row["id"], "role.grant", now, f"{request.role.value} {request.organisation}")
    return key


async def take_role_away(actor: Actor, login: str, grant: UUID, now: datetime) -> None:
    """Take a role away at once; tokens and delegations that rest on it hold no more.

    :param now: UTC. :raises Forbidden: ``role_not_allowed``, ``own_account``.
    :raises NotFound: ``person_not_found``, ``grant_not_found``, also out of reach.
    :raises Conflict: ``last_administrator``.
    """
    paths = places_of(actor, Role.security_admin)
    async with transaction() as connection:
        row = await held(connection, actor, login, paths)
        found = next((one for one in row["grants"] if one["id"] == str(grant)), None)
        if found is None or not actor.may(Role.security_admin, within=found["path"]):
            raise NotFound("grant_not_found", "没有该岗位授权。", "There is no such role within your reach.")
        await refuse_last(connection, row, [found])
        await accounts.take_away(connection, grant)
        await log(connection, actor, row["id"], "role.take_away", now, f"{found['role']} {found['organisation']}")
