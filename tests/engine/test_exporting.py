"""Cases taken out as files: whole, masked, within one's own organisation, openable by the field's tools, and logged."""

from __future__ import annotations

import asyncio
import contextvars
import csv
import hashlib
import io
import json
import subprocess
import sys
import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pyarrow
import pyarrow.parquet
import pytest

from engine.context import Context
from engine.exports.export_building import export_here, make_export
from engine.exports.export_files import PORTION
from engine.exports.ordering import (
    EXPORT,
    MOST_WAITING,
    drop_exports,
    find_export,
    list_exports,
    open_export,
    order_export,
    read_export,
    retry_export,
)  # fmt: skip
from engine.jobs import run_row
from engine.projecting import project
from storage import audit, exports
from storage.db import reading
from tests.databases import Database
from tests.engine import pm4py_reading
from tests.factories import FOOD, LABOUR, START, Story, bring, firm, open_story, person
from tests.people import actor
from tests.storage.ocel_rules import check_ocel
from tests.workflows.xes_rules import read_xes
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, TooMany
from workflows.export import Format, Selection, Wish
from workflows.fact import CaseFact, NoticeFact
from workflows.fact_table import cell, columns

WHY = "季度抽查"
DAY = timedelta(days=1)


def later() -> datetime:
    return datetime.now(UTC)


async def hall(context: Context) -> list[Story]:
    """Cases that ended in different ways, one of them of another department; their facts are made."""
    context.objects.ensure_buckets()
    stories = [
        await bring(context, "DELIVERED"),
        await bring(context, "CORRECTION", who=person(3), at=START + DAY),
        await bring(context, "WITHDRAWN", who=firm(2), at=START + 2 * DAY),
        await bring(context, "RECEIVED", LABOUR, who=firm(3), at=START + 3 * DAY),
        await open_story(context, at=START + 4 * DAY),
    ]
    await project(seconds=60)
    return stories


