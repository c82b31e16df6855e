"""Visits to the hall: 预约, and 改期 when the hall is closed beyond the calendar. No legal limit moves with them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import msgspec

from engine import trail
from engine.context import Context
from engine.listing import reach
from engine.mandates.proxying import on_case
from engine.once import once
from engine.placing import find_place
from engine.reading import seen_case
from engine.recounting import REVIEW
from engine.work import Answer
from storage import appointments, outbox
from storage.db import Connection, reading, transaction, uuid7
from workflows.actor import Actor, Role
from workflows.appointment import Session, check_visit, is_open, next_open_day
from workflows.calendar import Calendar
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.events import EventName
from workflows.hall_hours import HallHours
from workflows.mandate import Power
from workflows.payload import refuse_control_characters
from workflows.place import Hours
from workflows.situation import MandateFacts

BOOKERS: Final = (Role.guide, Role.clerk, Role.agent, Role.hall_manager)
"""Who books a visit for an applicant."""
_PAGE: Final = 200
_FIRST: Final = UUID(int=0)


async def book_appointment(
    context: Context, actor: Actor, number: str, day: date, at: time, now: datetime, key: str = ""
) -> Answer:
    """预约: book a visit for a case whose papers have not been received; one booked before is cancelled with it.

    :param day: in hall time. :param at: in hall time. :param now: UTC. :param key: idempotency key.
    :returns: case, day, time.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``; for an agent, what bars an act of
        theirs.
    :raises Conflict: ``no_visit_needed`` in any state but NEW and PRE_PASSED; and those of
        :func:`workflows.appointment.check_visit`.
    :raises Malformed: ``key_reused``.
    """
    seen, flow = await seen_case(context, actor, number)
    role, mandate = on_case(context, seen, actor, BOOKERS, {Power.file, Power.supply}, now)
    if role is None:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能预约，应由{'、'.join(role.zh for role in BOOKERS)}办理。",
            f"Your role may not book a visit; it is for: {', '.join(role.en for role in BOOKERS)}.",
            roles=[role.value for role in BOOKERS],
        )

    async def write(connection: Connection) -> Answer:
        case = await trail.lock(connection, number)
        if case["state"] not in {flow.initial, "PRE_PASSED"}:
            raise Conflict(
                "no_visit_needed",
                "该办件当前无须预约到场：尚在预审，或者材料已经收到。",
                "No visit is booked for this case now: it is under pre-review, or its papers have been received.",
            )
        await appointments.hold_closures(connection, case["hall_id"])
        hours, sessions = hours_of(context, case["hall_hours"])
        calendar = await context.calendar(now, case["calendar_stamp"])
        closures = await appointments.closures_of(connection, case["hall_id"], hours.day(now))
        check_visit(day, at, hours, sessions, calendar, closures, now)
        return await _book(context, connection, case, (day, at), now, (actor, role, mandate))

    return await once(actor, key, ["appointment", number, day, at], now, write)


async def _book(
    context: Context,
    connection: Connection,
    case: dict[str, Any],
    visit: tuple[date, time],
    now: datetime,
    by: tuple[Actor, Role, MandateFacts | None],
) -> Answer:
    before = await appointments.booked(connection, case["id"])
    row = {"id": uuid7(), "case_id": case["id"], "hall_id": case["hall_id"], "day": visit[0], "at_time": visit[1]}
    await appointments.book(connection, row | {"booked_at": now})
    told = {"day": visit[0].isoformat(), "time": f"{visit[1]:%H:%M}"}
    instead = {"instead_of": before["day"].isoformat()} if before else {}
    name = EventName.APPOINTMENT_BOOKED
    actor, role, mandate = by
    messages = [_message(name, told)]
    await trail.append(
        context, connection, case, name, told | instead, now, actor=actor, role=role, told=messages, mandate=mandate
    )
    return {"case": case["number"], **told}


async def declare_closure(
    context: Context, actor: Actor, hall: str | None, day: date, reason: str, now: datetime, key: str = ""
) -> Answer:
    """Declare that a hall is closed on a day; what is booked for that day moves to the next open one.

    Statutory days stay as they are: only the State Council's calendar moves them (行政许可法82).

    :param hall: its code; None for the hall that the actor manages. :param day: in hall time. :param now: UTC.
    :returns: hall, day, how many visits will move.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``. :raises NotFound: ``organisation_not_found``.
    :raises Conflict: ``closure_in_the_past``, ``closure_declared_already``.
    :raises Malformed: ``reason_needed``, ``control_character``, ``key_reused``.
    """
    refuse_control_characters(reason)
    if len(reason.strip()) < 2:
        raise Malformed("reason_needed", "请写明停止办公的原因。", "Say why the hall is closed.")
    place = (await find_place(actor, (Role.hall_manager,), hall, None)).hall
    if day < context.hours(place["hours"]).day(now):
        raise Conflict("closure_in_the_past", "该日已过，不能再声明停止办公。", "This day has passed.")
    row = {"id": uuid7(), "hall_id": place["id"], "day": day, "reason": reason.strip(), "declared_by": actor.person}

    async def write(connection: Connection) -> Answer:
        await appointments.hold_closures(connection, place["id"], to_declare=True)
        if not await appointments.close(connection, row | {"declared_at": now}):
            raise Conflict(
                "closure_declared_already",
                "该大厅该日已声明停止办公。",
                "This hall has been declared closed on that day already.",
            )
        moving = await appointments.count_expected(connection, place["id"], day)
        await outbox.add(connection, REVIEW, {"hall": place["id"], "since": day, "until": day}, None, now)
        return {"hall": place["code"], "day": day.isoformat(), "appointments": moving}

    answer = await once(actor, key, ["closure", place["code"], day, reason], now, write)
    context.wake()
    return answer


async def list_closures(
    actor: Actor, since: date, *, after: tuple[date, UUID] | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the closures of the actor's halls from a day on.

    :param after: ``day`` and ``id`` of the last row of the page before.
    """
    halls, _ = await reach(actor)
    return await appointments.list_closures(halls, after or (since, _FIRST), limit)


