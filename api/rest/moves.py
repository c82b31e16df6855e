"""迁移方案: cases in flight move to other versions of their flow or item, by a plan with a dry run and two people."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.move_answers import PlanMoved, PlanPage, PlanRow, PlanView
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.moves import migrating, planning_moves
from engine.moves.planning_moves import Planning

_TAG: Final = ["moves"]
_ONE: Final = "/moves/{plan:uuid}"
_FIRST: Final = UUID(int=0)
_REVISED: Final = Example(
    summary="The cases of one flow version",
    value={"flow": "PERMIT", "flow_from": 2, "flow_to": 3, "reason": "流程修订"},
)
Only = Annotated[
    Literal["moves", "stays", "moved", "refused", "gone"] | None,
    QueryParameter(description="Only cases with this verdict or result."),
]


@post("/moves", operation_id="planMove", summary="Plan to move cases (dry run)", tags=_TAG, dto=Strict[Planning],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def plan_move(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Planning, Body(examples=[_REVISED])],
    key: IdempotencyKey = None,
) -> PlanMoved:
    """Plan to move cases in flight to other versions, as a steward; a worker makes the dry run. No case is changed."""
    return shape(PlanMoved, await planning_moves.plan(context, actor, data, now, key_of(key)))


@get("/moves", operation_id="listMoves", summary="Plans within reach", tags=_TAG, responses=problems(401, 403))
async def list_moves(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> PlanPage:
    """List the plans for the organisations of the steward or auditor, the newest first."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else None
    rows = await migrating.list_plans(actor, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return PlanPage(shapes(PlanRow, rows), more)


@get(_ONE, operation_id="readMove", summary="One plan with its cases", tags=_TAG, responses=problems(401, 403, 404))
async def read_move(
    *, actor: Caller, plan: FromPath[UUID], only: Only = None, cursor: Cursor = None, limit: Limit = 50
) -> PlanView:
    """Read a plan with a page of its cases: the verdict of the dry run with every reason, and what became of each."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else _FIRST
    found = await migrating.read_plan(actor, plan, only=only or "", after=after, limit=limit)
    lines = found["lines"]
    more = write_cursor(KeyPlace(lines[-1]["id"])) if len(lines) == limit else None
    return shape(PlanView, {**found, "next": more})


@post(f"{_ONE}/approve", operation_id="approveMove", summary="Approve a plan", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def approve_move(actor: Caller, now: Now, plan: FromPath[UUID], key: IdempotencyKey = None) -> PlanMoved:
    """Agree to a plan whose dry run is made, as another steward than made it."""
    return shape(PlanMoved, await migrating.approve(actor, plan, now, key_of(key)))


@post(f"{_ONE}/carry-out", operation_id="carryOutMove", summary="Let the cases move", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def carry_out_move(
    context: Engine, actor: Caller, now: Now, plan: FromPath[UUID], key: IdempotencyKey = None
) -> PlanMoved:
    """Let the cases of an approved plan move; each is looked at again, and no accepted deadline is changed."""
    return shape(PlanMoved, await migrating.carry_out(context, actor, plan, now, key_of(key)))


@post(f"{_ONE}/cancel", operation_id="cancelMove", summary="Give a plan up", tags=_TAG, status_code=200,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def cancel_move(actor: Caller, now: Now, plan: FromPath[UUID], key: IdempotencyKey = None) -> PlanMoved:
    """Give a plan up; what it has moved already stays moved."""
    return shape(PlanMoved, await migrating.cancel(actor, plan, now, key_of(key)))


ROUTES: Final = (
    plan_move,
    list_moves,
    read_move,
    approve_move,
    carry_out_move,
    cancel_move,
)
