"""办不成事反映: a ticket for what an applicant could not get done, who took it on, and what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from engine.context import Context
from engine.documents import slip_drafting
from engine.impasse_watch import LATE
from engine.listing import reach
from engine.once import once
from engine.placing import Place, find_place
from engine.reading import log_access, seen_case
from engine.work import Answer
from storage import alarms, impasses, organisations
from storage.db import Connection, uuid7
from workflows import impasse, scope
from workflows.actor import Actor
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.impasse import ImpasseState, ImpasseStep, Ticket
from workflows.payload import Code, ShortText, Text, refuse_control_characters

_CODE: Final = "D26"
_SEALED: Final = "impasses.contact_sealed"
_SEEING: Final = impasse.READERS | impasse.SOLVERS
FIRST: Final = (date.min, UUID(int=0))
"""Where the first page begins."""
_SHOWN: Final = (
    "number", "hall", "case", "person", "matter", "complex", "state", "assigned", "registered_at", "contact_due_on",
    "due_on", "due_at", "contacted_at", "solved_at", "closed_at", "contact_overdue_at", "overdue_at", "assigned_name",
    "assigned_name_en",
)  # fmt: skip


class Registering(Struct, forbid_unknown_fields=True, frozen=True):
    """What somebody could not get done.

    ``person`` is their name, ``contact`` a telephone number or address, kept sealed; ``case`` the number of the case
    that it is about, if there is one.
    """

    person: ShortText
    matter: Text
    contact: ShortText | None = None
    complex: bool = False
    case: Code | None = None
    hall: Code | None = None


class Moving(Struct, forbid_unknown_fields=True, frozen=True):
    """A step on a ticket. ``organisation`` and ``complex`` belong to the assignment: which department, how long."""

    note: Text
    organisation: Code | None = None
    complex: bool | None = None


async def register_impasse(
    context: Context, actor: Actor, request: Registering, now: datetime, key: str = ""
) -> Answer:
    """Register a ticket and issue its paper (D26) under the next number. Contact is owed on the same day.

    :param now: UTC. :param key: idempotency key; the same request under the same key is kept once.
    :returns: number, state, the days by which contact and solution are owed.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``; ``case_not_found`` for a case
        outside the actor's organisation.
    :raises Conflict: ``case_of_another_hall``. :raises Malformed: ``control_character``, ``key_reused``.
    """
    place, row = await _checked(context, actor, request, now)

    async def write(connection: Connection) -> Answer:
        year = context.hours(place.hall["hours"]).day(now).year
        row["number"] = await slip_drafting.next_number(connection, place.hall, _CODE, year)
        await impasses.add(connection, row)
        paper = _printed(actor, row, request.case or "")
        await slip_drafting.issue(connection, actor, place.hall["id"], _CODE, row["number"], paper, now)
        return _answer(row)

    answer = await once(actor, key, ["impasse", request], now, write)
    context.wake()
    return answer


async def preview_impasse(context: Context, actor: Actor, request: Registering, now: datetime) -> bytes:
    """The ticket's paper (D26) before it is registered, as a sample in PDF; nothing is written. Refusals as above.

    :param now: UTC. :raises Conflict: ``character_without_face``.
    """
    place, row = await _checked(context, actor, request, now)
    return await slip_drafting.preview_slip(context, place.hall, _CODE, _printed(actor, row, request.case or ""), now)


async def _checked(context: Context, actor: Actor, request: Registering, now: datetime) -> tuple[Place, dict[str, Any]]:
    """Where a ticket is registered and its row, once nothing speaks against it."""
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, impasse.REGISTRARS, request.hall, None)
    case = (await seen_case(context, actor, request.case))[0] if request.case else None
    if case is not None and case["hall_id"] != place.hall["id"]:
        raise Conflict(
            "case_of_another_hall",
            "该办件属于其他大厅，请由该大厅登记。",
            "The case belongs to another hall, which registers this.",
            basis=impasse.BASIS,
        )
    return place, await _row(context, actor, request, place, now) | {"case_id": case["id"] if case else None}


async def _row(context: Context, actor: Actor, request: Registering, place: Place, now: datetime) -> dict[str, Any]:
    hours = context.hours(place.hall["hours"])
    day = hours.day(now)
    calendar = await context.calendar(now)
    due_on = impasse.due_on(calendar, day, complex_matter=request.complex)
    return {
        "id": uuid7(),
        "hall_id": place.hall["id"],
        "person": request.person,
        "contact_sealed": context.sealer.seal(request.contact, _SEALED) if request.contact else None,
        "matter": request.matter,
        "complex": request.complex,
        "state": ImpasseState.registered.value,
        "registered_by": actor.staff,
        "registered_at": now,
        "contact_due_on": impasse.contact_due_on(calendar, hours.open_day(now)),
        "due_on": due_on,
        "due_at": hours.closing(due_on),
        "history": [_line("register", actor, place.role.value, now, request.matter)],
    }


def _line(step: str, actor: Actor, role: str, now: datetime, note: str, **more: str) -> dict[str, str]:
    """Who did what to a ticket, and when."""
    return {"step": step, "by": actor.name, "role": role, "at": now.astimezone(UTC).isoformat(), "note": note, **more}


def _printed(actor: Actor, row: dict[str, Any], case: str) -> dict[str, Any]:
    """Everything on the ticket's paper (D26) as the ticket stands."""
    days = {name: row[name].isoformat() for name in ("registered_at", "contact_due_on", "due_on")}
    shown = {name: row[name] for name in ("person", "matter", "complex", "state", "history")}
    return {**shown, **days, "clerk": actor.name, "case": case, "basis": impasse.BASIS}


