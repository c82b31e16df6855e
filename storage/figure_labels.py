"""What the keys in figures are called: places, items, people; and the keys of what people name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from storage.db import Connection, reading

_PLACES: Final = """
SELECT id, code, path, kind, name, name_en, hours FROM organisations
WHERE id = ANY($1::uuid[]) OR code = ANY($2::text[])
"""
_ITEMS: Final = """
SELECT DISTINCT ON (code) code, name, coalesce(data->>'name_en', '') AS name_en FROM item_versions
WHERE code = ANY($1::text[]) ORDER BY code, version DESC
"""
_PEOPLE: Final = "SELECT id, login AS code, name, name AS name_en FROM people WHERE id = ANY($1::uuid[])"


async def places(connection: Connection, keys: Iterable[UUID], codes: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Organisations with these keys or codes: ``id``, ``code``, ``path``, ``kind``, names, ``hours``."""
    return [dict(row) for row in await connection.fetch(_PLACES, list(keys), list(codes))]


async def items(connection: Connection, codes: Iterable[str]) -> list[dict[str, Any]]:
    """Items with these codes, as their newest version calls them: ``code``, ``name``, ``name_en``."""
    return [dict(row) for row in await connection.fetch(_ITEMS, list(codes))]


async def people(connection: Connection, keys: Iterable[UUID]) -> list[dict[str, Any]]:
    """People with these keys: ``id``, ``code`` (their login), ``name``, ``name_en``."""
    return [dict(row) for row in await connection.fetch(_PEOPLE, list(keys))]


async def person_of(login: str) -> UUID | None:
    """Whose login this is."""
    async with reading() as connection:
        key: UUID | None = await connection.fetchval("SELECT id FROM people WHERE login = $1", login)
    return key


_SERVING: Final = """
SELECT d.code FROM organisations d WHERE d.kind = 'department' AND EXISTS (
  SELECT FROM organisations h JOIN organisations r ON r.id = d.parent_id
  WHERE h.id = ANY($1::uuid[]) AND starts_with(h.path, r.path || '/'))
"""
_BELOW: Final = """
SELECT DISTINCT o.code FROM organisations o JOIN unnest($1::text[]) AS p(path)
  ON o.path = p.path OR starts_with(o.path, p.path || '/')
WHERE o.kind = 'department'
"""


async def departments_serving(halls: Iterable[UUID]) -> list[str]:
    """Codes of the departments of the regions in which these halls lie."""
    async with reading() as connection:
        return [row["code"] for row in await connection.fetch(_SERVING, list(halls))]


async def departments_below(paths: Iterable[str]) -> list[str]:
    """Codes of the departments at or below these places."""
    async with reading() as connection:
        return [row["code"] for row in await connection.fetch(_BELOW, list(paths))]
