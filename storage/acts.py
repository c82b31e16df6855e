"""Everything that one act writes, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from storage.db import Connection

CASE_COLUMNS: Final = (
    "state", "holder", "version", "flags", "department_id", "receiver_id", "handler_id", "endorser_id", "approver_id",
    "received_at", "accepted_at", "decided_at", "closed_at", "due_at", "owner_id", "offered_to_id", "void_proposer_id",
    "priority", "rank", "mandate_id", "red_at", "yellow_at",
    "amber_at",
)  # fmt: skip
"""The columns of a case that an act may change, in the order of the statement."""

_EVENT_COLUMNS: Final = (
    "name", "claimed_at", "actor", "actor_name", "role", "organisation", "window", "acting_for", "from_state", "reason",
    "data", "item_version", "flow", "flow_version", "clocks", "algorithm", "previous",
)  # fmt: skip
_ENTRY_COLUMNS: Final = ("ordinal", "kind", "act", "at", "amount", "unit", "basis", "by", "note")
_CLOCK_COLUMNS: Final = (
    "kind", "running", "suspended", "started_at", "stopped_at", "due_on", "due_at", "provisional", "watched_until",
    "next_at",
)  # fmt: skip
_DOCUMENT_COLUMNS: Final = ("code", "number", "agency", "year", "ordinal", "data", "issued_by")
_NOTIFICATION_COLUMNS: Final = ("recipient", "way", "event", "data")
_NOTIFICATION_CASTS: Final = ("::text", "::text", "::text", "::jsonb")
_OUTBOX_COLUMNS: Final = ("topic", "data")

_FIXED: Final = 1 + len(CASE_COLUMNS) + 3 + len(_EVENT_COLUMNS)
"""How many parameters the case row and the event take: the key, the row, moment, place and digest, the event."""
_AT: Final = len(CASE_COLUMNS) + 2
_SEQ: Final = _AT + 1
_DIGEST: Final = _AT + 2

_CASE_AND_EVENT: Final = """
WITH moved AS (
  UPDATE cases SET {case}, changed_at = greatest(changed_at, ${at}), head_seq = ${seq}, head_digest = ${digest}
  WHERE id = $1
  RETURNING hall_id, department_id, handler_id, offered_to_id
){parts}
INSERT INTO events (id, case_id, to_state, at, seq, digest, {columns})
VALUES (uuidv7(), $1, $2, ${at}, ${seq}, ${digest}, {marks})
"""

_LEDGER: Final = """, ledger AS (
  INSERT INTO clock_entries (id, case_id, seq, ordinal, kind, act, at, amount, unit, basis, by, note) VALUES {rows}
)"""
_INDEX: Final = """, indexed AS (
  INSERT INTO clocks (id, case_id, kind, running, suspended, started_at, stopped_at, due_on, due_at, provisional,
    watched_until, next_at)
  VALUES {rows}
  ON CONFLICT (case_id, kind) DO UPDATE SET running = excluded.running, suspended = excluded.suspended,
    started_at = excluded.started_at, stopped_at = excluded.stopped_at, due_on = excluded.due_on,
    due_at = excluded.due_at, provisional = excluded.provisional, watched_until = excluded.watched_until,
    next_at = excluded.next_at
)"""
_PAPERS: Final = """, papers AS (
  INSERT INTO documents (id, case_id, seq, issued_at, code, number, agency, year, ordinal, data, issued_by)
  VALUES {rows}
)"""
_NOTIFICATIONS: Final = """, told AS (
  INSERT INTO notifications (id, case_id, seq, created_at, state, recipient, way, event, data, place_id, person_id)
  SELECT uuidv7(), $1, t.seq, t.at, 'waiting', t.recipient, t.way, t.event, t.data,
    CASE WHEN t.recipient IN ('department', 'handler') THEN moved.department_id ELSE moved.hall_id END,
    CASE t.recipient WHEN 'handler' THEN moved.handler_id WHEN 'colleague' THEN moved.offered_to_id END
  FROM moved, (VALUES {rows}) t (seq, at, recipient, way, event, data)
  RETURNING id, case_id, way
), sending AS (
  INSERT INTO outbox (id, case_id, state, attempts, created_at, due_at, error, topic, data)
  SELECT uuidv7(), case_id, 'waiting', 0, now(), now(), '', 'notification.send', jsonb_build_object('notification', id)
  FROM told WHERE way IN ('sms', 'voice')
)"""
"""Each message lies where it is read or printed; one that a gateway carries leaves its work in the outbox."""
_OUTBOX: Final = """, work AS (
  INSERT INTO outbox (id, case_id, state, attempts, created_at, due_at, error, topic, data) VALUES {rows}
)"""
_ANSWER: Final = """, answered AS (
  INSERT INTO idempotency_keys (id, created_at, actor, key, payload_digest, answer) VALUES {rows}
)"""


@lru_cache(maxsize=512)
def _statement(entries: int, clocks: int, documents: int, notifications: int, outbox: int, answers: int) -> str:
    """The statement for so many rows of each kind; PostgreSQL plans each shape once a connection."""
    parts, taken = "", _FIXED
    for text, fixed, width, count in (
        (_LEDGER, f"uuidv7(), $1, ${_SEQ}", len(_ENTRY_COLUMNS), entries),
        (_INDEX, "uuidv7(), $1", len(_CLOCK_COLUMNS), clocks),
        (_PAPERS, f"uuidv7(), $1, ${_SEQ}, ${_AT}", len(_DOCUMENT_COLUMNS), documents),
        (_NOTIFICATIONS, f"${_SEQ}::int, ${_AT}::timestamptz", len(_NOTIFICATION_COLUMNS), notifications),
        (_OUTBOX, "uuidv7(), $1, 'waiting', 0, now(), now(), ''", len(_OUTBOX_COLUMNS), outbox),
        (_ANSWER, "uuidv7(), now()", 4, answers),
    ):
        rows = []
        for _ in range(count):
            casts = _NOTIFICATION_CASTS if text is _NOTIFICATIONS else ("",) * width
            rows.append(f"({fixed}, {_marks(taken + 1, casts)})")
            taken += width
        parts += text.format(rows=", ".join(rows)) if rows else ""
    return _CASE_AND_EVENT.format(
        case=", ".join(f"{name} = ${number}" for number, name in enumerate(CASE_COLUMNS, 2)),
        columns=", ".join(f'"{name}"' for name in _EVENT_COLUMNS),
        marks=_marks(_DIGEST + 1, ("",) * len(_EVENT_COLUMNS)),
        parts=parts,
        at=_AT,
        seq=_SEQ,
        digest=_DIGEST,
    )


def _marks(first: int, casts: Sequence[str]) -> str:
    return ", ".join(f"${number}{cast}" for number, cast in enumerate(casts, first))


async def write(
    connection: Connection,
    case: dict[str, Any],
    event: dict[str, Any],
    *,
    entries: list[dict[str, Any]],
    clocks: list[dict[str, Any]],
    documents: list[dict[str, Any]],
    outbox: list[dict[str, Any]],
    notifications: Sequence[dict[str, Any]] = (),
    key: tuple[UUID, str, str, dict[str, Any]],
) -> None:
    """Write an act: case row, event, clock entries and their index, documents, messages, work to be done, the answer.

    :param case: ``id`` and every column of :data:`CASE_COLUMNS`, as they are to be.
    :param event: the event with its digest; its ``to_state`` is the case's state.
    :param clocks: one row a kind at most.
    :param key: actor, idempotency key (may be empty), payload digest, answer.
    """
    keyed = [key] if key[1] else []
    await connection.execute(
        _statement(len(entries), len(clocks), len(documents), len(notifications), len(outbox), len(keyed)),
        case["id"],
        *(case[name] for name in CASE_COLUMNS),
        event["at"],
        event["seq"],
        event["digest"],
        *(event[name] for name in _EVENT_COLUMNS),
        *(row[name] for row in entries for name in _ENTRY_COLUMNS),
        *(row[name] for row in clocks for name in _CLOCK_COLUMNS),
        *(row[name] for row in documents for name in _DOCUMENT_COLUMNS),
        *(row[name] for row in notifications for name in _NOTIFICATION_COLUMNS),
        *(row[name] for row in outbox for name in _OUTBOX_COLUMNS),
        *(value for answer in keyed for value in answer),
    )
