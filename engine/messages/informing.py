"""The inbox of those who work here, what they print or say on the telephone for a message, and calls in the hall."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from engine.context import Context
from engine.messages.notifying import SEND
from engine.messages.resending import message_not_found, require_gateway
from engine.messages.telling import in_words
from engine.once import once
from engine.reading import seen_case
from engine.work import Answer
from storage import inbox, notifications, organisations, outbox
from storage.db import Connection, transaction
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, NotFound
from workflows.messages.sending import Gateway

NEWEST: Final = notifications.NEWEST
"""Where the first page begins."""
KEPT: Final = timedelta(days=60)
"""How far back an inbox goes, in natural days; older tasks stand on their cases."""
HANDS: Final = (Role.clerk, Role.issuer, Role.hall_manager, Role.guide)
"""Who prints letters, makes calls and calls applicants to a window."""
READERS: Final = (
    scope.HALL_ROLES | scope.DEPARTMENT_ROLES | {Role.supervisor, Role.auditor, Role.archivist, Role.system_admin}
)
"""For whom something may be left to read, and who watches over what is sent."""
_TRIES: Final = 3
"""After so many calls that nobody answers, a message has failed."""
_AT_HALL: Final = {
    "hall": frozenset({Role.clerk, Role.issuer, Role.hall_manager}),
    "supervisor": frozenset({Role.supervisor}),
    "auditor": frozenset({Role.auditor}),
    "archivist": frozenset({Role.archivist}),
}
"""Kinds of recipient that are a hall's, and whose inbox they are."""
_SHOWN: Final = ("id", "recipient", "way", "event", "state", "attempts", "created_at", "read_at", "number")


async def list_inbox(
    context: Context,
    actor: Actor,
    now: datetime,
    *,
    unread: bool = False,
    before: UUID = NEWEST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the tasks that lie for the actor, or for their role where they hold it; newest first, in words.

    :param now: UTC. :param unread: only what this person has not read.
    :param before: the last ``id`` of the page before.
    """
    people, lots = _people(actor), await _lots(actor)
    rows = await inbox.tasks(actor.person, people, lots, unread=unread, before=before, since=now - KEPT, limit=limit)
    return [_row(row) | await in_words(context, row) for row in rows]


async def mark_read(actor: Actor, messages: list[UUID], now: datetime) -> int:
    """Mark tasks as read by this person; how many of them lie in their inbox. :param now: UTC."""
    people, lots = _people(actor), await _lots(actor)
    async with transaction() as connection:
        return await inbox.mark_read(connection, actor.person, people, lots, messages, now)


def _people(actor: Actor) -> list[UUID]:
    """The actor, and those absent whom they stand in for; nobody once no role on cases is left."""
    working = [grant for grant in actor.grants if grant.role in scope.HALL_ROLES | scope.DEPARTMENT_ROLES]
    own = [actor.person] if any(grant.acting_for is None for grant in working) else []
    return own + [grant.acting_for for grant in working if grant.acting_for is not None]


async def _lots(actor: Actor) -> list[tuple[UUID, str]]:
    """The places whose tasks are the actor's, each with the kind of recipient."""
    behind = [grant.path for grant in actor.grants if grant.role in scope.DEPARTMENT_ROLES]
    places = await organisations.subtree(behind) if behind else []
    found = [(place, kind) for place in places for kind in ("department", "handler")]
    for kind, roles in _AT_HALL.items():
        paths = [grant.path for grant in actor.grants if grant.role in roles]
        found += [(hall, kind) for hall in await organisations.halls_of(paths)]
    return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


async def list_by_hand(
    context: Context,
    actor: Actor,
    way: Literal["letter", "voice"],
    *,
    before: UUID = NEWEST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the letters to print, or of the calls to make where no gateway makes them, of the actor's halls.

    The number to call stands on the case and is unmasked there, for a reason.

    :raises Forbidden: ``role_not_allowed``.
    """
    rows = await inbox.by_hand(await _own_halls(actor), way, before, limit)
    return [_row(row) | await in_words(context, row) for row in rows]


async def settle_by_hand(
    actor: Actor, message: UUID, outcome: Literal["done", "not_reached"], now: datetime
) -> dict[str, Any]:
    """Say that a letter was printed or a call was made; a call that nobody answers three times has failed.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``message_not_found``.
    """
    halls = await _own_halls(actor)
    async with transaction() as connection:
        row = await inbox.waiting_by_hand(connection, message, halls)
        if row is None:
            raise message_not_found()
        if outcome == "done":
            state, reason = ("sent" if row["way"] == "letter" else "delivered"), ""
        else:
            state, reason = ("failed" if row["attempts"] + 1 >= _TRIES else "waiting"), "not_reached"
        number = await inbox.settle(connection, message, halls, state, reason, actor.person, now)
    return {"case": number, "state": state}


async def _own_halls(actor: Actor) -> list[UUID]:
    paths = [grant.path for grant in actor.grants if grant.role in HANDS]
    if not paths:
        raise _not_theirs()
    return await organisations.halls_of(paths)


def _not_theirs() -> Forbidden:
    return Forbidden(
        "role_not_allowed",
        f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in HANDS)}办理。",
        f"Your role may not do this; it is for: {', '.join(role.en for role in HANDS)}.",
        basis="岗位权限",
        roles=[role.value for role in HANDS],
    )


async def call_applicant(
    context: Context, actor: Actor, number: str, now: datetime, *, window: str = "", key: str = ""
) -> Answer:
    """Call the applicant of a case to a window, by the hall's displays and loudspeakers; by number, never by name.

    A call that could not be made within five minutes is not made.

    :param window: the code of a window of the hall. :param now: UTC. :param key: idempotency key.
    :raises NotFound: ``case_not_found``, ``organisation_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``gateway_not_configured``.
    """
    case, _ = await seen_case(context, actor, number)
    if scope.role_at(actor, HANDS, case["hall_path"], case["department_path"]) is None:
        raise _not_theirs()
    require_gateway(context, Gateway.call)
    place = await organisations.by_code(window) if window else None
    if window and (place is None or not place["path"].startswith(case["hall_path"] + "/")):
        raise NotFound("organisation_not_found", "该大厅没有此窗口。", "This hall has no such window.")

    async def write(connection: Connection) -> Answer:
        row = {
            "case_id": case["id"],
            "seq": case["head_seq"],
            "recipient": "applicant",
            "way": "call",
            "event": "hall_call",
            "data": {"window": place["name"] if place else ""},
            "created_at": now,
            "place_id": case["hall_id"],
        }
        message = await notifications.add(connection, row)
        await outbox.add(connection, SEND, {"notification": message}, case["id"], now)
        return {"case": number, "message": str(message)}

    answer = await once(actor, key, ["call", number, window], now, write)
    context.wake()
    return answer
