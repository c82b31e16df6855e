"""The published versions of one item or flow, with who proposed and who published each; heads of all items."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from storage.db import reading

_PEOPLE: Final = """
  d.id AS draft, d.proposed_at, p.name AS proposed_by, q.name AS published_by
"""
"""From the draft that a version was published from; nothing where the machine's owner set it up."""

_ITEMS: Final = f"""
SELECT {{data}} i.code, i.version, i.name, i.data->>'name_en' AS name_en, i.department_id,
  i.flow, i.digest, i.in_force_from, i.suspended, i.cancelled_after,
  least(i.in_force_to, i.cancelled_after) AS in_force_to, i.published_at, o.code AS department,
  o.name AS department_name, o.name_en AS department_name_en, {_PEOPLE}
FROM item_versions i JOIN organisations o ON o.id = i.department_id
LEFT JOIN drafts d ON d.kind = 'item' AND d.subject = i.code AND d.version = i.version AND d.state = 'published'
LEFT JOIN people p ON p.id = d.proposed_by LEFT JOIN people q ON q.id = d.settled_by
WHERE i.code = $1 AND ($2::int IS NULL OR i.version = $2) ORDER BY i.version DESC
"""  # noqa: S608  # a constant of this module

_FLOWS: Final = f"""
SELECT f.name, f.version, f.source, f.digest, f.in_force_from, f.published_at, {_PEOPLE}
FROM flow_versions f
LEFT JOIN drafts d ON d.kind = 'flow' AND d.subject = f.name AND d.version = f.version AND d.state = 'published'
LEFT JOIN people p ON p.id = d.proposed_by LEFT JOIN people q ON q.id = d.settled_by
WHERE f.name = $1 ORDER BY f.version DESC
"""  # noqa: S608  # idem

_HEADS: Final = """
SELECT DISTINCT ON (i.code) i.code, i.version, i.name, i.data->>'name_en' AS name_en, i.flow, i.suspended,
  i.cancelled_after, o.name AS department_name, o.name_en AS department_name_en
FROM item_versions i JOIN organisations o ON o.id = i.department_id
WHERE i.code > $1 AND ($2 = '' OR strpos(i.name, $2) > 0) ORDER BY i.code, i.version DESC LIMIT $3
"""


async def of_item(code: str) -> list[dict[str, Any]]:
    """Every version of an item, the newest first, without its content."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_ITEMS.format(data=""), code, None)]


async def item_version(code: str, version: int) -> dict[str, Any] | None:
    """One version of an item with its content, ``data``."""
    async with reading() as connection:
        row = await connection.fetchrow(_ITEMS.format(data="i.data,"), code, version)
    return dict(row) if row else None


async def of_flow(name: str) -> list[dict[str, Any]]:
    """Every version of a flow with its text, ``source``, the newest first."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_FLOWS, name)]


async def heads(*, after: str, text: str, limit: int) -> list[dict[str, Any]]:
    """A page of all items by code in their newest version, also those that are suspended, cancelled or yet to begin.

    :param after: the code that the page before ended with. :param text: part of the name.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_HEADS, after, text, limit)]


_PATHS: Final = """
SELECT DISTINCT o.path FROM item_versions i JOIN organisations o ON o.id = i.department_id
WHERE i.code = $1 OR i.flow = $2 ORDER BY o.path
"""


async def paths_of_item(code: str) -> list[str]:
    """Where in the tree the departments of an item's versions stand."""
    async with reading() as connection:
        return [row["path"] for row in await connection.fetch(_PATHS, code, "")]


async def paths_under(flow: str) -> list[str]:
    """Where in the tree the departments stand whose items run under a flow."""
    async with reading() as connection:
        return [row["path"] for row in await connection.fetch(_PATHS, "", flow)]


async def suspend(code: str, *, suspended: bool) -> None:
    """From now on no application is taken under any version of an item, or again."""
    async with reading() as connection:
        await connection.execute("UPDATE item_versions SET suspended = $2 WHERE code = $1", code, suspended)


async def cancel(code: str, last_day: date | None) -> None:
    """No application is taken for an item after a day (hall time); None: again without such a day."""
    async with reading() as connection:
        await connection.execute("UPDATE item_versions SET cancelled_after = $2 WHERE code = $1", code, last_day)
