"""How often an applicant's query code was tried with other characters than theirs: a row a code, for half an hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from piccolo.columns import Bytea, Integer, Timestamptz
from piccolo.table import Table

from storage.db import DB, reading


class StatusAttempt(Table, db=DB, tablename="status_attempts"):
    """The attempts on one code, known by its keyed digest alone; also on codes that no case has."""

    code_index = Bytea(primary_key=True)
    failures = Integer(default=0)
    locked_until = Timestamptz(null=True, default=None)
    tried_at = Timestamptz()


_TRY = """
INSERT INTO status_attempts AS s (code_index, failures, locked_until, tried_at) VALUES ($1, 1, NULL, $2)
ON CONFLICT (code_index) DO UPDATE SET
  failures = CASE WHEN s.locked_until > $2 THEN s.failures
    WHEN s.locked_until IS NOT NULL OR s.tried_at < $2::timestamptz - $4::interval THEN 1 ELSE s.failures + 1 END,
  locked_until = CASE WHEN s.locked_until > $2 THEN s.locked_until
    WHEN s.locked_until IS NULL AND s.tried_at >= $2::timestamptz - $4::interval AND s.failures >= $3
    THEN $2::timestamptz + $4::interval END,
  tried_at = $2
RETURNING locked_until IS NOT NULL
"""


async def count(index: bytes, now: datetime, most: int, lock: Any) -> bool:
    """Count an attempt before it is looked at, so that none goes by uncounted; True when the code is locked.

    :param index: blind index of the code. :param now: UTC.
    :param most: how many are looked at before the code is locked for ``lock`` (a ``timedelta``).
    """
    async with reading() as connection:
        locked: bool = await connection.fetchval(_TRY, index, now, most, lock)
    return locked


async def forget(index: bytes) -> None:
    """The applicant has shown who they are."""
    async with reading() as connection:
        await connection.execute("DELETE FROM status_attempts WHERE code_index = $1", index)


async def purge(before: datetime, limit: int = 5000) -> int:
    """Drop what was last tried before a moment (UTC), at most so many; how many."""
    async with reading() as connection:
        status: str = await connection.execute(
            "DELETE FROM status_attempts WHERE code_index IN (SELECT code_index FROM status_attempts"
            " WHERE tried_at < $1 LIMIT $2)",
            before,
            limit,
        )
    return int(status.rsplit(" ", 1)[1])
