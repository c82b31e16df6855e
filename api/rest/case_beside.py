"""What stands on a case beside its way: the notice, messages, cards, duties, procedures, child cases, visits."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.beside_answers import (
    AppointmentRow,
    Booked,
    CardRow,
    ChildRow,
    DutyRow,
    NoticeView,
    NotificationRow,
    ProceduresView,
)
from api.rest.bodies import Strict
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from engine import appointing, children, overseeing, reading

_TAG = ["cases"]
_PROBLEMS = problems(401, 404)
_ROOT = "/cases/{number:str}"
_NO_NOTICE: Final[dict[str, Any]] = {"lines": [], "notices": []}
_WANTED: Final = Example(summary="Tuesday morning", value={"day": "2026-03-03", "time": "09:30:00"})


class Visit(Struct, forbid_unknown_fields=True, frozen=True):
    """When the applicant will come: a day and a time of day, both in the hall's time."""

    day: date
    time: time


@get(f"{_ROOT}/notice", operation_id="readNotice", summary="The one-time notice", tags=_TAG, responses=_PROBLEMS)
async def read_notice(context: Engine, actor: Caller, number: FromPath[str]) -> NoticeView:
    """Read what the applicant must correct, line by line, met or open; and what they had been told before it."""
    notice = await reading.read_notice(context, actor, number)
    found = notice or _NO_NOTICE | {"hints": await reading.read_hints(context, actor, number)}
    return shape(NoticeView, found)


@get(f"{_ROOT}/notifications", operation_id="listNotifications", summary="The messages", tags=_TAG,
     responses=_PROBLEMS)  # fmt: skip
async def list_notifications(context: Engine, actor: Caller, number: FromPath[str]) -> list[NotificationRow]:
    """List what people are told about a case: to whom, by which way, of what, and whether it was sent."""
    return shapes(NotificationRow, await overseeing.list_notifications(context, actor, number))


@get(f"{_ROOT}/cards", operation_id="listCards", summary="The cards", tags=_TAG, responses=_PROBLEMS)
async def list_cards(context: Engine, actor: Caller, number: FromPath[str]) -> list[CardRow]:
    """List every card of a case, with its appeal and what became of it; lifted ones too."""
    return shapes(CardRow, await overseeing.list_cards(context, actor, number))


@get(f"{_ROOT}/duties", operation_id="listDuties", summary="What is owed", tags=_TAG, responses=_PROBLEMS)
async def list_duties(context: Engine, actor: Caller, number: FromPath[str]) -> list[DutyRow]:
    """List what is or was owed on a case beside its limits: explanations, answers, checks, rectifications."""
    return shapes(DutyRow, await overseeing.list_duties(context, actor, number))


@get(f"{_ROOT}/procedures", operation_id="readProcedures", summary="Hearing, special procedure, third parties",
     tags=_TAG, responses=_PROBLEMS)  # fmt: skip
async def read_procedures(context: Engine, actor: Caller, number: FromPath[str]) -> ProceduresView:
    """Read what a review had to do before a decision."""
    return shape(ProceduresView, await overseeing.read_procedures(context, actor, number))


@get(f"{_ROOT}/children", operation_id="listChildren", summary="Departments that take part", tags=_TAG,
     responses=_PROBLEMS)  # fmt: skip
async def list_children(context: Engine, actor: Caller, number: FromPath[str]) -> list[ChildRow]:
    """List the child cases of a joint case: each department's part, how far it is, its opinion."""
    return shapes(ChildRow, await children.list_children(context, actor, number))


@get(f"{_ROOT}/appointments", operation_id="listAppointments", summary="Visits", tags=_TAG, responses=_PROBLEMS)
async def list_appointments(context: Engine, actor: Caller, number: FromPath[str]) -> list[AppointmentRow]:
    """List the visits that were booked for a case, the cancelled ones too."""
    return shapes(AppointmentRow, await overseeing.list_appointments(context, actor, number))


@post(f"{_ROOT}/appointments", operation_id="bookAppointment", summary="Book a visit", tags=_TAG, dto=Strict[Visit],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def book_appointment(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Visit, Body(examples=[_WANTED])],
    key: IdempotencyKey = None,
) -> Booked:
    """Book a visit within the hall's hours on a day on which it is open; one booked before is cancelled with it."""
    return shape(
        Booked, await appointing.book_appointment(context, actor, number, data.day, data.time, now, key_of(key))
    )
