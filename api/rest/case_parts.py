"""What belongs to a case: what may be done, the trail, the clocks, documents, scans."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from api.rest.answers import shapes
from api.rest.case_answers import ActionRow, ClockRow, DocumentRow, EventPage, EventRow, ScanRow
from api.rest.cursors import SeqPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine, Now
from engine import reading
from engine.materials import checklists

_TAG = ["cases"]
_PROBLEMS = problems(401, 404)
_ROOT = "/cases/{number:str}"


@get(f"{_ROOT}/actions", operation_id="listActions", summary="What may be done", tags=_TAG, responses=_PROBLEMS)
async def list_actions(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> list[ActionRow]:
    """List every step from the case's state: allowed for the caller now, or barred with the reason and the article."""
    return shapes(ActionRow, await reading.list_actions(context, actor, number, now))


@get(f"{_ROOT}/events", operation_id="listEvents", summary="The trail", tags=_TAG, responses=_PROBLEMS)
async def list_events(
    context: Engine, actor: Caller, number: FromPath[str], cursor: Cursor = None, limit: Limit = 50
) -> EventPage:
    """List the events of a case in order, each with the digest that chains it to the one before."""
    after = read_cursor(cursor, SeqPlace).seq if cursor is not None else 0
    rows = await reading.list_events(context, actor, number, after=after, limit=limit)
    more = write_cursor(SeqPlace(rows[-1]["seq"])) if len(rows) == limit else None
    return EventPage(shapes(EventRow, rows), more)


@get(f"{_ROOT}/clocks", operation_id="listClocks", summary="The limits", tags=_TAG, responses=_PROBLEMS)
async def list_clocks(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> list[ClockRow]:
    """List every limit of a case with its end, its light, and why it ends then."""
    return shapes(ClockRow, await reading.list_clocks(context, actor, number, now))


@get(f"{_ROOT}/documents", operation_id="listDocuments", summary="The documents", tags=_TAG, responses=_PROBLEMS)
async def list_documents(context: Engine, actor: Caller, number: FromPath[str]) -> list[DocumentRow]:
    """List the documents (文书) of a case in the order of issue."""
    return shapes(DocumentRow, await reading.list_documents(context, actor, number))


@get(f"{_ROOT}/scans", operation_id="listScans", summary="The scans", tags=_TAG, responses=_PROBLEMS)
async def list_scans(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> list[ScanRow]:
    """List every scan of a case, line by line."""
    lines = await checklists.list_materials(context, actor, number, now)
    return shapes(ScanRow, [scan for line in lines for scan in line["scans"]])
