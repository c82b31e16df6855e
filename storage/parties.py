"""Applicants. Names in clear; numbers and phones sealed, found again only by exact number through a keyed index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Bytea, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection


class Party(Table, db=DB, tablename="parties"):
    """A natural person or an organisation that applies."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    kind = Varchar(length=12)
    name = Varchar(length=200)
    id_kind = Varchar(length=40)
    id_sealed = Bytea()
    id_index = Bytea()
    mobile_sealed = Bytea(null=True, default=None)
    mobile_index = Bytea(null=True, default=None)
    address_sealed = Bytea(null=True, default=None)
    created_at = Timestamptz()


_UPSERT = """
INSERT INTO parties (id, kind, name, id_kind, id_sealed, id_index, mobile_sealed, mobile_index, address_sealed,
  created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id_kind, id_index) DO UPDATE SET name = excluded.name,
  mobile_sealed = coalesce(excluded.mobile_sealed, parties.mobile_sealed),
  mobile_index = coalesce(excluded.mobile_index, parties.mobile_index),
  address_sealed = coalesce(excluded.address_sealed, parties.address_sealed)
RETURNING id
"""


async def remember(connection: Connection, row: dict[str, Any]) -> UUID:
    """The key of the party with this number, entered or brought up to date."""
    found: UUID = await connection.fetchval(
        _UPSERT, row["id"], row["kind"], row["name"], row["id_kind"], row["id_sealed"], row["id_index"],
        row["mobile_sealed"], row["mobile_index"], row["address_sealed"], row["created_at"],
    )  # fmt: skip
    return found


async def by_index(connection: Connection, id_kind: str, index: bytes) -> dict[str, Any] | None:
    """The party whose number has this blind index."""
    row = await connection.fetchrow("SELECT * FROM parties WHERE id_kind = $1 AND id_index = $2", id_kind, index)
    return dict(row) if row else None


async def cases_of(connection: Connection, party: UUID, hall: UUID, limit: int) -> list[dict[str, Any]]:
    """The newest cases of a party in one hall: number, item, when it was opened and when it ended, if it has."""
    rows = await connection.fetch(
        "SELECT number, item_code, item_name, item_name_en, opened_at, closed_at FROM cases"
        " WHERE party_id = $1 AND hall_id = $2 ORDER BY opened_at DESC LIMIT $3",
        party,
        hall,
        limit,
    )
    return [dict(row) for row in rows]
