"""Everything that one act writes, in one statement."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from storage.db import Connection

CASE_COLUMNS: Final = (
    "state", "holder", "version", "flags", "department_id", "receiver_id", "handler_id", "endorser_id", "approver_id",
    "received_at", "accepted_at", "decided_at", "closed_at", "due_at",
)  # fmt: skip
"""The columns of a case that an act may change, in the order of the statement."""

_EVENT_COLUMNS: Final = (
    "name", "claimed_at", "actor", "actor_name", "role", "organisation", "window", "acting_for", "from_state", "reason",
    "data", "item_version", "flow", "flow_version", "clocks", "algorithm", "previous",
)  # fmt: skip
_ENTRY_COLUMNS: Final = ("ordinal", "kind", "act", "at", "amount", "unit", "basis", "by", "note")
_CLOCK_COLUMNS: Final = (
    "kind", "running", "suspended", "started_at", "stopped_at", "due_on", "due_at", "provisional",
)  # fmt: skip
_DOCUMENT_COLUMNS: Final = ("code", "number", "agency", "year", "ordinal", "data", "issued_by")
_OUTBOX_COLUMNS: Final = ("topic", "data")

_CASE_AND_EVENT: Final = """
WITH moved AS (
  UPDATE cases SET state = $2, holder = $3, version = $4, flags = $5, department_id = $6, receiver_id = $7,
    handler_id = $8, endorser_id = $9, approver_id = $10, received_at = $11, accepted_at = $12, decided_at = $13,
    closed_at = $14, due_at = $15, changed_at = $16, head_seq = $17, head_digest = $18
  WHERE id = $1
){parts}
INSERT INTO events (id, case_id, seq, name, at, claimed_at, actor, actor_name, role, organisation, "window",
  acting_for, from_state, to_state, reason, data, item_version, flow, flow_version, clocks, algorithm, previous, digest)
VALUES (uuidv7(), $1, $17, $19, $16, $20, $21, $22, $23, $24, $25, $26, $27, $2, $28, $29, $30, $31, $32, $33, $34,
  $35, $18)
"""
_FIXED: Final = 35
"""How many parameters the case row and the event take."""

_LEDGER: Final = """, ledger AS (
  INSERT INTO clock_entries (id, case_id, seq, ordinal, kind, act, at, amount, unit, basis, by, note) VALUES {rows}
)"""
_INDEX: Final = """, indexed AS (
  INSERT INTO clocks (id, case_id, kind, running, suspended, started_at, stopped_at, due_on, due_at, provisional)
  VALUES {rows}
  ON CONFLICT (case_id, kind) DO UPDATE SET running = excluded.running, suspended = excluded.suspended,
    started_at = excluded.started_at, stopped_at = excluded.stopped_at, due_on = excluded.due_on,
    due_at = excluded.due_at, provisional = excluded.provisional
)"""
_PAPERS: Final = """, papers AS (
  INSERT INTO documents (id, case_id, seq, issued_at, code, number, agency, year, ordinal, data, issued_by)
  VALUES {rows}
)"""
_OUTBOX: Final = """, work AS (
  INSERT INTO outbox (id, case_id, state, attempts, created_at, due_at, error, topic, data) VALUES {rows}
)"""
_ANSWER: Final = """, answered AS (
  INSERT INTO idempotency_keys (id, created_at, actor, key, payload_digest, answer) VALUES {rows}
)"""


@lru_cache(maxsize=256)
def _statement(entries: int, clocks: int, documents: int, outbox: int, answers: int) -> str:
    """The statement for so many rows of each kind; PostgreSQL plans each shape once a connection."""
    parts, taken = "", _FIXED
    for text, fixed, width, count in (
        (_LEDGER, "uuidv7(), $1, $17", len(_ENTRY_COLUMNS), entries),
        (_INDEX, "uuidv7(), $1", len(_CLOCK_COLUMNS), clocks),
        (_PAPERS, "uuidv7(), $1, $17, $16", len(_DOCUMENT_COLUMNS), documents),
        (_OUTBOX, "uuidv7(), $1, 'waiting', 0, now(), now(), ''", len(_OUTBOX_COLUMNS), outbox),
        (_ANSWER, "uuidv7(), now()", 4, answers),
    ):
        rows = []
        for _ in range(count):
            marks = ", ".join(f"${number}" for number in range(taken + 1, taken + width + 1))
            rows.append(f"({fixed}, {marks})")
            taken += width
        parts += text.format(rows=", ".join(rows)) if rows else ""
    return _CASE_AND_EVENT.format(parts=parts)


async def write(
    connection: Connection,
    case: dict[str, Any],
    event: dict[str, Any],
    *,
    entries: list[dict[str, Any]],
    clocks: list[dict[str, Any]],
    documents: list[dict[str, Any]],
    outbox: list[dict[str, Any]],
    key: tuple[UUID, str, str, dict[str, Any]],
) -> None:
    """Write an act: the case row, its event, clock entries and their index, documents, work to be done, and the answer.

    :param case: ``id`` and every column of :data:`CASE_COLUMNS`, as they are to be.
    :param event: the event with its digest; its ``to_state`` is the case's state.
    :param clocks: one row a kind at most.
    :param key: actor, idempotency key (may be empty), payload digest, answer.
    """
    keyed = [key] if key[1] else []
    await connection.execute(
        _statement(len(entries), len(clocks), len(documents), len(outbox), len(keyed)),
        case["id"],
        *(case[name] for name in CASE_COLUMNS),
        event["at"],
        event["seq"],
        event["digest"],
        *(event[name] for name in _EVENT_COLUMNS),
        *(row[name] for row in entries for name in _ENTRY_COLUMNS),
        *(row[name] for row in clocks for name in _CLOCK_COLUMNS),
        *(row[name] for row in documents for name in _DOCUMENT_COLUMNS),
        *(row[name] for row in outbox for name in _OUTBOX_COLUMNS),
        *(value for answer in keyed for value in answer),
    )
