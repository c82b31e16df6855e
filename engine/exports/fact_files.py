"""Facts of a selection as CSV and as Parquet, written a portion of cases at a time."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from engine.exports.source import Add, Source
from storage import export_feed
from workflows.export import About, Disclosure, Format, Row
from workflows.fact import CaseFact, NoticeFact
from workflows.fact_table import cell, columns, shown_row

if TYPE_CHECKING:
    import pyarrow

_GROUP: Final = 5000
"""Rows of a row group of a Parquet file."""
_CASES: Final = frozenset({Format.CASES_CSV, Format.CASES_PARQUET})
_CSV: Final = frozenset({Format.CASES_CSV, Format.NOTICES_CSV})


@asynccontextmanager
async def fact_table(about: About, shown: Disclosure, path: Path) -> AsyncIterator[Add]:
    """A table of facts that is whole when the block is left without an error. :param path: of no file yet."""
    of_cases = about.wish.format in _CASES
    names = columns(CaseFact if of_cases else NoticeFact)
    table: CsvFile | ParquetFile = (CsvFile if about.wish.format in _CSV else ParquetFile)(path, names, about)
    with table:

        async def add(source: Source, portion: list[UUID]) -> int:
            relation = source.cases if of_cases else source.notices
            rows = await export_feed.facts(source.connection, relation, portion)
            table.add([shown_row(row, names, shown) for row in rows])
            return len(rows)

        yield add


class CsvFile:
    """A CSV file (RFC 4180) in UTF-8; its first line names the columns.

    :param path: of a file that does not exist yet. :param names: the columns with their types.
    """

    def __init__(self, path: Path, names: Mapping[str, str], about: About) -> None:
        encoding = "utf-8-sig" if about.wish.bom else "utf-8"
        self._names = list(names)
        self._file = path.open("x", encoding=encoding, newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(self._names)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, rows: Sequence[Row]) -> None:
        """Put some rows behind the others."""
        self._writer.writerows([cell(row[name]) for name in self._names] for row in rows)


class ParquetFile:
    """A Parquet file with a type for each column; its metadata says what it is. Parameters as of :class:`CsvFile`."""

    def __init__(self, path: Path, names: Mapping[str, str], about: About) -> None:
        import pyarrow.parquet  # noqa: PLC0415  # 40 MB that only whoever writes such a file should carry

        self._arrow = pyarrow
        fields = [pyarrow.field(name, _arrow_type(pyarrow, kind)) for name, kind in names.items()]
        self._schema = pyarrow.schema(fields, metadata={f"yichuang.{key}": text for key, text in about.texts().items()})
        self._file = pyarrow.parquet.ParquetWriter(path, self._schema)
        self._rows: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._rows:
            self._write()
        self._file.close()

    def add(self, rows: Sequence[Row]) -> None:
        """Put some rows behind the others."""
        self._rows.extend(rows)
        if len(self._rows) >= _GROUP:
            self._write()

    def _write(self) -> None:
        self._file.write_table(self._arrow.Table.from_pylist(self._rows, self._schema))
        self._rows = []


def _arrow_type(arrow: Any, kind: str) -> pyarrow.DataType:
    if kind.startswith("list of "):
        return arrow.list_(_arrow_type(arrow, kind.removeprefix("list of ")))
    plain = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "boolean": arrow.bool_(),
        "moment": arrow.timestamp("us", "UTC"),
        "day": arrow.date32(),
    }
    return plain[kind]
