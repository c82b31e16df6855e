"""A case as one page: everything that the reader may see of it, and what they may do next."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.forms import Typed
from api.pages.rendering import PageRequest, go_to, page
from api.pages.sections import CLOSED_OFFERS, beside, next_due, noted, prefilled, sorted_actions, the_file
from api.pages.timeline import document_title, told
from api.pages.visit import Visit
from api.pages.wording import Wording
from engine import reading
from engine.context import Context
from engine.evidence import check_target
from engine.looking import one_look
from engine.materials.checklists import list_materials
from engine.news import list_news
from engine.viewing.leafing import lines_of
from workflows.actor import Actor
from workflows.errors import Conflict, Forbidden, Stale, YichuangError
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
    """The page of a case; ``after`` shows the events after that number.

    ``done`` and ``since`` tell what an act has changed; ``act`` opens the form of one.
    """
    if _comes_from_elsewhere(visit.request):
        return Response("", headers={"HX-Redirect": _here(visit)})
    values = await show_case(visit, number, whole(visit.asked("after")))
    since = whole(visit.asked("since"))
    done = _done(visit.asked("done"), values["titles"], values["wording"])
    fresh = await list_news(visit.context, visit.actor, number, after=since) if since and done else []
    issued = {paper["number"] for event in fresh for paper in event["data"].get("documents", ())}
    return page(
        visit.request,
        "case.html",
        **values,
        attempt=Attempt(visit.asked("act")),
        done=done,
        just_opened=visit.asked("done") == "opened_now",
        just_received=visit.asked("done") == "receive",
        since=since,
        fresh=await _told(visit, fresh, values["line_names"], values["wording"]),
        issued=[row for row in values["documents"] if row["number"] in issued],
        changes=[],
    )


async def refused_page(visit: Visit, number: str, attempt: Attempt) -> Response[Any]:
    """The page of a case with a form that could not be carried out, what was typed still in it.

    Where somebody was faster, with what they changed since the reader looked.
    """
    values = await show_case(visit, number, tried=attempt.name)
    status = attempt.refusal.status if attempt.refusal else 200
    answer = page(
        visit.request,
        "case.html",
        status=status,
        **values,
        attempt=attempt,
        done="",
        just_opened=False,
        just_received=False,
        since=_seen_before(attempt),
        fresh=[],
        issued=[],
        changes=await changes_since(visit, number, attempt, values),
        left=await words_left(visit, attempt, values),
    )
    answer.headers["HX-Push-Url"] = f"/cases/{quote(number)}"  # what was sent to is no page
    return answer


async def changes_since(visit: Visit, number: str, attempt: Attempt, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What others changed since the reader looked, where that is why an act was refused."""
    seen = _seen_before(attempt)
    rows = await list_news(visit.context, visit.actor, number, after=seen) if seen else []
    return await _told(visit, rows, values["line_names"], values["wording"])


def _seen_before(attempt: Attempt) -> int:
    """Up to which event the reader had seen a case that has changed since; 0 where it has not."""
    return whole(attempt.typed.get("seen")) if isinstance(attempt.refusal, Stale) else 0


