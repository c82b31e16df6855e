"""Cases: open, list, read, act."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from litestar import Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, JSONBody, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.case_answers import CaseHead, CasePage, CaseRow, Clear, Done, Opened, Unmask
from api.rest.cursors import UrgentPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import ClaimedAt, Cursor, IdempotencyKey, IfMatch, Limit, claimed_at_of, key_of, version_of
from api.state import Caller, Engine, Now
from engine import operations, reading
from engine.opening import Opening, open_case
from engine.work import Command
from workflows.errors import NotFound
from workflows.events import Act

_TAG = ["cases"]
_ACTS: Final = {act.value: act for act in Act if act is not Act.OPEN}
_OPENING: Final = Example(
    summary="A firm applies at the window",
    value={
        "item": "11460100MB9A00014Q3460110001000",
        "applicant": {
            "kind": "organisation",
            "name": "示例餐饮有限公司",
            "id_kind": "uscc",
            "id_number": "91350100M000100Y43",
        },
    },
)
_RECEIVING: Final = Example(
    summary="receive", value={"materials": [{"line": "M01", "originals": 1}, {"line": "M02", "exempt": "e_cert"}]}
)


@post(
    "/cases",
    operation_id="openCase",
    summary="Open a case",
    tags=_TAG,
    dto=Strict[Opening],
    return_dto=None,
    responses=problems(401, 403, 404, 409, 413, 415),
)
async def create_case(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Opening, Body(examples=[_OPENING])],
    key: IdempotencyKey = None,
) -> Response[Opened]:
    """Register an application: number and query code are given, nothing lawful has happened yet (收件 is an act)."""
    answer = await open_case(context, actor, data, now, key_of(key))
    return _versioned(shape(Opened, answer))


@get("/cases", operation_id="listCases", summary="Cases within reach", tags=_TAG, responses=problems(401))
async def list_cases(
    *,
    actor: Caller,
    states: Annotated[
        list[str] | None, QueryParameter(name="state", description="Only these states; may be repeated.")
    ] = None,
    item: Annotated[str | None, QueryParameter(max_length=50, description="Only this item, by its code.")] = None,
    due_before: Annotated[datetime | None, QueryParameter(description="Only what falls due before (RFC 3339).")] = None,
    priority: Annotated[bool, QueryParameter(description="Only those whom the law serves first.")] = False,
    owner: Annotated[
        Literal["me"] | None, QueryParameter(description="Only open cases for which the caller answers (首问负责).")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CasePage:
    """List the cases of the caller's halls and those routed to the caller's departments: priority, then urgency."""
    rows = await reading.list_cases(
        actor,
        states=states,
        item=item,
        due_before=due_before,
        priority=priority,
        mine=owner is not None,
        after=place_of(cursor),
        limit=limit,
    )
    return page_of(rows, limit)


@get("/tasks", operation_id="listTasks", summary="My tasks", tags=_TAG, responses=problems(401))
async def list_tasks(context: Engine, actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> CasePage:
    """List the cases in which it is the caller's turn: those with priority first, then the most urgent."""
    rows = await reading.list_tasks(context, actor, after=place_of(cursor), limit=limit)
    return page_of(rows, limit)


@get("/cases/{number:str}", operation_id="readCase", summary="One case", tags=_TAG, responses=problems(401, 404))
async def read_case(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> Response[CaseHead]:
    """Read the head of a case; `ETag` is its version. The look is logged."""
    return _versioned(shape(CaseHead, await reading.read_case(context, actor, number, now)))


@post(
    "/cases/{number:str}/actions/{action:str}",
    operation_id="act",
    summary="Do one act on a case",
    tags=_TAG,
    status_code=200,
    dto=Strict[dict[str, Any]],
    return_dto=None,
    responses=problems(401, 403, 404, 409, 412, 413, 415, 428),
)
async def act(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    action: FromPath[str],
    data: Annotated[dict[str, Any], Body(examples=[_RECEIVING])],
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
    claimed_at: ClaimedAt = None,
) -> Response[Done]:
    """Do one act, wholly or not at all. `GET …/actions` says what may be done, with the schema of each payload."""
    command = Command(
        actor, number, act_of(action), data, now, key_of(key), version_of(if_match), claimed_at_of(claimed_at)
    )
    return _versioned(shape(Done, await operations.act(context, command)))


@post(
    "/cases/{number:str}/unmask",
    operation_id="unmask",
    summary="One personal value in clear",
    tags=_TAG,
    status_code=200,
    dto=Strict[Unmask],
    return_dto=None,
    responses=problems(401, 403, 404, 413, 415),
)
async def unmask(
    context: Engine, actor: Caller, now: Now, number: FromPath[str], data: JSONBody[Unmask]
) -> Response[Clear]:
    """Show `id_number`, `mobile` or `address` of the applicant for a stated reason; logged before it is shown."""
    value = await reading.unmask(context, actor, number, data.field, data.reason, now)
    return Response(Clear(data.field, value), headers={"Cache-Control": "no-store"})


def act_of(action: str) -> Act:
    """The act of this name.

    :raises NotFound: ``action_unknown``.
    """
    known = _ACTS.get(action)
    if known is None:
        raise NotFound(
            "action_unknown", "没有这种操作。", "There is no such action; GET …/actions lists those of the case."
        )
    return known


def place_of(cursor: str | None) -> tuple[int, str, Any]:
    """Where a page of cases begins."""
    if cursor is None:
        return reading.NOWHERE
    place = read_cursor(cursor, UrgentPlace)
    return place.rank, place.urgency, place.id


def page_of(rows: list[dict[str, Any]], limit: int) -> CasePage:
    """A page of cases with the cursor of the next one."""
    last = rows[-1] if len(rows) == limit else None
    place = UrgentPlace(last["rank"], last["urgency"], last["id"]) if last else None
    return CasePage(shapes(CaseRow, rows), write_cursor(place) if place else None)


def _versioned(answer: Any) -> Response[Any]:
    return Response(answer, headers={"ETag": f'"{answer.version}"', "Cache-Control": "no-store"})
