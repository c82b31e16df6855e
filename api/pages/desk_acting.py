"""Acting on a case from its desk: the document is looked at before it is signed, and a template put in on the way."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.acting import command_of
from api.pages.case import Attempt
from api.pages.desk import address_of, show_desk
from api.pages.forms import Typed
from api.pages.rendering import go_to
from api.pages.visit import Visit
from engine import opinion_texts
from engine.documents.picturing import picture_preview
from engine.operations import act
from workflows.errors import NotAuthenticated, NotFound, YichuangError


@post("/cases/{number:str}/desk/actions/{action:str}", status_code=200)
async def act_from_desk(visit: NamedDependency[Visit], number: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """Do one act with what was typed and go on; where it is refused, the desk with the form as it was."""
    typed = await _typed(visit)
    if typed.get("more"):
        return await _again(visit, number, Attempt(action, typed, key=typed.get("key")))
    if field := typed.get("insert"):
        return await _again(visit, number, Attempt(action, await _with_template(visit, typed, field)))
    try:
        await act(visit.context, await command_of(visit, number, action, typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        key = "" if refusal.code == "key_reused" else typed.get("key")
        return await _again(visit, number, Attempt(action, typed, refusal, key))
    line, position = _place(typed)
    return go_to(address_of(number, line, position, done=action, stage=typed.get("stage")))


@post("/cases/{number:str}/desk/actions/{action:str}/sample", status_code=200)
async def sample_on_desk(visit: NamedDependency[Visit], number: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """What the act would issue, shown beside its form with what was typed; where it is refused, the form as it was."""
    typed = await _typed(visit)
    try:
        pages = await picture_preview(visit.context, await command_of(visit, number, action, typed))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await _again(visit, number, Attempt(action, typed, refusal, typed.get("key")))
    samples = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in pages]
    return await _again(visit, number, Attempt(action, typed, key=typed.get("key")), samples)


async def _again(visit: Visit, number: str, attempt: Attempt, samples: list[str] | None = None) -> Response[Any]:
    line, position = _place(attempt.typed)
    return await show_desk(visit, number, line, position, attempt, samples or ())


async def _typed(visit: Visit) -> Typed:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


def _place(typed: Typed) -> tuple[str, int]:
    """The page that lay beside the form."""
    line, _, position = typed.get("place").rpartition("/")
    return (line, int(position)) if line and position.isdecimal() and len(position) < 6 else ("", 1)


async def _with_template(visit: Visit, typed: Typed, field: str) -> Typed:
    """What was typed, with the chosen template at the end of a field."""
    try:
        chosen = UUID(typed.get(f"phrase.{field}"))
    except ValueError:
        return typed
    found = next((one for one in await opinion_texts.list_templates(visit.actor) if one["id"] == chosen), None)
    if found is None:
        return typed
    return Typed({**typed.fields, field: [typed.get(field) + found["text"]]})