async def work_off(context: Context) -> None:
    """What a worker does with orders of exports, once."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = $1 AND state = 'waiting'", EXPORT)
    for row in rows:
        await run_row(context, row["id"], later)


async def taken(context: Context, who: str, wish: Wish) -> bytes:
    """Order, make and take an export."""
    someone = await actor(who)
    order = await order_export(context, someone, wish, later())
    await work_off(context)
    made = await read_export(someone, order["id"])
    assert made["state"] == "ready", made["failure"]
    assert made["percent"] == 100
    content = await find_export(someone, order["id"], later())
    with await open_export(context, content, 0, content.size) as stream:
        found = stream.read()
    assert len(found) == made["size"] > 0
    return found


async def numbers(context: Context, who: str, **chosen: Any) -> set[str]:
    """The cases of an export."""
    _, traces = read_xes((await taken(context, who, Wish(Format.XES, Selection(**chosen)))).decode())
    return {trace["concept:name"] for trace, _ in traces}


async def looks(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """What the access log says of exports: what was done, and why."""
    connection = await asyncpg.connect(database.superuser)
    try:
        rows = await connection.fetch("SELECT action, body FROM access_log WHERE subject LIKE 'export:%' ORDER BY seq")
        return [(row["action"], json.loads(json.loads(row["body"])["purpose"])) for row in rows]
    finally:
        await connection.close()


async def test_a_selection_is_taken_out_in_every_format(context: Context, database: Database, tmp_path: Path) -> None:
    stories = await hall(context)
    files = {one: await taken(context, "auditor", Wish(one, reason=WHY)) for one in Format}
    trails = {story.number: await audit.of_case(story.number, limit=100) for story in stories}
    for name in ("李明哲", "杨思远", "示例3", str(trails[stories[0].number][0]["actor"])):
        assert not [one for one, content in files.items() if name.encode() in content], name
    _, traces = read_xes(files[Format.XES].decode())
    assert {trace["concept:name"]: [event["digest"] for event in events] for trace, events in traces} == {
        number: [row["digest"] for row in rows] for number, rows in trails.items()
    }
    check_ocel(json.loads(files[Format.OCEL_JSON]))
    await as_analysts_see_it(files, trails, tmp_path)
    await as_tables(files, len(stories), tmp_path)
    logged = await looks(database)
    assert Counter(action for action, _ in logged) == {"export.order": len(Format), "export.content": len(Format)}
    content = [told for action, told in logged if action == "export.content"]
    assert {(told["wish"]["format"], told["reason"]) for told in content} == {(one, WHY) for one in Format}
    assert next(told["rows"] for told in content) == sum(len(rows) for rows in trails.values())


async def as_analysts_see_it(
    files: dict[Format, bytes], trails: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """pm4py reads what the trail says: as many cases, variants and successions, events, objects and relations."""
    paths = []
    for one, suffix in ((Format.XES, "xes"), (Format.OCEL_JSON, "json"), (Format.OCEL_SQLITE, "sqlite")):
        paths.append(tmp_path / f"log.{suffix}")
        paths[-1].write_bytes(files[one])
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, pm4py_reading.__file__, *map(str, paths)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    names = [[row["name"] for row in rows] for rows in trails.values()]
    xes = read["xes"]
    assert xes["cases"] == sorted(trails)
    follows = Counter(pair for one in names for pair in pairwise(one))
    assert xes["dfg"] == sorted([*pair, count] for pair, count in follows.items())
    assert xes["variants"] == sorted([list(one), count] for one, count in Counter(map(tuple, names)).items())
    assert (xes["starts"], xes["ends"]) == (Counter(one[0] for one in names), Counter(one[-1] for one in names))
    assert xes["outcomes"] == ["granted", "withdrawn"]
    assert read["broken"] == []
    assert read["json"] == read["sqlite"]
    ocel, rows = read["json"], [row for one in trails.values() for row in one]
    assert ocel["events"] == xes["events"] == len(rows)
    assert ocel["activities"] == Counter(row["name"] for row in rows)
    assert ocel["objects"] == {
        "case": len(trails), "applicant": 4, "hall": 1, "department": 2, "notice": 1,
        "person": len({row["actor"] for row in rows if row["actor"]}),
        "document": len({paper["number"] for row in rows for paper in row["data"].get("documents", ())}),
    }  # fmt: skip
    assert ocel["relations"] == sum(len(one["relationships"]) for one in json.loads(files[Format.OCEL_JSON])["events"])
    assert ocel["first"] == xes["first"] == START.isoformat()
    assert ocel["changes"] == sum(row["from_state"] != row["to_state"] for row in rows)


async def as_tables(files: dict[Format, bytes], cases: int, tmp_path: Path) -> None:
    """The facts as text and with types, row by row as they are kept."""
    for text, typed, kind, count in (
        (Format.CASES_CSV, Format.CASES_PARQUET, CaseFact, cases),
        (Format.NOTICES_CSV, Format.NOTICES_PARQUET, NoticeFact, 1),
    ):
        names = columns(kind)
        first, *rows = csv.reader(io.StringIO(files[text].decode()))
        assert first == list(names)
        table = pyarrow.parquet.read_table(io.BytesIO(files[typed]))
        assert table.column_names == first
        assert len(rows) == table.num_rows == count
        people = {name for name in names if name in {"owner", "receiver", "handler", "approver", "given_by"}}
        for row, told in zip(rows, table.to_pylist(), strict=True):
            assert [cell(told[name]) for name in names if name not in people] == [
                value for name, value in zip(names, row, strict=True) if name not in people
            ]
        meta = table.schema.metadata
        assert meta[b"yichuang.personal_data"] == b"masked"
        assert datetime.fromisoformat(meta[b"yichuang.as_of"].decode()).tzinfo is not None
    schema = pyarrow.parquet.read_schema(io.BytesIO(files[Format.CASES_PARQUET]))
    assert schema.field("opened_at").type == pyarrow.timestamp("us", "UTC")
    assert schema.field("opened_on").type == pyarrow.date32()
    assert schema.field("statutory_limit").type == pyarrow.int64()
    assert schema.field("counted").type == pyarrow.bool_()
    assert schema.field("flags").type == pyarrow.list_(pyarrow.string())
    async with reading() as connection:
        kept = await connection.fetch("SELECT number, opened_on, counted FROM case_facts ORDER BY case_id")
    table = pyarrow.parquet.read_table(io.BytesIO(files[Format.CASES_PARQUET]))
    assert [tuple(row) for row in kept] == [(r["number"], r["opened_on"], r["counted"]) for r in table.to_pylist()]


async def test_everybody_takes_out_their_own_and_only_what_they_chose(context: Context) -> None:
    delivered, told, withdrawn, other, new = (story.number for story in await hall(context))
    everything = {delivered, told, withdrawn, other, new}
    assert await numbers(context, "hall_manager") == await numbers(context, "auditor") == everything
    assert await numbers(context, "authority_head") == {delivered, told, withdrawn}
    assert await numbers(context, "auditor", departments=("hrss",)) == {other}
    assert await numbers(context, "auditor", halls=("hall",), items=(FOOD.code,), states=("CORRECTION", "NEW")) == {
        told,
        new,
    }
    assert await numbers(context, "auditor", numbers=(other, told)) == {other, told}
    day = START.date() + DAY
    assert await numbers(context, "auditor", since=day, until=day) == {told}
    assert await numbers(context, "auditor", by="closed") == {delivered, withdrawn}
    assert await numbers(context, "auditor", by="closed", since=day) == {withdrawn}
    assert await numbers(context, "auditor", by="event", until=day) == {delivered, told}
    await masks_fall_for_a_reason_alone(context)
    for who, chosen, refused, code in (
        ("clerk", {}, Forbidden, "role_not_allowed"),
        ("authority_head", {"numbers": (delivered, other)}, NotFound, "case_not_found"),
        ("authority_head", {"departments": ("hrss",)}, NotFound, "organisation_not_found"),
        ("auditor", {"halls": ("nowhere",)}, NotFound, "organisation_not_found"),
        ("auditor", {"halls": ("amr",)}, NotFound, "organisation_not_found"),
        ("auditor", {"since": date(2027, 1, 1)}, Conflict, "selection_empty"),
        ("auditor", {"since": day, "until": day - DAY}, Malformed, "range_reversed"),
    ):
        with pytest.raises(refused) as refusal:
            await order_export(context, await actor(who), Wish(Format.XES, Selection(**chosen)), later())
        assert refusal.value.code == code, (who, chosen)
    assert not [row for row in await list_exports(await actor("auditor")) if row["state"] != "ready"]


async def masks_fall_for_a_reason_alone(context: Context) -> None:
    """People in clear are for the auditor who says why."""
    clear = Wish(Format.XES, clear=True, reason=WHY)
    text = (await taken(context, "auditor", clear)).decode()
    _, traces = read_xes(text)
    assert {"李明哲", "示例3"} <= {event["resource_name"] for _, events in traces for event in events} | {
        trace["applicant_name"] for trace, _ in traces
    }
    assert "46010019900101" not in text, "numbers are never taken out"
    for who, wish, refused in (
        ("hall_manager", clear, Forbidden),
        ("auditor", msgspec.structs.replace(clear, reason="查"), Malformed),
    ):
        with pytest.raises(refused):
            await order_export(context, await actor(who), wish, later())


async def test_an_order_is_followed_failed_retried_and_dropped(context: Context) -> None:
    context.objects.ensure_buckets()
    await bring(context, "CORRECTION")
    auditor, wish = await actor("auditor"), Wish(Format.NOTICES_CSV, bom=True)
    first = await order_export(context, auditor, wish, later())
    assert (await order_export(context, auditor, wish, later()))["id"] == first["id"]
    with pytest.raises(Conflict, match="export_not_over"):
        await retry_export(context, auditor, first["id"], later())
    with pytest.raises(NotFound, match="export_not_there"):
        await find_export(auditor, first["id"], later())
    with pytest.raises(NotFound, match="export_not_found"):
        await read_export(await actor("hall_manager"), first["id"])
    await no_facts_yet_is_tried_again_and_given_up(context, first["id"])
    await project(seconds=60)
    second = await retry_export(context, auditor, first["id"], later())
    assert second["id"] != first["id"]
    await asyncio.gather(
        *(
            asyncio.create_task(make_export(context, second["id"], later), context=contextvars.Context())
            for _ in range(2)
        )
    )
    assert (await read_export(auditor, second["id"]))["state"] == "ready"
    content = await find_export(auditor, second["id"], later())
    with await open_export(context, content, 0, content.size) as stream:
        text = stream.read()
    assert text.startswith(b"\xef\xbb\xbf")
    assert hashlib.sha256(text).hexdigest() == content.digest
    future = Wish(Format.CASES_CSV, as_of=later() + DAY)
    with pytest.raises(Conflict, match="moment_not_settled"):
        await order_export(context, auditor, future, later())
    assert await drop_exports(context, later()) == 0
    assert await drop_exports(context, later() + 8 * DAY) == 2
    assert {row["state"] for row in await list_exports(auditor)} == {"dropped"}
    with pytest.raises(NotFound):
        context.objects.stat_view(content.key)
    await nobody_floods_the_workers(context)


async def no_facts_yet_is_tried_again_and_given_up(context: Context, key: UUID) -> None:
    """What cannot be made now is tried again; after the last time its person is told why."""
    await work_off(context)
    row = await exports.read(key)
    assert row is not None
    assert row["state"] == "waiting"
    async with reading() as connection:
        await connection.execute("UPDATE outbox SET attempts = 7 WHERE topic = $1", EXPORT)
    await work_off(context)
    told = await read_export(await actor("auditor"), key)
    assert (told["state"], "数据尚在生成" in told["failure"]) == ("failed", True)


async def nobody_floods_the_workers(context: Context) -> None:
    manager = await actor("hall_manager")
    for number in range(MOST_WAITING):
        await order_export(context, manager, Wish(Format.XES, reason=f"第{number}次统计"), later())
    with pytest.raises(TooMany, match="exports_waiting"):
        await order_export(context, manager, Wish(Format.XES, reason="再来一次"), later())
    assert len(await list_exports(manager)) == MOST_WAITING
    newest, *_, oldest = await list_exports(manager)
    assert [row["id"] for row in await list_exports(manager, before=newest["id"], limit=9)][-1] == oldest["id"]


_COPY = """
INSERT INTO {0} ({1}) SELECT {2} FROM generate_series(1, $2::int) AS n CROSS JOIN {0} x
JOIN cases c ON c.id = x.{3} WHERE c.number = $1
"""
_KEY = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"


async def copies(database: Database, number: str, count: int) -> None:
    """So many more cases with the trail of one."""
    made: dict[str, dict[str, str]] = {
        "cases": {"id": _KEY, "number": "'copy-' || n", "query_code": "'copy-' || n"},
        "events": {"id": "uuidv7()", "case_id": _KEY},
    }
    connection = await asyncpg.connect(database.superuser)
    try:
        for table, case in (("cases", "id"), ("events", "case_id")):
            query = "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
            names = [row["attname"] for row in await connection.fetch(query, table)]
            values = ", ".join(made[table].get(name, f'x."{name}"') for name in names)
            quoted = ", ".join(f'"{name}"' for name in names)
            await connection.execute(_COPY.format(table, quoted, values, case), number, count)
    finally:
        await connection.close()


async def test_memory_does_not_grow_with_the_selection(context: Context, database: Database, tmp_path: Path) -> None:
    story = await bring(context, "DELIVERED")
    await copies(database, story.number, 3 * PORTION)
    auditor, done = await actor("auditor"), []

    async def told(cases: int, _: int) -> None:
        done.append(cases)

    async def peak(chosen: Selection, name: str) -> tuple[int, int]:
        path = tmp_path / name
        tracemalloc.start()
        try:
            made = await export_here(context, auditor, Wish(Format.OCEL_JSON, chosen), path, later, told)
            return made.rows, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, small = await peak(Selection(numbers=tuple(f"copy-{n}" for n in range(1, PORTION + 1))), "few.json")
    many, large = await peak(Selection(), "many.json")
    assert many > 3 * few
    assert large < 1.25 * small
    assert done[-1] == 3 * PORTION + 1
    assert [told["cases"] for action, told in await looks(database) if action == "export.content"] == [
        PORTION, 3 * PORTION + 1,
    ]  # fmt: skip
    with pytest.raises(Conflict, match="file_exists"):
        await export_here(context, auditor, Wish(Format.XES), tmp_path / "few.json", later, told)
    left = await asyncio.to_thread(lambda: sorted(path.name for path in tmp_path.iterdir()))
    assert left == ["few.json", "many.json"]
