"""Event logs of a selection: XES, and OCEL 2.0 as a database or as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from engine.exports.source import Add, Source
from storage import export_feed
from storage.ocel_file import OcelFile, write_json
from workflows import xes
from workflows.event_log import by_case, within
from workflows.export import About, Disclosure, Row, Selection
from workflows.ocel import NOTICES, case_in_ocel


@asynccontextmanager
async def xes_log(about: About, shown: Disclosure, path: Path) -> AsyncIterator[Add]:
    """An XES file that is whole when the block is left without an error. :param path: of no file yet."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(xes.header(about))

        async def add(source: Source, portion: list[UUID]) -> int:
            told = await _read(source, portion, about.wish.selection)
            file.writelines(xes.trace(case, events, shown) for case, events in told)
            return sum(len(events) for _, events in told)

        yield add
        file.write(xes.FOOTER)


@asynccontextmanager
async def ocel_log(about: About, shown: Disclosure, path: Path) -> AsyncIterator[Add]:
    """An OCEL database that is whole when the block is left without an error. :param path: of no file yet."""
    with OcelFile(path, about.texts()) as log:

        async def add(source: Source, portion: list[UUID]) -> int:
            told = await _read(source, portion, about.wish.selection)
            return log.add([case_in_ocel(case, events, shown) for case, events in told])

        yield add
        await asyncio.to_thread(log.finish)


@asynccontextmanager
async def ocel_text(about: About, shown: Disclosure, path: Path) -> AsyncIterator[Add]:
    """The same as JSON, told out of a database beside it: its sections stand in another order than cases come in."""
    database = path.with_name(f"{path.name}.part")
    try:
        async with ocel_log(about, shown, database) as add:
            yield add
        with path.open("xb") as file:
            await asyncio.to_thread(write_json, database, file)
    finally:
        database.unlink(missing_ok=True)


async def _read(source: Source, portion: list[UUID], chosen: Selection) -> list[tuple[Row, list[Row]]]:
    """Some cases with their events; of a selection by event, only those of the period."""
    cases = await export_feed.cases(source.connection, portion)
    events = await export_feed.events(source.connection, portion, list(NOTICES))
    return [(case, within(case, told, chosen)) for case, told in by_case(cases, events)]
