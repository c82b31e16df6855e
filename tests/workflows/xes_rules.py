"""What IEEE 1849-2023 asks of an XES file, as far as it can be told from the file alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

SPACE = "{http://www.xes-standard.org/}"
TYPES: dict[str, Any] = {
    "string": str, "date": datetime.fromisoformat, "int": int, "float": float,
    "boolean": {"true": True, "false": False}.__getitem__, "id": UUID,
}  # fmt: skip
ORDER = ("extension", "global", "classifier", "attribute", "trace")
KNOWN = {"concept": {"name", "instance"}, "time": {"timestamp"}, "org": {"resource", "role", "group"},
         "lifecycle": {"model", "transition", "state"}, "identity": {"id"}}  # fmt: skip
"""The keys that the standard extensions define."""


def read_xes(text: str) -> tuple[dict[str, Any], list[tuple[dict[str, Any], list[dict[str, Any]]]]]:
    """The attributes of a log, and of its traces with their events; fails where a rule is broken."""
    log = ElementTree.fromstring(text.encode())
    assert log.tag == f"{SPACE}log"
    assert float(log.attrib["xes.version"]) >= 1849
    kinds = [_name(one) if _name(one) in ORDER else "attribute" for one in log]
    assert kinds == sorted(kinds, key=ORDER.index)
    prefixes = {one.attrib["prefix"] for one in log if _name(one) == "extension"}
    assert prefixes <= set(KNOWN)
    scopes = {one.attrib["scope"]: values(one, prefixes) for one in log if _name(one) == "global"}
    assert set(scopes) <= {"trace", "event"}
    for one in log:
        if _name(one) == "classifier":
            assert set(one.attrib["keys"].split()) <= set(scopes["event"])
    traces = []
    for trace in log.iter(f"{SPACE}trace"):
        own = values(trace, prefixes)
        events = [values(event, prefixes) for event in trace if _name(event) == "event"]
        names = [_name(one) for one in trace]
        assert names == sorted(names, key="event".__eq__)
        assert set(scopes["trace"]) <= set(own)
        assert all(set(scopes["event"]) <= set(event) for event in events)
        traces.append((own, events))
    return values(log, prefixes), traces


def values(parent: ElementTree.Element, prefixes: set[str]) -> dict[str, Any]:
    """The attributes of an element, each of its type, none twice, none of an extension that is not declared."""
    found: dict[str, Any] = {}
    for one in parent:
        if _name(one) in TYPES:
            key = one.attrib["key"]
            assert key not in found
            assert set(one.attrib) == {"key", "value"}
            prefix, colon, rest = key.partition(":")
            assert not colon or (prefix in prefixes and rest in KNOWN[prefix]), key
            found[key] = TYPES[_name(one)](one.attrib["value"])
    return found


def _name(element: ElementTree.Element) -> str:
    assert element.tag.startswith(SPACE)
    return element.tag.removeprefix(SPACE)