async def words_left(visit: Visit, attempt: Attempt, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was typed for an act that the case does not offer any more, with the titles of its fields."""
    flow = await visit.context.flow(values["case"]["flow"], values["case"]["flow_version"])
    tried = [step.definition.payload for step in flow.steps if step.definition.action.value == attempt.name]
    titles = {name: values["wording"].of(spec) for payload in tried for name, spec in payload.items()}
    typed = {name: attempt.typed.get(name).strip() for name in titles}
    return [(titles[name], text) for name, text in typed.items() if text]


@get("/cases/{number:str}/news")
async def news_of_case(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """What others did on a case since ``seen``, as a mark on its open page; by itself it leads to the page."""
    if visit.request.headers.get("HX-Request") != "true":
        return go_to(f"/cases/{quote(number)}")
    seen = whole(visit.asked("seen"))
    case, _ = await reading.seen_case(visit.context, visit.actor, number)
    w = _wording(visit, case)
    rows = await list_news(visit.context, visit.actor, number, after=seen, own=False)
    news = await _told(visit, rows, {}, w)
    return page(visit.request, "case_news.html", wording=w, case=case, seen=seen, news=news)


async def show_case(visit: Visit, number: str, after: int = 0, tried: str = "") -> dict[str, Any]:
    """What the page of a case shows. The look is logged.

    :param after: events up to this one are left out. :param tried: an act that was refused.
    :raises NotFound: ``case_not_found``, also for a case outside the actor's organisation.
    """
    with one_look():
        return await _show(visit, number, after, tried)


async def _show(visit: Visit, number: str, after: int, tried: str) -> dict[str, Any]:
    context, actor, now = visit.context, visit.actor, visit.now
    case, flow = await reading.seen_case(context, actor, number)
    w = _wording(visit, case)
    item = await context.item(case["item_id"])
    lines = await list_materials(context, actor, number, now)
    names = {line.code: w.of(line, "name") for line in item.materials}
    events = await reading.list_events(context, actor, number, after=min(after, 2**31 - 1), limit=EVENTS_SHOWN)
    sections = await beside(visit, number, flow, item, w) | await the_file(visit, case)
    clocks = sorted(await reading.list_clocks(context, actor, number, now), key=_pressing)
    return {
        **sections,
        **sorted_actions(
            await reading.list_actions(context, actor, number, now), flow, case["state"], sections["offers"], w, tried
        ),
        **await _of_lines(visit, number, lines),
        "wording": w,
        "case": await reading.read_case(context, actor, number, now),
        "seen": case["head_seq"],
        "item": item,
        "standing": await lines_of(item, number),
        "line_names": names,
        "clocks": clocks,
        "next_due": next_due(clocks, sections["duties"], now, w),
        "prefilled": prefilled(lines, sections["hints"], item.basis),
        "notice": await reading.read_notice(context, actor, number),
        "documents": await _documents(visit, number, w),
        "events": await _told(visit, events, names, w),
        "events_after": events[-1]["seq"] if len(events) == EVENTS_SHOWN else None,
        "titles": {step.definition.action.value: w.of(step.definition) for step in flow.steps},
        "id_kinds": [kind.value for kind in IdKind],
        "untouched": Typed(),
        "closed_offers": CLOSED_OFFERS,
        "key": uuid4().hex,
    }


async def _of_lines(visit: Visit, number: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The material lines, whether the reader may add scans, and the first line that still lacks one."""
    lacking = [line["line"] for line in lines if not line["scans"] and not line["received"]["exempt"]]
    return {
        "lines": noted(lines, visit.wording),
        "upload_refusal": await upload_refusal(visit.context, visit.actor, number, lines),
        "first_line": next(iter([*lacking, *(line["line"] for line in lines)]), ""),
    }


def _wording(visit: Visit, case: Mapping[str, Any]) -> Wording:
    """The reader's wording, in the time of the case's hall."""
    return dataclasses.replace(visit.wording, zone=visit.context.hours(case["hall_hours"]).zone)


async def _told(visit: Visit, rows: list[dict[str, Any]], names: Mapping[str, str], w: Wording) -> list[dict[str, Any]]:
    """Events in the reader's words. :param names: of the material lines."""
    return [told(row, await visit.context.flow(row["flow"], row["flow_version"]), names, w) for row in rows]


async def _documents(visit: Visit, number: str, w: Wording) -> list[dict[str, Any]]:
    rows = await reading.list_documents(visit.context, visit.actor, number)
    return [{**row, "title": document_title(row["code"], w)} for row in rows]


def _pressing(clock: Mapping[str, Any]) -> tuple[bool, Any]:
    """Clocks that still count come first, the soonest due before the others."""
    return clock["status"] == "stopped", clock["due_on"]


async def upload_refusal(
    context: Context, actor: Actor, number: str, lines: list[dict[str, Any]]
) -> Forbidden | Conflict | None:
    """Why the reader cannot add scans to this case; nothing when they can."""
    try:
        if lines:
            await check_target(context, actor, number, lines[0]["line"])
    except (Forbidden, Conflict) as refusal:
        return refusal
    return None


def whole(text: str) -> int:
    """A number out of an address or a hidden field; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _comes_from_elsewhere(request: PageRequest) -> bool:
    """Whether a form of another page was sent in the background: this page brings its own scripts and is loaded."""
    current = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return request.headers.get("HX-Boosted") == "true" and current != request.url.path


def _here(visit: Visit) -> str:
    query = visit.request.url.query
    return f"{visit.request.url.path}?{query}" if query else visit.request.url.path


def _done(name: str, titles: Mapping[str, str], w: Wording) -> str:
    """What to tell the reader after they were sent here by an act, an upload or an opening."""
    if name in _DONE:
        return w.t(f"case.{name}")
    return w.t("case.done", action=titles[name]) if name in titles else ""
