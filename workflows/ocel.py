"""OCEL 2.0: events and the objects that they are about – case, applicant, people, places, documents, scans, notices.

Every object has a part in at least one event of the log, since tools drop those that have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from workflows.event_log import applicant, doer
from workflows.export import Disclosure, Row

OBJECT_TYPES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "case": {"item": "string", "item_name": "string", "flow": "string", "kind": "string", "hall": "string",
                 "department": "string", "channel": "string", "priority": "string", "outcome": "string",
                 "opened_at": "time", "state": "string"},
        "applicant": {"kind": "string", "name": "string"},
        "person": {"name": "string"},
        "hall": {"name": "string"},
        "department": {"name": "string"},
        "window": {"name": "string"},
        "document": {"code": "string"},
        "scan": {"line": "string"},
        "notice": {"lines": "integer"},
    }
)  # fmt: skip
"""The types of objects with their attributes; ``state`` of a case changes over time, the others stand."""
EVENT_ATTRIBUTES: Final[Mapping[str, str]] = MappingProxyType(
    {"seq": "integer", "role": "string", "organisation": "string", "from_state": "string", "to_state": "string",
     "reason": "string", "digest": "string"}
)  # fmt: skip
"""The attributes of events of every type."""

NOTICES: Final = ("case:give_notice", "case:add_notice_lines", "case:refuse_acceptance")
"""Events that tell the applicant lines of what is lacking."""


class OcelObject(NamedTuple):
    """One object. ``changes``: moments (UTC) with the values of attributes from then on."""

    id: str
    type: str
    values: dict[str, Any]
    changes: tuple[tuple[datetime, str, Any], ...] = ()


class OcelEvent(NamedTuple):
    """One event. ``relations``: keys of objects with the part that they have in it. ``time``: UTC."""

    id: str
    type: str
    time: datetime
    values: dict[str, Any]
    relations: tuple[tuple[str, str], ...]


class OcelCase(NamedTuple):
    """What one case brings into a log. ``links``: from which object to which, and as what."""

    objects: list[OcelObject]
    events: list[OcelEvent]
    links: list[tuple[str, str, str]]


def table_of(event_type: str) -> str:
    """The name under which a type of event has its table: ``case:give_notice`` is ``CaseGiveNotice``."""
    return "".join(part.capitalize() for part in re.split(r"[:_]", event_type))


def case_in_ocel(case: Row, events: Sequence[Row], shown: Disclosure) -> OcelCase:
    """A case with its events as events and objects.

    :param case: a row of :func:`storage.export_feed.cases`. :param events: of that case, in their order; none, and
        the case brings nothing.
    """
    if not events:
        return OcelCase([], [], [])
    own, filer = f"case:{case['number']}", applicant(case, shown)
    hall, department = f"hall:{case['hall']}", f"department:{case['department']}"
    always = ((own, "case"), (filer.key, "applicant"), (hall, "hall"), (department, "department"))
    objects = [
        _case(case, events),
        OcelObject(filer.key, "applicant", {"kind": case["applicant"].get("kind", ""), "name": filer.name}),
        OcelObject(hall, "hall", {"name": case["hall_name"]}),
        OcelObject(department, "department", {"name": case["department_name"]}),
    ]
    links = [(own, filer.key, "applicant"), (own, hall, "hall"), (own, department, "department")]
    if case["parent"]:
        links.append((own, f"case:{case['parent']}", "part_of"))
    told = []
    for event in events:
        found = list(_parts(case, event, shown))
        objects += [part for part, _ in found]
        links += [(part.id, own, "of") for part, _ in found if part.type in {"document", "scan", "notice"}]
        relations = always + tuple((part.id, qualifier) for part, qualifier in found)
        told.append(OcelEvent(str(event["id"]), event["name"], event["at"], _values(event, shown), relations))
    return OcelCase(objects, told, links)


def _case(case: Row, events: Sequence[Row]) -> OcelObject:
    changes, state = [], events[0]["from_state"]
    for event in events:
        if event["to_state"] != state:
            state = event["to_state"]
            changes.append((event["at"], "state", state))
    values = {name: case[name] for name in OBJECT_TYPES["case"] if name != "state"}
    return OcelObject(f"case:{case['number']}", "case", values | {"state": events[0]["from_state"]}, tuple(changes))


def _values(event: Row, shown: Disclosure) -> dict[str, Any]:
    return {name: event[name] for name in EVENT_ATTRIBUTES} | {"reason": shown.words(event["reason"])}


def _parts(case: Row, event: Row, shown: Disclosure) -> Iterator[tuple[OcelObject, str]]:
    """The objects of an event beside those of its case, each with its part in it."""
    who = doer(case, event, shown)
    if who.kind == "person":
        yield OcelObject(who.key, "person", {"name": who.name}), "actor"
    if event["acting_for"] is not None:
        absent = shown.key("person", event["acting_for"])
        yield OcelObject(absent, "person", {"name": shown.name(event["acting_for_name"] or "")}), "acting_for"
    if event["window"]:
        yield OcelObject(f"window:{event['window']}", "window", {"name": event["window_name"]}), "window"
    for qualifier in ("documents", "delivered"):
        for paper in event[qualifier] or ():
            yield OcelObject(f"document:{paper['number']}", "document", {"code": paper["code"]}), qualifier
    if event["scan"]:
        yield OcelObject(f"scan:{event['scan']}", "scan", {"line": event["line"] or ""}), "scan"
    if event["told"]:
        yield OcelObject(f"notice:{case['number']}:{event['seq']}", "notice", {"lines": event["told"]}), "notice"
