"""Who looked at a case: the access log, for the auditor."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.reading import seen_case
from storage import access
from workflows.actor import Actor, Role
from workflows.errors import Forbidden

NEWEST: Final = UUID(int=2**128 - 1)
"""Before this key lies every entry."""


async def list_looks(context: Context, actor: Actor, number: str, *, before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of who looked at a case and its scans, when, at what and why, the newest first.

    :param before: the key of the last entry of the page before, or :data:`NEWEST`.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed`` for anybody but an auditor.
    """
    await seen_case(context, actor, number)
    if Role.auditor not in actor.roles:
        raise Forbidden(
            "role_not_allowed",
            "查阅记录只供审计管理员查看。",
            "Who looked is for auditors to see.",
            basis="GB/T 22239-2019 8.1.5",
            roles=[Role.auditor.value],
        )
    return await access.of_case(number, before, limit)
