"""A log as a database and as JSON: the same log, whole, each object once however many cases share it."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.ocel_file import OcelFile, write_json
from tests.storage.ocel_rules import check_ocel
from workflows.ocel import OcelCase, OcelEvent, OcelObject

AT = datetime(2026, 3, 2, 1, 30, 0, 250000, tzinfo=UTC)


def one_case(number: int, *links: tuple[str, str, str]) -> OcelCase:
    """A case of a clerk who has many, with two acts at the same moment."""
    values = {
        "item": "X", "item_name": "许可\"", "flow": "PERMIT", "kind": None, "hall": "hall", "department": "amr",
        "channel": "window", "priority": "", "outcome": None, "opened_at": AT, "state": "",
    }  # fmt: skip
    own = f"case:{number}"
    changes = ((AT, "state", "NEW"), (AT, "state", "RECEIVED"))
    objects = [
        OcelObject(own, "case", values, changes),
        OcelObject("person-1", "person", {"name": "李*哲"}),
        OcelObject(f"notice:{number}", "notice", {"lines": 2}),
    ]
    parts = ((own, "case"), ("person-1", "actor"), ("person-1", "acting_for"), (f"notice:{number}", "notice"))
    told = {"role": "clerk", "organisation": "hall", "from_state": "", "to_state": "NEW", "reason": "", "digest": "ab"}
    events = [
        OcelEvent(f"e{number}.{seq}", name, AT + timedelta(days=number), told | {"seq": seq}, parts)
        for seq, name in ((1, "case:receive"), (2, "case:accept"))
    ]
    return OcelCase(objects, events, [(own, "person-1", "applicant"), *links])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Three cases in two portions; one belongs to a case that is in the log, one to a case that is not."""
    path = tmp_path / "log.sqlite"
    with OcelFile(path, {"as_of": AT.isoformat()}) as log:
        assert log.add([one_case(1), one_case(2, ("case:2", "case:3", "part_of"))]) == 4
        assert log.add([one_case(3, ("case:3", "case:0", "part_of"))]) == 2
        log.finish()
    return path


def rows(database: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_shared_object_is_kept_once_and_no_link_leads_nowhere(database: Path) -> None:
    assert rows(database, "PRAGMA foreign_key_check") == []
    assert rows(database, "SELECT count(*) FROM object") == [(7,)]
    assert rows(database, 'SELECT ocel_id, name FROM "object_Person"') == [("person-1", "李*哲")]
    assert rows(database, "SELECT count(*) FROM event_object") == [(24,)]
    parts = "SELECT ocel_source_id, ocel_target_id FROM object_object WHERE ocel_qualifier = 'part_of'"
    assert rows(database, parts) == [("case:2", "case:3")]
    assert rows(database, "SELECT value FROM about") == [(AT.isoformat(),)]


def test_an_object_tells_what_it_was_at_first_and_each_change(database: Path) -> None:
    told = rows(
        database, "SELECT ocel_time, ocel_changed_field, state, flow FROM \"object_Case\" WHERE ocel_id = 'case:1'"
    )
    assert told == [
        ("1970-01-01 00:00:00.000", None, "", "PERMIT"),
        ("2026-03-02 01:30:00.250", "state", "NEW", None),
        ("2026-03-02 01:30:00.250", "state", "RECEIVED", None),
    ]


def test_the_log_told_as_json_is_the_same_and_keeps_its_rules(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    with path.open("wb") as file:
        write_json(database, file)
    log = json.loads(path.read_bytes())
    check_ocel(log)
    assert [one["id"] for one in log["events"]] == [key for (key,) in rows(database, "SELECT ocel_id FROM event")]
    assert len(log["objects"]) == 7
    assert sum(len(one["relationships"]) for one in log["events"]) == 24
    (first,) = [one for one in log["objects"] if one["id"] == "case:1"]
    assert [(one["time"], one["value"]) for one in first["attributes"] if one["name"] == "state"] == [
        ("1970-01-01T00:00:00.000Z", ""), ("2026-03-02T01:30:00.250Z", "NEW"), ("2026-03-02T01:30:00.250Z", "RECEIVED"),
    ]  # fmt: skip
    assert [one["value"] for one in first["attributes"] if one["name"] == "opened_at"] == ["2026-03-02T01:30:00.250Z"]
    assert "outcome" not in {one["name"] for one in first["attributes"]}
    assert log["events"][0]["time"] == "2026-03-03T01:30:00.250Z"


def test_nothing_is_written_over(database: Path) -> None:
    with pytest.raises(FileExistsError):
        OcelFile(database, {})
