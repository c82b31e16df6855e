"""Which machines act for whom: the tokens, never their text."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage import accounts
from workflows.actor import Actor, Role
from workflows.errors import Forbidden

READERS: Final = frozenset({Role.security_admin, Role.auditor})
NEWEST: Final = UUID(int=2**128 - 1)
"""Where the first page begins."""


async def list_tokens(
    actor: Actor, now: datetime, *, before: UUID = NEWEST, ended: bool = False, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the tokens for roles within the actor's organisations, the newest first.

    :param now: UTC. :param before: key of the last one of the page before. :param ended: also those that have ended.
    :returns: with ``state``: ``held``, ``revoked``, ``expired``, or ``resting`` while the person is not active or does
        not hold the role.
    :raises Forbidden: ``role_not_allowed`` for anybody but security administrators and auditors.
    """
    paths = [grant.path for grant in actor.grants if grant.role in READERS]
    if not paths:
        raise Forbidden(
            "role_not_allowed",
            "您的岗位不能查看令牌，应由安全管理员或审计管理员办理。",
            "Your role may not see the tokens; it is for security administrators and auditors.",
            basis="GB/T 22239-2019 8.1.5",
        )
    rows = await accounts.tokens(paths, before=before, ended=ended, now=now, limit=limit)
    return [row | {"state": _state(row, now)} for row in rows]


def _state(row: dict[str, Any], now: datetime) -> str:
    if row["revoked_at"] is not None:
        return "revoked"
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return "expired"
    return "held" if row["held"] else "resting"
