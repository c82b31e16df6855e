"""Versions of items and flows, what differs between two, and drafts that two stewards publish."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.publishing_answers import (
    DifferenceView,
    DraftPage,
    DraftProblem,
    DraftRow,
    DraftSettled,
    DraftView,
    FlowVersionRow,
    FlowVersions,
    FlowVersionView,
    ItemVersionRow,
    ItemVersions,
    ItemVersionView,
)
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.catalogue import approving, comparing, proposing
from engine.catalogue.approving import Returning
from engine.catalogue.proposing import Proposal

_TAG = ["publishing"]
_SUSPENSION: Final = Example(
    summary="Suspend an item",
    value={"kind": "suspension", "item": "11460100MB9A00014Q3460110001000", "reason": "上位法修订，暂停受理。"},
)
_RETURN: Final = Example(summary="Not yet", value={"reason": "材料 M03 缺少取得方式。"})
DraftState = Literal["proposed", "published", "returned", "withdrawn"]


@get("/items/{code:str}/versions", operation_id="listItemVersions", summary="Versions of an item", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def list_item_versions(context: Engine, now: Now, code: FromPath[str]) -> ItemVersions:
    """List every published version of an item, the newest first."""
    return ItemVersions(shapes(ItemVersionRow, await comparing.item_versions(context, code, now)))


@get("/items/{code:str}/versions/{version:int}", operation_id="readItemVersion", summary="One version of an item",
     tags=_TAG, responses=problems(401, 404))  # fmt: skip
async def read_item_version(context: Engine, now: Now, code: FromPath[str], version: FromPath[int]) -> ItemVersionView:
    """Read a version of an item as it was published, in force or not."""
    return shape(ItemVersionView, await comparing.item_version(context, code, version, now))


@get("/items/{code:str}/versions/{before:int}/difference/{after:int}", operation_id="compareItemVersions",
     summary="What differs between two versions of an item", tags=_TAG, responses=problems(401, 404))  # fmt: skip
async def compare_item_versions(code: FromPath[str], before: FromPath[int], after: FromPath[int]) -> DifferenceView:
    """Compare two versions of an item: limits, materials, situations, departments, basis, fee and the rest."""
    return DifferenceView(code, before, after, list(await comparing.compare_items(code, before, after)))


@get("/flows/{name:str}/versions", operation_id="listFlowVersions", summary="Versions of a procedure", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def list_flow_versions(context: Engine, now: Now, name: FromPath[str]) -> FlowVersions:
    """List every published version of a procedure, the newest first."""
    return FlowVersions(shapes(FlowVersionRow, await comparing.flow_versions(context, name, now)))


@get("/flows/{name:str}/versions/{version:int}", operation_id="readFlowVersion", summary="One version of a procedure",
     tags=_TAG, responses=problems(401, 404))  # fmt: skip
async def read_flow_version(context: Engine, now: Now, name: FromPath[str], version: FromPath[int]) -> FlowVersionView:
    """Read a version of a procedure: its states and steps, and the text that it was published from."""
    return shape(FlowVersionView, await comparing.flow_version(context, name, version, now))


@get("/flows/{name:str}/versions/{before:int}/difference/{after:int}", operation_id="compareFlowVersions",
     summary="What differs between two versions of a procedure", tags=_TAG, responses=problems(401, 404))  # fmt: skip
async def compare_flow_versions(
    context: Engine, name: FromPath[str], before: FromPath[int], after: FromPath[int]
) -> DifferenceView:
    """Compare two versions of a procedure: states, steps with who, conditions and clocks, watches, words."""
    return DifferenceView(name, before, after, list(await comparing.compare_flows(context, name, before, after)))


@post("/drafts", operation_id="propose", summary="Propose a version or a change", tags=_TAG, dto=Strict[Proposal],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def propose(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Proposal, Body(examples=[_SUSPENSION])],
    key: IdempotencyKey = None,
) -> DraftSettled:
    """Propose an item or flow version, or to suspend, resume or cancel an item. Item stewards only.

    Everything is checked at once: the form and the law of the text, the departments, the days. Another steward
    publishes it. The same text proposed again is answered as before.
    """
    return shape(DraftSettled, await proposing.propose(context, actor, data, now, key_of(key)))


@get("/drafts", operation_id="listDrafts", summary="Drafts within reach", tags=_TAG, responses=problems(401, 403))
async def list_drafts(
    actor: Caller,
    standing: Annotated[DraftState | None, QueryParameter(name="state", description="Only those so.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DraftPage:
    """List the drafts within the caller's organisation, the newest first; item stewards and auditors."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else None
    rows = await approving.list_drafts(actor, state=standing, after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return DraftPage(shapes(DraftRow, rows), more)


@get("/drafts/{draft:uuid}", operation_id="readDraft", summary="One draft", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_draft(context: Engine, actor: Caller, now: Now, draft: FromPath[UUID]) -> DraftView:
    """Read a draft: its text, what differs from the version before it, what bars it now, what the caller may do."""
    row = await approving.read_draft(context, actor, draft, now)
    return shape(DraftView, row | {"problems": [_problem(one) for one in row["problems"]]})


def _problem(refusal: Any) -> DraftProblem:
    return DraftProblem(refusal.code, refusal.zh, refusal.en, refusal.basis, refusal.extra)


@post("/drafts/{draft:uuid}/publication", operation_id="publishDraft", summary="Publish a draft", tags=_TAG,
      status_code=200, responses=problems(401, 403, 404, 409))  # fmt: skip
async def publish_draft(
    context: Engine, actor: Caller, now: Now, draft: FromPath[UUID], key: IdempotencyKey = None
) -> DraftSettled:
    """Approve what another steward proposed: it is checked again and published, or done, at once."""
    return shape(DraftSettled, await approving.publish(context, actor, draft, now, key_of(key)))


@post("/drafts/{draft:uuid}/return", operation_id="returnDraft", summary="Return a draft", tags=_TAG, status_code=200,
      dto=Strict[Returning], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def return_draft(
    actor: Caller,
    now: Now,
    draft: FromPath[UUID],
    data: Annotated[Returning, Body(examples=[_RETURN])],
    key: IdempotencyKey = None,
) -> DraftSettled:
    """Send back what another steward proposed, with a reason."""
    return shape(DraftSettled, await approving.send_back(actor, draft, data, now, key_of(key)))


@post("/drafts/{draft:uuid}/withdrawal", operation_id="withdrawDraft", summary="Withdraw a draft", tags=_TAG,
      status_code=200, responses=problems(401, 403, 404, 409))  # fmt: skip
async def withdraw_draft(actor: Caller, now: Now, draft: FromPath[UUID], key: IdempotencyKey = None) -> DraftSettled:
    """Take back one's own draft."""
    return shape(DraftSettled, await approving.withdraw(actor, draft, now, key_of(key)))
