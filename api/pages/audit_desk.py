"""Pages of the auditor's desk that look: search over cases and events, anomalies, who looked at whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.auth import check_csrf
from api.pages.forms import Typed
from api.pages.lists import state_choices, state_titles
from api.pages.rendering import page
from api.pages.timeline import event_title, role_title
from api.pages.visit import Visit
from api.rest.cursors import DayPlace, MomentPlace, read_cursor, write_cursor
from engine.audit_desk import access_reading, listing_anomalies, searching
from engine.audit_desk.access_reading import KINDS, LookQuestion
from engine.audit_desk.desk import AUDITORS, LATEST, READERS
from engine.audit_desk.searching import FIRST_DAY, CaseQuestion, EventQuestion
from engine.choices import places_seen
from workflows.actor import TITLES, Role
from workflows.anomaly import Anomaly
from workflows.errors import Malformed, NotAuthenticated, YichuangError
from workflows.events import EVENT_NAMES
from workflows.party import IdKind

PAGE_SIZE: Final = 50
_NAMED: Final = ("case", "query_code", "document", "item", "state", "hall", "department", "window", "person")
_CASES: Final = (*_NAMED, "outcome", "flag", "dated", "since", "until")
_EVENTS: Final = (*_NAMED, "name", "role", "reason", "since", "until")
_LOOKS: Final = ("person", "case", "party", "kind", "since", "until")
_SPAN: Final = ("person", "since", "until")
OUTCOMES: Final = ("granted", "denied", "not_accepted", "withdrawn", "terminated", "lapsed", "void")
DATED: Final = ("opened", "accepted", "decided", "closed")

Row = dict[str, Any]


def asked_of(visit: Visit, names: Iterable[str]) -> dict[str, str]:
    """What the reader filled in, by name; empty fields are left out."""
    return {name: visit.asked(name) for name in names if visit.asked(name)}


def typed_days(asked: Mapping[str, str]) -> dict[str, Any]:
    """The same with the days as dates.

    :raises Malformed: ``date_wrong``.
    """
    found: dict[str, Any] = dict(asked)
    for name in ("since", "until"):
        if name in found:
            try:
                found[name] = date.fromisoformat(found[name])
            except ValueError:
                raise Malformed("date_wrong", "日期格式应为 2026-03-02。", "A date looks like 2026-03-02.") from None
    return found


def following(visit: Visit, asked: Mapping[str, str], cursor: str | None) -> str | None:
    """The address of the next page of the same list."""
    return f"{visit.request.url.path}?{urlencode({**asked, 'cursor': cursor})}" if cursor else None


def _moment(visit: Visit) -> tuple[Any, Any]:
    cursor = visit.asked("cursor")
    if not cursor:
        return LATEST
    place = read_cursor(cursor, MomentPlace)
    return place.at, place.id


def _after(rows: list[Row]) -> str | None:
    return write_cursor(MomentPlace(rows[-1]["at"], rows[-1]["id"])) if len(rows) == PAGE_SIZE else None


@get("/audit")
async def cases_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Cases by whatever is known of them, the newest first."""
    asked, cursor = asked_of(visit, _CASES), visit.asked("cursor")
    place = read_cursor(cursor, DayPlace) if cursor else None
    rows, refusal = [], None
    try:
        question = CaseQuestion(**typed_days(asked))
        after = (place.day, place.id) if place else FIRST_DAY
        rows = await searching.search_cases(visit.context, visit.actor, question, visit.now, after=after)
    except Malformed as found:
        refusal = found
    more = write_cursor(DayPlace(rows[-1]["listed_on"], rows[-1]["id"])) if len(rows) == PAGE_SIZE else None
    return await _cases(visit, rows, refusal, asked, following(visit, asked, more))


async def _cases(
    visit: Visit, rows: list[Row], refusal: YichuangError | None, asked: Mapping[str, str], more: str | None = None
) -> Response[Any]:
    titles = await state_titles(visit)
    return page(
        visit.request,
        "audit_cases.html",
        status=refusal.status if refusal else 200,
        rows=[row | {"state_title": titles.get((row["flow"], row["state"]), row["state"])} for row in rows],
        refusal=refusal,
        asked=asked,
        states=state_choices(titles),
        places=await places_seen(visit.actor),
        outcomes=OUTCOMES,
        dated=DATED,
        id_kinds=[kind.value for kind in IdKind],
        may_find=not visit.actor.roles.isdisjoint(AUDITORS),
        next_page=more,
        further=bool(visit.asked("cursor")),
    )


async def states_of(visit: Visit) -> dict[str, str]:
    """The states of every procedure to choose from, each with all that the procedures call it."""
    return state_choices(await state_titles(visit))


@post("/audit/parties")
async def party_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The cases of the applicant with a number; the number stands in no address."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    told = typed.get("id_kind"), typed.get("id_number").strip(), typed.get("purpose")
    try:
        rows = await searching.search_party(visit.context, visit.actor, *told, visit.now)
    except NotAuthenticated:
        raise
    except Malformed as refusal:
        return await _cases(visit, [], refusal, {})
    return await _cases(visit, rows, None, {})


