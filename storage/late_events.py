"""Events that came in with an older stamp than a moment that was settled already, and from when on they are known.

A settled moment never changes: what is asked about it again leaves out what was not known when it was settled. Such
events are few: their transaction was open while the projection read past their stamp.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Timestamptz
from piccolo.table import Table

from storage.db import DB, Connection
from storage.feed import BETWEEN, Place

TICK: Final = timedelta(microseconds=1)
"""The smallest step between two moments."""


class LateEvent(Table, db=DB, tablename="late_events"):
    """An event that came late. ``known_at``: the settled moment from which on it counts, UTC."""

    event_id = UUIDColumn(primary_key=True, default=None)
    case_id = UUIDColumn(default=None)
    known_at = Timestamptz()


_NOTE: Final = f"""
INSERT INTO late_events (event_id, case_id, known_at)
SELECT e.id, e.case_id, $6 FROM events e WHERE {BETWEEN} AND e.at <= $5 ON CONFLICT DO NOTHING
"""  # noqa: S608  # constants
_SETTLE: Final = """
SELECT greatest($1::timestamptz, $2::timestamptz,
  (SELECT max(known_at) FROM late_events WHERE known_at <= greatest($1::timestamptz + interval '1 microsecond', $2)),
  (SELECT max(last_at) FROM case_facts WHERE $2::timestamptz IS NULL OR last_at <= $2 + interval '1 minute'))
"""
"""What was stamped and committed while the projection read settles with it; a clock that is far ahead moves
nothing, nor does a row that says to be known later than anything was noted for."""


async def note(
    connection: Connection, after: Place, to: Place, settled: datetime | None, until: datetime | None
) -> None:
    """Note which of the events between two places came late.

    :param settled: up to where everything was settled before; None at the very first time, when nothing is late.
    :param until: the moment that is settled with them, UTC; None where nobody says.
    """
    if settled is not None:
        known_at = max(settled + TICK, until or settled)
        await connection.execute(_NOTE, str(after.txid), after.id, str(to.txid), to.id, settled, known_at)


async def settle(connection: Connection, settled: datetime | None, until: datetime | None) -> datetime | None:
    """The moment that is settled once everything was read, never before the last one.

    :param until: as for :func:`note`. A stamp that was read and is less than a minute later settles too; without
        ``until``, the latest one.
    """
    moment: datetime | None = await connection.fetchval(_SETTLE, settled, until)
    return moment