async def review_appointments(
    context: Context, hall: UUID | None, since: date, until: date | None, now: datetime
) -> int:
    """改期: move every visit that is booked for a day on which its hall is not open; how many were moved.

    Each is moved in its own transaction under the lock of its case, once, however often this is repeated.

    :param hall: None for every hall. :param since: the first day, hall time. :param until: the last; None for no end.
    """
    moved, after = 0, _FIRST
    while True:
        async with reading() as connection:
            page = await appointments.expected(connection, hall, since, until, after, _PAGE)
        for row in page:
            moved += await _move_if_closed(context, row["number"], now)
            after = row["id"]
        if len(page) < _PAGE:
            return moved


async def _move_if_closed(context: Context, number: str, now: datetime) -> bool:
    async with transaction() as connection:
        case = await trail.lock(connection, number)
        visit = await appointments.booked(connection, case["id"])
        if visit is None or case["received_at"] is not None or case["closed_at"] is not None:
            return False
        calendar = await context.calendar(now, case["calendar_stamp"])
        closures = await appointments.closures_of(connection, case["hall_id"], visit["day"])
        if is_open(visit["day"], calendar, closures):
            return False
        day = next_open_day(visit["day"], calendar, closures)
        await appointments.move(connection, visit["id"], day)
        told = {
            "from": visit["day"].isoformat(),
            "day": day.isoformat(),
            "time": f"{visit['at_time']:%H:%M}",
            "reason": closures.get(visit["day"]) or _holiday(calendar, visit["day"]),
            "provisional": not calendar.is_published(day),
        }
        name = EventName.APPOINTMENT_MOVED
        await trail.append(context, connection, case, name, told, now, told=[_message(name, told)])
    return True


def _holiday(calendar: Calendar, day: date) -> str:
    return calendar.names.get(day, ("放假安排调整", ""))[0]


def _message(name: EventName, told: dict[str, Any]) -> dict[str, Any]:
    return {"recipient": "applicant", "way": "sms", "event": name.value, "data": told}


def hours_of(context: Context, stored: dict[str, Any] | None) -> tuple[HallHours, list[Session]]:
    """A hall's hours for its clocks, and its sessions for visits."""
    hours = context.hours(stored)
    if stored is None:
        return hours, [(hours.opens, hours.closes)]
    return hours, list(msgspec.convert(stored, Hours).sessions)
