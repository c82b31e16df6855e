"""Whose account an administrator reaches, what is never done to one, and the entry that every change leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage import access, accounts
from storage.db import Connection
from workflows.actor import ADMINISTRATORS, Actor, Role
from workflows.errors import Conflict, Forbidden, NotFound

APART: Final = "GB/T 22239-2019 8.1.5"
"""Three administrators, apart (系统管理、审计管理、安全管理)."""


def places_of(actor: Actor, *roles: Role) -> list[str]:
    """The places for which an actor holds one of these roles. :raises Forbidden: ``role_not_allowed`` where none."""
    paths = [grant.path for grant in actor.grants if grant.role in roles]
    if not paths:
        named = sorted(roles)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in named)}办理。",
            f"Your role may not do this; it is for: {', '.join(role.en for role in named)}.",
            basis=APART,
            roles=[role.value for role in named],
        )
    return paths


async def held(connection: Connection, actor: Actor, login: str, paths: list[str]) -> dict[str, Any]:
    """An account of somebody else, held until the transaction ends.

    :raises NotFound: ``person_not_found``, also out of reach. :raises Forbidden: ``own_account``.
    """
    row = await accounts.hold(connection, login, paths)
    if row is None:
        raise nobody()
    if row["id"] == actor.person:
        raise Forbidden(
            "own_account",
            "不能变更自己的账号和岗位，请由另一名管理员办理。",
            "Nobody changes an account of their own; ask another administrator.",
            basis=APART,
        )
    return row


def nobody() -> NotFound:
    """The refusal where there is no such person within reach."""
    return NotFound("person_not_found", "没有该人员。", "There is no such person within your reach.")


def covers_all(actor: Actor, row: dict[str, Any]) -> bool:
    """Whether every role of an account lies within the actor's organisations: it has powers elsewhere otherwise."""
    return all(actor.may(Role.system_admin, within=grant["path"]) for grant in row["grants"])


def refuse_beyond(actor: Actor, row: dict[str, Any]) -> None:
    """:raises Forbidden: ``account_beyond`` for an account with roles out of the actor's reach."""
    if not covers_all(actor, row):
        raise Forbidden(
            "account_beyond",
            "该账号在您管辖范围之外还有岗位，请由上级系统管理员办理。",
            "The account holds roles beyond your organisations; a system administrator above must do it.",
            basis=APART,
        )


def refuse_inactive(row: dict[str, Any]) -> None:
    """:raises Conflict: ``account_inactive``."""
    if not row["active"]:
        raise Conflict("account_inactive", "账号已停用，请先启用。", "The account is deactivated; activate it first.")


def administers(row: dict[str, Any]) -> bool:
    """Whether an account is one of the three administrators."""
    return any(Role(grant["role"]) in ADMINISTRATORS for grant in row["grants"])


async def refuse_last(connection: Connection, row: dict[str, Any], lost: list[dict[str, Any]]) -> None:
    """Refuse that a place loses its last administrator of a kind who can sign in.

    Changes of administrators take turns, so that two who would do away with each other find one of them left.

    :param lost: grants of the account that are about to count no more.
    :raises Conflict: ``last_administrator``, with the ``role`` and the ``organisation``.
    """
    for grant in lost if row["active"] else ():
        role = Role(grant["role"])
        if role in ADMINISTRATORS and not await accounts.another(connection, row["id"], role.value, grant["path"]):
            place, place_en = grant["organisation_name"], grant["organisation_name_en"]
            raise Conflict(
                "last_administrator",
                f"该账号是{place}最后一名可登录的{role.zh}，不能停用或收回。请先另设一名{role.zh}。",
                f"This is the last {role.en} of {place_en} who can sign in; appoint another one first.",
                basis=APART,
                role=role.value,
                organisation=grant["organisation"],
            )


async def log(
    connection: Connection, actor: Actor, person: UUID, action: str, now: datetime, purpose: str = ""
) -> None:
    """Chain a change of an account to the access log of the day."""
    row = {"at": now, "actor": actor.person, "subject": f"person:{person}", "action": action, "purpose": purpose}
    await access.add(connection, row)
