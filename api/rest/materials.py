"""Material lists, checks, what stands in for paper, and changed answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.material_answers import (
    Checked,
    Checklist,
    MaterialRow,
    Offers,
    Reused,
    ReuseEnded,
    SituationChanged,
    SparedFigures,
)
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from engine.materials import checking, checklists, offering, reusing, sparing
from engine.materials.checking import Checking
from engine.materials.reusing import Ending, Reusing
from workflows.payload import Code

_TAG = ["materials"]
_LINE: Final = "/cases/{number:str}/materials/{line:str}"
_REFUSALS: Final = problems(401, 403, 404, 409, 413, 415)
_CHECK: Final = Example(summary="Compared with the original", value={"kind": "original_checked"})
_REUSE: Final = Example(
    summary="A certificate issued here",
    value={
        "offer": "certificate:019320a0-0000-7000-8000-000000000001",
        "consent": {"given": True, "by": "王小明", "way": "signed"},
    },
)
_END: Final = Example(summary="Consent withdrawn", value={"reason": "申请人撤回同意，改交纸质件。"})
_ANSWERS: Final = Example(summary="An agent acts", value={"answers": ["agent"]})


class Answers(Struct, forbid_unknown_fields=True, frozen=True):
    """The flags of every yes and of every choice, all of them anew."""

    answers: Annotated[list[Code], Meta(max_length=30)]


@get("/items/{code:str}/checklist", operation_id="readChecklist", summary="What to bring", tags=_TAG,
     responses=problems(401, 404, 409))  # fmt: skip
async def read_checklist(
    context: Engine,
    now: Now,
    code: FromPath[str],
    situation: Annotated[
        list[str] | None, QueryParameter(max_items=30, description="Flags of the answers; once for each.")
    ] = None,
) -> Checklist:
    """Read what an applicant has to bring in their situation, and from where, before there is a case."""
    return shape(Checklist, await checklists.read_checklist(context, code, situation or [], now))


@get("/cases/{number:str}/materials", operation_id="listMaterials", summary="The materials", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def list_materials(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> list[MaterialRow]:
    """List the lines that apply: asked, handed in, missing, checked, spared, with their scans and what ails them."""
    return shapes(MaterialRow, await checklists.list_materials(context, actor, number, now))


@post("/cases/{number:str}/situation", operation_id="answerSituation", summary="Change the answers", tags=_TAG,
      status_code=200, dto=Strict[Answers], return_dto=None, responses=_REFUSALS)  # fmt: skip
async def answer_situation(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Answers, Body(examples=[_ANSWERS])],
    key: IdempotencyKey = None,
) -> SituationChanged:
    """Change the answers to the item's questions before acceptance; the list of the case follows them at once."""
    done = await checking.answer_situation(context, actor, number, data.answers, now, key_of(key))
    return shape(SituationChanged, done)


@post(f"{_LINE}/checks", operation_id="checkMaterial", summary="Record a check", tags=_TAG, dto=Strict[Checking],
      return_dto=None, responses=_REFUSALS)  # fmt: skip
async def check_material(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    line: FromPath[str],
    data: Annotated[Checking, Body(examples=[_CHECK])],
    key: IdempotencyKey = None,
) -> Checked:
    """Record that a line was checked as its grade asks, and what was found. A later check counts instead."""
    return shape(Checked, await checking.record_check(context, actor, number, line, data, now, key_of(key)))


@get(f"{_LINE}/offers", operation_id="listOffers", summary="What could stand in for paper", tags=_TAG,
     responses=problems(401, 403, 404, 409))  # fmt: skip
async def list_offers(context: Engine, actor: Caller, now: Now, number: FromPath[str], line: FromPath[str]) -> Offers:
    """List what the applicant has already: names, validity and hall, no contents. The look is logged."""
    return shape(Offers, await offering.list_offers(context, actor, number, line, now))


@post(f"{_LINE}/reuse", operation_id="reuseMaterial", summary="Spare the paper", tags=_TAG, dto=Strict[Reusing],
      return_dto=None, responses=_REFUSALS)  # fmt: skip
async def reuse_material(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    line: FromPath[str],
    data: Annotated[Reusing, Body(examples=[_REUSE])],
    key: IdempotencyKey = None,
) -> Reused:
    """Let something that was offered stand in for the paper of a line, with the applicant's consent."""
    return shape(Reused, await reusing.reuse(context, actor, number, line, data, now, key_of(key)))


@post(f"{_LINE}/reuse/end", operation_id="endReuse", summary="End a reuse", tags=_TAG, status_code=200,
      dto=Strict[Ending], return_dto=None, responses=_REFUSALS)  # fmt: skip
async def end_reuse(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    line: FromPath[str],
    data: Annotated[Ending, Body(examples=[_END])],
    key: IdempotencyKey = None,
) -> ReuseEnded:
    """Let nothing stand in for the paper of a line any more, and say why."""
    return shape(ReuseEnded, await reusing.end_reuse(context, actor, number, line, data, now, key_of(key)))


@get("/figures/spared", operation_id="countSpared", summary="Paper that was spared", tags=["figures"],
     responses=problems(401, 403))  # fmt: skip
async def count_spared(
    context: Engine,
    actor: Caller,
    first: Annotated[date, QueryParameter(name="from", description="First day of acceptance.")],
    last: Annotated[date, QueryParameter(name="to", description="Last day, included; at most a year in all.")],
) -> SparedFigures:
    """Count the electronic certificates that lists called for, and those that stood in for paper (免提交率)."""
    return shape(SparedFigures, await sparing.count_spared(context, actor, first, last))
