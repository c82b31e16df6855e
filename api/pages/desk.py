"""A case beside its pages: its scans at the left; what it is, what was said and what may be done at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.case import Attempt, changes_since, show_case, words_left
from api.pages.forms import Typed
from api.pages.rendering import asks_for_part, page
from api.pages.viewer import ZOOMS, Places, advice_of, moves_of, turn_of, zoom_of
from api.pages.visit import Visit
from api.pages.wording import Wording
from engine import department_tasks, opinion_texts
from engine.looking import one_look
from engine.opinions import list_opinions
from engine.viewing.leafing import leaf
from workflows.actor import TITLES, Role
from workflows.documents import KINDS
from workflows.flow import Flow
from workflows.item import EXCLUDED_KINDS, ItemVersion

_ARTICLE_45: Final = "行政许可法45"


@get("/cases/{number:str}/desk")
async def desk_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """A case beside its first page; ``done`` names the act that was just carried out, ``stage`` where it had waited."""
    return await show_desk(visit, number)


@get("/cases/{number:str}/desk/{line:str}/{position:int}")
async def desk_leaf_page(
    visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str], position: FromPath[int]
) -> Response[Any]:
    """A case beside one of its pages; asked for as a part, that page alone."""
    if asks_for_part(visit.request):
        return page(visit.request, "desk_leaf.html", **await _leaf(visit, number, line, position))
    return await show_desk(visit, number, line, position)


async def show_desk(
    visit: Visit,
    number: str,
    line: str = "",
    position: int = 1,
    attempt: Attempt | None = None,
    samples: Sequence[str] = (),
) -> Response[Any]:
    """The desk of a case.

    :param attempt: a form that is shown again with what was typed. :param samples: pages of what that form would
        issue, as ``data:`` addresses, shown in place of the scans.
    """
    tried = attempt or Attempt("")
    with one_look():
        values = await show_case(visit, number, tried=tried.name)
        shown = {
            **values,
            **await _leaf(visit, number, line, position),
            **await _beside(visit, values),
            "attempt": tried,
            "changes": await changes_since(visit, number, tried, values),
            "left_title": await _title_tried(visit, tried, values),
            "left": await words_left(visit, tried, values) if tried.refusal else [],
            "samples": samples,
        }
    answer = page(visit.request, "desk.html", status=tried.refusal.status if tried.refusal else 200, **shown)
    if visit.request.method == "POST":
        answer.headers["HX-Replace-Url"] = address_of(number, line, position)
    return answer


async def _beside(visit: Visit, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the desk shows of a case beyond the page of the case."""
    number, item, w = values["case"]["number"], values["item"], values["wording"]
    flow = await visit.context.flow(values["case"]["flow"], values["case"]["flow_version"])
    return {
        "leading": sorted(
            values["leading"], key=lambda row: row["to"] in flow.states and flow.states[row["to"]].refusing
        ),
        "offers": {**values["offers"], "kind": _kinds(item, w)},
        "opinions": await list_opinions(visit.context, visit.actor, number),
        "phrases": await _phrases(visit, item.code),
        "extension": _extension(item, w),
        "looked_at": _looked_at([*values["leading"], *values["further"]]),
        "done": _done(visit.asked("done"), visit.asked("stage"), flow, w),
        "stays": visit.asked("stage") == values["case"]["state"],
        "next_case": await _next_case(visit, number),
        "untouched": Typed({"planned_start": [visit.now.astimezone(w.zone).date().isoformat()]}),
    }


def address_of(number: str, line: str = "", position: int = 1, **asked: str) -> str:
    """Where a case lies beside one of its pages, or beside its first one."""
    here = f"/cases/{quote(number)}/desk" + (f"/{quote(line)}/{position}" if line else "")
    return f"{here}?{urlencode(asked)}" if asked else here


async def _leaf(visit: Visit, number: str, line: str, position: int) -> dict[str, Any]:
    found, zoom = await leaf(visit.context, visit.actor, number, line, position, visit.now), zoom_of(visit)
    return {
        "leaf": found,
        "page_names": {known.code: visit.wording.of(known, "name") for known in found.item.materials},
        "zoom": zoom,
        "zooms": ZOOMS,
        "turn": turn_of(visit),
        "moves": moves_of(found, zoom),
        "places": Places(number, zoom, beside=True),
        "advice": advice_of(found, visit.wording),
    }


async def _phrases(visit: Visit, item: str) -> list[dict[str, Any]]:
    """The templates that fit the case, for who signs opinions."""
    if visit.actor.roles.isdisjoint(opinion_texts.WRITERS):
        return []
    return await opinion_texts.list_templates(visit.actor, item=item)


def _done(action: str, stage: str, flow: Flow, w: Wording) -> str:
    """What the act that was just carried out is called where the case had waited; empty where there was none."""
    steps = [step.definition for step in flow.steps if step.definition.action.value == action]
    fitting = [definition for definition in steps if stage in definition.sources]
    return next((w.of(definition) for definition in [*fitting, *steps]), "")


async def _title_tried(visit: Visit, tried: Attempt, values: Mapping[str, Any]) -> str:
    """What the act that was refused is called where the case had waited when its form was shown."""
    flow = await visit.context.flow(values["case"]["flow"], values["case"]["flow_version"])
    return _done(tried.name, tried.typed.get("stage"), flow, values["wording"])


async def _next_case(visit: Visit, number: str) -> str:
    """After an act, the next case that waits where this one had waited; empty where none does."""
    if not visit.asked("done") or visit.actor.roles.isdisjoint(department_tasks.WORKERS):
        return ""
    rows = await department_tasks.list_department_tasks(visit.context, visit.actor, state=visit.asked("stage"), limit=2)
    return next((row["number"] for row in rows if row["number"] != number), "")


def _looked_at(actions: Sequence[Mapping[str, Any]]) -> set[str]:
    """The acts that issue a sealed document, which is looked at before it is signed."""
    return {row["name"] for row in actions if any(KINDS[code].seal for code in row["documents"] if code in KINDS)}


def _bases(item: ItemVersion) -> dict[str, str]:
    """The article under which each special procedure may be held."""
    own = {one.kind: one.basis for one in item.special_procedures}
    return dict.fromkeys(EXCLUDED_KINDS, _ARTICLE_45) | own


def _kinds(item: ItemVersion, w: Wording) -> list[tuple[str, str]]:
    """The special procedures to choose from, each with its basis and its own limit where the item sets one."""
    own = {one.kind: one for one in item.special_procedures}
    names = {kind: w.pick(*titles) for kind, titles in EXCLUDED_KINDS.items()}
    names |= {kind: w.of(one, "name") for kind, one in own.items()}
    days = {kind: w.t("desk.at_most", days=one.max_days) for kind, one in own.items()}
    return [
        (kind, name + w.t("brackets", inner=w.t("comma").join(filter(None, (_bases(item)[kind], days.get(kind))))))
        for kind, name in names.items()
    ]


def _extension(item: ItemVersion, w: Wording) -> Mapping[str, str] | None:
    """How far the limit may be extended, who approves it, and under which article."""
    if item.extension is None:
        return None
    limit = {"n": item.extension.n, "unit": item.extension.unit}
    approver = w.pick(*TITLES[Role(item.extension.approver)])
    return {"limit": w.limit(limit), "approver": approver, "basis": item.extension.basis}
