"""Cards (催办、黄牌、红牌): what a watch left on a case. They are appealed and lifted, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class Card(Table, db=DB, tablename="cards"):
    """One card. ``raised_at`` is the moment that the law names, ``recorded_at`` when the engine wrote it down.

    ``number`` is the case number and the event that raised it; ``state`` is standing, appealed, upheld or lifted.
    ``due_on`` and ``started_at`` say which run of which clock, or which duty (then without ``clock``), it is about;
    both are null for an unlawful act.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=40, unique=True)
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer()
    rule = Varchar(length=40)
    level = Varchar(length=10)
    clock = Varchar(length=12)
    started_at = Timestamptz(null=True, default=None)
    due_on = Date(null=True, default=None)
    raised_at = Timestamptz()
    recorded_at = Timestamptz()
    state = Varchar(length=10)
    appealed_by = ForeignKey(Person, null=True)
    appealed_at = Timestamptz(null=True, default=None)
    appeal = Text(default="")
    settled_by = ForeignKey(Person, null=True)
    settled_at = Timestamptz(null=True, default=None)
    settlement = Text(default="")


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """The cards of a case, oldest first."""
    rows = await connection.fetch("SELECT * FROM cards WHERE case_id = $1 ORDER BY seq, rule", case)
    return [dict(row) for row in rows]


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Leave a standing card.

    :param row: the columns up to ``recorded_at``.
    """
    await connection.execute(
        "INSERT INTO cards (id, number, case_id, seq, rule, level, clock, started_at, due_on, raised_at, recorded_at,"
        " state, appeal, settlement) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'standing', '', '')",
        row["id"], row["number"], row["case_id"], row["seq"], row["rule"], row["level"], row["clock"],
        row["started_at"], row["due_on"], row["raised_at"], row["recorded_at"],
    )  # fmt: skip


async def appeal(connection: Connection, number: str, by: UUID | None, at: datetime, grounds: str) -> None:
    """Write down that a standing card is contested (申诉)."""
    await connection.execute(
        "UPDATE cards SET state = 'appealed', appealed_by = $2, appealed_at = $3, appeal = $4"
        " WHERE number = $1 AND state = 'standing'",
        number, by, at, grounds,
    )  # fmt: skip


async def settle(
    connection: Connection, number: str, state: Literal["lifted", "upheld"], by: UUID | None, at: datetime, reason: str
) -> None:
    """Write down what became of an appeal; the card itself stays."""
    await connection.execute(
        "UPDATE cards SET state = $2, settled_by = $3, settled_at = $4, settlement = $5"
        " WHERE number = $1 AND state = 'appealed'",
        number, state, by, at, reason,
    )  # fmt: skip


_BOARD = """
SELECT k.id, k.number, k.rule, k.level, k.clock, k.due_on, k.raised_at, k.state, c.number AS "case", c.item_name,
  c.item_name_en, c.flow, c.state AS case_state, d.name AS department_name, d.name_en AS department_name_en
FROM cards k JOIN cases c ON c.id = k.case_id JOIN organisations d ON d.id = c.department_id
WHERE k.state <> 'lifted' AND (c.hall_id = ANY($1) OR (c.department_id = ANY($2) AND c.state <> 'NEW'))
  AND ($3::text[] IS NULL OR k.level = ANY($3)) AND ($4::timestamptz IS NULL OR (k.raised_at, k.id) < ($4, $5))
ORDER BY k.raised_at DESC, k.id DESC LIMIT $6
"""


async def board(
    halls: list[UUID],
    departments: list[UUID],
    levels: list[str] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the cards that count, on cases of these halls or routed to these departments, the newest first.

    :param levels: only these; None for every level.
    :param after: ``raised_at`` (UTC) and ``id`` of the last row of the page before.
    """
    raised_at, key = after or (None, None)
    async with reading() as connection:
        rows = await connection.fetch(_BOARD, halls, departments, levels, raised_at, key, limit)
    return [dict(row) for row in rows]
