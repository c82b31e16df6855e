"""An OCEL 2.0 log as the SQLite database of the standard, written case by case, and the same log told as JSON.

The database is also where a log is put together: objects that many cases share are kept once, whatever their number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Self

import msgspec

from workflows.ocel import EVENT_ATTRIBUTES, OBJECT_TYPES, OcelCase, OcelEvent, OcelObject, table_of

_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a value stands that was there before the log begins, as the standard has it."""
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32768;
PRAGMA temp_store = FILE;
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type)
  REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type)
  REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
  PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier),
  FOREIGN KEY (ocel_event_id) REFERENCES event (ocel_id), FOREIGN KEY (ocel_object_id) REFERENCES object (ocel_id));
CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
  PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier),
  FOREIGN KEY (ocel_source_id) REFERENCES object (ocel_id), FOREIGN KEY (ocel_target_id) REFERENCES object (ocel_id));
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
"""
_KINDS: Final = {"string": "TEXT", "integer": "INTEGER", "time": "TIMESTAMP"}
_DANGLING: Final = "DELETE FROM object_object WHERE ocel_target_id NOT IN (SELECT ocel_id FROM object)"
_encode: Final = msgspec.json.Encoder().encode


class OcelFile:
    """A log in the making. Used in ``with``; what is not there at the end of an error is not to be used.

    :param path: of a file that does not exist yet. :param about: what the log says of itself.
    :raises FileExistsError: when it does.
    """

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        path.touch(exist_ok=False)
        # Portions are written by threads, one after the other.
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.executescript(_TABLES)
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        self._event_types: set[str] = set()
        self._object_types: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, cases: Sequence[OcelCase]) -> int:
        """Put some cases in; how many events they had."""
        objects = {one.id: one for case in cases for one in case.objects}
        events = [one for case in cases for one in case.events]
        for one in objects.values():
            self._add_object(one)
        for event in events:
            self._add_event(event)
        self._file.executemany(
            "INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", [link for case in cases for link in case.links]
        )
        return len(events)

    def finish(self) -> None:
        """Write everything out; links to cases that are not in the log go."""
        self._file.execute(_DANGLING)
        self._file.execute("COMMIT")

    def _add_object(self, one: OcelObject) -> None:
        names = OBJECT_TYPES[one.type]
        if one.type not in self._object_types:
            self._object_types.add(one.type)
            self._file.execute("INSERT INTO object_map_type VALUES (?, ?)", (one.type, table_of(one.type)))
            self._file.execute(_type_table("object", one.type, names, changing=True))
            self._file.execute(f'CREATE INDEX "of_{one.type}" ON "object_{table_of(one.type)}" (ocel_id)')
        if self._file.execute("INSERT OR IGNORE INTO object VALUES (?, ?)", (one.id, one.type)).rowcount == 0:
            return
        into = f'INSERT INTO "object_{table_of(one.type)}" (ocel_id, ocel_time, ocel_changed_field, '
        values = [_value(one.values[name]) for name in names]
        marks = ", ".join("?" * (len(names) + 3))
        columns = ", ".join(f'"{name}"' for name in names)
        self._file.execute(f"{into}{columns}) VALUES ({marks})", (one.id, _moment(_ALWAYS), None, *values))
        for at, name, value in one.changes:
            self._file.execute(f'{into}"{name}") VALUES (?, ?, ?, ?)', (one.id, _moment(at), name, _value(value)))

    def _add_event(self, event: OcelEvent) -> None:
        if event.type not in self._event_types:
            self._event_types.add(event.type)
            self._file.execute("INSERT INTO event_map_type VALUES (?, ?)", (event.type, table_of(event.type)))
            self._file.execute(_type_table("event", event.type, EVENT_ATTRIBUTES, changing=False))
        self._file.execute("INSERT INTO event VALUES (?, ?)", (event.id, event.type))
        values = [_value(event.values[name]) for name in EVENT_ATTRIBUTES]
        marks = ", ".join("?" * (len(values) + 2))
        self._file.execute(
            f'INSERT INTO "event_{table_of(event.type)}" VALUES ({marks})',  # noqa: S608  # types are a closed list
            (event.id, _moment(event.time), *values),
        )
        self._file.executemany(
            "INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)",
            [(event.id, target, qualifier) for target, qualifier in event.relations],
        )


def _type_table(what: str, kind: str, names: Mapping[str, str], *, changing: bool) -> str:
    """The table of one type of event or object."""
    columns = ["ocel_id TEXT" if changing else "ocel_id TEXT PRIMARY KEY", "ocel_time TIMESTAMP"]
    columns += ["ocel_changed_field TEXT"] if changing else []
    columns += [f'"{name}" {_KINDS[type_]}' for name, type_ in names.items()]
    columns.append(f"FOREIGN KEY (ocel_id) REFERENCES {what} (ocel_id)")
    return f'CREATE TABLE "{what}_{table_of(kind)}" ({", ".join(columns)})'


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")


def _value(value: Any) -> Any:
    return _moment(value) if isinstance(value, datetime) else value


def write_json(database: Path, file: IO[bytes]) -> None:
    """Tell a finished log as JSON (OCEL 2.0), object by object and event by event.

    :param database: what :class:`OcelFile` wrote. :param file: open for writing.
    """
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        source.row_factory = sqlite3.Row
        file.write(b'{"about":' + _encode(dict(source.execute("SELECT name, value FROM about").fetchall())))
        types = [row[0] for row in source.execute("SELECT ocel_type FROM object_map_type ORDER BY 1")]
        file.write(b',\n"objectTypes":' + _encode([_declared(one, OBJECT_TYPES[one]) for one in types]))
        types = [row[0] for row in source.execute("SELECT ocel_type FROM event_map_type ORDER BY 1")]
        file.write(b',\n"eventTypes":' + _encode([_declared(one, EVENT_ATTRIBUTES) for one in types]))
        for name, told in (("objects", _objects(source)), ("events", _events(source))):
            file.write(f',\n"{name}":['.encode())
            for number, one in enumerate(told):
                file.write((b",\n" if number else b"\n") + _encode(one))
            file.write(b"\n]")
        file.write(b"}\n")
    finally:
        source.close()


def _declared(kind: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {"name": kind, "attributes": [{"name": name, "type": type_} for name, type_ in names.items()]}


def _objects(source: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Every object with its attributes over time and its links."""
    for key, kind in source.execute("SELECT ocel_id, ocel_type FROM object ORDER BY rowid"):
        table = f'"object_{table_of(kind)}"'
        rows = source.execute(f"SELECT * FROM {table} WHERE ocel_id = ? ORDER BY rowid", (key,))  # noqa: S608  # idem
        links = source.execute(
            "SELECT ocel_target_id, ocel_qualifier FROM object_object WHERE ocel_source_id = ? ORDER BY 1, 2", (key,)
        )
        attributes = [
            {"name": name, "time": _json_moment(row["ocel_time"]), "value": _json_value(row[name], kind_of)}
            for row in rows
            for name, kind_of in OBJECT_TYPES[kind].items()
            if row[name] is not None and row["ocel_changed_field"] in {None, name}
        ]
        yield {"id": key, "type": kind, "attributes": attributes, "relationships": _related(links)}