def _answer(row: dict[str, Any]) -> Answer:
    return {
        "impasse": row["number"],
        "state": row["state"],
        "contact_due_on": row["contact_due_on"].isoformat(),
        "due_on": row["due_on"].isoformat(),
    }


async def move_impasse(
    context: Context, actor: Actor, number: str, step: ImpasseStep, request: Moving, now: datetime, key: str = ""
) -> Answer:
    """Take one step with a ticket; see :mod:`workflows.impasse` for its way and who takes which step.

    A ticket that is filed gets its paper (D26) in another edition, with everything that has happened.

    :param now: UTC. :param key: idempotency key.
    :raises NotFound: ``impasse_not_found``, also outside the actor's organisation; ``organisation_not_found``.
    :raises Conflict: ``impasse_step_not_allowed``, ``already_contacted``, ``contact_first``.
    :raises Forbidden: ``role_not_allowed``, ``same_person``.
    :raises Malformed: ``department_needed``, ``control_character``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))

    async def write(connection: Connection) -> Answer:
        row = await impasses.lock(connection, number)
        if row is None or not _sees(actor, row):
            raise _not_found()
        role = scope.role_at(actor, impasse.BY[step], row["hall_path"], row["assigned_path"])
        ticket = Ticket(row["state"], role, actor.person, row["contacted_at"] is not None, row["solved_by"])
        row["state"] = impasse.take(step, ticket)
        more = await _effects(context, actor, step, request, row, now)
        line = _line(step.value, actor, role.value if role else "", now, request.note, **more)
        await impasses.move(connection, row, line)
        if row["solved_at"] is not None:
            await alarms.close(connection, LATE, number, now)
        if step is ImpasseStep.file:
            paper = _printed(actor, {**row, "history": [*row["history"], line]}, row["case"] or "")
            await slip_drafting.issue(connection, actor, row["hall_id"], _CODE, number, paper, now)
        return _answer(row)

    answer = await once(actor, key, ["impasse", number, step, request], now, write)
    context.wake()
    return answer


async def _effects(
    context: Context, actor: Actor, step: ImpasseStep, request: Moving, row: dict[str, Any], now: datetime
) -> dict[str, str]:
    """What a step leaves on the row of its ticket; what its line in the history says beside the note."""
    if step is ImpasseStep.assign:
        return await _assign(context, request, row, now)
    if step is ImpasseStep.contact:
        row["contacted_at"] = now
    elif step is ImpasseStep.solve:
        row |= {"solved_at": now, "solved_by": actor.staff}
    elif step is ImpasseStep.reopen:
        row |= {"solved_at": None, "solved_by": None}
    elif step is ImpasseStep.file:
        row["closed_at"] = now
    return {}


async def _assign(context: Context, request: Moving, row: dict[str, Any], now: datetime) -> dict[str, str]:
    """交办: to a department; whether the matter is complex is settled here, and counts from registration."""
    if request.organisation is None:
        raise Malformed("department_needed", "请指明交办的部门。", "Say which department this is assigned to.")
    department = await organisations.by_code(request.organisation)
    if department is None or department["kind"] != "department":
        raise NotFound("organisation_not_found", "没有该部门。", "There is no such department.")
    row["assigned_to"] = department["id"]
    if request.complex is not None:
        hours = context.hours(row["hall_hours"])
        registered = hours.day(row["registered_at"])
        due_on = impasse.due_on(await context.calendar(now), registered, complex_matter=request.complex)
        row |= {"complex": request.complex, "due_on": due_on, "due_at": hours.closing(due_on)}
        if row["due_at"] >= now:
            row["overdue_at"] = None
    return {"to": department["code"]}


def _sees(actor: Actor, row: dict[str, Any]) -> bool:
    return scope.role_at(actor, _SEEING, row["hall_path"], row["assigned_path"]) is not None


def _not_found() -> NotFound:
    return NotFound(
        "impasse_not_found",
        "没有找到该工单，或者它不在您的管辖范围内。",
        "There is no such ticket within your organisation.",
    )


async def read_impasse(actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """One ticket with its history and what may be done next. The look is logged.

    :param now: UTC. :raises NotFound: ``impasse_not_found``, also outside the actor's organisation.
    """
    row = await impasses.read(number)
    if row is None or not _sees(actor, row):
        raise _not_found()
    await log_access(actor, number, "impasse.read", now)
    steps = [
        step.value
        for step in impasse.steps_from(row["state"])
        if scope.role_at(actor, impasse.BY[step], row["hall_path"], row["assigned_path"]) is not None
    ]
    return {**_view(row), "history": row["history"], "steps": steps}


async def list_impasses(
    actor: Actor, *, states: list[str] | None = None, after: tuple[date, UUID] = FIRST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the tickets of the actor's halls and of those assigned to their department, the most urgent first.

    :param after: ``due_on`` and ``id`` of the last row of the page before.
    """
    mine = Actor(actor.person, actor.name, tuple(g for g in actor.grants if g.role in _SEEING), actor.kind)
    halls, departments = await reach(mine)
    return [{**_view(row), "id": row["id"]} for row in await impasses.page(halls, departments, states, after, limit)]


