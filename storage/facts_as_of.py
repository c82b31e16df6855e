"""Facts as of a settled moment: rows that stand as they are, and beside them the rows of cases touched since.

The latter live in temporary tables of the connection, so that nobody else sees them and they go when it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from storage.db import Connection
from storage.facts import PUT_CASES, PUT_NOTICES, as_rows
from workflows.fact import CaseFact, NoticeFact

_BEGIN: Final = """
DISCARD TEMP;
CREATE TEMPORARY TABLE facts_touched (case_id uuid PRIMARY KEY);
CREATE TEMPORARY TABLE case_facts_then (LIKE case_facts);
CREATE TEMPORARY TABLE notice_facts_then (LIKE notice_facts);
"""
_ANY: Final = """
SELECT EXISTS (SELECT FROM case_facts f WHERE f.last_at > $1) OR EXISTS (SELECT FROM late_events WHERE known_at > $1)
"""
_TOUCHED: Final = """
SELECT f.case_id FROM (
  SELECT case_id FROM case_facts WHERE last_at > $1 UNION SELECT case_id FROM late_events WHERE known_at > $1
) since JOIN case_facts f USING (case_id)
WHERE f.opened_at <= $1 AND f.case_id > $2 AND NOT EXISTS (SELECT FROM facts_touched t WHERE t.case_id = f.case_id)
ORDER BY f.case_id LIMIT $3
"""
_STANDING: Final = (
    "f.last_at <= {moment} AND f.case_id NOT IN (SELECT case_id FROM late_events WHERE known_at > {moment})"
)
"""Whether everything of a case ``f`` was known."""
_CASES: Final = "(SELECT f.* FROM case_facts f WHERE {standing} UNION ALL SELECT * FROM case_facts_then)"
_NOTICES: Final = """
(SELECT n.* FROM notice_facts n JOIN case_facts f USING (case_id) WHERE {standing}
 UNION ALL SELECT * FROM notice_facts_then)
"""
_PUT_CASES: Final = PUT_CASES.format(table="case_facts_then")
_PUT_NOTICES: Final = PUT_NOTICES.format(table="notice_facts_then")


async def any_touched(connection: Connection, moment: datetime) -> bool:
    """Whether there are facts made of something that was not known at a moment (UTC)."""
    found: bool = await connection.fetchval(_ANY, moment)
    return found


async def begin_then(connection: Connection) -> None:
    """Empty temporary tables; those that an asking before left behind are dropped."""
    await connection.execute(_BEGIN)


async def end_then(connection: Connection) -> None:
    """Drop the temporary tables."""
    await connection.execute("DISCARD TEMP")


async def touched_since(connection: Connection, moment: datetime, after: UUID, limit: int) -> list[UUID]:
    """The next cases, by key, of which something was not known at a moment (UTC) and that are not put down yet."""
    rows = await connection.fetch(_TOUCHED, moment, after, limit)
    return [row["case_id"] for row in rows]


async def put_down_then(
    connection: Connection, touched_cases: Sequence[UUID], cases: Sequence[CaseFact], notices: Sequence[NoticeFact]
) -> None:
    """Put down what was known of some cases then; of those that there are no facts of, nothing was."""
    await connection.execute("INSERT INTO facts_touched SELECT unnest($1::uuid[])", list(touched_cases))
    await connection.execute(_PUT_CASES, as_rows(cases))
    await connection.execute(_PUT_NOTICES, as_rows(notices))


def relations_then(moment: datetime) -> tuple[str, str]:
    """What to select cases and notices from, once everything touched since a moment is put down."""
    standing = _STANDING.format(moment=f"TIMESTAMPTZ '{moment.astimezone(UTC).isoformat()}'")
    return _CASES.format(standing=standing), _NOTICES.format(standing=standing)


async def plan_anew(connection: Connection) -> None:
    """Let each statement of this transaction be planned for its own moment: how much has changed since decides."""
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
