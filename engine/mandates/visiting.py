"""上门服务: visits to applicants who cannot come, booked and recorded by two people."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from engine.context import Context
from engine.filing import Applicant, party_row
from engine.identity import actor_of
from engine.listing import halls_for
from engine.mandates.mandating import REGISTRARS
from engine.once import once
from engine.placing import find_place
from engine.reading import log_access
from engine.work import Answer
from storage import parties, people, visits
from storage.db import Connection, reading, uuid7
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.party import mask_address, validate_id, validate_mobile
from workflows.payload import Code, ShortText, Text, refuse_control_characters
from workflows.visit import BASIS, check_booking, check_record

READERS: Final = (Role.clerk, Role.guide, Role.hall_manager, Role.supervisor, Role.auditor)
"""Who sees every visit of their halls; who makes one sees their own."""
VISITORS: Final = frozenset({Role.agent, Role.clerk, Role.guide, Role.hall_manager})
_SEALED: Final = "visits.place_sealed"
_SHOWN: Final = (
    "id", "hall", "principal", "day", "at_time", "place_masked", "in_area", "immobile", "matter", "first", "second",
    "state", "conscious", "outcome", "recorded_at",
)  # fmt: skip


class Visiting(Struct, forbid_unknown_fields=True, frozen=True):
    """A visit that is wanted: to whom, when (hall time), where, for what, by which two people (sign-in names)."""

    principal: Applicant
    day: date
    at: time
    place: ShortText
    in_area: bool
    immobile: bool
    matter: Text
    first: Code
    second: Code
    hall: Code | None = None


class Visited(Struct, forbid_unknown_fields=True, frozen=True):
    """What became of a visit; ``took_place`` false: it was not made. ``conscious``: the applicant was."""

    took_place: bool
    outcome: Text
    conscious: bool = False


async def book_visit(context: Context, actor: Actor, request: Visiting, now: datetime, key: str = "") -> Answer:
    """预约上门: two people of the hall go to an applicant who cannot come.

    :param now: UTC. :param key: idempotency key. :returns: ``visit`` (key), ``day``, ``time``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``, ``person_not_found``.
    :raises Malformed: an identity number that fails its check, ``control_character``, ``key_reused``; these and
        :raises Conflict: as in :func:`workflows.visit.check_booking`.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, REGISTRARS, request.hall, None)
    first, second = [await _visitor(login, place.hall["path"]) for login in (request.first, request.second)]
    today = context.hours(place.hall["hours"]).day(now)
    check_booking(first, second, request.day, today, in_area=request.in_area, immobile=request.immobile)
    party = _party(context, request.principal, now)
    row = _row(context, actor, request, (first, second), now)
    row |= {"hall_id": place.hall["id"], "principal": party["as_filed"]}

    async def write(connection: Connection) -> Answer:
        row["principal_id"] = await parties.remember(connection, party)
        await visits.add(connection, row)
        return {"visit": str(row["id"]), "day": request.day.isoformat(), "time": f"{request.at:%H:%M}"}

    return await once(actor, key, ["visit", request], now, write)


def _party(context: Context, who: Applicant, now: datetime) -> dict[str, Any]:
    number = validate_id(who.id_kind, who.id_number)
    return party_row(context, who, number, validate_mobile(who.mobile) if who.mobile else None, now)


def _row(
    context: Context, actor: Actor, request: Visiting, visitors: tuple[UUID, UUID], now: datetime
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "day": request.day,
        "at_time": request.at,
        "place_sealed": context.sealer.seal(request.place, _SEALED),
        "place_masked": mask_address(request.place),
        "in_area": request.in_area,
        "immobile": request.immobile,
        "matter": request.matter,
        "first_id": visitors[0],
        "second_id": visitors[1],
        "state": "booked",
        "booked_by": actor.staff,
        "booked_at": now,
    }


async def _visitor(login: str, hall_path: str) -> UUID:
    """The key of an active person of the hall."""
    account = await people.by_login(login)
    staff = actor_of(account) if account and account["active"] else None
    if staff is None or scope.role_at(staff, VISITORS, hall_path, "") is None:
        raise NotFound(
            "person_not_found", f"本大厅没有在岗人员“{login}”。", f"There is no active person {login} in this hall."
        )
    return staff.person


async def list_visitors(actor: Actor) -> list[dict[str, Any]]:
    """Who may make a visit of the actor's hall: sign-in names and names; nobody where no single hall is meant."""
    try:
        place = await find_place(actor, REGISTRARS, None, None)
    except Forbidden:
        return []
    async with reading() as connection:
        rows = await people.around(connection, place.hall["path"], place.hall["path"])
    return [{"login": row["login"], "name": row["name"]} for row in rows if not VISITORS.isdisjoint(row["roles"])]


async def record_visit(
    context: Context, actor: Actor, key: UUID, request: Visited, now: datetime, idempotency: str = ""
) -> Answer:
    """记录上门: what became of a visit, by one of the two people who made it.

    :param key: of the visit. :param now: UTC. :returns: ``visit``, ``state``.
    :raises NotFound: ``visit_not_found``. :raises Conflict: ``visit_to_come``, and as in
        :func:`workflows.visit.check_record`.
    """
    refuse_control_characters(request.outcome)

    async def write(connection: Connection) -> Answer:
        row = await visits.lock(connection, key)
        if row is None or actor.person not in {row["first_id"], row["second_id"]}:
            raise _not_theirs()
        if request.took_place and context.hours(row["hall_hours"]).day(now) < row["day"]:
            raise Conflict("visit_to_come", "上门日期未到。", "The day of the visit has not come.", basis=BASIS)
        check_record(row["state"], conscious=request.conscious, took_place=request.took_place)
        row |= {
            "state": "done" if request.took_place else "cancelled",
            "conscious": request.conscious,
            "outcome": request.outcome,
            "recorded_by": actor.staff,
            "recorded_at": now,
        }
        await visits.record(connection, row)
        return {"visit": str(key), "state": row["state"]}

    return await once(actor, idempotency, ["visit.record", key, request], now, write)


async def list_visits(
    context: Context,
    actor: Actor,
    now: datetime,
    *,
    since: date | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the visits of the actor's halls and of those that the actor makes, the earliest first.

    ``mine``: the actor is one of the two who make it.

    :param since: hall date; today by default. :param after: ``day`` and ``id`` of the last row of the page before.
    """
    first = since or context.hours(None).day(now)
    rows = await visits.page(actor.person, await halls_for(actor, READERS), first, after, limit)
    return [
        {name: row[name] for name in _SHOWN} | {"mine": actor.person in {row["first_id"], row["second_id"]}}
        for row in rows
    ]


async def unmask_place(context: Context, actor: Actor, key: UUID, reason: str, now: datetime) -> str:
    """Where a visit goes, in clear, for one of the two people who make it; for a stated reason, logged before.

    :param key: of the visit. :param now: UTC. :raises NotFound: ``visit_not_found``. :raises Malformed:
        ``reason_needed``, ``control_character``.
    """
    refuse_control_characters(reason)
    async with reading() as connection:
        row = await visits.read(connection, key)
    if row is None or actor.person not in {row["first_id"], row["second_id"]}:
        raise _not_theirs()
    if len(reason.strip()) < 4:
        raise Malformed("reason_needed", "请写明查看原因（至少4个字）。", "Say why (at least 4 characters).")
    await log_access(actor, str(key), "unmask.place", now, reason)
    return context.sealer.open(row["place_sealed"], _SEALED)


def _not_theirs() -> NotFound:
    return NotFound("visit_not_found", "没有找到由您进行的该次上门。", "There is no such visit that you were to make.")
