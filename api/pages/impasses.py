"""办不成事: tickets for what an applicant could not get done, from registration to the file."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.agency import read_typed
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.cursors import DayPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine import impasse_desk, redress
from engine.redress import Moving, Registering
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.impasse import LINES, TITLES, ImpasseState, ImpasseStep

PAGE_SIZE: Final = 50
_STATES: Final = {state.value: state for state in ImpasseState}
_STEPS: Final = {step.value: step for step in ImpasseStep}
_REGISTERED: Final = ("person", "matter", "contact", "case", "hall")


@get("/impasses")
async def impasses_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The tickets of the reader's halls and those assigned to their department, the most urgent first."""
    cursor, state = visit.asked("cursor"), visit.asked("state")
    if state not in {"", "all", *_STATES}:
        raise NotFound("state_unknown", "工单没有这种状态。", "A ticket has no such state.")
    place = read_cursor(cursor, DayPlace) if cursor else None
    after = (place.day, place.id) if place else redress.FIRST
    open_ones = [one for one in _STATES if one != ImpasseState.filed]
    asked = None if state == "all" else [state] if state else open_ones
    rows = await redress.list_impasses(visit.actor, states=asked, after=after, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        mark = write_cursor(DayPlace(rows[-1]["due_on"], rows[-1]["id"]))
        following = f"/impasses?{urlencode({'state': state, 'cursor': mark})}"
    return page(
        visit.request,
        "impasses.html",
        rows=rows,
        state=state,
        states={name: visit.wording.pick(*TITLES[name]) for name in _STATES},
        next_page=following,
        further=bool(cursor),
    )


@get("/impasses/new")
async def new_impasse_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form of a ticket; a case page may name its case."""
    return _form(visit, Typed({"case": (visit.asked("case"),)}))


def _form(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        visit.request,
        "impasse_new.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        refusal=refusal,
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@post("/impasses/new")
async def register_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Register a ticket and show it; where it is refused, the form as it was."""
    typed = await _typed(visit)
    raw: dict[str, Any] = {name: value for name in _REGISTERED if (value := text_of(typed, name))}
    raw["complex"] = bool(typed.get("complex"))
    try:
        request, key = read_typed(raw, Registering), key_of(typed.get("key") or None)
        answer = await redress.register_impasse(visit.context, visit.actor, request, visit.now, key)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return _form(visit, typed, refusal)
    return go_to(f"/impasses/{quote(answer['impasse'])}")


async def _typed(visit: Visit) -> Typed:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


@get("/impasses/{number:str}")
async def impasse_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """One ticket: what it is about, who did what, what may be done next."""
    return await _shown(visit, number)


async def _shown(
    visit: Visit,
    number: str,
    typed: Typed | None = None,
    refusal: YichuangError | None = None,
    *,
    step: str = "",
    contact: str | None = None,
) -> Response[Any]:
    ticket = await redress.read_impasse(visit.actor, number, visit.now)
    words = {name: _heading(visit.wording.pick(*pair)) for name, pair in {**LINES, **TITLES}.items()}
    return page(
        visit.request,
        "impasse.html",
        status=refusal.status if refusal else 200,
        ticket=ticket,
        words=words,
        departments=await impasse_desk.departments_for(ticket["hall"]) if "assign" in ticket["steps"] else [],
        typed=typed or Typed(),
        refusal=refusal,
        refused_step=step,
        contact=contact,
        key=uuid4().hex,
    )


def _heading(words: str) -> str:
    return words[:1].upper() + words[1:]


@post("/impasses/{number:str}/steps/{step:str}")
async def step_from_page(visit: NamedDependency[Visit], number: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Take one step with a ticket and show it."""
    typed = await _typed(visit)
    if step not in _STEPS:
        raise NotFound("step_unknown", "工单没有这种操作。", "A ticket has no such step.")
    raw: dict[str, Any] = {"note": typed.get("note").strip()}
    if step == ImpasseStep.assign:
        raw |= {"organisation": text_of(typed, "organisation"), "complex": bool(typed.get("complex"))}
    try:
        request, key = read_typed(raw, Moving), key_of(typed.get("key") or None)
        await redress.move_impasse(visit.context, visit.actor, number, _STEPS[step], request, visit.now, key)
    except (NotAuthenticated, NotFound):
        raise
    except YichuangError as refusal:
        return await _shown(visit, number, typed, refusal, step=step)
    return go_to(f"/impasses/{quote(number)}")


@post("/impasses/{number:str}/contact")
async def show_contact_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """How to reach the applicant, in clear, for a stated reason; logged before it is shown."""
    typed = await _typed(visit)
    try:
        contact = await redress.unmask_contact(
            visit.context, visit.actor, number, typed.get("reason").strip(), visit.now
        )
    except (NotAuthenticated, NotFound):
        raise
    except YichuangError as refusal:
        return await _shown(visit, number, typed, refusal, step="unmask")
    return await _shown(visit, number, contact=contact)
