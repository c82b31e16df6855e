"""意见模板: sentences that somebody uses again and again, kept by whoever wrote them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class OpinionTemplate(Table, db=DB, tablename="opinion_templates"):
    """One template; for its maker alone where ``department_id`` is null, for every item where ``item_code`` is empty.

    It stands until ``ended_at`` (UTC).
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    maker_id = ForeignKey(Person, null=False, index=True)
    department_id = ForeignKey(Organisation, null=True)
    item_code = Varchar(length=50, default="")
    title = Varchar(length=40)
    text = Varchar(length=500)
    made_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new template."""
    await connection.execute(
        "INSERT INTO opinion_templates (id, maker_id, department_id, item_code, title, text, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        row["id"], row["maker_id"], row["department_id"], row["item_code"], row["title"], row["text"], row["made_at"],
    )  # fmt: skip


async def standing(connection: Connection, maker: UUID) -> int:
    """How many templates of a person stand; no other one is added until the transaction ends."""
    await connection.execute("SELECT id FROM people WHERE id = $1 FOR UPDATE", maker)
    count: int = await connection.fetchval(
        "SELECT count(*) FROM opinion_templates WHERE maker_id = $1 AND ended_at IS NULL", maker
    )
    return count


_SEEN: Final = """
SELECT t.id, t.maker_id, t.department_id, t.item_code, t.title, t.text, t.made_at, p.name AS maker_name,
  d.name AS department_name, d.name_en AS department_name_en
FROM opinion_templates t JOIN people p ON p.id = t.maker_id LEFT JOIN organisations d ON d.id = t.department_id
WHERE t.ended_at IS NULL AND (t.maker_id = $1 OR t.department_id = ANY($2::uuid[]))
  AND ($3::text IS NULL OR t.item_code IN ('', $3))
ORDER BY t.item_code = '', t.maker_id <> $1, t.made_at, t.id LIMIT $4
"""


async def seen(maker: UUID, departments: list[UUID], item: str | None, limit: int) -> list[dict[str, Any]]:
    """A person's own templates and those of these departments: those of one item first, own ones before others'.

    :param item: only what fits a case of this item; None for all of them.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_SEEN, maker, departments, item, limit)]


async def change(key: UUID, maker: UUID, title: str, text: str) -> bool:
    """Put other words in; False where the template does not stand or is not this person's."""
    return await _changed("UPDATE opinion_templates SET title = $3, text = $4", key, maker, title, text)


async def end(key: UUID, maker: UUID, now: datetime) -> bool:
    """Let a template stand no more (UTC); False as in :func:`change`."""
    return await _changed("UPDATE opinion_templates SET ended_at = $3", key, maker, now)


async def _changed(statement: str, *values: Any) -> bool:
    async with reading() as connection:
        found = await connection.fetchval(
            statement + " WHERE id = $1 AND maker_id = $2 AND ended_at IS NULL RETURNING id", *values
        )
    return found is not None
