"""Pages of contracts: one contract with a year's months and pay, its reports, and who lacks the certificate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.assessments import holds_here, money, typed_of
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.requests import key_of
from engine.assessment import annual, contracting
from engine.assessment.contracting import Contracting, Counting, Reporting
from engine.figures.figure_board import places_within
from workflows.actor import Role
from workflows.errors import NotFound, YichuangError
from workflows.payload import payload_invalid

_NUMBERS: Final = ("first_year", "years", "year", "short")


@get("/contracts/new")
async def new_contract_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form of a new contract, for assessors."""
    return await _new(visit, Typed())


@post("/contracts/new")
async def register_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Register a contract and show it; where it is refused, the form as it was."""
    typed = await typed_of(visit)
    names = ("hall", "contractor", "number", "first_year", "years", "price", "settlement", "replaces")
    try:
        request = _read(typed, names, Contracting)
        made = await contracting.register_contract(
            visit.context, visit.actor, request, visit.now, key_of(typed.get("key") or None)
        )
    except YichuangError as refusal:
        return await _new(visit, typed, refusal)
    return go_to(f"/contracts/{made['contract']}")


async def _new(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        visit.request,
        "contract_new.html",
        status=refusal.status if refusal else 200,
        contracts=await contracting.list_contracts(visit.actor),
        places=await places_within(visit.actor),
        typed=typed,
        refusal=refusal,
        key=uuid4().hex,
    )


@get("/contracts/{contract:uuid}")
async def contract_page(visit: NamedDependency[Visit], contract: FromPath[UUID]) -> Response[Any]:
    """One contract and one of its years: months, mean, tier, pay, quarters, reports."""
    return await _show(visit, contract, Typed())


async def _show(visit: Visit, key: UUID, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    row = await contracting.read_contract(visit.actor, key)
    asked = visit.asked("year")
    first, last = row["first_year"], row["first_year"] + row["years"] - 1
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else min(max(visit.now.year, first), last)
    return page(
        visit.request,
        "contract.html",
        status=refusal.status if refusal else 200,
        contract=row,
        year=await annual.read_year(visit.actor, key, year),
        years=range(first, last + 1),
        may_score=holds_here(visit, Role.assessor, row["hall_path"]),
        may_report=holds_here(visit, Role.project_director, row["hall_path"]),
        money=money,
        typed=typed,
        refusal=refusal,
        key=uuid4().hex,
    )


@post("/contracts/{contract:uuid}/reports")
async def report_from_page(visit: NamedDependency[Visit], contract: FromPath[UUID]) -> Response[Any]:
    """File a month's report and show the contract."""

    async def file(typed: Typed, once: str) -> Any:
        request = _read(typed, ("month", "text", "reference"), Reporting)
        return await contracting.file_report(visit.context, visit.actor, contract, request, visit.now, once)

    return await _done(visit, contract, file)


@post("/contracts/{contract:uuid}/certificates")
async def count_from_page(visit: NamedDependency[Visit], contract: FromPath[UUID]) -> Response[Any]:
    """Record how many lack the certificate and show the contract."""

    async def count(typed: Typed, once: str) -> Any:
        request = _read(typed, ("year", "short", "evidence"), Counting)
        return await contracting.count_short(visit.actor, contract, request, visit.now, once)

    return await _done(visit, contract, count)


async def _done(visit: Visit, key: UUID, step: Callable[[Typed, str], Awaitable[Any]]) -> Response[Any]:
    typed = await typed_of(visit)
    try:
        await step(typed, key_of(typed.get("key") or None))
    except NotFound:
        raise
    except YichuangError as refusal:
        return await _show(visit, key, typed, refusal)
    return go_to(f"/contracts/{key}")


def _read(typed: Typed, names: tuple[str, ...], kind: type[Any]) -> Any:
    """A request as it was typed; a month that a browser sends means its first day.

    :raises Malformed: ``payload_invalid``, with the field.
    """
    raw: dict[str, Any] = {name: value for name in names if (value := text_of(typed, name))}
    raw |= {name: int(raw[name]) for name in _NUMBERS if name in raw and raw[name].isdecimal() and len(raw[name]) < 10}
    if len(raw.get("month", "")) == len("2026-03"):
        raw["month"] += "-01"
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
