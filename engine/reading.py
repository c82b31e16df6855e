"""What people may see: tasks, a case as one page, what may be done next and why not. Scoped, masked, logged."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

import msgspec

from engine.case_facts import read_situation
from engine.context import Context
from engine.hints import hints_of_case
from engine.listing import NOWHERE, list_cases, list_tasks, reach
from engine.looking import once_a_look
from engine.mandates import proxying
from engine.ratings.rating_window import may_still_rate
from storage import access, audit, cases, clocks, duties, notices, results
from storage.db import reading, transaction
from workflows import scope
from workflows.actor import Actor, Role
from workflows.clock import ClockKind, ClockState
from workflows.clock_explain import KINDS, explain
from workflows.errors import Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act
from workflows.flow import Flow, Step
from workflows.guards import GUARDS, selected
from workflows.light import light
from workflows.mandate import mandate_of_act
from workflows.situation import Situation

__all__ = [
    "NOWHERE",
    "clock_view",
    "list_actions",
    "list_cases",
    "list_clocks",
    "list_documents",
    "list_events",
    "list_tasks",
    "log_access",
    "problem_of",
    "public_status",
    "reach",
    "read_case",
    "read_hints",
    "read_notice",
    "seen_case",
    "situation_of",
    "unmask",
]

_UNMASKERS: Final = (
    Role.clerk, Role.issuer, Role.officer, Role.reviewer, Role.approver, Role.auditor, Role.archivist,
)  # fmt: skip
_SHOWN: Final = (
    "number", "query_code", "item_code", "item_name", "item_name_en", "item_version", "flow", "flow_version", "hall",
    "hall_name", "hall_name_en", "department", "department_name", "department_name_en", "applicant", "channel",
    "situation", "state", "holder", "flags", "version", "opened_at", "received_at", "accepted_at", "decided_at",
    "closed_at", "due_at", "priority", "owner_name", "offered_to_name", "parent",
)  # fmt: skip


async def seen_case(context: Context, actor: Actor, number: str) -> tuple[dict[str, Any], Flow]:
    """The case row, if it is within the actor's sight. To be shown, never to act on.

    :raises NotFound: ``case_not_found``.
    """
    case, flow = await once_a_look(("case", actor.person, number), partial(_read_seen, context, actor, number))
    return dict(case), flow


async def _read_seen(context: Context, actor: Actor, number: str) -> tuple[dict[str, Any], Flow]:
    case = await cases.read(number)
    if case is None:
        raise scope.not_found()
    flow = await context.flow(case["flow"], case["flow_version"])
    if not proxying.sees(actor, case, routed=case["state"] != flow.initial):
        raise scope.not_found()
    return case, flow


async def log_access(actor: Actor, subject: str, action: str, now: datetime, purpose: str = "") -> None:
    """Write into the access log who looked at what.

    :param subject: a case number or scan key, never a name. :param purpose: why, where a reason is asked for.
    """
    row = {"at": now, "actor": actor.person, "subject": subject, "action": action, "purpose": purpose}
    async with transaction() as connection:
        await access.add(connection, row)


async def read_case(context: Context, actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """The head of a case: state, people, dates, applicant as filed and masked. The look is logged."""
    case, flow = await seen_case(context, actor, number)
    await log_access(actor, number, "case.read", now)
    state = flow.states[case["state"]]
    return {name: case[name] for name in _SHOWN} | {"state_title": state.title, "state_title_en": state.title_en}


async def situation_of(
    context: Context, actor: Actor, case: dict[str, Any], steps: list[Step], now: datetime
) -> Situation:
    """The case as guards see it, for questions that change nothing."""
    async with reading() as connection:
        role = next((grant.role for grant in actor.grants), Role.system)
        situation, _, _ = await read_situation(context, connection, case, steps, actor, role, {}, now)
    return situation


async def list_actions(context: Context, actor: Actor, number: str, now: datetime) -> list[dict[str, Any]]:
    """What may be done with a case now, by this actor, with the payload's schema; and why each other step is barred."""
    case, flow = await seen_case(context, actor, number)
    steps = flow.steps_from(case["state"])
    situation = await situation_of(context, actor, case, steps, now)
    hats = scope.hats_of(actor, proxying.in_sight(case))
    return [_action(step, situation, hats, case) for step in steps if selected(step.definition.guards, situation)]


def _action(step: Step, situation: Situation, hats: Actor, case: dict[str, Any]) -> dict[str, Any]:
    definition = step.definition
    barred: YichuangError | None = None
    try:
        role = scope.acting_role(hats, [step], situation.item, case["hall_path"], case["department_path"])
        situation.role, situation.grant = role, scope.grant_at(hats, {role}, case["hall_path"], case["department_path"])
        mandate_of_act(situation, definition.action)
        for name in definition.guards:
            if name in GUARDS and not GUARDS[name].of_payload:
                GUARDS[name].check(situation)
    except YichuangError as refusal:
        barred = refusal
    return {
        "action": definition.action,
        "title": definition.title,
        "title_en": definition.title_en,
        "to": definition.to,
        "aside": definition.aside,
        "basis": definition.basis,
        "documents": definition.documents,
        "roles": sorted(step.roles),
        "allowed": barred is None,
        "barred": problem_of(barred) if barred else None,
        "fields": {name: msgspec.to_builtins(spec) for name, spec in definition.payload.items()},
        "schema": _schema(step.payload),
    }


