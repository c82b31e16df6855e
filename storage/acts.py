"""Everything that one act writes, in one statement."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from storage.db import Connection

_WRITE: Final = """
WITH moved AS (
  UPDATE cases SET state = $2, holder = $3, version = $4, flags = $5, department_id = $6, receiver_id = $7,
    handler_id = $8, endorser_id = $9, approver_id = $10, received_at = $11, accepted_at = $12, decided_at = $13,
    closed_at = $14, due_at = $15, changed_at = $16, head_seq = $17, head_digest = $18
  WHERE id = $1
), told AS (
  INSERT INTO events (id, case_id, seq, name, at, claimed_at, actor, actor_name, role, organisation, "window", acting_for,
    from_state, to_state, reason, data, item_version, flow, flow_version, clocks, algorithm, previous, digest)
  VALUES (uuidv7(), $1, $17, $19, $16, $20, $21, $22, $23, $24, $25, $26, $27, $2, $28, $29, $30, $31, $32, $33, $34, $35, $18)
), ledger AS (
  INSERT INTO clock_entries (id, case_id, seq, ordinal, kind, act, at, amount, unit, basis, by, note)
  SELECT uuidv7(), $1, $17, e.ordinal, e.kind, e.act, e.at, e.amount, e.unit, e.basis, e.by, e.note
  FROM jsonb_to_recordset($36::jsonb) AS e(ordinal int, kind text, act text, at timestamptz, amount int, unit text,
    basis text, by text, note text)
), indexed AS (
  INSERT INTO clocks (id, case_id, kind, running, suspended, started_at, stopped_at, due_on, due_at, provisional)
  SELECT uuidv7(), $1, k.kind, k.running, k.suspended, k.started_at, k.stopped_at, k.due_on, k.due_at, k.provisional
  FROM jsonb_to_recordset($37::jsonb) AS k(kind text, running bool, suspended bool, started_at timestamptz,
    stopped_at timestamptz, due_on date, due_at timestamptz, provisional bool)
  ON CONFLICT (case_id, kind) DO UPDATE SET running = excluded.running, suspended = excluded.suspended,
    started_at = excluded.started_at, stopped_at = excluded.stopped_at, due_on = excluded.due_on,
    due_at = excluded.due_at, provisional = excluded.provisional
), papers AS (
  INSERT INTO documents (id, case_id, seq, code, number, agency, year, ordinal, data, issued_by, issued_at)
  SELECT uuidv7(), $1, $17, d.code, d.number, d.agency, d.year, d.ordinal, d.data, d.issued_by, $16
  FROM jsonb_to_recordset($38::jsonb) AS d(code text, number text, agency text, year int, ordinal int, data jsonb,
    issued_by uuid)
), work AS (
  INSERT INTO outbox (id, topic, case_id, data, state, attempts, created_at, due_at, error)
  SELECT uuidv7(), o.topic, $1, o.data, 'waiting', 0, now(), now(), ''
  FROM jsonb_to_recordset($39::jsonb) AS o(topic text, data jsonb)
)
INSERT INTO idempotency_keys (id, actor, key, payload_digest, answer, created_at)
SELECT uuidv7(), $40, $41, $42, $43, now() WHERE $41::varchar <> ''
"""

CASE_COLUMNS: Final = (
    "state", "holder", "version", "flags", "department_id", "receiver_id", "handler_id", "endorser_id", "approver_id",
    "received_at", "accepted_at", "decided_at", "closed_at", "due_at",
)  # fmt: skip
"""The columns of a case that an act may change, in the order of the statement."""

_EVENT_COLUMNS: Final = (
    "name", "claimed_at", "actor", "actor_name", "role", "organisation", "window", "acting_for", "from_state", "reason",
    "data", "item_version", "flow", "flow_version", "clocks", "algorithm", "previous",
)  # fmt: skip


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
    :param key: actor, idempotency key (may be empty), payload digest, answer.
    """
    await connection.execute(
        _WRITE,
        case["id"],
        *(case[name] for name in CASE_COLUMNS),
        event["at"],
        event["seq"],
        event["digest"],
        *(event[name] for name in _EVENT_COLUMNS),
        entries,
        clocks,
        documents,
        outbox,
        *key,
    )
