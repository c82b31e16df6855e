"""The tree of places: regions from province down to village, halls with their windows, departments."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Text, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.columns.indexes import IndexMethod
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from storage.db import DB, Connection, reading


class Organisation(Table, db=DB, tablename="organisations"):
    """A region, hall, window or department. ``path`` lists the codes from the root, so that a subtree is a prefix."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    parent_id: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Organisation", module_path="storage.organisations"), null=True
    )
    code = Varchar(length=40, unique=True)
    path = Text(unique=True)
    kind = Varchar(length=20, index=True, index_method=IndexMethod.btree)
    region_code = Varchar(length=12)
    name = Varchar(length=120)
    name_en = Varchar(length=160)
    uscc = Varchar(length=18, null=True, default=None)
    agency_word = Varchar(length=20, null=True, default=None)
    phone = Varchar(length=30, default="")
    hours = JSONB(null=True, default=None)


async def by_code(code: str) -> dict[str, Any] | None:
    """One organisation, by its code."""
    found: dict[str, Any] | None = await Organisation.select().where(Organisation.code == code).first()
    return found


async def every() -> list[dict[str, Any]]:
    """The whole tree, parents before children. A province has a few thousand rows."""
    rows: list[dict[str, Any]] = await Organisation.select().order_by(Organisation.path)
    return rows


async def subtree(paths: list[str]) -> list[UUID]:
    """The keys of everything at or below these paths."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT o.id FROM organisations o JOIN unnest($1::text[]) AS p(path)"
            " ON o.path = p.path OR starts_with(o.path, p.path || '/')",
            paths,
        )
    return [row["id"] for row in rows]


async def halls_of(paths: list[str]) -> list[UUID]:
    """The halls at or below these paths, and the halls that these paths lie in (a window's own hall)."""
    if not paths:
        return []
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT DISTINCT o.id FROM organisations o JOIN unnest($1::text[]) AS p(path)"
            " ON o.path = p.path OR starts_with(o.path, p.path || '/') OR starts_with(p.path, o.path || '/')"
            " WHERE o.kind = 'hall'",
            paths,
        )
    return [row["id"] for row in rows]


async def by_word(word: str) -> dict[str, Any] | None:
    """The hall or department whose documents carry this word (机关代字) in their numbers."""
    found: dict[str, Any] | None = await Organisation.select().where(Organisation.agency_word == word).first()
    return found


async def region_of(path: str) -> dict[str, Any] | None:
    """The region that a place lies in, the nearest one."""
    async with reading() as connection:
        row = await connection.fetchrow(
            "SELECT * FROM organisations WHERE kind = 'region' AND starts_with($1::text || '/', path || '/')"
            " ORDER BY length(path) DESC LIMIT 1",
            path,
        )
    return dict(row) if row else None


async def halls_in(region: str) -> list[dict[str, Any]]:
    """The halls of a region itself, twenty at most, with telephone and hours. :param region: its GB/T 2260 code."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT code, name, name_en, phone, hours FROM organisations WHERE kind = 'hall' AND region_code = $1"
            " ORDER BY path LIMIT 20",
            region,
        )
    return [dict(row) for row in rows]


async def departments_in(region: str) -> list[dict[str, Any]]:
    """The departments of a region itself, by name. :param region: its GB/T 2260 code."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT code, name, name_en FROM organisations WHERE kind = 'department' AND region_code = $1"
            " ORDER BY name, code LIMIT 200",
            region,
        )
    return [dict(row) for row in rows]


_PLACES: Final = """
SELECT o.*, coalesce(above.code, '') AS parent
FROM organisations o LEFT JOIN organisations above ON above.id = o.parent_id
"""

_PAGE: Final = f"""
{_PLACES}
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS p(path) WHERE o.path = p.path OR starts_with(o.path, p.path || '/'))
  AND o.path > coalesce((SELECT path FROM organisations WHERE code = $2), '') AND ($3 = '' OR o.kind = $3)
  AND ($4 = '' OR o.code = $4 OR strpos(o.name, $4) > 0 OR strpos(lower(o.name_en), lower($4)) > 0)
ORDER BY o.path LIMIT $5
"""  # noqa: S608  # constants


async def page(paths: list[str], *, after: str, kind: str, text: str, limit: int) -> list[dict[str, Any]]:
    """A page of what lies at or below these paths, from the top down, each with the code of its ``parent``.

    :param after: code of the last one of the page before. :param kind: empty for any. :param text: a code, or part of
        a name; empty for any.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PAGE, paths, after, kind, text, limit)]


async def one(code: str) -> dict[str, Any] | None:
    """One place with the code of its ``parent``."""
    async with reading() as connection:
        row = await connection.fetchrow(f"{_PLACES} WHERE o.code = $1", code)
    return dict(row) if row else None


async def hold_tree(connection: Connection) -> None:
    """Let nobody else add to the tree until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('organisations', 0))")


_COLUMNS: Final = (
    "id", "parent_id", "code", "path", "kind", "region_code", "name", "name_en", "uscc", "agency_word", "phone",
    "hours",
)  # fmt: skip
_ADD: Final = f"""
INSERT INTO organisations ({", ".join(_COLUMNS)})
VALUES ({", ".join(f"${place}" for place, _ in enumerate(_COLUMNS, 1))})
"""  # noqa: S608  # constants


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Add a place. :param row: every column; the caller has seen that code and path are free."""
    await connection.execute(_ADD, *(row[name] for name in _COLUMNS))


async def change(connection: Connection, key: UUID, row: dict[str, Any]) -> None:
    """Give a place other words. :param row: ``name``, ``name_en``, ``phone`` and ``hours``, of a hall."""
    await connection.execute(
        "UPDATE organisations SET name = $2, name_en = $3, phone = $4, hours = $5 WHERE id = $1",
        key, row["name"], row["name_en"], row["phone"], row["hours"],
    )  # fmt: skip


async def has_cases(connection: Connection, hall: UUID) -> bool:
    """Whether an application was ever taken in at this hall."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM cases WHERE hall_id = $1)", hall)
    return found