def _view(row: dict[str, Any]) -> dict[str, Any]:
    title, title_en = impasse.TITLES[row["state"]]
    return {name: row[name] for name in _SHOWN} | {"state_title": title, "state_title_en": title_en}


async def unmask_contact(context: Context, actor: Actor, number: str, reason: str, now: datetime) -> str:
    """How to reach the applicant, in clear, for who handles the ticket; for a stated reason, logged before it is shown.

    :param now: UTC.
    :raises NotFound: ``impasse_not_found``. :raises Forbidden: ``role_not_allowed``. :raises Malformed:
        ``reason_needed``.
    """
    row = await impasses.read(number)
    if row is None or not _sees(actor, row):
        raise _not_found()
    if scope.role_at(actor, impasse.BY[ImpasseStep.contact], row["hall_path"], row["assigned_path"]) is None:
        raise Forbidden(
            "role_not_allowed",
            "您的岗位不能查看联系方式。",
            "Your role may not see this in clear.",
            basis="个人信息保护法51",
        )
    if len(reason.strip()) < 4:
        raise Malformed("reason_needed", "请写明查看原因（至少4个字）。", "Say why (at least 4 characters).")
    await log_access(actor, number, "unmask.contact", now, reason)
    sealed: bytes | None = row["contact_sealed"]
    return context.sealer.open(sealed, _SEALED) if sealed else ""
