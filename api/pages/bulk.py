"""The same act on the cases that were ticked in a list: one form for all of them, then a result for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, payload_of, wrong_fields
from api.pages.rendering import local_path, page
from api.pages.visit import Visit
from api.pages.wording import Wording
from api.rest.cases import act_of
from api.rest.requests import key_of
from engine import bulk, department_tasks
from workflows.actor import Actor
from workflows.errors import Malformed, YichuangError
from workflows.flow import Flow, Step, Transition
from workflows.party import mask_name
from workflows.payload import read_payload

_SIMPLE: Final = frozenset({"text", "short_text", "choice", "flag", "date", "count", "code"})
"""What is the same for many cases; anything that names materials, people or lines belongs to one."""
_OF_ONE_CASE: Final = frozenset({"card", "document", "kind", "waybill", "receipt", "party"})
"""Fields whose value belongs to one case, whatever their type."""
_CLOSED: Final = {"reassign": frozenset({"to"})}
"""Acts for which a field is chosen from what is offered, and that field."""
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
    return await _form(visit, visit.asked("action"), visit.request.query_params.getall("case", []), Typed())


async def _form(
    visit: Visit, action: str, ticked: list[str], typed: Typed, refusal: YichuangError | None = None
) -> Response[Any]:
    """The form of an act for many cases, with what was typed and why it was refused.

    :raises NotFound: ``action_unknown``. :raises Malformed: ``cases_none``, ``cases_too_many``.
    """
    definition = (await _step(visit, action)).definition
    if not ticked:
        raise Malformed("cases_none", "请至少选择一个办件。", "Name at least one case.")
    if len(ticked) > bulk.MOST:
        raise Malformed("cases_too_many", f"一次最多办理{bulk.MOST}件。", f"At most {bulk.MOST} cases at a time.")
    fields = _fields(definition)
    return page(
        visit.request,
        "bulk.html",
        status=refusal.status if refusal else 200,
        action=definition,
        name=action,
        fields=fields,
        cases=await _named_cases(visit, ticked),
        typed=typed,
        wrong=wrong_fields(fields, typed, refusal),
        refusal=refusal,
        offers=await _offers(visit, action),
        closed_offers=_CLOSED.get(action, frozenset()),
        back=local_path(typed.get("back", visit.asked("back") or "/")),
        key=uuid4().hex,
    )


async def _named_cases(visit: Visit, ticked: list[str]) -> list[dict[str, Any]]:
    """The ticked cases as lists show them; of one that the reader does not see, its number alone."""
    numbers = [one.partition("@")[0] for one in ticked]
    seen = {row["number"]: row for row in await department_tasks.name_cases(visit.actor, numbers)}
    return [_ticked(one, seen.get(number)) for one, number in zip(ticked, numbers, strict=True)]


def _ticked(one: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    """A ticked case with what a list shows of it."""
    number = one.partition("@")[0]
    applicant = row["applicant"] if row else {"kind": "", "name": ""}
    name = mask_name(applicant["name"]) if applicant["kind"] == "person" else applicant["name"]
    return {"value": one, "number": number, "row": row, "applicant": name}


async def _offers(visit: Visit, action: str) -> dict[str, list[tuple[str, str]]]:
    """Whom the cases may be passed to, with how many each of them handles."""
    if action not in _CLOSED:
        return _NO_OFFERS
    officers = await department_tasks.list_officers(visit.context, visit.actor)
    w = visit.wording
    return {
        **_NO_OFFERS,
        "to": [(one["login"], w.t("bulk.officer", name=one["name"], cases=one["cases"])) for one in officers],
    }


@post("/bulk/{action:str}", status_code=200)
async def act_on_many(visit: NamedDependency[Visit], action: FromPath[str]) -> Response[Any]:
    """Do the act on each ticked case on its own, and show what became of each.

    What is typed wrongly is wrong for all of them: then the form comes back as it was.
    """
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    step = await _step(visit, action)
    definition = step.definition
    ticked = list(typed.fields.get("case", ()))
    try:
        read_payload(step.payload, payload_of(_fields(definition), typed))
        results = await _act(visit, action, definition, ticked, typed)
    except Malformed as refusal:
        if not ticked:
            raise
        return await _form(visit, action, ticked, typed, refusal)
    cases = {one["number"]: one for one in await _named_cases(visit, ticked)}
    flows = {flow.name: flow for flow in await visit.context.newest_flows()}
    done = sum(result["answer"] is not None for result in results)
    return page(
        visit.request,
        "bulk_results.html",
        action=definition,
        results=sorted(results, key=lambda result: result["answer"] is not None),
        cases=cases,
        states={number: _stands(one["row"], flows, visit.wording) for number, one in cases.items()},
        done=done,
        again=_again(action, results, cases) if done < len(results) else "",
        back=local_path(typed.get("back", "/")),
    )


async def _act(
    visit: Visit, action: str, definition: Transition, ticked: list[str], typed: Typed
) -> list[dict[str, Any]]:
    return await bulk.act_on_each(
        visit.context,
        visit.actor,
        act_of(action),
        [_named(one) for one in ticked],
        payload_of(_fields(definition), typed),
        visit.now,
        key_of(typed.get("key") or None),
    )


def _stands(row: Mapping[str, Any] | None, flows: Mapping[str, Flow], w: Wording) -> str:
    """What a case has come to, in the words of its flow; empty for one that the reader does not see."""
    if row is None:
        return ""
    known = [flow.states[row["state"]] for flow in flows.values() if row["state"] in flow.states]
    return w.of(known[0]) if known else str(row["state"])


def _again(action: str, results: list[dict[str, Any]], cases: Mapping[str, Mapping[str, Any]]) -> str:
    """The form for those that were not done, as they stand now; empty where the reader sees none of them."""
    rows = [cases[result["number"]]["row"] for result in results if result["answer"] is None]
    left = [("case", f"{row['number']}@{row['version']}") for row in rows if row]
    return f"/bulk?{urlencode([('action', action), *left])}" if left else ""


async def _step(visit: Visit, action: str) -> Step:
    """A step of this name that asks the same of every case.

    :raises NotFound: ``action_unknown``. :raises Malformed: ``act_for_one_case``.
    """
    wished = act_of(action)
    flows = await visit.context.newest_flows()
    steps = [step for flow in flows for step in flow.steps if step.definition.action is wished]
    found = next((step for step in steps if _is_alike(step.definition)), None)
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
