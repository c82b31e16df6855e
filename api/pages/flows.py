"""Flows drawn from their definitions, with a table that says the same in words; on a case, with where it stands."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.rendering import page
from api.pages.visit import Visit
from engine import reading
from engine.catalogue import comparing
from workflows.flow import Flow
from workflows.flow_picture import ActorClass, inline_svg, picture_states


@get("/catalogue/flows/{name:str}/versions/{version:int}")
async def flow_page(visit: NamedDependency[Visit], name: FromPath[str], version: FromPath[int]) -> Response[Any]:
    """One version of a flow."""
    row = await comparing.flow_version(visit.context, name, version, visit.now)
    return _drawn(visit, await visit.context.flow(name, version), row=row)


@get("/cases/{number:str}/flow")
async def case_flow_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """The flow that a case is handled under, the state that it is in marked."""
    case, flow = await reading.seen_case(visit.context, visit.actor, number)
    return _drawn(visit, flow, case=number, current=case["state"])


def _drawn(
    visit: Visit, flow: Flow, *, row: dict[str, Any] | None = None, case: str = "", current: str | None = None
) -> Response[Any]:
    words = visit.wording
    states = picture_states(flow, current)
    title = words.t("flows.picture", title=words.of(flow), version=flow.version)
    return page(
        visit.request,
        "flow.html",
        flow=flow,
        row=row,
        case=case,
        states=states,
        current=flow.states[current] if current else None,
        classes=tuple(ActorClass),
        picture=inline_svg(states, words.language, title=title, now=words.t("flows.now")),
    )
