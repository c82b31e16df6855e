"""帮办代办: mandates, and what agents file under them."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, JSONBody, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.case_answers import Opened
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.documents import PDF, sample
from api.rest.evidence import Upload
from api.rest.mandate_answers import FormDrawn, MandateEnded, MandateKept, MandatePage, MandateView, PaperReceived
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from api.uploads import receive_file
from engine.mandates import agency, mandate_evidence, mandate_forms
from engine.mandates.agency import FilingFor, Revoking
from engine.mandates.mandate_terms import Terms
from engine.mandates.mandating import Mandating, register_mandate

_TAG = ["mandates"]
_GIVEN: Final = Example(
    summary="For four weeks, to a help-desk agent",
    value={
        "principal": {
            "kind": "person", "name": "示例一", "id_kind": "resident_id", "id_number": "11010519491231002X",
        },
        "agent": {"id_kind": "passport", "id_number": "E12345678", "login": "agent"},
        "matter": "代为办理食品经营许可", "items": ["11460100MB9A00014Q3460110001000"],
        "powers": ["file", "supply"], "from_on": "2026-03-02", "until_on": "2026-03-29", "signed": True,
    },
)  # fmt: skip
_ENDED: Final = Example(
    summary="The principal revokes it", value={"ending": "revoked", "reason": "改为本人办理。", "signed": True}
)


@post("/mandates", operation_id="registerMandate", summary="Register a mandate", tags=_TAG, dto=Strict[Mandating],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def register(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Mandating, Body(examples=[_GIVEN])],
    key: IdempotencyKey = None,
) -> MandateKept:
    """Register a mandate as its paper states it, and give it its number (D22). Its paper is uploaded next."""
    return shape(MandateKept, await register_mandate(context, actor, data, now, key_of(key)))


@post("/mandates/forms", operation_id="drawMandateForm", summary="Draw up a mandate to be signed", tags=_TAG,
      dto=Strict[Terms], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def draw_form(
    *, context: Engine, actor: Caller, now: Now, data: JSONBody[Terms], key: IdempotencyKey = None
) -> FormDrawn:
    """Give a mandate its number (D22) and its form, to be printed and signed; register it with `form` afterwards."""
    return shape(FormDrawn, await mandate_forms.draw_form(context, actor, data, now, key_of(key)))


@post("/mandates/forms/preview", operation_id="previewMandateForm", summary="The form of a mandate", tags=_TAG,
      status_code=200, dto=Strict[Terms], return_dto=None, media_type=PDF,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def preview_form(context: Engine, actor: Caller, now: Now, data: JSONBody[Terms]) -> Response[bytes]:
    """Draw the form (D22) marked as a sample. Nothing is written."""
    return sample(await mandate_forms.preview_form(context, actor, data, now))


@get("/mandates", operation_id="listMandates", summary="Mandates within reach", tags=_TAG, responses=problems(401))
async def list_mandates(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    standing: Annotated[bool, QueryParameter(description="Only those that have not ended.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MandatePage:
    """List the caller's own mandates and those of the caller's halls, the newest first."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else None
    rows = await agency.list_mandates(context, actor, now, standing=standing, after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return MandatePage(shapes(MandateView, rows), more)


@get("/mandates/{mandate:uuid}", operation_id="readMandate", summary="One mandate", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_mandate(context: Engine, actor: Caller, now: Now, mandate: FromPath[UUID]) -> MandateView:
    """Read a mandate with its scope, its term and where it stands. The look is logged."""
    return shape(MandateView, await agency.read_mandate(context, actor, mandate, now))


@post("/mandates/{mandate:uuid}/scans", operation_id="uploadMandatePaper", summary="Upload the paper", tags=_TAG,
      request_max_body_size=None,  # receive_file holds it to the limit for files
      operation_class=Upload, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def upload_paper(
    *,
    request: Request[Any, Any, Any],
    context: Engine,
    actor: Caller,
    now: Now,
    mandate: FromPath[UUID],
    key: IdempotencyKey = None,
) -> PaperReceived:
    """Send one file as `multipart/form-data` in a part named `file`. Once a worker has kept it, the mandate counts."""
    checked = key_of(key)
    await mandate_evidence.check_mandate(actor, mandate)
    async with receive_file(request, context.settings) as received:
        answer = await mandate_evidence.receive_paper(context, actor, mandate, received, now, checked)
        return shape(PaperReceived, answer)


@post("/mandates/{mandate:uuid}/revocation", operation_id="revokeMandate", summary="End a mandate", tags=_TAG,
      status_code=200, dto=Strict[Revoking], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def revoke(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    mandate: FromPath[UUID],
    data: Annotated[Revoking, Body(examples=[_ENDED])],
    key: IdempotencyKey = None,
) -> MandateEnded:
    """End a mandate before its term. From now on every act under it is refused; its open cases say so."""
    return shape(MandateEnded, await agency.revoke_mandate(context, actor, mandate, data, now, key_of(key)))


@post("/mandates/{mandate:uuid}/cases", operation_id="fileForPrincipal", summary="File for the principal", tags=_TAG,
      dto=Strict[FilingFor], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def file_for(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    mandate: FromPath[UUID],
    data: JSONBody[FilingFor],
    key: IdempotencyKey = None,
) -> Response[Opened]:
    """Open a case for the principal, as the agent whom the mandate names; the applicant is who gave the mandate."""
    answer = await agency.file_for(context, actor, mandate, data, now, key_of(key))
    opened = shape(Opened, answer)
    return Response(opened, headers={"ETag": f'"{opened.version}"', "Cache-Control": "no-store"})
