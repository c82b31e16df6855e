"""What OCEL 2.0 asks of its JSON form: the shape, and that everything named is there."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}


def _rows(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    needed = [name for name in properties if name not in optional]
    return {"type": "array", "items": {"type": "object", "properties": properties, "required": needed}}


_TYPES = _rows({"name": _TEXT, "attributes": _rows({"name": _TEXT, "type": {"enum": ["string", "integer", "time"]}})})
_LINKS = _rows({"objectId": _TEXT, "qualifier": _TEXT})
_VALUE = {"name": _TEXT, "value": _TEXT}
SCHEMA = {
    "type": "object",
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "properties": {
        "objectTypes": _TYPES,
        "eventTypes": _TYPES,
        "objects": _rows(
            {"id": _TEXT, "type": _TEXT, "attributes": _rows(_VALUE | {"time": _MOMENT}), "relationships": _LINKS}
        ),
        "events": _rows(
            {"id": _TEXT, "type": _TEXT, "time": _MOMENT, "attributes": _rows(_VALUE), "relationships": _LINKS}
        ),
    },
}


def check_ocel(log: dict[str, Any]) -> None:
    """Fail where a log breaks a rule."""
    Draft202012Validator(SCHEMA).validate(log)
    objects = {one["id"] for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({one["id"] for one in log["events"]}) == len(log["events"])
    for rows, types in ((log["objects"], log["objectTypes"]), (log["events"], log["eventTypes"])):
        declared = {one["name"]: {attribute["name"] for attribute in one["attributes"]} for one in types}
        assert {row["type"] for row in rows} == set(declared)
        for row in rows:
            assert {attribute["name"] for attribute in row["attributes"]} <= declared[row["type"]]
            assert {link["objectId"] for link in row["relationships"]} <= objects
            links = [(link["objectId"], link["qualifier"]) for link in row["relationships"]]
            assert len(links) == len(set(links))
    related = {link["objectId"] for event in log["events"] for link in event["relationships"]}
    assert related == objects
