"""XES (IEEE 1849-2023): an event log as text, piece by piece, one trace for each case.

Attributes of the standard extensions stand under their keys; the others are ours and need no extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from workflows.event_log import SYSTEM, applicant, doer, local, zone_of
from workflows.export import About, Disclosure, Row

VERSION: Final = "1849.2023"
_EXTENSIONS: Final = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Identity", "identity", "http://www.xes-standard.org/identity.xesext"),
)
_NOBODY: Final = UUID(int=0)
_NO_TIME: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_GLOBALS: Final[dict[str, dict[str, Any]]] = {
    "trace": {"concept:name": "UNKNOWN", "identity:id": _NOBODY, "item": "UNKNOWN", "state": "UNKNOWN"},
    "event": {
        "concept:name": "UNKNOWN",
        "time:timestamp": _NO_TIME,
        "lifecycle:transition": "complete",
        "org:resource": SYSTEM,
        "org:role": "UNKNOWN",
        "identity:id": _NOBODY,
        "seq": 0,
        "to_state": "UNKNOWN",
        "digest": "UNKNOWN",
    },
}
"""What every trace and every event has, and what stands for it where somebody has nothing to tell."""
_CLASSIFIERS: Final = (
    ("Activity", "concept:name"),
    ("Activity and role", "concept:name org:role"),
    ("State reached", "to_state"),
    ("Resource", "org:resource"),
)
_TRACE: Final = (
    "item", "item_name", "item_version", "flow", "flow_version", "kind", "hall", "hall_name", "department",
    "department_name", "channel", "priority", "parent", "state", "outcome", "opened_at", "received_at", "accepted_at",
    "decided_at", "closed_at", "notice_in_time", "statutory_in_time", "promise_in_time",
)  # fmt: skip
_BARRED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold at all."""
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
FOOTER: Final = "</log>\n"


def header(about: About) -> str:
    """Everything before the first trace: extensions, globals, classifiers, and what the file says of itself."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<log xes.version="{VERSION}" xes.features="" xmlns="http://www.xes-standard.org/">')
    lines += [f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>' for name, prefix, uri in _EXTENSIONS]
    for scope, values in _GLOBALS.items():
        lines += [f'<global scope="{scope}">', *_attributes(values.items(), ZoneInfo("UTC")), "</global>"]
    lines += [f'<classifier name="{name}" keys="{keys}"/>' for name, keys in _CLASSIFIERS]
    own = {"concept:name": f"Yichuang {about.export}", "lifecycle:model": "standard", "identity:id": about.export}
    lines += _attributes([*own.items(), *about.texts().items()], ZoneInfo("UTC"))
    return "\n".join(lines) + "\n"


def trace(case: Row, events: Sequence[Row], shown: Disclosure) -> str:
    """One case with its events.

    :param case: a row of :func:`storage.export_feed.cases`. :param events: of that case, in their order.
    """
    zone, filer = zone_of(case), applicant(case, shown)
    told: dict[str, Any] = {"concept:name": case["number"], "identity:id": case["id"]}
    told |= {name: case[name] for name in _TRACE}
    told |= {"applicant": filer.key, "applicant_name": filer.name, "applicant_kind": case["applicant"].get("kind", "")}
    lines = ["<trace>", *_attributes(told.items(), zone)]
    for event in events:
        lines += ["<event>", *_attributes(_event(case, event, shown).items(), zone), "</event>"]
    return "\n".join([*lines, "</trace>\n"])


def _event(case: Row, event: Row, shown: Disclosure) -> dict[str, Any]:
    who = doer(case, event, shown)
    return {
        "concept:name": event["name"],
        "time:timestamp": event["at"],
        "lifecycle:transition": "complete",
        "org:resource": who.key,
        "org:role": event["role"],
        "org:group": event["organisation"],
        "identity:id": event["id"],
        "seq": event["seq"],
        "resource_name": who.name,
        "acting_for": shown.key("person", event["acting_for"]),
        "window": event["window"],
        "claimed_at": event["claimed_at"],
        "from_state": event["from_state"],
        "to_state": event["to_state"],
        "reason": shown.words(event["reason"]),
        "digest": event["digest"],
        "algorithm": event["algorithm"],
    }


def _attributes(values: Iterable[tuple[str, Any]], zone: ZoneInfo) -> list[str]:
    """One element for each value that is there; what is not known is left out."""
    return [_attribute(key, value, zone) for key, value in values if value is not None and value != ""]


def _attribute(key: str, value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return f'<boolean key="{key}" value="{str(value).lower()}"/>'
    if isinstance(value, int):
        return f'<int key="{key}" value="{value}"/>'
    if isinstance(value, datetime):
        return f'<date key="{key}" value="{local(value, zone)}"/>'
    if isinstance(value, UUID):
        return f'<id key="{key}" value="{value}"/>'
    return f'<string key="{key}" value="{escape(str(value))}"/>'


def escape(text: str) -> str:
    """A text as the value of an attribute; a character that XML cannot hold becomes U+FFFD."""
    return _BARRED.sub("\ufffd", text).translate(_ESCAPES)