def _events(source: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Every event with its attributes and the objects that it is about."""
    for key, kind in source.execute("SELECT ocel_id, ocel_type FROM event ORDER BY rowid"):
        table = f'"event_{table_of(kind)}"'
        row = source.execute(f"SELECT * FROM {table} WHERE ocel_id = ?", (key,)).fetchone()  # noqa: S608  # idem
        links = source.execute(
            "SELECT ocel_object_id, ocel_qualifier FROM event_object WHERE ocel_event_id = ? ORDER BY 1, 2", (key,)
        )
        attributes = [
            {"name": name, "value": _json_value(row[name], kind_of)}
            for name, kind_of in EVENT_ATTRIBUTES.items()
            if row[name] is not None
        ]
        yield {"id": key, "type": kind, "time": _json_moment(row["ocel_time"]), "attributes": attributes,
               "relationships": _related(links)}  # fmt: skip


def _related(links: sqlite3.Cursor) -> list[dict[str, str]]:
    return [{"objectId": target, "qualifier": qualifier} for target, qualifier in links]


def _json_moment(text: str) -> str:
    return text.replace(" ", "T") + "Z"


def _json_value(value: Any, kind: str) -> str:
    """A value as text, which every reader of the format takes; its type is declared."""
    return _json_moment(value) if kind == "time" else str(value)
