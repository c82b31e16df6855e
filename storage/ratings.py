"""Ratings (好差评) of a case: five levels, 1 very satisfied to 5 very dissatisfied (GB/T 39046 A.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading


class Rating(Table, db=DB, tablename="ratings"):
    """One rating of one case; nobody who did not rate counts as satisfied."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, unique=True)
    seq = Integer()
    level = Integer()
    comment = Text(default="")
    rated_at = Timestamptz()


async def of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The rating of a case; nothing when nobody rated it, which is no rating and never a good one."""
    row = await connection.fetchrow("SELECT seq, level, comment, rated_at FROM ratings WHERE case_id = $1", case)
    return dict(row) if row else None


async def add(connection: Connection, case: UUID, seq: int, level: int, comment: str, at: datetime) -> None:
    """Keep the one rating of a case.

    :param seq: of its event in the trail. :param at: UTC.
    """
    await connection.execute(
        "INSERT INTO ratings (id, case_id, seq, level, comment, rated_at) VALUES (uuidv7(), $1, $2, $3, $4, $5)",
        case, seq, level, comment, at,
    )  # fmt: skip


async def delivered_at(case: UUID) -> datetime | None:
    """When the last result of a case was delivered, UTC."""
    async with reading() as connection:
        at: datetime | None = await connection.fetchval(
            "SELECT max(delivered_at) FROM deliveries WHERE case_id = $1", case
        )
    return at
