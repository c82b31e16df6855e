"""Events of a case in plain words: what was done, by whom, when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from api.pages.timeline_custody import of_paper, paper_title
from api.pages.timeline_materials import of_material
from api.pages.timeline_ratings import of_rating
from api.pages.wording import Wording
from workflows.actor import TITLES, Role
from workflows.clock import ClockKind
from workflows.documents import KINDS
from workflows.duty import DUTIES
from workflows.events import EventName
from workflows.flow import Flow, Transition
from workflows.payload import Field

Event = Mapping[str, Any]


def told(event: Event, flow: Flow, lines: Mapping[str, str], w: Wording) -> dict[str, Any]:
    """One event as a page tells it.

    :param lines: the name of each material line, by its code.
    :returns: title, who, role, when, states before and after, details as (label, text), documents.
    """
    definition = _definition(event, flow)
    moved = event["name"].startswith("case:") and event["from_state"] != event["to_state"]
    return {
        "seq": event["seq"],
        "title": _title(event["name"], definition, w),
        **_doer(event, w),
        "at": event["at"],
        "claimed_at": event["claimed_at"],
        "before": _state(event["from_state"], flow, w) if moved else "",
        "after": _state(event["to_state"], flow, w) if moved else "",
        "details": [
            *_details(event, definition, lines, w),
            *_scan(event, lines, w),
            *_of_document(event, w),
            *_of_time(event, flow, w),
            *_of_mandate(event, w),
            *_of_move(event, w),
            *of_material(event, lines, w),
            *of_paper(event, lines, w),
            *of_rating(event, w),
        ],
        "documents": [
            f"{document_title(paper['code'], w)} {paper['number']}" for paper in event["data"].get("documents", ())
        ],
    }


def event_title(event: Event, flow: Flow, w: Wording) -> str:
    """What an event of a list is called. :param event: its ``name``, and ``from_state`` where that is known."""
    return _title(event["name"], _definition(event, flow), w)


def _title(name: str, definition: Transition | None, w: Wording) -> str:
    return w.of(definition) if definition else paper_title(name, w) or w.word("event", name.rpartition(":")[2])


def role_title(event: Event, w: Wording) -> str:
    """As what somebody acted; empty where nobody has such a role."""
    return w.pick(*TITLES[Role(event["role"])]) if event["role"] in set(Role) else ""


def _doer(event: Event, w: Wording) -> dict[str, str]:
    """Who acted, and as what; the engine itself only goes by its title."""
    role = role_title(event, w)
    return {"who": role, "role": ""} if event["role"] == Role.system else {"who": event["actor_name"], "role": role}


def document_title(code: str, w: Wording) -> str:
    """The name of a kind of document."""
    return w.of(KINDS[code]) if code in KINDS else code


def _definition(event: Event, flow: Flow) -> Transition | None:
    """The step of the flow that the event took."""
    name = event["name"].removeprefix("case:")
    steps = [step.definition for step in flow.steps if step.definition.action == name]
    fitting = [step for step in steps if event.get("from_state") in step.sources]
    return next(iter(fitting or steps), None)


def _state(name: str, flow: Flow, w: Wording) -> str:
    return w.of(flow.states[name]) if name in flow.states else name


def _details(
    event: Event, definition: Transition | None, lines: Mapping[str, str], w: Wording
) -> Iterator[tuple[str, str]]:
    payload = event["data"].get("payload", {})
    for name, spec in (definition.payload if definition else {}).items():
        if payload.get(name) is not None:
            yield w.of(spec), _value(spec, payload[name], lines, w)


def _value(spec: Field, value: Any, lines: Mapping[str, str], w: Wording) -> str:
    match spec.type:
        case "choice":
            shown = w.word("choice", value)
        case "flag":
            shown = w.t("yes" if value else "no")
        case "line_numbers":
            shown = w.t("events.lines", numbers=w.t("comma").join(str(number) for number in value))
        case "person":
            shown = value["name"] + w.t("brackets", inner=w.word("relation", value.get("relation")))
        case "material_counts":
            shown = "; ".join(f"{_line(row['line'], lines)} {_counted(row, w)}" for row in value)
        case "gaps" | "defect_lines":
            shown = "; ".join(f"{_line(row['material'], lines)} {row['defect']}" for row in value)
        case "officers":
            shown = "; ".join(f"{row['login']} {row['card']}" for row in value)
        case "third_parties":
            shown = "; ".join(f"{row['name']} {row['interest']}" for row in value)
        case "rating_level":
            shown = w.word("level", str(value))
        case _:
            shown = w.t("comma").join(value) if isinstance(value, list) else str(value)
    return shown


def _of_document(event: Event, w: Wording) -> Iterator[tuple[str, str]]:
    """Which document was made into a file, printed or signed, and the digest of the file."""
    if event["name"] in {EventName.DOCUMENT_RENDERED, EventName.DOCUMENT_PRINTED, EventName.DOCUMENT_SIGNED}:
        data = event["data"]
        yield document_title(data["code"], w), data["document"]
        yield w.t("events.digest"), data["digest"]


def _of_time(event: Event, flow: Flow, w: Wording) -> Iterator[tuple[str, str]]:
    """What time did: which rule, the day that passed, the moment that counts; what a recount or a closure moved."""
    data = event["data"]
    if rule := data.get("rule"):
        titles = {one.rule: (one.title, one.title_en) for one in DUTIES.values()}
        titles |= {one.rule: (one.title, one.title_en) for one in flow.watches}
        yield w.t("events.rule"), w.pick(*titles.get(rule, (rule, rule)))
        yield w.t("clocks.due"), w.day(date.fromisoformat(data["due_on"]))
        yield w.t("events.effective"), w.when(data["effective_at"])
    if event["name"] == EventName.CLOCKS_RECOUNTED:
        for kind, change in data["changed"].items():
            before, after = (w.day(_day(change[one].get("due_on"))) for one in ("before", "after"))
            yield (
                w.clock(kind) if kind in set(ClockKind) else w.word("duty", kind),
                w.t("events.changed", before=before, after=after),
            )
    if event["name"] in {EventName.APPOINTMENT_BOOKED, EventName.APPOINTMENT_MOVED}:
        yield w.t("events.day"), f"{w.day(date.fromisoformat(data['day']))} {data['time']}"


def _of_mandate(event: Event, w: Wording) -> Iterator[tuple[str, str]]:
    """For whom an agent acted, under which mandate; or which mandate was ended, and why."""
    data = event["data"]
    if who := data.get("principal"):
        told = {"agent": who["agent"], "principal": who["name"], "number": who["mandate"]}
        yield w.t("events.principal"), w.t("events.mandated", **told)
    if event["name"] == EventName.MANDATE_REVOKED:
        yield w.t("mandates.number"), data["mandate"]
        yield w.t("mandates.ending"), w.word("ending", data["ending"])


def _of_move(event: Event, w: Wording) -> Iterator[tuple[str, str]]:
    """Between which versions a case was moved, why, and who had agreed to it."""
    if event["name"] == EventName.CASE_MIGRATED:
        data = event["data"]
        for what, title in (("flow_version", "events.flow_version"), ("item_version", "events.item_version")):
            before, after = data["before"][what], data["after"][what]
            if before != after:
                yield w.t(title), w.t("events.changed", before=before, after=after)
        yield w.t("events.plan_reason"), data["reason"]
        yield w.t("events.approved_by"), data["approved_by"]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _line(code: str, lines: Mapping[str, str]) -> str:
    return f"{code} {lines[code]}" if code in lines else code


def _counted(row: Mapping[str, Any], w: Wording) -> str:
    if row.get("exempt"):
        return w.word("exempt", row["exempt"])
    return w.t("materials.counts", originals=row.get("originals", 0), copies=row.get("copies", 0))


def _scan(event: Event, lines: Mapping[str, str], w: Wording) -> Iterator[tuple[str, str]]:
    data = event["data"]
    if "scan" not in data:
        return
    yield w.t("materials.line"), _line(data.get("line", ""), lines)
    if data.get("pages"):
        yield w.t("materials.scans"), w.t("materials.pages", pages=data["pages"])
    if data.get("digest"):
        yield w.t("events.digest"), data["digest"][:16]
