"""Who stands in for whom while somebody is absent (代理履职)."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import delete, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from api.rest.hall_answers import Delegated, DelegationPage, DelegationRow
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Now
from engine import delegating
from engine.delegating import Appointing

_TAG = ["delegations"]
_LEAVE: Final = Example(
    summary="A week's leave",
    value={
        "person": "approver", "delegate": "approver2", "role": "approver", "organisation": "amr",
        "from_at": "2026-03-09T00:00:00+08:00", "until_at": "2026-03-14T00:00:00+08:00", "reason": "年休假",
    },
)  # fmt: skip


@post("/delegations", operation_id="appointDelegate", summary="Appoint a delegate", tags=_TAG, dto=Strict[Appointing],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def appoint_delegate(actor: Caller, now: Now, data: Annotated[Appointing, Body(examples=[_LEAVE])]) -> Delegated:
    """Let somebody hold one role of an absent person for a time; every act of theirs names both."""
    return shape(Delegated, await delegating.appoint(actor, data, now))


@get("/delegations", operation_id="listDelegations", summary="Delegations", tags=_TAG, responses=problems(401))
async def list_delegations(actor: Caller, now: Now, cursor: Cursor = None, limit: Limit = 50) -> DelegationPage:
    """List the delegations that hold or are to come: the caller's own, and those that the caller may appoint."""
    place = read_cursor(cursor, MomentPlace) if cursor is not None else None
    rows = await delegating.list_delegations(actor, now, after=(place.at, place.id) if place else None, limit=limit)
    more = write_cursor(MomentPlace(rows[-1]["from_at"], rows[-1]["id"])) if len(rows) == limit else None
    return DelegationPage(shapes(DelegationRow, rows), more)


@delete("/delegations/{delegation:uuid}", operation_id="endDelegation", summary="End a delegation", tags=_TAG,
        responses=problems(401, 403, 404))  # fmt: skip
async def end_delegation(actor: Caller, now: Now, delegation: FromPath[UUID]) -> None:
    """End a delegation before its time; one that is over stays as it is."""
    await delegating.end(actor, delegation, now)
