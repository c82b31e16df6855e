"""The auditor's desk: search, a case as one record, anomalies, who looked at whom."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from api.rest import audit_answers as answers
from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import DayPlace, MomentPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine, Now
from engine.audit_desk import access_reading, case_record, listing_anomalies, searching
from engine.audit_desk.access_reading import LookQuestion
from engine.audit_desk.desk import LATEST
from engine.audit_desk.searching import FIRST_DAY, CaseQuestion, EventQuestion
from workflows.actor import Role

_TAG = ["audit"]
_CODE: Final = {"max_length": 60, "min_length": 1}
Since = Annotated[date | None, QueryParameter(name="from", description="First hall day.")]
Until = Annotated[date | None, QueryParameter(name="to", description="Last hall day, included; today by default.")]
Number = Annotated[str | None, QueryParameter(**_CODE, description="Case number; then no period is needed.")]
QueryCode = Annotated[str | None, QueryParameter(**_CODE, description="The code on the receipt.")]
DocumentNumber = Annotated[str | None, QueryParameter(**_CODE, description="Number of a document (文号).")]
Item = Annotated[str | None, QueryParameter(**_CODE, description="Code of the item.")]
Hall = Annotated[str | None, QueryParameter(**_CODE, description="Code of the hall.")]
Department = Annotated[str | None, QueryParameter(**_CODE, description="Code of the department.")]
Window = Annotated[str | None, QueryParameter(**_CODE, description="Code of the window.")]
Person = Annotated[str | None, QueryParameter(**_CODE, description="Login of who had a part in it.")]


class PartySearch(Struct, forbid_unknown_fields=True):
    """An applicant's number, exactly, and what the search is for."""

    id_kind: Annotated[str, Meta(min_length=1, max_length=40)]
    id_number: Annotated[str, Meta(min_length=1, max_length=60)]
    purpose: Annotated[str, Meta(min_length=1, max_length=200)]


class Unmasking(Struct, forbid_unknown_fields=True):
    """Which value of the applicant is to be shown in clear, and why."""

    field: Literal["name", "id_number", "mobile", "address"]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class ShownInClear(Struct):
    """A value in clear."""

    value: str


_PARTY: Final = Example(
    summary="For a complaint",
    value={"id_kind": "uscc", "id_number": "91350100M000100Y43", "purpose": "核查信访事项涉及的办件"},
)
_NAME: Final = Example(summary="For a check", value={"field": "name", "reason": "核对抽查样本当事人"})


