"""The same act on the cases that were ticked in a list: one form for all of them, then a result for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, payload_of
from api.pages.rendering import page
from api.pages.visit import Visit
from api.pages.wording import Wording
from api.rest.cases import act_of
from api.rest.requests import key_of
from engine import bulk
from workflows.actor import Actor
from workflows.errors import Malformed
from workflows.flow import Flow, Transition

_SIMPLE: Final = frozenset({"text", "short_text", "choice", "flag", "date", "count", "code"})
"""What is the same for many cases; anything that names materials, people or lines belongs to one."""
_OF_ONE_CASE: Final = frozenset({"card", "document", "kind", "waybill", "receipt", "party"})
"""Fields whose value belongs to one case, whatever their type."""
_NO_OFFERS: Final[dict[str, list[Any]]] = {"to": [], "login": [], "party": []}

Acts = dict[str, str]


def acts_for_many(flows: Iterable[Flow], states: Iterable[str], actor: Actor, w: Wording) -> Acts:
    """The acts that the reader's roles may take on cases in these states and that ask the same of each, by name.

    Those that lead on come first. Whether one is lawful for a case is found out when it is done.
    """
    here = frozenset(states)
    found: Acts = {}
    steps = [step for flow in flows for step in flow.steps if step.roles & actor.roles]
    for step in sorted(steps, key=lambda step: step.definition.aside):
        definition = step.definition
        if here.intersection(definition.sources) and _is_alike(definition):
            found.setdefault(definition.action.value, w.of(definition))
    return found


def _is_alike(definition: Transition) -> bool:
    return all(spec.type in _SIMPLE and name not in _OF_ONE_CASE for name, spec in definition.payload.items())


@get("/bulk")
async def bulk_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What the chosen act asks for, once for all the ticked cases."""
    return await _form(visit, visit.asked("action"), visit.request.query_params.getall("case", []))


async def _form(visit: Visit, action: str, ticked: list[str]) -> Response[Any]:
    """:raises NotFound: ``action_unknown``. :raises Malformed: ``cases_none``, ``cases_too_many``."""
    definition = await _definition(visit, action)
    if not ticked:
        raise Malformed("cases_none", "请至少选择一个办件。", "Name at least one case.")
    if len(ticked) > bulk.MOST:
        raise Malformed("cases_too_many", f"一次最多办理{bulk.MOST}件。", f"At most {bulk.MOST} cases at a time.")
    return page(
        visit.request,
        "bulk.html",
        action=definition,
        name=action,
        fields=_fields(definition),
        ticked=[(one, one.partition("@")[0]) for one in ticked],
        untouched=Typed(),
        offers=_NO_OFFERS,
        closed_offers=frozenset(),
        key=uuid4().hex,
    )


@post("/bulk/{action:str}")
async def act_on_many(visit: NamedDependency[Visit], action: FromPath[str]) -> Response[Any]:
    """Do the act on each ticked case on its own, and show what became of each."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    definition = await _definition(visit, action)
    results = await bulk.act_on_each(
        visit.context,
        visit.actor,
        act_of(action),
        [_named(one) for one in typed.fields.get("case", ())],
        payload_of(_fields(definition), typed),
        visit.now,
        key_of(typed.get("key") or None),
    )
    done = sum(result["answer"] is not None for result in results)
    return page(visit.request, "bulk_results.html", action=definition, results=results, done=done)


async def _definition(visit: Visit, action: str) -> Transition:
    """A step of this name that asks the same of every case.

    :raises NotFound: ``action_unknown``. :raises Malformed: ``act_for_one_case``.
    """
    wished = act_of(action)
    flows = await visit.context.newest_flows()
    steps = [step.definition for flow in flows for step in flow.steps if step.definition.action is wished]
    found = next((definition for definition in steps if _is_alike(definition)), None)
    if found is None:
        raise Malformed("act_for_one_case", "该操作须逐件办理。", "This act is done case by case; open the case.")
    return found


def _fields(definition: Transition) -> Mapping[str, Mapping[str, Any]]:
    return {
        name: {"type": spec.type, "title": spec.title, "title_en": spec.title_en, "required": spec.required,
               "choices": spec.choices}
        for name, spec in definition.payload.items()
    }  # fmt: skip


def _named(ticked: str) -> tuple[str, int | None]:
    """A case as a list names it: number and the version that was shown, e.g. ``460100260302000017@3``."""
    number, _, version = ticked.partition("@")
    return number, int(version) if version.isdecimal() and len(version) < 10 else 0
