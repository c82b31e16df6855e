"""The tree of places: what is in it, what is added, what changes."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import get, patch, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import CodePlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Now
from engine.administration import managing_places
from engine.administration.managing_places import PlaceChange
from workflows.payload import ShortText
from workflows.place import Place, PlaceKind

_TAG = ["administration"]
_WINDOW = Example(
    summary="One more window",
    value={"code": "w10", "parent": "hall", "kind": "window", "region": "460100", "name": "综合窗口10号",
           "name_en": "General window 10"},
)  # fmt: skip
_RENAMED = Example(summary="Another name", value={"name": "示例市政务服务局", "name_en": "Sample City Service Bureau"})


class OrganisationRow(Struct):
    """A place; ``path`` lists the codes from the root, ``parent`` is empty at the root."""

    code: str
    parent: str
    path: str
    kind: str
    region_code: str
    name: str
    name_en: str
    phone: str
    uscc: str | None = None
    agency_word: str | None = None
    hours: dict[str, Any] | None = None


class OrganisationPage(Struct):
    """Places from the top down, and where the next page begins; no ``next`` on the last page."""

    items: list[OrganisationRow]
    next: str | None = None


@get("/organisations", operation_id="listOrganisations", summary="Places", tags=_TAG, responses=problems(401, 403))
async def list_organisations(
    *,
    actor: Caller,
    kind: Annotated[PlaceKind | None, QueryParameter(description="Only of this kind.")] = None,
    text: Annotated[ShortText | None, QueryParameter(description="A code, or part of a name.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> OrganisationPage:
    """List regions, halls, departments and windows within the caller's reach; administrators only."""
    after = read_cursor(cursor, CodePlace).code if cursor is not None else ""
    rows = await managing_places.list_places(actor, after=after, kind=kind or "", text=text or "", limit=limit)
    more = write_cursor(CodePlace(rows[-1]["code"])) if len(rows) == limit else None
    return OrganisationPage(shapes(OrganisationRow, rows), more)


@get("/organisations/{code:str}", operation_id="readOrganisation", summary="One place", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_organisation(actor: Caller, code: FromPath[str]) -> OrganisationRow:
    """Read one place; administrators only."""
    return shape(OrganisationRow, await managing_places.read_place(actor, code))


@post("/organisations", operation_id="addOrganisation", summary="Add a place", tags=_TAG, dto=Strict[Place],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def add_organisation(
    actor: Caller, now: Now, data: Annotated[Place, Body(examples=[_WINDOW])]
) -> OrganisationRow:
    """Add a place below one within the caller's reach; system administrators only. Nothing is ever taken out again."""
    await managing_places.add_place(actor, data, now)
    return shape(OrganisationRow, await managing_places.read_place(actor, data.code))


@patch("/organisations/{code:str}", operation_id="changeOrganisation", summary="Change a place", tags=_TAG,
       dto=Strict[PlaceChange], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def change_organisation(
    actor: Caller, now: Now, code: FromPath[str], data: Annotated[PlaceChange, Body(examples=[_RENAMED])]
) -> OrganisationRow:
    """Change names, telephone, or the hours of a hall that has no case yet; system administrators only."""
    await managing_places.change_place(actor, code, data, now)
    return shape(OrganisationRow, await managing_places.read_place(actor, code))


ROUTES: Final = (list_organisations, read_organisation, add_organisation, change_organisation)
