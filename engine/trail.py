"""Events that are not acts of a flow: of scans, appointments, recounted clocks. Same chain, same statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.mandates.proxying import grant_of, told_of
from engine.work import chain
from storage import acts, cases
from storage.db import Connection
from workflows.actor import Actor, Role
from workflows.events import EventName
from workflows.situation import MandateFacts
from workflows.warning import Warned

NOBODY: Final = UUID(int=0)
"""Stands for the engine itself where a key is asked for."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """The clocks of a case under another calendar: index rows that change, the event's snapshot, what is due first.

    ``warned`` is when the case turns red, yellow and amber.
    """

    rows: Sequence[dict[str, Any]]
    snapshot: dict[str, Any]
    due_at: datetime | None
    warned: Warned


async def append(
    context: Context,
    connection: Connection,
    case: dict[str, Any],
    name: EventName,
    data: dict[str, Any],
    now: datetime,
    *,
    actor: Actor | None = None,
    role: Role = Role.system,
    outbox: list[dict[str, Any]] | None = None,
    key: tuple[UUID, str, str, dict[str, Any]] = (NOBODY, "", "", {}),
    told: Sequence[dict[str, Any]] = (),
    documents: Sequence[dict[str, Any]] = (),
    recounted: Recounted | None = None,
    mandate: MandateFacts | None = None,
) -> int:
    """Put an event behind the last one of a locked case; its state and version stay, unless its clocks were recounted.

    :param case: the row of :func:`storage.cases.lock`. :param now: UTC. :param actor: None for the engine itself.
    :param told: rows of messages. :param documents: rows of documents that it issues.
    :param mandate: under which an agent acts for the applicant. :returns: the number of the event in its chain.
    """
    event = _event(case, name, data, now, by=(actor, role, mandate)) | {"algorithm": context.settings.digest_algorithm}
    row = {"id": case["id"]} | {column: case[column] for column in acts.CASE_COLUMNS}
    if recounted is not None:
        event["clocks"] = recounted.snapshot
        row |= {"version": case["version"] + 1, "due_at": recounted.due_at, **recounted.warned._asdict()}
    await acts.write(
        connection,
        row,
        chain(case, event),
        entries=[],
        clocks=list(recounted.rows) if recounted else [],
        documents=list(documents),
        notifications=told,
        outbox=outbox or [],
        key=key,
    )
    return int(event["seq"])


def _event(
    case: dict[str, Any],
    name: EventName,
    data: dict[str, Any],
    now: datetime,
    *,
    by: tuple[Actor | None, Role, MandateFacts | None],
) -> dict[str, Any]:
    actor, role, mandate = by
    held = next((grant for grant in actor.grants if grant.role is role), None) if actor else None
    grant = grant_of(held, mandate)
    return {
        "name": name.value,
        "at": now,
        "claimed_at": None,
        "actor": actor.person if actor else None,
        "actor_name": actor.signature(grant) if actor else Role.system.zh,
        "role": role.value,
        "organisation": grant.organisation if grant else None,
        "window": None,
        "acting_for": grant.acting_for if grant else None,
        "from_state": case["state"],
        "to_state": case["state"],
        "reason": "",
        "data": data | ({"principal": told_of(mandate)} if mandate else {}),
        "clocks": {},
    }


async def lock(connection: Connection, number: str, actor: UUID = NOBODY, key: str = "") -> dict[str, Any]:
    """The case, locked; it must be there.

    :raises LookupError: when it is not, which a foreign key makes impossible for scans.
    """
    case = await cases.lock(connection, number, actor, key)
    if case is None:
        raise LookupError(number)
    return case
