"""What became of bad ratings: reviews of those that are said to be mistaken (误评复核), and follow-ups (回访)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.people import Person
from storage.ratings import Rating


class RatingReview(Table, db=DB, tablename="rating_reviews"):
    """One rating that somebody says is mistaken; the rating itself stays.

    ``state``: proposed, set_aside (it no longer counts) or stands. Whoever settles is not who proposed.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    rating_id = ForeignKey(Rating, null=False)
    seq = Integer()
    reason = Text()
    evidence = Text()
    state = Varchar(length=10)
    proposed_by = ForeignKey(Person, null=True)
    proposed_at = Timestamptz()
    settled_by = ForeignKey(Person, null=True)
    settled_at = Timestamptz(null=True, default=None)
    settlement = Text(default="")


class RatingFollowUp(Table, db=DB, tablename="rating_follow_ups"):
    """One attempt to ask the rater afterwards: whether they were reached, and whether it is put right for them."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    rating_id = ForeignKey(Rating, null=False, index=True)
    seq = Integer()
    reached = Boolean()
    satisfied = Boolean(null=True, default=None)
    note = Text()
    recorded_by = ForeignKey(Person, null=True)
    recorded_at = Timestamptz()


_STANDS: Final = """
SELECT r.id, r.level, r.rated_at, v.state AS review, v.id AS review_id, v.proposed_by
FROM ratings r LEFT JOIN rating_reviews v ON v.rating_id = r.id WHERE r.case_id = $1
"""


async def of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The rating of a case with its review; ``review`` is None where there is none."""
    row = await connection.fetchrow(_STANDS, case)
    return dict(row) if row else None


async def propose(connection: Connection, row: dict[str, Any]) -> None:
    """Keep what speaks against a rating. :param row: columns up to ``evidence``, who proposed it and when."""
    await connection.execute(
        "INSERT INTO rating_reviews (id, rating_id, seq, reason, evidence, state, proposed_by, proposed_at, settlement)"
        " VALUES (uuidv7(), $1, $2, $3, $4, 'proposed', $5, $6, '')",
        row["rating_id"], row["seq"], row["reason"], row["evidence"], row["proposed_by"], row["proposed_at"],
    )  # fmt: skip


async def settle(connection: Connection, key: UUID, state: str, by: UUID | None, at: datetime, words: str) -> None:
    """Write what came of a review. :param state: set_aside or stands. :param at: UTC."""
    await connection.execute(
        "UPDATE rating_reviews SET state = $2, settled_by = $3, settled_at = $4, settlement = $5"
        " WHERE id = $1 AND state = 'proposed'",
        key, state, by, at, words,
    )  # fmt: skip


async def follow_up(connection: Connection, row: dict[str, Any]) -> None:
    """Keep one follow-up. :param row: every column but the key."""
    await connection.execute(
        "INSERT INTO rating_follow_ups (id, rating_id, seq, reached, satisfied, note, recorded_by, recorded_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7)",
        row["rating_id"], row["seq"], row["reached"], row["satisfied"], row["note"], row["recorded_by"],
        row["recorded_at"],
    )  # fmt: skip


_FIGURES: Final = """
SELECT count(*) AS delivered, count(r.id) AS rated,
  count(r.id) FILTER (WHERE v.state = 'set_aside') AS set_aside,
  count(r.id) FILTER (WHERE v.state IS DISTINCT FROM 'set_aside' AND r.level <= 3) AS good,
  count(r.id) FILTER (WHERE v.state IS DISTINCT FROM 'set_aside' AND r.level > 3) AS bad,
  count(r.id) FILTER (WHERE v.state IS DISTINCT FROM 'set_aside' AND r.level > 3 AND EXISTS (
    SELECT FROM rating_follow_ups f WHERE f.rating_id = r.id AND f.reached)) AS followed_up
FROM (SELECT DISTINCT d.case_id FROM deliveries d JOIN cases c ON c.id = d.case_id
  WHERE c.hall_id = ANY($1) AND d.delivered_at >= $2 AND d.delivered_at < $3) AS done
LEFT JOIN ratings r ON r.case_id = done.case_id
LEFT JOIN rating_reviews v ON v.rating_id = r.id
"""


