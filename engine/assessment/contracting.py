"""外包服务合同: contracts with those who staff halls, their monthly reports, and who lacks the agreed certificate."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.assessment.impartiality import contract_within, halls_read, require_role, require_scorer
from engine.context import Context
from engine.documents.typesetting import typesetter
from engine.once import once
from engine.work import Answer
from storage import contracts, organisations
from storage.db import Connection, uuid7
from workflows.actor import Actor
from workflows.assessment_pay import check_month, period_of
from workflows.assessment_steps import OBJECTORS, SCORERS, check_month_over
from workflows.errors import Conflict, Malformed, NotFound
from workflows.payload import Code, ShortText, Text, refuse_control_characters

FEN: Final = 100
Yuan = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
Year = Annotated[int, Meta(ge=2000, le=2100)]


class Contracting(Struct, forbid_unknown_fields=True, frozen=True):
    """A contract for the staff of a hall.

    ``price``: of one year, in yuan. ``replaces``: key of the contract that this one corrects.
    """

    hall: Code
    contractor: ShortText
    number: Annotated[str, Meta(min_length=1, max_length=100)]
    first_year: Year
    years: Annotated[int, Meta(ge=1, le=5)]
    price: Yuan
    settlement: Literal["annual", "quarterly"] = "annual"
    replaces: UUID | None = None


class Reporting(Struct, forbid_unknown_fields=True, frozen=True):
    """A report on operations in a month, named by its first day; where the whole of it is kept."""

    month: date
    text: Text
    reference: Annotated[str, Meta(max_length=200)] = ""


class Counting(Struct, forbid_unknown_fields=True, frozen=True):
    """How many people are short of the certificate rate in a year of the contract, and what shows it."""

    year: Year
    short: Annotated[int, Meta(ge=0, le=10_000)]
    evidence: Text


async def register_contract(
    context: Context, actor: Actor, request: Contracting, now: datetime, key: str = ""
) -> Answer:
    """Register a contract, or the correction of one; what is registered never changes.

    :param now: UTC. :param key: idempotency key.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``organisation_not_found``,
        ``contract_not_found``. :raises Malformed: ``price_not_positive``.
    :raises Conflict: ``contract_registered``, ``contract_replaced``, ``contract_of_another_hall``;
        ``character_without_face`` in what the form of every month prints.
    :raises Unavailable: ``faces_not_installed``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    hall = await organisations.by_code(request.hall)
    if hall is None or hall["kind"] != "hall":
        raise NotFound("organisation_not_found", "没有该大厅。", "There is no such hall.")
    require_scorer(actor, SCORERS, hall["path"])
    if request.replaces is not None:
        await _require_replaceable(actor, request.replaces, hall["id"])
    price = _fen(request.price)
    printed = {"contractor": request.contractor, "contract": request.number}
    await asyncio.to_thread(typesetter(context.settings).check, printed)

    async def write(connection: Connection) -> Answer:
        row = {
            "id": uuid7(),
            "hall_id": hall["id"],
            "price_fen": price,
            "registered_by": actor.staff,
            "registered_at": now,
            "number": request.number.strip(),
            **{name: getattr(request, name) for name in ("contractor", "first_year", "years", "settlement")},
            "replaces": request.replaces,
        }
        if not await contracts.add(connection, row):
            raise _registered() if request.replaces is None else _replaced()
        return {"contract": str(row["id"])}

    return await once(actor, key, ["contract", request], now, write)


def _fen(price: str) -> int:
    """An amount of yuan in fen. :raises Malformed: ``price_not_positive``."""
    fen = int(Decimal(price) * FEN)
    if fen < 1:
        raise Malformed(
            "price_not_positive", "合同年度金额应大于0元。", "The price of a year is more than nothing.", field="price"
        )
    return fen


def _registered() -> Conflict:
    return Conflict(
        "contract_registered",
        "该大厅已登记同一编号、同一起始年的合同。如需改正，请登记其更正。",
        "The hall has a contract of this number and first year; to put it right, register a correction of it.",
    )


def _replaced() -> Conflict:
    return Conflict("contract_replaced", "该合同已有更正。", "The contract was corrected already.")


async def _require_replaceable(actor: Actor, key: UUID, hall: UUID) -> None:
    before = await contract_within(actor, key)
    if before["replaced_by"] is not None:
        raise _replaced()
    if before["hall_id"] != hall:
        raise Conflict("contract_of_another_hall", "该合同属于另一大厅。", "The contract is for another hall.")


async def list_contracts(actor: Actor) -> list[dict[str, Any]]:
    """The contracts of the actor's halls, the newest first. :raises Forbidden: ``role_not_allowed``."""
    return [shown(row) for row in await contracts.of_halls(await halls_read(actor))]


async def read_contract(actor: Actor, key: UUID) -> dict[str, Any]:
    """One contract with its reports. :raises NotFound: ``contract_not_found``."""
    row = await contract_within(actor, key)
    return {**shown(row), "reports": await contracts.reports(key)}


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A contract with its price in yuan."""
    return {**row, "price": yuan(row["price_fen"])}


def yuan(fen: int) -> Decimal:
    """An amount in yuan."""
    return Decimal(fen) / FEN


async def file_report(
    context: Context, actor: Actor, key: UUID, request: Reporting, now: datetime, idempotency: str = ""
) -> Answer:
    """File a month's report on operations, as the contractor's director; the first one of a month counts.

    :param key: of the contract. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``contract_not_found``.
    :raises Conflict: ``month_not_over``, ``report_filed``. :raises Malformed: ``month_wrong``, ``month_outside``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    row = await contract_within(actor, key)
    require_role(actor, OBJECTORS, row["hall_path"])
    check_month_over(require_month(row, request.month), context.hours(row["hall_hours"]).day(now))

    async def write(connection: Connection) -> Answer:
        told = {"contract_id": key, **msgspec.to_builtins(request), "month": request.month}
        if not await contracts.file_report(connection, {**told, "filed_by": actor.staff, "filed_at": now}):
            raise Conflict("report_filed", "该月报告已提交。", "The report on this month was filed already.")
        return {"contract": str(key), "month": request.month.isoformat(), "at": now.isoformat()}

    return await once(actor, idempotency, ["contract.report", key, request], now, write)


def require_month(contract: dict[str, Any], month: date) -> date:
    """A month that the contract runs in. :raises Malformed: ``month_wrong``, ``month_outside``."""
    check_month(month)
    first, last = contract["first_year"], contract["first_year"] + contract["years"] - 1
    if not first <= month.year <= last:
        raise Malformed(
            "month_outside",
            f"合同期为{first}年至{last}年，不含该月。",
            f"The contract is for {first} to {last}; the month lies outside.",
            field="month",
        )
    return month


async def count_short(actor: Actor, key: UUID, request: Counting, now: datetime, idempotency: str = "") -> Answer:
    """Record how many are short of the certificate rate in a year; the newest count is the one that is settled by.

    :param key: of the contract. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``contract_not_found``.
    :raises Malformed: ``year_outside``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    row = await contract_within(actor, key)
    require_scorer(actor, SCORERS, row["hall_path"])
    period_of(row["first_year"], row["years"], request.year)

    async def write(connection: Connection) -> Answer:
        told = {"contract_id": key, **msgspec.to_builtins(request), "recorded_by": actor.staff, "recorded_at": now}
        await contracts.count_short(connection, told)
        return {"contract": str(key), "year": request.year, "short": request.short}

    return await once(actor, idempotency, ["contract.certificates", key, request], now, write)
