"""Pages of assessments (月度考核): the list, one month with its entries, and the steps of three people by buttons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.assessment import assessing, contracting, scoring, searching, settling
from engine.assessment.assessing import Correcting, OpeningMonth
from engine.assessment.impartiality import role_over
from engine.assessment.scoring import Entering, Saying, Settling, SettlingItem
from engine.assessment.settling import Returning
from workflows.actor import Role
from workflows.assessment_checks import Link
from workflows.errors import Malformed, NotFound, YichuangError
from workflows.payload import payload_invalid

PAGE_SIZE: Final = 50
_LINK: Final = "#"
Step = Callable[[Visit, UUID, Typed, str], Awaitable[Any]]


@get("/assessments")
async def assessments_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The contracts and assessments of the reader's halls; for assessors also the form that opens a month."""
    return await _list(visit, Typed())


@post("/assessments")
async def open_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Open a month and show it; where it is refused, the form as it was."""
    typed = await typed_of(visit)
    try:
        request = OpeningMonth(_key(typed, "contract"), _month(typed))
        answer = await assessing.open_month(
            visit.context, visit.actor, request, visit.now, key_of(typed.get("key") or None)
        )
    except YichuangError as refusal:
        return await _list(visit, typed, refusal)
    return go_to(f"/assessments/{answer['assessment']}")


async def typed_of(visit: Visit) -> Typed:
    """What was sent by a form of ours. :raises Forbidden: ``csrf_token_wrong`` for any other."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


def _key(typed: Typed, name: str) -> UUID:
    try:
        return UUID(typed.get(name))
    except ValueError:
        raise _choose() from None


def _month(typed: Typed) -> date:
    """The month as ``2026-03`` (what browsers send) or any day of it."""
    try:
        return date.fromisoformat(f"{typed.get('month').strip()[:7]}-01")
    except ValueError:
        raise Malformed(
            "month_wrong", "请填写月份，例如2026-03。", "Enter a month such as 2026-03.", field="month"
        ) from None


def _choose() -> Malformed:
    return Malformed("contract_needed", "请选择合同。", "Choose a contract.", field="contract")


