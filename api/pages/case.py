"""A case as one page: everything that the reader may see of it, and what they may do next."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.forms import Typed
from api.pages.rendering import page
from api.pages.sections import CLOSED_OFFERS, beside, sorted_actions, the_file
from api.pages.timeline import document_title, told
from api.pages.visit import Visit
from api.pages.wording import Wording
from engine import reading
from engine.context import Context
from engine.evidence import check_target
from engine.materials.checklists import list_materials
from engine.viewing.leafing import lines_of
from workflows.actor import Actor
from workflows.errors import Conflict, Forbidden, YichuangError
from workflows.party import IdKind

EVENTS_SHOWN = 100
"""How many events a page tells; later ones follow on request."""
_DONE: Final = {
    "uploaded", "opened_now", "material_done", "paper_returned", "dossier_ordered", "package_ordered",
}  # fmt: skip
"""What brings a reader here beside the acts of the flow."""


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """An act or upload that was refused or is not complete: what was typed, and why it was not done.

    :param name: the action, or the material line of an upload.
    """

    name: str
    typed: Typed = dataclasses.field(default_factory=Typed)
    refusal: YichuangError | None = None
    key: str = ""


@get("/cases/{number:str}")
async def case_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """The page of a case; ``after`` shows the events after that number."""
    after = visit.asked("after")
    values = await show_case(visit, number, int(after) if after.isdecimal() else 0)
    done = _done(visit.asked("done"), values["titles"], values["wording"])
    return page(visit.request, "case.html", **values, attempt=Attempt(""), done=done)


async def refused_page(visit: Visit, number: str, attempt: Attempt) -> Response[Any]:
    """The page of a case with a form that could not be carried out, what was typed still in it."""
    values = await show_case(visit, number, tried=attempt.name)
    status = attempt.refusal.status if attempt.refusal else 200
    return page(visit.request, "case.html", status=status, **values, attempt=attempt, done="")


async def show_case(visit: Visit, number: str, after: int = 0, tried: str = "") -> dict[str, Any]:
    """What the page of a case shows. The look is logged.

    :param after: events up to this one are left out. :param tried: an act that was refused.
    :raises NotFound: ``case_not_found``, also for a case outside the actor's organisation.
    """
    context, actor, now = visit.context, visit.actor, visit.now
    case, flow = await reading.seen_case(context, actor, number)
    w = dataclasses.replace(visit.wording, zone=context.hours(case["hall_hours"]).zone)
    head = await reading.read_case(context, actor, number, now)
    item = await context.item(case["item_id"])
    lines = await list_materials(context, actor, number, now)
    names = {line.code: w.of(line, "name") for line in item.materials}
    events = await reading.list_events(context, actor, number, after=min(after, 2**31 - 1), limit=EVENTS_SHOWN)
    sections = await beside(visit, number, flow, item, w) | await the_file(visit, case)
    actions = await reading.list_actions(context, actor, number, now)
    return {
        **sections,
        **sorted_actions(actions, flow, sections["offers"], w, tried),
        "wording": w,
        "case": head,
        "item": item,
        "lines": lines,
        "standing": await lines_of(item, number),
        "line_names": names,
        "upload_refusal": await _upload_refusal(context, actor, number, lines),
        "clocks": sorted(await reading.list_clocks(context, actor, number, now), key=_pressing),
        "notice": await reading.read_notice(context, actor, number),
        "documents": [
            {**row, "title": document_title(row["code"], w)}
            for row in await reading.list_documents(context, actor, number)
        ],
        "events": [told(event, await context.flow(event["flow"], event["flow_version"]), names, w) for event in events],
        "events_after": events[-1]["seq"] if len(events) == EVENTS_SHOWN else None,
        "titles": {step.definition.action.value: w.of(step.definition) for step in flow.steps},
        "id_kinds": [kind.value for kind in IdKind],
        "untouched": Typed(),
        "closed_offers": CLOSED_OFFERS,
        "key": uuid4().hex,
    }


def _pressing(clock: Mapping[str, Any]) -> tuple[bool, Any]:
    """Clocks that still count come first, the soonest due before the others."""
    return clock["status"] == "stopped", clock["due_on"]


async def _upload_refusal(
    context: Context, actor: Actor, number: str, lines: list[dict[str, Any]]
) -> Forbidden | Conflict | None:
    """Why the reader cannot add scans to this case; nothing when they can."""
    try:
        if lines:
            await check_target(context, actor, number, lines[0]["line"])
    except (Forbidden, Conflict) as refusal:
        return refusal
    return None


def _done(name: str, titles: Mapping[str, str], w: Wording) -> str:
    """What to tell the reader after they were sent here by an act, an upload or an opening."""
    if name in _DONE:
        return w.t(f"case.{name}")
    return w.t("case.done", action=titles[name]) if name in titles else ""
