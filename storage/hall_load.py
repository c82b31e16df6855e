"""How busy the windows of halls are now: what each took in today, and what of it still stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from storage.db import Connection

_OURS: Final = "f.hall = ANY($1::uuid[]) AND f.counted AND f.parent = ''"
_BY_WINDOW: Final = f"""
SELECT w.code AS window, w.name, w.name_en, sum(n.received)::int AS received, sum(n.waiting)::int AS waiting,
  sum(n.in_progress)::int AS in_progress, sum(n.to_collect)::int AS to_collect
FROM (
  SELECT f."window", count(*) AS received, 0 AS waiting, 0 AS in_progress, 0 AS to_collect
  FROM case_facts f WHERE f.received_on = $2::date AND {_OURS} GROUP BY 1
  UNION ALL
  SELECT f."window", 0, count(*) FILTER (WHERE f.accepted_at IS NULL),
    count(*) FILTER (WHERE f.accepted_at IS NOT NULL), 0
  FROM case_facts f WHERE f.closed_at IS NULL AND f.received_at IS NOT NULL AND {_OURS} GROUP BY 1
  UNION ALL
  SELECT f."window", 0, 0, 0, count(*)
  FROM case_facts f WHERE f.delivered_at IS NULL AND f.outcome = 'granted' AND f.ready_at IS NOT NULL AND {_OURS}
  GROUP BY 1
) n LEFT JOIN organisations w ON w.id = n."window"
GROUP BY w.code, w.name, w.name_en ORDER BY w.code NULLS LAST
"""  # noqa: S608  # constants of this module


async def by_window(connection: Connection, halls: Sequence[UUID], day: date) -> list[dict[str, Any]]:
    """For each window ``received`` (on a hall day), ``waiting`` (received, nobody has accepted it yet), ``in_progress``
    and ``to_collect``; ``window`` is None for what came by no window.
    """
    return [dict(row) for row in await connection.fetch(_BY_WINDOW, halls, day)]
