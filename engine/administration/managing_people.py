"""Accounts and roles, by two administrators apart: one says who signs in, the other what they may do.

The system administrator adds accounts, deactivates them and resets passwords (GB/T 22239-2019 8.1.5.1: 用户身份); the
security administrator gives and takes away roles (8.1.5.3: 对主体进行授权); the auditor looks at both (8.1.5.2). Nobody
changes an account of their own, and every change stands in the access log.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from engine.identity import add_person, check_password, hash_password
from storage import access, accounts, organisations, people
from storage.db import Connection, transaction
from workflows.actor import ADMINISTRATORS, SYSTEM, Actor, Role, check_exclusive
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.payload import Code, refuse_control_characters

READERS: Final = ADMINISTRATORS
"""Who sees the accounts."""
_APART: Final = "GB/T 22239-2019 8.1.5"
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""What a made password consists of: nothing that is easily read as something else."""


class NewAccount(Struct, forbid_unknown_fields=True, frozen=True):
    """Somebody who is to sign in: a sign-in name and the person's name."""

    login: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.]{1,59}$")]
    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]


class RoleWanted(Struct, forbid_unknown_fields=True, frozen=True):
    """A role in an organisation, given by its code, and everything below it."""

    role: Role
    organisation: Code


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that was made for somebody, shown this once."""

    login: str
    password: str


async def list_people(
    actor: Actor, *, after: str = "", text: str = "", role: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the people within the actor's organisations, and of those who have no role yet, with their roles.

    :param after: sign-in name of the last one of the page before.
    :raises Forbidden: ``role_not_allowed`` for anybody but the three administrators.
    """
    return await accounts.page(_places(actor, *READERS), after=after, text=text, role=role, limit=limit)


async def read_person(actor: Actor, login: str) -> dict[str, Any]:
    """One account with its roles, and ``allowed``: what the actor may do with it.

    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``person_not_found``, also out of reach.
    """
    row = await accounts.one(login, _places(actor, *READERS))
    if row is None:
        raise _nobody()
    return row | {"allowed": _allowed(actor, row), "own": row["id"] == actor.person}


def _allowed(actor: Actor, row: dict[str, Any]) -> frozenset[str]:
    if row["id"] == actor.person:
        return frozenset()
    named = set()
    if Role.system_admin in actor.roles and _covers_all(actor, row):
        named |= {"deactivate" if row["active"] else "activate"}
        if not _administers(row) and row["active"]:
            named.add("reset_password")
    if Role.security_admin in actor.roles and row["active"]:
        named |= {"grant", "take_away"}
    return frozenset(named)


def _covers_all(actor: Actor, row: dict[str, Any]) -> bool:
    """Whether every role of an account lies within the actor's organisations: it has powers elsewhere otherwise."""
    return all(actor.may(Role.system_admin, within=grant["path"]) for grant in row["grants"])


def _refuse_beyond(actor: Actor, row: dict[str, Any]) -> None:
    if not _covers_all(actor, row):
        raise Forbidden(
            "account_beyond",
            "该账号在您管辖范围之外还有岗位，请由上级系统管理员办理。",
            "The account holds roles beyond your organisations; a system administrator above must do it.",
            basis=_APART,
        )


def _administers(row: dict[str, Any]) -> bool:
    return any(Role(grant["role"]) in ADMINISTRATORS for grant in row["grants"])


async def add_account(actor: Actor, request: NewAccount, now: datetime) -> FirstPassword:
    """Add an account without any role; a security administrator gives it some.

    :param now: UTC. :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator.
    :raises Conflict: ``login_taken``.
    """
    _places(actor, Role.system_admin)
    refuse_control_characters(request.name)
    password = _made_password()
    key = await add_person(request.login, request.name.strip(), password, [], now)
    async with transaction() as connection:
        await _log(connection, actor, key, "account.add", now)
    return FirstPassword(request.login, password)


def _made_password() -> str:
    """Letters and digits that cannot be mistaken, a capital and a dash: about 60 bits."""
    return "Yc-" + "".join(secrets.choice(_LETTERS) for _ in range(12))


async def set_active(actor: Actor, login: str, *, active: bool, now: datetime) -> None:
    """Let an account sign in no more, at once, or again. Its tokens rest with it.

    :param now: UTC. :raises NotFound: ``person_not_found``.
    :raises Forbidden: ``role_not_allowed``, ``own_account``, ``account_beyond`` for one with roles out of reach.
    """
    paths = _places(actor, Role.system_admin)
    async with transaction() as connection:
        row = await _held(connection, actor, login, paths)
        _refuse_beyond(actor, row)
        await accounts.set_active(connection, row["id"], active=active)
        await accounts.end_sessions(connection, row["id"])
        await _log(connection, actor, row["id"], "account.activate" if active else "account.deactivate", now)


