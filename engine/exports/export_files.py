"""The file of an export: one snapshot of the database, read in portions of cases, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.context import Context
from engine.exports.event_files import ocel_log, ocel_text, xes_log
from engine.exports.fact_files import fact_table
from engine.exports.source import Add, open_source
from storage import export_feed
from storage.export_feed import Wanted
from workflows.export import About, Disclosure, Format

PORTION: Final = 200
"""How many cases are in memory at a time."""
Told = Callable[[int, int], Awaitable[None]]
"""Is told how many cases of how many are written, after each portion."""
_MAKERS: Final[Mapping[Format, Callable[[About, Disclosure, Path], AbstractAsyncContextManager[Add]]]] = (
    MappingProxyType({
        Format.XES: xes_log,
        Format.OCEL_SQLITE: ocel_log,
        Format.OCEL_JSON: ocel_text,
        Format.CASES_CSV: fact_table,
        Format.CASES_PARQUET: fact_table,
        Format.NOTICES_CSV: fact_table,
        Format.NOTICES_PARQUET: fact_table,
    })
)  # fmt: skip


class Made(NamedTuple):
    """What a file has: cases, events or rows of facts, and the moment (UTC) that it tells of."""

    cases: int
    rows: int
    as_of: datetime


async def make_file(context: Context, about: About, chosen: Wanted, path: Path, told: Told) -> Made:
    """Write an export.

    :param about: what the file says of itself, as of now. :param path: of a file that does not exist yet.
    :param told: is awaited before the first portion and after each; what it raises ends the export.
    """
    shown = Disclosure(about.wish.clear, partial(context.sealer.index, kind=f"export:{about.export}"))
    done = rows = 0
    async with open_source(about.wish, about.as_of) as source:
        cases = await export_feed.count(source.connection, chosen)
        async with _MAKERS[about.wish.format](about._replace(as_of=source.as_of), shown, path) as add:
            await told(0, cases)
            async for portion in export_feed.portions(source.connection, chosen, PORTION):
                rows += await add(source, portion)
                done += len(portion)
                await told(done, cases)
    return Made(done, rows, source.as_of)
