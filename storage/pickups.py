"""Pickup codes (取件码): what an applicant shows at the issue window, used once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading


class PickupCode(Table, db=DB, tablename="pickup_codes"):
    """One code of one case; it is compared by its keyed digest. The newest one counts.

    ``code_sealed`` is there for the message that carries it, and empty once the code has had its time. ``outcome``:
    empty while it opens the shelf, then used, replaced or posted.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    code_index = Bytea()
    code_sealed = Bytea()
    failures = Integer(default=0)
    locked_until = Timestamptz(null=True, default=None)
    issued_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    outcome = Varchar(length=10, default="")


async def issue(connection: Connection, case: UUID, index: bytes, sealed: bytes, at: datetime) -> None:
    """A new code; the one before it opens nothing any more. A lock on that one holds for this one too.

    :param at: UTC.
    """
    locked = await connection.fetchval(
        "SELECT locked_until FROM pickup_codes WHERE case_id = $1 AND ended_at IS NULL AND locked_until > $2", case, at
    )
    await end(connection, case, "replaced", at)
    await connection.execute(
        "INSERT INTO pickup_codes (id, case_id, code_index, code_sealed, failures, locked_until, issued_at, outcome)"
        " VALUES (uuidv7(), $1, $2, $3, 0, $4, $5, '')",
        case, index, sealed, locked, at,
    )  # fmt: skip


async def end(connection: Connection, case: UUID, outcome: str, at: datetime) -> None:
    """The code of a case has had its time. :param outcome: used, replaced or posted. :param at: UTC."""
    await connection.execute(
        "UPDATE pickup_codes SET ended_at = $3, outcome = $2, code_sealed = '' WHERE case_id = $1 AND ended_at IS NULL",
        case, outcome, at,
    )  # fmt: skip


async def lock_newest(connection: Connection, number: str) -> dict[str, Any] | None:
    """The newest code of a case, locked until the transaction ends."""
    row = await connection.fetchrow(
        "SELECT p.* FROM pickup_codes p JOIN cases c ON c.id = p.case_id WHERE c.number = $1"
        " ORDER BY p.issued_at DESC, p.id DESC LIMIT 1 FOR UPDATE OF p",
        number,
    )
    return dict(row) if row else None


async def fail(connection: Connection, key: UUID, failures: int, locked_until: datetime | None) -> None:
    """Count a wrong code. :param locked_until: UTC; from the last attempt that was free."""
    await connection.execute(
        "UPDATE pickup_codes SET failures = $2, locked_until = $3 WHERE id = $1", key, failures, locked_until
    )


async def sealed_of(number: str) -> bytes | None:
    """The sealed code that a case can be collected with now."""
    async with reading() as connection:
        sealed: bytes | None = await connection.fetchval(
            "SELECT p.code_sealed FROM pickup_codes p JOIN cases c ON c.id = p.case_id"
            " WHERE c.number = $1 AND p.ended_at IS NULL",
            number,
        )
    return sealed