@get("/audit/events")
async def events_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Events by whatever is known of them, the newest first."""
    asked = asked_of(visit, _EVENTS)
    rows, refusal = [], None
    try:
        question = EventQuestion(**typed_days(asked) | _role(asked))
        rows = await searching.search_events(visit.context, visit.actor, question, visit.now, after=_moment(visit))
    except Malformed as found:
        refusal = found
    return page(
        visit.request,
        "audit_events.html",
        status=refusal.status if refusal else 200,
        rows=[await _event(visit, row) for row in rows],
        refusal=refusal,
        asked=asked,
        states=await states_of(visit),
        places=await places_seen(visit.actor),
        roles={role.value: visit.wording.pick(*TITLES[role]) for role in Role},
        names=sorted(EVENT_NAMES),
        next_page=following(visit, asked, _after(rows)),
        further=bool(visit.asked("cursor")),
    )


def _role(asked: Mapping[str, str]) -> dict[str, Any]:
    """The role that was asked for; one that there is not is left out, as the form offers no such thing."""
    return {"role": Role(asked["role"]) if asked.get("role") in set(Role) else None}


async def _event(visit: Visit, row: Row) -> Row:
    """An event of a list with the titles that its own version of the flow has for it."""
    flow = await visit.context.flow(row["flow"], row["flow_version"])
    moved = row.get("from_state") != row.get("to_state")
    states = [flow.states.get(row.get(name, "")) for name in ("from_state", "to_state")]
    before, after = (visit.wording.of(state) if state and moved else "" for state in states)
    looked = row["name"].partition("access:")[2]
    title = look_title(looked, visit) if looked else event_title(row, flow, visit.wording)
    return row | {"title": title, "role_title": role_title(row, visit.wording), "before": before, "after": after}


@get("/audit/anomalies")
async def anomalies_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What is looked for, and one of the lists."""
    w, chosen, asked = visit.wording, visit.asked("list"), asked_of(visit, _SPAN)
    definitions = listing_anomalies.list_definitions(visit.context, visit.actor)
    rows, refusal = [], None
    try:
        if chosen:
            rows = await listing_anomalies.list_anomalies(
                visit.context, visit.actor, chosen, visit.now, **typed_days(asked), after=_moment(visit)
            )
    except Malformed as found:
        refusal = found
    return page(
        visit.request,
        "audit_anomalies.html",
        status=refusal.status if refusal else 200,
        definitions=definitions,
        chosen=chosen,
        rows=[await _event(visit, row) | {"odd": await _odd(chosen, row, visit)} for row in rows],
        refusal=refusal,
        asked=asked,
        title=next((w.of(one) for one in definitions if one["name"] == chosen), ""),
        next_page=following(visit, {"list": chosen, **asked}, _after(rows)),
        further=bool(visit.asked("cursor")),
    )


async def _odd(chosen: str, row: Row, visit: Visit) -> str:
    """What is odd about a row, in words."""
    w, detail = visit.wording, row["detail"]
    match chosen:
        case Anomaly.same_minute:
            return w.t("audit.odd.seconds", seconds=detail["seconds"], by=detail["by"], seq=detail["seq"])
        case Anomaly.backdated_claims:
            return w.t("audit.odd.claimed", at=w.when(detail["claimed_at"]), minutes=detail["minutes"])
        case Anomaly.both_roles:
            role = role_title({"role": detail["as"]}, w)
            return w.t("audit.odd.both", seq=detail["seq"], role=role)
        case Anomaly.refused_attempts:
            tried, _, code = detail["purpose"].partition(": ")
            flow = await visit.context.flow(row["flow"], row["flow_version"])
            act = event_title({"name": f"case:{tried}"}, flow, w)
            return act + w.t("brackets", inner=w.word("separation", code))
        case Anomaly.bursts:
            return w.t("audit.odd.burst", acts=detail["acts"], at=w.when(detail["since"]))
        case _:
            return str(detail.get("purpose", ""))


@get("/audit/looks")
async def looks_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The access log by person, case, applicant and time."""
    asked = asked_of(visit, _LOOKS)
    rows, refusal = [], None
    try:
        question = LookQuestion(**typed_days(asked))
        rows = await access_reading.list_looks(visit.context, visit.actor, question, visit.now, after=_moment(visit))
    except Malformed as found:
        refusal = found
    return page(
        visit.request,
        "audit_looks.html",
        status=refusal.status if refusal else 200,
        rows=[row | {"action_title": look_title(row["action"], visit)} for row in rows],
        kinds=KINDS,
        may_open=not visit.actor.roles.isdisjoint(READERS),
        refusal=refusal,
        asked=asked,
        next_page=following(visit, asked, _after(rows)),
        further=bool(visit.asked("cursor")),
    )


def look_title(action: str, visit: Visit) -> str:
    """What a look is called: its kind in words, and what it was exactly."""
    kind, _, rest = action.partition(".")
    word = visit.wording.word("look", kind)
    return word + visit.wording.t("brackets", inner=visit.wording.word("look_rest", rest)) if rest else word
