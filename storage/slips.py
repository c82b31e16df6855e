"""Slips: documents of a hall that belong to no case (D02 of a consultation, D22 to be signed, D26), and their files."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, BigInt, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Slip(Table, db=DB, tablename="slips"):
    """One document as it was issued. ``data`` holds everything printed on it; ``edition`` counts what was issued anew.

    The columns from ``object_key`` on say where its file is locked away, how large it is (bytes) and its SHA-256
    (hexadecimal); a worker fills them in once.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=60)
    edition = Integer(default=1)
    code = Varchar(length=4)
    hall_id = ForeignKey(Organisation, null=False)
    data = JSONB()
    issued_by = ForeignKey(Person, null=True)
    issued_at = Timestamptz()
    object_key = Text(null=True, default=None)
    object_version = Text(default="")
    digest = Varchar(length=64, default="")
    size = BigInt(default=0)
    pages = Integer(default=0)
    rendered_at = Timestamptz(null=True, default=None)
    retain_until = Timestamptz(null=True, default=None)


FILE: Final = ("object_key", "object_version", "digest", "size", "pages", "rendered_at", "retain_until")
"""The columns that a worker fills in."""


async def add(connection: Connection, row: dict[str, Any]) -> UUID:
    """Keep a slip in the edition after the last one of its number. :param row: the columns up to ``issued_at``."""
    key: UUID = await connection.fetchval(
        "INSERT INTO slips (id, number, edition, code, hall_id, data, issued_by, issued_at, object_version, digest,"
        " size, pages) SELECT uuidv7(), $1::varchar, 1 + coalesce(max(s.edition), 0), $2, $3, $4, $5, $6, '', '', 0, 0"
        " FROM slips s WHERE s.number = $1::varchar RETURNING id",
        row["number"], row["code"], row["hall_id"], row["data"], row["issued_by"], row["issued_at"],
    )  # fmt: skip
    return key


_READ: Final = """
SELECT s.*, h.name AS hall_name, h.name_en AS hall_name_en, h.phone AS hall_phone, h.path AS hall_path,
  h.code AS hall, h.hours AS hall_hours
FROM slips s JOIN organisations h ON h.id = s.hall_id
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """A slip with its hall."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE s.id = $1", key)
    return dict(row) if row else None


async def newest(number: str) -> dict[str, Any] | None:
    """The last edition of a number, with its hall."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE s.number = $1 ORDER BY s.edition DESC LIMIT 1", number)
    return dict(row) if row else None


async def file(connection: Connection, key: UUID, row: dict[str, Any]) -> bool:
    """Keep where the file of a slip is; False when it had one already. :param row: the columns of :data:`FILE`."""
    kept = await connection.fetchval(
        "UPDATE slips SET object_key = $2, object_version = $3, digest = $4, size = $5, pages = $6, rendered_at = $7,"
        " retain_until = $8 WHERE id = $1 AND object_key IS NULL RETURNING id",
        key,
        *(row[name] for name in FILE),
    )
    return kept is not None
