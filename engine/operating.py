"""What the administrators of the system do: work that failed for good, and tokens for machines. They see no case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from engine import identity
from engine.context import Context
from engine.identity import Issued
from storage import alarms, organisations, outbox
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, NotFound
from workflows.payload import Code

_MAX_DAYS: Final = 3650


class TokenRequest(Struct, forbid_unknown_fields=True, frozen=True):
    """A bearer token that is wanted.

    ``person`` is the login of the person for whom it acts, ``role`` one of that person's roles, ``organisation`` the
    code of the place where they hold it, ``name`` says what the token is for, ``days`` after how many natural days it
    ends.
    """

    person: Annotated[str, Meta(min_length=1, max_length=60)]
    role: Role
    organisation: Code
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    days: Annotated[int, Meta(ge=1, le=_MAX_DAYS)] | None = None


async def issue_token(actor: Actor, request: TokenRequest, now: datetime) -> Issued:
    """A new token; it is shown this once.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed`` for anybody but a security administrator.
    :raises NotFound: ``person_not_found``, ``organisation_not_found`` (also outside the actor's organisations).
    :raises Conflict: ``grant_missing`` when the person does not hold that role there.
    """
    _require(actor, Role.security_admin)
    place = await organisations.by_code(request.organisation)
    if place is None or not actor.may(Role.security_admin, within=place["path"]):
        raise NotFound("organisation_not_found", "没有该机构。", "There is no such organisation within your reach.")
    return await identity.issue_token(
        request.person,
        request.role,
        request.organisation,
        request.name,
        now,
        days=request.days,
        issued_by=actor.person,
    )


async def list_dead_letters(actor: Actor, *, after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the work that failed for good, with the reason; no personal data.

    :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator.
    """
    _require(actor, Role.system_admin)
    return await outbox.dead(after, limit)


async def list_alarms(actor: Actor, *, after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the alarms that are open; what they are about is a key or a number, no personal data.

    :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator or an auditor.
    """
    if Role.auditor not in actor.roles:
        _require(actor, Role.system_admin)
    return await alarms.standing(after, limit)


async def retry_dead_letter(context: Context, actor: Actor, letter: UUID, now: datetime) -> None:
    """Let failed work be tried again from the start.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``dead_letter_not_found``.
    """
    _require(actor, Role.system_admin)
    if not await outbox.retry(letter, now):
        raise NotFound(
            "dead_letter_not_found", "没有该失败任务，或已重试。", "There is no such failed work, or it was retried."
        )
    context.wake()


def _require(actor: Actor, role: Role) -> None:
    if role not in actor.roles:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{role.zh}办理。",
            f"Your role may not do this; it is for: {role.en}.",
            basis="GB/T 22239-2019 8.1.5",
            roles=[role.value],
        )
