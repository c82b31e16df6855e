"""月度考核: months of a contract are scored, reviewed and approved by three people, printed, corrected by editions."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Stream

from api.rest.answers import shape, shapes
from api.rest.assessment_answers import (
    AssessmentMoved,
    AssessmentPage,
    AssessmentRow,
    AssessmentView,
    ClueList,
    ClueRow,
    Searched,
    TableView,
)
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.documents import PDF, headers_of, sample
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.rest.streams import chunks_of
from api.state import Caller, Engine, Now
from engine.assessment import assessing, assessment_form, searching, settling
from engine.assessment.assessing import Correcting, OpeningMonth
from engine.assessment.publishing_tables import table_in_force
from engine.assessment.settling import Returning
from engine.documents.printing import open_printed

_TAG: Final = ["assessments"]
_ONE: Final = "/assessments/{assessment:uuid}"
_MARCH: Final = Example(
    summary="March", value={"contract": "01990000-0000-7000-8000-000000000000", "month": "2026-03-01"}
)
Contract = Annotated[UUID | None, QueryParameter(description="Only of this contract.")]
Item = Annotated[str, QueryParameter(description="An item of partial evidence, as printed, such as 3-7.")]


@get("/assessment-table", operation_id="readAssessmentTable", summary="What is scored", tags=_TAG,
     responses=problems(401))  # fmt: skip
async def read_table(actor: Caller) -> TableView:  # noqa: ARG001  # for whoever is signed in
    """Read the newest published table: groups, items, points, which of them the trail proves, and the pay tiers."""
    return TableView(msgspec.to_builtins(await table_in_force()))


@post("/assessments", operation_id="openAssessment", summary="Open a month", tags=_TAG, dto=Strict[OpeningMonth],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def open_assessment(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[OpeningMonth, Body(examples=[_MARCH])],
    key: IdempotencyKey = None,
) -> AssessmentMoved:
    """Open the assessment of a month that is over, as the purchaser's assessor."""
    return shape(AssessmentMoved, await assessing.open_month(context, actor, data, now, key_of(key)))


@get("/assessments", operation_id="listAssessments", summary="Assessments within reach", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_assessments(
    actor: Caller, contract: Contract = None, cursor: Cursor = None, limit: Limit = 50
) -> AssessmentPage:
    """List the assessments of the caller's halls, the newest first."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else assessing.NEWEST
    rows = await assessing.list_assessments(actor, contract=contract, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return AssessmentPage(shapes(AssessmentRow, rows), more)


@get(_ONE, operation_id="readAssessment", summary="One assessment", tags=_TAG, responses=problems(401, 403, 404))
async def read_assessment(actor: Caller, assessment: FromPath[UUID]) -> AssessmentView:
    """Read an assessment: the score as it stands, entries with evidence, objections, the record of every act."""
    return shape(AssessmentView, _view(await assessing.read_assessment(actor, assessment)))


def _view(row: dict[str, Any]) -> dict[str, Any]:
    standing = msgspec.to_builtins(row["standing"])
    return {**row, "total": standing["total"], "groups": standing["groups"], "table_version": row["table"].version}


@get(f"{_ONE}/clues", operation_id="listClues", summary="Cases to judge from", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_clues(context: Engine, actor: Caller, assessment: FromPath[UUID], item: Item) -> ClueList:
    """List the cases of the month from which a person judges an item of partial evidence."""
    return ClueList(shapes(ClueRow, await assessing.list_clues(context, actor, assessment, item)))


@post(f"{_ONE}/search", operation_id="searchTrail", summary="Search the trail", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def search(
    context: Engine, actor: Caller, now: Now, assessment: FromPath[UUID], key: IdempotencyKey = None
) -> Searched:
    """Search the month's trail; what is new becomes proposals that count for nothing until they are confirmed."""
    return shape(Searched, await searching.search(context, actor, assessment, now, key_of(key)))


@post(f"{_ONE}/submit", operation_id="submitAssessment", summary="Submit for review", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def submit(
    context: Engine, actor: Caller, now: Now, assessment: FromPath[UUID], key: IdempotencyKey = None
) -> AssessmentMoved:
    """Hand an assessment over for review, once every proposal is settled and every objection answered."""
    return shape(AssessmentMoved, await settling.submit(context, actor, assessment, now, key_of(key)))


@post(f"{_ONE}/review", operation_id="reviewAssessment", summary="Review", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def review(actor: Caller, now: Now, assessment: FromPath[UUID], key: IdempotencyKey = None) -> AssessmentMoved:
    """Agree to what was scored, as another person."""
    return shape(AssessmentMoved, await settling.review(actor, assessment, now, key_of(key)))


@post(f"{_ONE}/return", operation_id="returnAssessment", summary="Send back", tags=_TAG, status_code=200,
      dto=Strict[Returning], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def send_back(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    data: Annotated[Returning, Body()],
    key: IdempotencyKey = None,
) -> AssessmentMoved:
    """Give an assessment back to be scored again, with the reason."""
    return shape(AssessmentMoved, await settling.send_back(actor, assessment, data, now, key_of(key)))


@post(f"{_ONE}/approve", operation_id="approveAssessment", summary="Approve", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def approve(
    context: Engine, actor: Caller, now: Now, assessment: FromPath[UUID], key: IdempotencyKey = None
) -> AssessmentMoved:
    """Approve an assessment as a third person; from then on it never changes, and its form is printed."""
    return shape(AssessmentMoved, await settling.approve(context, actor, assessment, now, key_of(key)))


@post(f"{_ONE}/correct", operation_id="correctAssessment", summary="Correct by a new edition", tags=_TAG,
      dto=Strict[Correcting], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def correct(
    *,
    actor: Caller,
    now: Now,
    assessment: FromPath[UUID],
    data: Annotated[Correcting, Body()],
    key: IdempotencyKey = None,
) -> AssessmentMoved:
    """Open the next edition of an approved month, with the entries of the one that it names."""
    return shape(AssessmentMoved, await assessing.correct(actor, assessment, data, now, key_of(key)))


@get(f"{_ONE}/form", operation_id="printAssessment", summary="The printed form", tags=_TAG, media_type=PDF,
     responses=problems(401, 403, 404, 409))  # fmt: skip
async def print_form(context: Engine, actor: Caller, now: Now, assessment: FromPath[UUID]) -> Stream:
    """Hand out the PDF/A of an approved assessment, as it was made once. It is logged."""
    printed = await assessment_form.find_form(actor, assessment, now)
    return Stream(chunks_of(await open_printed(context, printed)), headers=headers_of(printed))


@get(f"{_ONE}/draft", operation_id="draftAssessment", summary="The form as it stands", tags=_TAG, media_type=PDF,
     responses=problems(401, 403, 404, 409))  # fmt: skip
async def draft_form(context: Engine, actor: Caller, now: Now, assessment: FromPath[UUID]) -> Response[bytes]:
    """Draw the form as the assessment stands, marked as a draft. Nothing is kept."""
    return sample(await assessment_form.draft_form(context, actor, assessment, now))
