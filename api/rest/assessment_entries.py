"""扣分、加分: entries of an assessment, what shows them, who settles them, and the contractor's objections."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from api.rest.answers import shape, shapes
from api.rest.assessment_answers import EntryMoved, EvidenceList, EvidenceRow, ItemSettled
from api.rest.bodies import Strict
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Now
from engine.assessment import assessing, scoring
from engine.assessment.scoring import Entering, Saying, Settling, SettlingItem

_TAG: Final = ["assessments"]
_ALL: Final = "/assessments/{assessment:uuid}/entries"
_ONE: Final = f"{_ALL}/{{entry:uuid}}"
_ROUND: Final = Example(summary="Found on a round", value={"item": "3-12", "times": 1, "evidence": "3月12日巡查照片"})


@post(_ALL, operation_id="enterPoints", summary="Enter a deduction or bonus", tags=_TAG, dto=Strict[Entering],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def enter(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    data: Annotated[Entering, Body(examples=[_ROUND])],
    key: IdempotencyKey = None,
) -> EntryMoved:
    """Enter a deduction or bonus with what shows it; it counts at once."""
    return shape(EntryMoved, await scoring.enter(actor, assessment, data, now, key_of(key)))


@get(f"{_ONE}/evidence", operation_id="listEvidence", summary="The events behind an entry", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_evidence(actor: Caller, assessment: FromPath[UUID], entry: FromPath[UUID]) -> EvidenceList:
    """List the events that an entry rests on: what was done, when and by whom; nothing of the applicant."""
    return EvidenceList(shapes(EvidenceRow, await assessing.list_evidence(actor, assessment, entry)))


@post(f"{_ONE}/settle", operation_id="settleEntry", summary="Confirm or reject an entry", tags=_TAG, status_code=200,
      dto=Strict[Settling], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def settle(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    entry: FromPath[UUID],
    data: Annotated[Settling, Body()],
    key: IdempotencyKey = None,
) -> EntryMoved:
    """Confirm an entry so that it counts, or reject it with a reason."""
    return shape(EntryMoved, await scoring.settle(actor, assessment, entry, data, now, key_of(key)))


@post("/assessments/{assessment:uuid}/settle", operation_id="settleItem", summary="Settle every proposal of an item",
      tags=_TAG, status_code=200, dto=Strict[SettlingItem], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def settle_item(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    data: Annotated[SettlingItem, Body()],
    key: IdempotencyKey = None,
) -> ItemSettled:
    """Confirm every proposal of one item that waits, or reject them all for one reason."""
    return shape(ItemSettled, await scoring.settle_item(actor, assessment, data, now, key_of(key)))


@post(f"{_ONE}/objection", operation_id="objectToEntry", summary="Object to an entry", tags=_TAG, status_code=200,
      dto=Strict[Saying], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def object_to(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    entry: FromPath[UUID],
    data: Annotated[Saying, Body()],
    key: IdempotencyKey = None,
) -> EntryMoved:
    """Say something against an entry, as the contractor's project director; once for each entry."""
    return shape(EntryMoved, await scoring.object_to(actor, assessment, entry, data, now, key_of(key)))


@post(f"{_ONE}/answer", operation_id="answerObjection", summary="Answer an objection", tags=_TAG, status_code=200,
      dto=Strict[Saying], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def answer(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    entry: FromPath[UUID],
    data: Annotated[Saying, Body()],
    key: IdempotencyKey = None,
) -> EntryMoved:
    """Answer the objection to an entry."""
    return shape(EntryMoved, await scoring.answer(actor, assessment, entry, data, now, key_of(key)))
