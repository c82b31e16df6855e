"""Who has a hand in an assessment: roles held in person over the hall, nobody who is scored, every act on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from storage import assessment_acts, assessments, contracts, organisations
from storage.db import Connection
from workflows.actor import Actor, Role
from workflows.assessment_steps import READERS, check_impartial
from workflows.errors import Forbidden, NotFound


def role_over(actor: Actor, roles: Sequence[Role], hall_path: str) -> Role | None:
    """The first of these roles that somebody holds themselves for a hall; who stands in for another holds none here."""
    for role in roles:
        if any(g.role is role and g.acting_for is None and g.covers(hall_path) for g in actor.grants):
            return role
    return None


def require_role(actor: Actor, roles: Sequence[Role], hall_path: str) -> Role:
    """The same. :raises Forbidden: ``role_not_allowed``."""
    role = role_over(actor, roles, hall_path)
    if role is None:
        raise barred(roles)
    return role


def require_scorer(actor: Actor, roles: Sequence[Role], hall_path: str) -> Role:
    """The same for a step of scoring, review or approval. :raises Forbidden: ``self_scoring`` as well."""
    check_impartial(actor)
    return require_role(actor, roles, hall_path)


def barred(roles: Sequence[Role]) -> Forbidden:
    """What somebody without these roles is told."""
    return Forbidden(
        "role_not_allowed",
        f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in roles)}办理（须为本人的岗位，不含代理）。",
        f"Your role may not do this; it is for: {', '.join(role.en for role in roles)}, in person.",
        roles=[role.value for role in roles],
    )


async def halls_read(actor: Actor) -> list[UUID]:
    """The halls whose assessments somebody reads. :raises Forbidden: ``role_not_allowed``."""
    paths = [grant.path for grant in actor.grants if grant.role in READERS and grant.acting_for is None]
    if not paths:
        raise barred(READERS)
    found = await organisations.every()
    return [
        row["id"]
        for row in found
        if row["kind"] == "hall" and role_over(actor, READERS, row["path"]) is not None
    ]  # fmt: skip


def within(actor: Actor, row: Mapping[str, Any] | None, what: str = "assessment") -> dict[str, Any]:
    """An assessment or contract that the actor reads.

    :param what: ``assessment`` or ``contract``. :raises Forbidden: ``role_not_allowed`` for who reads none.
    :raises NotFound: ``assessment_not_found`` or ``contract_not_found``, also out of reach.
    """
    if not any(grant.role in READERS for grant in actor.grants):
        raise barred(READERS)
    if row is None or role_over(actor, READERS, row["hall_path"]) is None:
        zh = {"assessment": "考核表", "contract": "服务合同"}[what]
        raise NotFound(f"{what}_not_found", f"没有该{zh}。", f"There is no such {what} within your reach.")
    return dict(row)


async def read_within(actor: Actor, key: UUID) -> dict[str, Any]:
    """One assessment. Refusals as of :func:`within`."""
    return within(actor, await assessments.read(key))


async def contract_within(actor: Actor, key: UUID) -> dict[str, Any]:
    """One contract. Refusals as of :func:`within`."""
    return within(actor, await contracts.read(key), "contract")


async def locked(connection: Connection, actor: Actor, key: UUID, roles: Sequence[Role]) -> tuple[dict[str, Any], Role]:
    """One assessment, locked, and the role in which the actor scores it. Refusals as of :func:`require_scorer`."""
    row = within(actor, await assessments.lock(connection, key))
    return row, require_scorer(actor, roles, row["hall_path"])


async def note(
    connection: Connection, actor: Actor, role: Role, key: UUID, name: str, now: datetime, **told: Any
) -> None:
    """Put an act on the record of an assessment that is locked. :param now: UTC."""
    by = {"actor": actor.staff, "actor_name": actor.name, "role": role.value}
    await assessment_acts.add(connection, key, {"name": name, "at": now, **by, **told})