@get("/audit/cases", operation_id="auditCases", summary="Search cases", tags=_TAG, responses=problems(401, 403, 404))
async def search_cases(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    case: Number = None,
    query_code: QueryCode = None,
    document: DocumentNumber = None,
    item: Item = None,
    case_state: Annotated[str | None, QueryParameter(name="state", **_CODE, description="State.")] = None,
    hall: Hall = None,
    department: Department = None,
    window: Window = None,
    person: Person = None,
    outcome: Annotated[str | None, QueryParameter(**_CODE, description="granted, denied, withdrawn …")] = None,
    flag: Annotated[str | None, QueryParameter(**_CODE, description="A flag that the case has.")] = None,
    dated: Annotated[
        Literal["opened", "accepted", "decided", "closed"], QueryParameter(description="By which day.")
    ] = "opened",
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> answers.AuditedCasePage:
    """List cases, the newest first: by number, or of a period of a year at most (the last month by default)."""
    asked = CaseQuestion(case=case, query_code=query_code, document=document, item=item, state=case_state, hall=hall,
                         department=department, window=window, person=person, outcome=outcome, flag=flag,
                         dated=dated, since=since, until=until)  # fmt: skip
    place = read_cursor(cursor, DayPlace) if cursor is not None else None
    after = (place.day, place.id) if place else FIRST_DAY
    rows = await searching.search_cases(context, actor, asked, now, after=after, limit=limit)
    more = write_cursor(DayPlace(rows[-1]["listed_on"], rows[-1]["id"])) if len(rows) == limit else None
    return answers.AuditedCasePage(shapes(answers.AuditedCase, rows), more)


@get("/audit/events", operation_id="auditEvents", summary="Search events", tags=_TAG, responses=problems(401, 403, 404))
async def search_events(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    case: Number = None,
    query_code: QueryCode = None,
    document: DocumentNumber = None,
    item: Item = None,
    case_state: Annotated[str | None, QueryParameter(name="state", **_CODE, description="State led to.")] = None,
    hall: Hall = None,
    department: Department = None,
    window: Window = None,
    person: Person = None,
    name: Annotated[str | None, QueryParameter(**_CODE, description="Name of the event, e.g. `case:grant`.")] = None,
    role: Annotated[Role | None, QueryParameter(description="As what somebody acted.")] = None,
    reason: Annotated[str | None, QueryParameter(max_length=40, description="Part of the reason; 92 days.")] = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> answers.AuditedEventPage:
    """List events, the newest first: of one case, or of a period of a year at most (the last month by default)."""
    asked = EventQuestion(case=case, query_code=query_code, document=document, item=item, state=case_state, hall=hall,
                          department=department, window=window, person=person, name=name, role=role, reason=reason,
                          since=since, until=until)  # fmt: skip
    place = read_cursor(cursor, MomentPlace) if cursor is not None else None
    after = (place.at, place.id) if place else LATEST
    rows = await searching.search_events(context, actor, asked, now, after=after, limit=limit)
    more = write_cursor(MomentPlace(rows[-1]["at"], rows[-1]["id"])) if len(rows) == limit else None
    return answers.AuditedEventPage(shapes(answers.AuditedEvent, rows), more)


@post("/audit/parties", operation_id="auditParty", summary="Cases of an applicant by number", tags=_TAG,
      status_code=200, dto=Strict[PartySearch], return_dto=None, responses=problems(401, 403, 413, 415))  # fmt: skip
async def search_party(
    context: Engine, actor: Caller, now: Now, data: Annotated[PartySearch, Body(examples=[_PARTY])]
) -> answers.AuditedCasePage:
    """List the newest cases of the applicant with exactly this number. For auditors; the search is logged."""
    rows = await searching.search_party(context, actor, data.id_kind, data.id_number, data.purpose, now)
    return answers.AuditedCasePage(shapes(answers.AuditedCase, rows))


@get("/audit/cases/{number:str}", operation_id="auditCase", summary="A case as one record", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_record(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> answers.CaseRecord:
    """Read everything there is about a case, with what each event changed and whether its trail is whole. Logged."""
    return shape(answers.CaseRecord, await case_record.read_record(context, actor, number, now))


@post("/audit/cases/{number:str}/unmask", operation_id="auditUnmask", summary="Show a value in clear", tags=_TAG,
      status_code=200, dto=Strict[Unmasking], return_dto=None,
      responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def unmask(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Unmasking, Body(examples=[_NAME])],
) -> ShownInClear:
    """Show the applicant's name or one number in clear, for a stated reason that is logged first. For auditors."""
    return ShownInClear(await case_record.show_in_clear(context, actor, number, data.field, data.reason, now))


@get("/audit/anomalies", operation_id="listAnomalyKinds", summary="Lists of anomalies", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_kinds(context: Engine, actor: Caller) -> list[answers.AnomalyDefinition]:
    """List what is looked for, under which rule, with the thresholds that hold here."""
    return shapes(answers.AnomalyDefinition, listing_anomalies.list_definitions(context, actor))


@get("/audit/anomalies/{anomaly:str}", operation_id="listAnomalies", summary="One list of anomalies", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_anomalies(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    anomaly: FromPath[str],
    person: Person = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> answers.AnomalyPage:
    """List what looks wrong over a period of 92 days at most (the last month by default), the newest first."""
    place = read_cursor(cursor, MomentPlace) if cursor is not None else None
    after = (place.at, place.id) if place else LATEST
    rows = await listing_anomalies.list_anomalies(
        context, actor, anomaly, now, since=since, until=until, person=person, after=after, limit=limit
    )
    more = write_cursor(MomentPlace(rows[-1]["at"], rows[-1]["id"])) if len(rows) == limit else None
    return answers.AnomalyPage(shapes(answers.AnomalyRow, rows), more)


@get("/audit/looks", operation_id="listAccess", summary="Who looked at whom", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_looks(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    person: Annotated[str | None, QueryParameter(**_CODE, description="Login of who looked.")] = None,
    case: Annotated[str | None, QueryParameter(**_CODE, description="The case that was looked at.")] = None,
    party: Annotated[str | None, QueryParameter(**_CODE, description="A case: looks at all of its applicant.")] = None,
    kind: Annotated[str | None, QueryParameter(**_CODE, description="case, scan, unmask, export, refused …")] = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> answers.LooksPage:
    """List looks at personal data, the newest first. For auditors and security administrators."""
    asked = LookQuestion(person=person, case=case, party=party, kind=kind, since=since, until=until)
    place = read_cursor(cursor, MomentPlace) if cursor is not None else None
    after = (place.at, place.id) if place else LATEST
    rows = await access_reading.list_looks(context, actor, asked, now, after=after, limit=limit)
    more = write_cursor(MomentPlace(rows[-1]["at"], rows[-1]["id"])) if len(rows) == limit else None
    return answers.LooksPage(shapes(answers.LookRow, [row | {"chain_seq": row["seq"]} for row in rows]), more)