async def figures(halls: list[UUID], since: datetime, before: datetime) -> dict[str, int]:
    """How the cases that these halls delivered in a period were rated; one that was set aside counts for nothing.

    :param since: UTC. :param before: UTC, not included.
    :returns: ``delivered``, ``rated``, ``set_aside``, ``good`` (levels 1 to 3), ``bad`` (4 and 5), ``followed_up``.
    """
    async with reading() as connection:
        row = await connection.fetchrow(_FIGURES, halls, since, before)
    return {name: int(count) for name, count in (row or {}).items()}


_PAGE: Final = """
SELECT r.id, r.level, r.comment, r.rated_at, c.number AS "case", c.item_name, c.item_name_en,
  v.state AS review, v.reason, v.evidence, v.settlement, v.proposed_at, v.settled_at,
  (SELECT count(*) FROM rating_follow_ups f WHERE f.rating_id = r.id) AS follow_ups,
  (SELECT max(f.recorded_at) FROM rating_follow_ups f WHERE f.rating_id = r.id AND f.reached) AS followed_up_at
FROM ratings r JOIN cases c ON c.id = r.case_id LEFT JOIN rating_reviews v ON v.rating_id = r.id
WHERE c.hall_id = ANY($1) AND r.level > 3 AND r.id < $2 ORDER BY r.id DESC LIMIT $3
"""


async def bad(halls: list[UUID], before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the bad ratings of these halls, the newest first, with what became of each."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PAGE, halls, before, limit)]


_OPEN: Final = """
WITH open AS (
  SELECT d.case_id FROM duties d WHERE d.done_at IS NULL AND d.kind = ANY($2)
  UNION SELECT r.case_id FROM rating_reviews v JOIN ratings r ON r.id = v.rating_id WHERE v.state = 'proposed'
), listed AS (
  SELECT r.id, r.level, r.comment, r.rated_at, c.number AS "case", c.item_name, c.item_name_en, h.path AS hall_path,
    d.path AS department_path, v.state AS review, v.reason, v.evidence, v.settlement, v.proposed_by, v.proposed_at,
    p.name AS proposed_name, owed.owed, coalesce(owed.day, v.proposed_at::date) AS day,
    (SELECT count(*) FROM rating_follow_ups f WHERE f.rating_id = r.id) AS follow_ups
  FROM open JOIN ratings r ON r.case_id = open.case_id JOIN cases c ON c.id = r.case_id
  JOIN organisations h ON h.id = c.hall_id JOIN organisations d ON d.id = c.department_id
  LEFT JOIN rating_reviews v ON v.rating_id = r.id LEFT JOIN people p ON p.id = v.proposed_by
  CROSS JOIN LATERAL (
    SELECT min(o.due_on) AS day, coalesce(jsonb_agg(jsonb_build_object(
      'kind', o.kind, 'due_on', o.due_on, 'due_at', o.due_at) ORDER BY o.due_at, o.kind), '[]') AS owed
    FROM duties o WHERE o.case_id = c.id AND o.done_at IS NULL AND o.kind = ANY($2)) owed
  WHERE c.hall_id = ANY($1) AND r.level > 3
)
SELECT * FROM listed WHERE (day, id) > ($3, $4) ORDER BY day, id LIMIT $5
"""


async def open_ones(halls: list[UUID], owed: list[str], after: tuple[date, UUID], limit: int) -> list[dict[str, Any]]:
    """A page of the bad ratings of these halls about which something is owed or to be settled, the most urgent first.

    :param owed: kinds of duty that a bad rating leaves. :param after: ``day`` and ``id`` of the last row before.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OPEN, halls, owed, *after, limit)]