async def _list(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    cursor = visit.asked("cursor")
    before = read_cursor(cursor, KeyPlace).id if cursor else assessing.NEWEST
    rows = await assessing.list_assessments(visit.actor, before=before, limit=PAGE_SIZE)
    contracts = await contracting.list_contracts(visit.actor)
    following = f"/assessments?cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "assessments.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        contracts=contracts,
        next_page=following,
        further=bool(cursor),
        may_score=Role.assessor in visit.actor.roles,
        money=money,
        typed=typed,
        refusal=refusal,
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@get("/assessments/{assessment:uuid}")
async def assessment_page(visit: NamedDependency[Visit], assessment: FromPath[UUID]) -> Response[Any]:
    """One month: score, proposals, entries with evidence and objections, the record, and what the reader may do."""
    return await _show(visit, assessment, Typed())


async def _show(visit: Visit, key: UUID, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    row = await assessing.read_assessment(visit.actor, key)
    clues, entry = visit.asked("clues"), visit.asked("entry")
    proposals = [one for one in row["entries"] if one["state"] == "proposed"]
    return page(
        visit.request,
        "assessment.html",
        status=refusal.status if refusal else 200,
        about=row,
        table=row["table"],
        standing=row["standing"],
        proposals=proposals,
        several=[code for code, times in Counter(one["item"] for one in proposals).items() if times > 1],
        left_out=next((act["body"]["left_out"] for act in reversed(row["acts"]) if act["name"] == "search"), 0),
        settled=[one for one in row["entries"] if one["state"] != "proposed"],
        clues_of=clues,
        clues=await assessing.list_clues(visit.context, visit.actor, key, clues) if clues else [],
        shown=entry,
        evidence=await assessing.list_evidence(visit.actor, key, _entry_key(entry)) if entry else [],
        typed=typed,
        refusal=refusal,
        key=uuid4().hex,
    )


def _entry_key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise assessing.entry_not_found() from None


@post("/assessments/{assessment:uuid}/steps/{step:str}")
async def step_from_page(
    visit: NamedDependency[Visit], assessment: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Take a step with a month and show it, or the next edition that a correction opened."""
    typed = await typed_of(visit)
    take = STEPS.get(step)
    if take is None:
        raise NotFound("page_not_found", "没有该页面。", "There is no such page.")
    try:
        answer = await take(visit, assessment, typed, key_of(typed.get("key") or None))
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, assessment, typed, refusal)
    return go_to(f"/assessments/{answer['assessment']}")


async def _enter(visit: Visit, key: UUID, typed: Typed, idempotency: str) -> Any:
    raw: dict[str, Any] = {
        "item": typed.get("item"),
        "times": _number(typed.get("times")),
        "evidence": text_of(typed, "evidence") or "",
        "reference": text_of(typed, "reference") or "",
        "links": [msgspec.to_builtins(link) for link in _links(typed.get("links"))],
    } | ({"points": _number(points)} if (points := typed.get("points").strip()) else {})
    return await scoring.enter(visit.actor, key, _read(raw, Entering), visit.now, idempotency)


def _links(text: str) -> list[Link]:
    """Evidence as people write it: case numbers, each with ``#`` and the number of the event where one is meant."""
    found = []
    for word in text.replace("，", " ").replace("、", " ").replace(",", " ").split():
        case, _, seq = word.partition(_LINK)
        number = _number(seq or "0")
        found.append(Link(case=case, seq=number if isinstance(number, int) else -1))
    return found


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _read(raw: dict[str, Any], kind: type[Any]) -> Any:
    """A request as it was typed. :raises Malformed: ``payload_invalid``, with the field."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


def _reason(typed: Typed, kind: type[Any], name: str = "reason") -> Any:
    return _read({name: text_of(typed, name) or ""}, kind)


async def _settle_item(visit: Visit, key: UUID, typed: Typed, idempotency: str) -> Any:
    said = SettlingItem(typed.get("item"), typed.get("confirmed") == "yes", text_of(typed, "reason") or "")
    return await scoring.settle_item(visit.actor, key, said, visit.now, idempotency)


STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "search": lambda visit, key, _, once: searching.search(visit.context, visit.actor, key, visit.now, once),
        "enter": _enter,
        "settle": _settle_item,
        "submit": lambda visit, key, _, once: settling.submit(visit.context, visit.actor, key, visit.now, once),
        "review": lambda visit, key, _, once: settling.review(visit.actor, key, visit.now, once),
        "return": lambda visit, key, typed, once: settling.send_back(
            visit.actor, key, _reason(typed, Returning), visit.now, once
        ),
        "approve": lambda visit, key, _, once: settling.approve(visit.context, visit.actor, key, visit.now, once),
        "correct": lambda visit, key, typed, once: assessing.correct(
            visit.actor, key, _reason(typed, Correcting), visit.now, once
        ),
    }
)
"""What the buttons of a month do."""


@post("/assessments/{assessment:uuid}/entries/{entry:uuid}/{step:str}")
async def settle_from_page(
    visit: NamedDependency[Visit], assessment: FromPath[UUID], entry: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Confirm or reject an entry, object to it, answer the objection; then show the month."""
    typed = await typed_of(visit)
    once = key_of(typed.get("key") or None)
    try:
        if step in {"confirm", "reject"}:
            said = Settling(confirmed=step == "confirm", reason=text_of(typed, "reason") or "")
            await scoring.settle(visit.actor, assessment, entry, said, visit.now, once)
        elif step == "object":
            said_against = _reason(typed, Saying, "text")
            await scoring.object_to(visit.actor, assessment, entry, said_against, visit.now, once)
        else:
            await scoring.answer(visit.actor, assessment, entry, _reason(typed, Saying, "text"), visit.now, once)
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, assessment, typed, refusal)
    return go_to(f"/assessments/{assessment}#entry-{entry}")


def money(amount: object) -> str:
    """An amount in yuan as people read it."""
    return f"{Decimal(str(amount)):,.2f}"


def holds_here(visit: Visit, role: Role, hall_path: str) -> bool:
    """Whether the reader holds a role for a hall, in person."""
    return role_over(visit.actor, (role,), hall_path) is not None
