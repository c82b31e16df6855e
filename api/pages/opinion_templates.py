"""Opinion templates: the reader's own and those of colleagues, kept, changed and removed by whoever wrote them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from engine import opinion_texts
from engine.opinion_texts import Template
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.payload import payload_invalid

HERE = "/opinion-templates"


@get(HERE)
async def templates_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The templates that the reader may use, and the form of a new one; ``change`` opens one of their own."""
    return await _show(visit)


@post(HERE)
async def keep_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Keep a template; where it is refused, the form as it was."""
    typed = await _typed(visit)
    try:
        await opinion_texts.keep_template(visit.context, visit.actor, _template(typed), visit.now)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal)
    return go_to(f"{HERE}?done=kept")


@post(HERE + "/{template:uuid}")
async def change_from_page(visit: NamedDependency[Visit], template: FromPath[UUID]) -> Response[Any]:
    """Put other words into a template, or remove it."""
    typed = await _typed(visit)
    try:
        if typed.get("end"):
            await opinion_texts.end_template(visit.actor, template, visit.now)
        else:
            await opinion_texts.change_template(visit.actor, template, _template(typed))
    except (NotAuthenticated, NotFound):
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal, str(template))
    return go_to(f"{HERE}?done={'ended' if typed.get('end') else 'changed'}")


async def _show(
    visit: Visit, typed: Typed | None = None, refusal: YichuangError | None = None, changed: str = ""
) -> Response[Any]:
    rows = await opinion_texts.list_templates(visit.actor)
    wished = changed or visit.asked("change")
    opened = next((row for row in rows if str(row["id"]) == wished and row["own"]), None)
    filled = {name: [str(opened[name])] for name in ("title", "text")} if opened else {"item": [visit.asked("item")]}
    return page(
        visit.request,
        "opinion_templates.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        opened=opened,
        typed=typed or Typed(filled),
        refusal=refusal,
        done=visit.asked("done"),
    )


async def _typed(visit: Visit) -> Typed:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


def _template(typed: Typed) -> Template:
    """What was typed. :raises Malformed: ``payload_invalid``, with the field."""
    words = {name: typed.get(name).strip() for name in ("title", "text", "item")}
    try:
        return msgspec.convert({**words, "shared": bool(typed.get("shared"))}, Template)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
