"""Accounts, by the system administrator: who signs in. What they may do is the security administrator's.

The system administrator adds accounts, deactivates them and resets passwords (GB/T 22239-2019 8.1.5.1: 用户身份); roles
are given elsewhere (:mod:`engine.administration.granting_roles`); the auditor looks at both (8.1.5.2). Nobody changes
an account of their own, no place loses its last administrator, and every change stands in the access log.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from engine.administration.account_reach import (
    APART,
    administers,
    covers_all,
    held,
    log,
    nobody,
    places_of,
    refuse_beyond,
    refuse_inactive,
    refuse_last,
)
from engine.identity import add_person, check_password, hash_password
from storage import accounts, people
from storage.db import transaction
from workflows.actor import ADMINISTRATORS, SYSTEM, Actor, Role
from workflows.errors import Forbidden
from workflows.payload import refuse_control_characters

READERS: Final = ADMINISTRATORS
"""Who sees the accounts."""
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""What a made password consists of: nothing that is easily read as something else."""


Standing = Literal["locked", "inactive", "no_role"]
"""What a list of accounts may be narrowed to; ``no_role`` are active ones that hold no role."""


class NewAccount(Struct, forbid_unknown_fields=True, frozen=True):
    """Somebody who is to sign in: a sign-in name and the person's name."""

    login: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.]{1,59}$")]
    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]


class AccountChange(Struct, forbid_unknown_fields=True, frozen=True):
    """What may change of an account: the person's name."""

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that was made for somebody, shown this once."""

    login: str
    password: str


async def list_people(
    actor: Actor,
    *,
    now: datetime,
    after: str = "",
    text: str = "",
    role: str = "",
    standing: Standing | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the people within the actor's organisations, and of those who have no role yet, with their roles.

    :param now: UTC. :param after: sign-in name of the last one of the page before. :param text: part of a name.
    :raises Forbidden: ``role_not_allowed`` for anybody but the three administrators.
    """
    paths, kind = places_of(actor, *READERS), standing or ""
    return await accounts.page(paths, after=after, text=text, role=role, limit=limit, standing=kind, now=now)


async def read_person(actor: Actor, login: str) -> dict[str, Any]:
    """One account with its roles, and ``allowed``: what the actor may do with it.

    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``person_not_found``, also out of reach.
    """
    row = await accounts.one(login, places_of(actor, *READERS))
    if row is None:
        raise nobody()
    return row | {"allowed": _allowed(actor, row), "own": row["id"] == actor.person}


def _allowed(actor: Actor, row: dict[str, Any]) -> frozenset[str]:
    if row["id"] == actor.person:
        return frozenset()
    named = set()
    if Role.system_admin in actor.roles and covers_all(actor, row):
        named |= {"rename", "deactivate" if row["active"] else "activate"}
        if row["locked_until"] is not None:
            named.add("unlock")
        if not administers(row) and row["active"]:
            named.add("reset_password")
    if Role.security_admin in actor.roles and row["active"]:
        named |= {"grant", "take_away"}
    return frozenset(named)


async def add_account(actor: Actor, request: NewAccount, now: datetime) -> FirstPassword:
    """Add an account without any role; a security administrator gives it some.

    :param now: UTC. :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator.
    :raises Conflict: ``login_taken``.
    """
    places_of(actor, Role.system_admin)
    refuse_control_characters(request.name)
    password = _made_password()
    await add_person(request.login, request.name.strip(), password, [], now, actor)
    return FirstPassword(request.login, password)


def _made_password() -> str:
    """Letters and digits that cannot be mistaken, a capital and a dash: about 60 bits."""
    return "Yc-" + "".join(secrets.choice(_LETTERS) for _ in range(12))


async def set_active(actor: Actor, login: str, *, active: bool, now: datetime) -> None:
    """Let an account sign in no more, at once, or again. Its tokens rest with it.

    :param now: UTC. :raises NotFound: ``person_not_found``.
    :raises Forbidden: ``role_not_allowed``, ``own_account``, ``account_beyond`` for one with roles out of reach.
    :raises Conflict: ``last_administrator``.
    """
    paths = places_of(actor, Role.system_admin)
    async with transaction() as connection:
        row = await held(connection, actor, login, paths)
        refuse_beyond(actor, row)
        if not active:
            await refuse_last(connection, row, row["grants"])
        await accounts.set_active(connection, row["id"], active=active)
        await accounts.end_sessions(connection, row["id"])
        await log(connection, actor, row["id"], "account.activate" if active else "account.deactivate", now)


async def rename(actor: Actor, login: str, change: AccountChange, now: datetime) -> None:
    """Put the name of a person right; papers that were made keep the name that they carry.

    :param now: UTC. :raises NotFound: ``person_not_found``.
    :raises Forbidden: ``role_not_allowed``, ``own_account``, ``account_beyond``.
    """
    paths = places_of(actor, Role.system_admin)
    refuse_control_characters(change.name)
    async with transaction() as connection:
        row = await held(connection, actor, login, paths)
        refuse_beyond(actor, row)
        name = change.name.strip()
        await accounts.set_name(connection, row["id"], name)
        await log(connection, actor, row["id"], "account.rename", now, f"{row['name']} → {name}")


async def unlock(actor: Actor, login: str, now: datetime) -> None:
    """End the lock that wrong passwords brought about; the password stays as it is.

    :param now: UTC. :raises NotFound: ``person_not_found``.
    :raises Forbidden: ``role_not_allowed``, ``own_account``, ``account_beyond``.
    """
    paths = places_of(actor, Role.system_admin)
    async with transaction() as connection:
        row = await held(connection, actor, login, paths)
        refuse_beyond(actor, row)
        await accounts.unlock(connection, row["id"])
        await log(connection, actor, row["id"], "account.unlock", now)


async def reset_password(actor: Actor, login: str, now: datetime) -> FirstPassword:
    """Make another password for somebody, sign them out everywhere, and end a lock.

    An administrator's is not reset here: who could, would have that administrator's powers as well.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``, ``own_account``, ``account_beyond``, ``administrator_password``.
    :raises NotFound: ``person_not_found``. :raises Conflict: ``account_inactive``.
    """
    paths = places_of(actor, Role.system_admin)
    password = _made_password()
    hashed = await hash_password(password)
    async with transaction() as connection:
        row = await held(connection, actor, login, paths)
        refuse_beyond(actor, row)
        if administers(row):
            raise Forbidden(
                "administrator_password",
                "管理员账号的密码不能在此重置，请在服务器上用命令 yichuang user password 重置。",
                "An administrator's password is not reset here, but on the machine: yichuang user password.",
                basis=APART,
            )
        refuse_inactive(row)
        await accounts.set_password(connection, row["id"], hashed)
        await accounts.end_sessions(connection, row["id"])
        await log(connection, actor, row["id"], "account.password", now)
    return FirstPassword(login, password)


async def set_password(login: str, password: str, now: datetime) -> None:
    """Give somebody another password from the command line of the machine, and sign them out everywhere.

    :param now: UTC. :raises Malformed: ``password_too_weak``. :raises NotFound: ``person_not_found``.
    """
    check_password(password)
    account = await people.by_login(login)
    if account is None:
        raise nobody()
    hashed = await hash_password(password)
    async with transaction() as connection:
        await accounts.set_password(connection, account["id"], hashed)
        await accounts.end_sessions(connection, account["id"])
        await log(connection, SYSTEM, account["id"], "account.password", now, "command line")
