"""The inbox: tasks by place and kind of recipient or by person, letters to print and calls to make, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from storage.db import Connection, reading

_COLUMNS = "n.id, n.case_id, n.seq, n.recipient, n.way, n.event, n.data, n.state, n.created_at"
_SHOWN = """
SELECT n.id, n.recipient, n.way, n.event, n.data, n.state, n.created_at, n.reason, n.attempts, c.number, c.query_code,
  c.item_name, c.item_name_en, coalesce(e.flow, c.flow) AS flow,
  coalesce(e.flow_version, c.flow_version) AS flow_version, c.state AS case_state, h.name AS hall_name,
  h.name_en AS hall_name_en, d.name AS department_name, d.name_en AS department_name_en, e.to_state, e.clocks,
  e.data AS event_data, r.read_at
FROM {found} n
JOIN cases c ON c.id = n.case_id
JOIN organisations h ON h.id = c.hall_id
JOIN organisations d ON d.id = c.department_id
LEFT JOIN events e ON e.case_id = n.case_id AND e.seq = n.seq
LEFT JOIN notification_reads r ON r.notification_id = n.id AND r.person_id = {reader}
ORDER BY n.id DESC
"""
_NOT_READ = (
    "AND (NOT $4 OR NOT EXISTS (SELECT FROM notification_reads m WHERE m.notification_id = n.id AND m.person_id = $1))"
)
_TASKS = f"""(
  (SELECT one.* FROM unnest($2::uuid[], $3::text[]) AS at(place, recipient) CROSS JOIN LATERAL (
    SELECT {_COLUMNS}, n.reason, n.attempts FROM notifications n
    WHERE n.way = 'task' AND n.person_id IS NULL AND n.place_id = at.place AND n.recipient = at.recipient
      AND n.id < $5 AND n.created_at >= $6 {_NOT_READ} ORDER BY n.id DESC LIMIT $7) one)
  UNION ALL
  (SELECT {_COLUMNS}, n.reason, n.attempts FROM notifications n
    WHERE n.way = 'task' AND n.person_id = ANY($8) AND n.id < $5 AND n.created_at >= $6 {_NOT_READ}
    ORDER BY n.id DESC LIMIT $7)
  ORDER BY id DESC LIMIT $7)"""  # noqa: S608  # constants of this module
_INBOX = _SHOWN.format(found=_TASKS, reader="$1")


async def tasks(
    reader: UUID,
    people: list[UUID],
    lots: list[tuple[UUID, str]],
    *,
    unread: bool,
    before: UUID,
    since: datetime,
    limit: int,
) -> list[dict[str, Any]]:
    """A page of what lies for these people, or at these places for these kinds of recipient; newest first.

    Each place is read through its own index, however many tasks there are.

    :param lots: places with the kind of recipient. :param unread: only what the reader has not read.
    :param before: the last ``id`` of the page before. :param since: nothing older (UTC).
    """
    places, kinds = [place for place, _ in lots], [kind for _, kind in lots]
    async with reading() as connection:
        rows = await connection.fetch(_INBOX, reader, places, kinds, unread, before, since, limit, people)
    return [dict(row) for row in rows]


_MARK = """
WITH mine AS (
  SELECT n.id FROM notifications n
  WHERE n.id = ANY($4::uuid[]) AND n.way = 'task' AND (n.person_id = ANY($6) OR (n.person_id IS NULL AND EXISTS (
    SELECT FROM unnest($2::uuid[], $3::text[]) AS at(place, recipient)
    WHERE at.place = n.place_id AND at.recipient = n.recipient)))
), marked AS (
  INSERT INTO notification_reads (id, notification_id, person_id, read_at) SELECT uuidv7(), id, $1, $5 FROM mine
  ON CONFLICT (notification_id, person_id) DO NOTHING
), told AS (
  UPDATE notifications n SET state = 'delivered', delivered_at = $5 FROM mine
  WHERE n.id = mine.id AND n.state = 'waiting'
)
SELECT count(*) FROM mine
"""


async def mark_read(
    connection: Connection,
    reader: UUID,
    people: list[UUID],
    lots: list[tuple[UUID, str]],
    keys: list[UUID],
    now: datetime,
) -> int:
    """Mark tasks as read by one person; how many of them lie in that inbox. Others are left as they are."""
    places, kinds = [place for place, _ in lots], [kind for _, kind in lots]
    count: int = await connection.fetchval(_MARK, reader, places, kinds, keys, now, people)
    return count


_LOT = f"""(SELECT {_COLUMNS}, n.reason, n.attempts FROM notifications n
  WHERE n.place_id = ANY($1) AND n.way = $2 AND n.state = 'waiting' AND (n.way = 'letter' OR n.gateway = 'hand')
    AND n.id < $3 ORDER BY n.id DESC LIMIT $4)"""  # noqa: S608  # constants of this module
_BY_HAND = _SHOWN.format(found=_LOT, reader="NULL")


async def by_hand(halls: list[UUID], way: str, before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of what people of these halls have to print (``letter``) or to say on the telephone (``voice``)."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_BY_HAND, halls, way, before, limit)]


_SETTLE = """
UPDATE notifications n SET attempts = n.attempts + 1, reason = $4, state = $3::text, person_id = $5,
  sent_at = CASE WHEN $3::text IN ('sent', 'delivered') THEN $6 ELSE n.sent_at END,
  delivered_at = CASE WHEN $3::text = 'delivered' THEN $6 ELSE n.delivered_at END
FROM cases c
WHERE n.id = $1 AND c.id = n.case_id AND n.place_id = ANY($2) AND n.state = 'waiting'
  AND (n.way = 'letter' OR n.gateway = 'hand')
RETURNING c.number
"""


async def waiting_by_hand(connection: Connection, key: UUID, halls: list[UUID]) -> dict[str, Any] | None:
    """A letter or a call that waits for a person of these halls, locked: its way and how often it was tried."""
    row = await connection.fetchrow(
        "SELECT n.way, n.attempts FROM notifications n WHERE n.id = $1 AND n.place_id = ANY($2)"
        " AND n.state = 'waiting' AND (n.way = 'letter' OR n.gateway = 'hand') FOR UPDATE",
        key, halls,
    )  # fmt: skip
    return dict(row) if row else None


async def settle(
    connection: Connection, key: UUID, halls: list[UUID], state: str, reason: str, person: UUID, now: datetime
) -> str | None:
    """Say what came of a letter or of a call by hand, and who did it; the number of its case."""
    number: str | None = await connection.fetchval(_SETTLE, key, halls, state, reason, person, now)
    return number