@lru_cache(maxsize=1024)
def _schema(payload: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON schema of a payload, made once: a flow's version never changes."""
    (schema,), components = msgspec.json.schema_components([payload], ref_template="#/$defs/{name}")
    return {**schema, "$defs": components}


def problem_of(refusal: YichuangError) -> dict[str, Any]:
    """A refusal as data: code, both sentences, basis."""
    return {"code": refusal.code, "zh": refusal.zh, "en": refusal.en, "basis": refusal.basis, **refusal.extra}


async def list_clocks(context: Context, actor: Actor, number: str, now: datetime) -> list[dict[str, Any]]:
    """Every clock of a case with its due date, its light, and the sentences that explain it."""
    case, _ = await seen_case(context, actor, number)
    situation = await situation_of(context, actor, case, [], now)
    hours = context.hours(case["hall_hours"])
    return [
        clock_view(state, now, situation, hours)
        for _, state in sorted(situation.clocks.items(), key=lambda pair: pair[0])
    ]


def clock_view(state: ClockState, now: datetime, situation: Situation, hours: Any) -> dict[str, Any]:
    """One clock, for a page or a client."""
    lines = explain(state, situation.calendar, hours)
    return {
        "kind": state.kind,
        "status": "stopped" if state.stopped_at else "suspended" if state.suspended else "running",
        "started_at": state.started_at,
        "stopped_at": state.stopped_at,
        "due_on": state.due_on,
        "due_at": state.due_at,
        "limit": {"n": state.limit + state.extended, "unit": state.unit},
        "provisional": state.provisional,
        "light": light(state, now, situation.calendar, hours),
        "explanation": [{"zh": line.zh, "en": line.en} for line in lines],
    }


async def list_events(
    context: Context, actor: Actor, number: str, *, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """A page of the trail of a case, in order."""
    await seen_case(context, actor, number)
    return await audit.of_case(number, after=after, limit=limit)


async def read_notice(context: Context, actor: Actor, number: str) -> dict[str, Any] | None:
    """The one-time notice of a case with its lines, if one was given, and ``hints``: what had been told before it."""
    case, _ = await seen_case(context, actor, number)
    async with reading() as connection:
        notice = await notices.of_case(connection, case["id"])
        return notice and notice | {"hints": await hints_of_case(connection, case["id"])}


async def read_hints(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """What the applicant was told at consultations and pre-review, for whoever prepares the notice."""
    case, _ = await seen_case(context, actor, number)
    async with reading() as connection:
        return await hints_of_case(connection, case["id"])


async def list_documents(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """Every document of a case."""
    await seen_case(context, actor, number)
    return await results.documents_of(number)


async def unmask(context: Context, actor: Actor, number: str, field: str, reason: str, now: datetime) -> str:
    """One personal value of the applicant in clear, for a stated reason, logged before it is shown.

    :param field: ``id_number``, ``mobile`` or ``address``.
    :raises Forbidden: ``role_not_allowed``. :raises Malformed: ``reason_needed``, ``field_unknown``.
    """
    case, _ = await seen_case(context, actor, number)
    if scope.role_at(actor, _UNMASKERS, case["hall_path"], case["department_path"]) is None:
        raise Forbidden(
            "role_not_allowed",
            "您的岗位不能查看完整信息。",
            "Your role may not see this in clear.",
            basis="个人信息保护法51",
        )
    if len(reason.strip()) < 4:
        raise Malformed("reason_needed", "请写明查看原因（至少4个字）。", "Say why (at least 4 characters).")
    filed = msgspec.json.decode(context.sealer.open(case["applicant_sealed"], "cases.applicant_sealed"))
    if field not in filed:
        raise Malformed("field_unknown", "没有该字段。", "There is no such field.")
    await log_access(actor, number, f"unmask.{field}", now, reason)
    return filed[field] or ""


async def public_status(context: Context, query_code: str, now: datetime) -> dict[str, Any]:
    """What an applicant sees with the code on the receipt: where the case stands, and which limit runs until when.

    No names of people. ``due_at`` is the earliest limit that runs, ``due_kind`` says which one that is;
    ``overdue_explanation`` why a limit was passed, once the unit has said so in public (优化营商环境条例36(2));
    ``may_rate`` whether it can be rated.

    :raises NotFound: ``case_not_found``.
    """
    number = await cases.number_by_query_code(query_code)
    case = await cases.read(number) if number else None
    if case is None:
        raise NotFound("case_not_found", "没有找到该查询码对应的办件。", "No case has this query code.")
    flow = await context.flow(case["flow"], case["flow_version"])
    state = flow.states[case["state"]]
    return {
        "number": case["number"],
        "item_name": case["item_name"],
        "item_name_en": case["item_name_en"],
        "department_name": case["department_name"],
        "department_name_en": case["department_name_en"],
        "state": state.name,
        "state_title": state.title,
        "state_title_en": state.title_en,
        "received_at": case["received_at"],
        "accepted_at": case["accepted_at"],
        "as_of": now,
        "may_rate": any(step.definition.action is Act.RATE for step in flow.steps_from(state.name))
        and "rated" not in case["flags"]
        and await may_still_rate(context, case, now),
        **await _due(case),
    }


async def _due(case: dict[str, Any]) -> dict[str, Any]:
    async with reading() as connection:
        first = await clocks.first_due(connection, case["id"])
        word = {"overdue_explanation": await duties.explanation(connection, case["id"])}
    if first is None:
        return dict.fromkeys(("due_at", "due_kind", "due_title", "due_title_en")) | word
    title, title_en = KINDS[ClockKind(first["kind"])]
    return {"due_at": first["due_at"], "due_kind": first["kind"], "due_title": title, "due_title_en": title_en} | word