async def reset_password(actor: Actor, login: str, now: datetime) -> FirstPassword:
    """Make another password for somebody, sign them out everywhere, and end a lock.

    An administrator's is not reset here: who could, would have that administrator's powers as well.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``, ``own_account``, ``account_beyond``, ``administrator_password``.
    :raises NotFound: ``person_not_found``. :raises Conflict: ``account_inactive``.
    """
    paths = _places(actor, Role.system_admin)
    password = _made_password()
    hashed = await hash_password(password)
    async with transaction() as connection:
        row = await _held(connection, actor, login, paths)
        _refuse_beyond(actor, row)
        if _administers(row):
            raise Forbidden(
                "administrator_password",
                "管理员账号的密码不能在此重置，请在服务器上用命令 yichuang user password 重置。",
                "An administrator's password is not reset here, but on the machine: yichuang user password.",
                basis=_APART,
            )
        _refuse_inactive(row)
        await accounts.set_password(connection, row["id"], hashed)
        await accounts.end_sessions(connection, row["id"])
        await _log(connection, actor, row["id"], "account.password", now)
    return FirstPassword(login, password)


async def set_password(login: str, password: str, now: datetime) -> None:
    """Give somebody another password from the command line of the machine, and sign them out everywhere.

    :param now: UTC. :raises Malformed: ``password_too_weak``. :raises NotFound: ``person_not_found``.
    """
    check_password(password)
    account = await people.by_login(login)
    if account is None:
        raise _nobody()
    hashed = await hash_password(password)
    async with transaction() as connection:
        await accounts.set_password(connection, account["id"], hashed)
        await accounts.end_sessions(connection, account["id"])
        await _log(connection, SYSTEM, account["id"], "account.password", now, "command line")


async def grant_role(actor: Actor, login: str, request: RoleWanted, now: datetime) -> None:
    """Give somebody a role; what it may not be held with is refused, also what they hold for somebody absent.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed`` for anybody but a security administrator, ``own_account``.
    :raises NotFound: ``person_not_found``, ``organisation_not_found``, also out of reach.
    :raises Conflict: ``account_inactive``, ``roles_exclusive``, ``role_not_grantable``, ``grant_there``.
    """
    paths = _places(actor, Role.security_admin)
    place = await organisations.by_code(request.organisation)
    if place is None or not actor.may(Role.security_admin, within=place["path"]):
        raise NotFound("organisation_not_found", "没有该机构。", "There is no such organisation within your reach.")
    async with transaction() as connection:
        row = await _held(connection, actor, login, paths)
        _refuse_inactive(row)
        held = await people.by_login(login, now) or {"grants": []}
        check_exclusive([request.role, *(Role(one["role"]) for one in held["grants"])])
        if not await accounts.grant(connection, row["id"], request.role.value, place["id"]):
            raise Conflict("grant_there", "该人员在此机构已有这一岗位。", "The person holds this role there already.")
        told = f"{request.role.value} {request.organisation}"
        await _log(connection, actor, row["id"], "role.grant", now, told)


async def take_role_away(actor: Actor, login: str, grant: UUID, now: datetime) -> None:
    """Take a role away at once; tokens and delegations that rest on it hold no more.

    :param now: UTC. :raises Forbidden: ``role_not_allowed``, ``own_account``.
    :raises NotFound: ``person_not_found``, ``grant_not_found``, also out of reach.
    """
    paths = _places(actor, Role.security_admin)
    async with transaction() as connection:
        row = await _held(connection, actor, login, paths)
        found = next((one for one in row["grants"] if one["id"] == str(grant)), None)
        if found is None or not actor.may(Role.security_admin, within=found["path"]):
            raise NotFound("grant_not_found", "没有该岗位授权。", "There is no such role within your reach.")
        await accounts.take_away(connection, grant)
        await _log(connection, actor, row["id"], "role.take_away", now, f"{found['role']} {found['organisation']}")


async def _held(connection: Connection, actor: Actor, login: str, paths: list[str]) -> dict[str, Any]:
    """An account of somebody else, held until the transaction ends."""
    row = await accounts.hold(connection, login, paths)
    if row is None:
        raise _nobody()
    if row["id"] == actor.person:
        raise Forbidden(
            "own_account",
            "不能变更自己的账号和岗位，请由另一名管理员办理。",
            "Nobody changes an account of their own; ask another administrator.",
            basis=_APART,
        )
    return row


def _refuse_inactive(row: dict[str, Any]) -> None:
    if not row["active"]:
        raise Conflict("account_inactive", "账号已停用，请先启用。", "The account is deactivated; activate it first.")


def _nobody() -> NotFound:
    return NotFound("person_not_found", "没有该人员。", "There is no such person within your reach.")


def _places(actor: Actor, *roles: Role) -> list[str]:
    """The places for which an actor holds one of these roles. :raises Forbidden: ``role_not_allowed`` where none."""
    paths = [grant.path for grant in actor.grants if grant.role in roles]
    if not paths:
        named = sorted(roles)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in named)}办理。",
            f"Your role may not do this; it is for: {', '.join(role.en for role in named)}.",
            basis=_APART,
            roles=[role.value for role in named],
        )
    return paths


async def _log(
    connection: Connection, actor: Actor, person: UUID, action: str, now: datetime, purpose: str = ""
) -> None:
    row = {"at": now, "actor": actor.person, "subject": f"person:{person}", "action": action, "purpose": purpose}
    await access.add(connection, row)
