"""外包服务合同: contracts with those who staff halls, their reports, certificates, and what a year comes to."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.contract_answers import (
    ContractList,
    ContractRow,
    ContractView,
    Registered,
    ReportFiled,
    ShortCounted,
    YearView,
)
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from engine.assessment import annual, contracting
from engine.assessment.contracting import Contracting, Counting, Reporting

_TAG: Final = ["assessments"]
_ONE: Final = "/contracts/{contract:uuid}"
_HALL: Final = Example(
    summary="Three years",
    value={"hall": "hall", "contractor": "示例政务服务有限公司", "number": "HK-2026-001", "first_year": 2026,
           "years": 3, "price": "11265500"},
)  # fmt: skip


@post("/contracts", operation_id="registerContract", summary="Register a contract", tags=_TAG,
      dto=Strict[Contracting], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def register_contract(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Contracting, Body(examples=[_HALL])],
    key: IdempotencyKey = None,
) -> Registered:
    """Register a contract for the staff of a hall, or the correction of one; what is registered never changes."""
    return shape(Registered, await contracting.register_contract(context, actor, data, now, key_of(key)))


@get("/contracts", operation_id="listContracts", summary="Contracts within reach", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_contracts(actor: Caller) -> ContractList:
    """List the contracts of the caller's halls, the newest first."""
    rows = await contracting.list_contracts(actor)
    return ContractList(shapes(ContractRow, [{**row, "price": str(row["price"])} for row in rows]))


@get(_ONE, operation_id="readContract", summary="One contract", tags=_TAG, responses=problems(401, 403, 404))
async def read_contract(actor: Caller, contract: FromPath[UUID]) -> ContractView:
    """Read a contract with the reports that were filed under it."""
    row = await contracting.read_contract(actor, contract)
    return shape(ContractView, {**row, "price": str(row["price"])})


@get(f"{_ONE}/years/{{year:int}}", operation_id="readContractYear", summary="What a year comes to", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_year(actor: Caller, contract: FromPath[UUID], year: FromPath[int]) -> YearView:
    """Read the months of a contract year with their scores, the mean, the tier and the performance pay."""
    found = await annual.read_year(actor, contract, year)
    return shape(YearView, {**found, "price": str(found["price"])})


@post(f"{_ONE}/reports", operation_id="fileReport", summary="File a month's report", tags=_TAG,
      dto=Strict[Reporting], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def file_report(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    contract: FromPath[UUID],
    data: Annotated[Reporting, Body()],
    key: IdempotencyKey = None,
) -> ReportFiled:
    """File the report on operations in a month, as the contractor's project director; the first one counts."""
    return shape(ReportFiled, await contracting.file_report(context, actor, contract, data, now, key_of(key)))


@post(f"{_ONE}/certificates", operation_id="countShort", summary="Record who lacks a certificate", tags=_TAG,
      dto=Strict[Counting], return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def count_short(
    *,
    actor: Caller,
    now: Now,
    contract: FromPath[UUID],
    data: Annotated[Counting, Body()],
    key: IdempotencyKey = None,
) -> ShortCounted:
    """Record how many are short of the certificate rate in a year of the contract; the newest count decides."""
    return shape(ShortCounted, await contracting.count_short(actor, contract, data, now, key_of(key)))
