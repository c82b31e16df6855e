"""办不成事: tickets for what an applicant could not get done."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.case_answers import Clear
from api.rest.cursors import DayPlace, read_cursor, write_cursor
from api.rest.documents import PDF, sample
from api.rest.hall_answers import ImpassePage, ImpasseRow, ImpasseView, Ticket
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine import redress
from engine.redress import Moving, Registering
from workflows.errors import NotFound
from workflows.impasse import ImpasseState, ImpasseStep

_TAG = ["impasses"]
_STEPS: Final = {step.value: step for step in ImpasseStep}
_TOLD: Final = Example(
    summary="Came three times for nothing",
    value={"person": "示例一", "matter": "材料交齐三次仍未受理。", "contact": "13800001234"},
)
_GIVEN: Final = Example(summary="assign", value={"note": "请核实后当日联系。", "organisation": "amr"})


class Why(Struct, forbid_unknown_fields=True):
    """Why a sealed value is wanted in clear."""

    reason: Annotated[str, Meta(min_length=1, max_length=400)]


@post("/impasses", operation_id="registerImpasse", summary="Register a ticket", tags=_TAG, dto=Strict[Registering],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def register_impasse(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Registering, Body(examples=[_TOLD])],
    key: IdempotencyKey = None,
) -> Ticket:
    """Register what an applicant could not get done, and give it its number (D26). Contact is owed the same day."""
    return shape(Ticket, await redress.register_impasse(context, actor, data, now, key_of(key)))


@post("/impasses/preview", operation_id="previewImpasse", summary="The paper of a ticket", tags=_TAG, status_code=200,
      dto=Strict[Registering], return_dto=None, media_type=PDF,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def preview_impasse(context: Engine, actor: Caller, now: Now, data: JSONBody[Registering]) -> Response[bytes]:
    """Draw the ticket (D26) that this would register, marked as a sample. Nothing is written."""
    return sample(await redress.preview_impasse(context, actor, data, now))


@get("/impasses", operation_id="listImpasses", summary="Tickets within reach", tags=_TAG, responses=problems(401))
async def list_impasses(
    *,
    actor: Caller,
    states: Annotated[
        list[ImpasseState] | None, QueryParameter(name="state", description="Only these states; may be repeated.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ImpassePage:
    """List the tickets of the caller's halls and those assigned to the caller's departments, the most urgent first."""
    place = read_cursor(cursor, DayPlace) if cursor is not None else None
    rows = await redress.list_impasses(
        actor,
        states=[state.value for state in states] if states else None,
        after=(place.day, place.id) if place else redress.FIRST,
        limit=limit,
    )
    more = write_cursor(DayPlace(rows[-1]["due_on"], rows[-1]["id"])) if len(rows) == limit else None
    return ImpassePage(shapes(ImpasseRow, rows), more)


@get(
    "/impasses/{number:str}", operation_id="readImpasse", summary="One ticket", tags=_TAG, responses=problems(401, 404)
)
async def read_impasse(actor: Caller, now: Now, number: FromPath[str]) -> ImpasseView:
    """Read a ticket with who did what, and the steps that the caller may take next. The look is logged."""
    return shape(ImpasseView, await redress.read_impasse(actor, number, now))


@post("/impasses/{number:str}/steps/{step:str}", operation_id="moveImpasse", summary="Take a step with a ticket",
      tags=_TAG, status_code=200, dto=Strict[Moving], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def move_impasse(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    step: FromPath[str],
    data: Annotated[Moving, Body(examples=[_GIVEN])],
    key: IdempotencyKey = None,
) -> Ticket:
    """Assign, contact, solve, feed back, verify, reopen or file; a ticket says which steps it has."""
    known = _STEPS.get(step)
    if known is None:
        raise NotFound("step_unknown", "工单没有这种操作。", "A ticket has no such step.")
    return shape(Ticket, await redress.move_impasse(context, actor, number, known, data, now, key_of(key)))


@post("/impasses/{number:str}/unmask", operation_id="unmaskContact", summary="The contact in clear", tags=_TAG,
      status_code=200, dto=Strict[Why], return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def unmask_contact(
    context: Engine, actor: Caller, now: Now, number: FromPath[str], data: JSONBody[Why]
) -> Response[Clear]:
    """Show how to reach the applicant, to who handles the ticket, for a stated reason; logged before it is shown."""
    value = await redress.unmask_contact(context, actor, number, data.reason, now)
    return Response(Clear("contact", value), headers={"Cache-Control": "no-store"})
