"""Brings a database to the schema of this version, as its owner; then says what the application's role may do.

Migrations take one advisory lock, so that two machines that start together do not run them twice.
"""

from __future__ import annotations

import contextlib
import io
from typing import Final
from urllib.parse import unquote, urlsplit

from piccolo.apps.migrations.commands.forwards import run_forwards

from storage.db import Connection, connected, reading

_LOCK: Final = 0x59494348

APPEND_ONLY: Final = (
    "events", "access_log", "clock_entries", "flow_versions", "page_edits", "paper_moves", "checkpoints",
    "sealed_heads", "samples", "finding_steps", "access_archives", "assessment_tables", "assessment_acts",
)  # fmt: skip
"""Tables that the application reads and adds to, and can do nothing else with."""

WRITTEN_ONCE: Final = (
    "decisions", "services", "ratings", "recount_lines", "papers", "material_checks", "paper_batch_lines",
    "late_events", "service_contracts", "contract_reports", "certificate_counts", "report_files", "document_signatures",
)  # fmt: skip
"""Tables whose rows the application never changes: signed, served, said, counted, printed."""

CHANGEABLE: Final = {
    "item_versions": ("suspended", "in_force_to", "cancelled_after"),
    "migration_plans": (
        "state",
        "approved_by",
        "approved_at",
        "ordered_by",
        "ordered_at",
        "cancelled_by",
        "ended_at",
        "reached",
        "cases",
        "movable",
        "moved",
        "refused",
    ),
    "migration_plan_lines": ("result", "result_reasons", "seq", "done_at"),
    "drafts": ("state", "settled_by", "settled_for", "settled_at", "settlement"),
    "reuses": ("ended_at", "ended_because"),
    "slips": ("object_key", "object_version", "digest", "size", "pages", "rendered_at", "retain_until"),
    "paper_batches": (
        "state",
        "sent_by",
        "sent_at",
        "arrived_by",
        "arrived_at",
        "refused_by",
        "refused_at",
        "reason",
    ),
    "paper_discrepancies": ("outcome", "settlement", "settled_by", "settled_at"),
    "findings": ("state",),
    "assessments": (
        "state",
        "submitted_by",
        "submitted_at",
        "reviewed_by",
        "reviewed_at",
        "approved_by",
        "approved_at",
        "score",
        "searched_at",
        "head_seq",
        "head_digest",
        "object_key",
        "object_version",
        "digest",
        "size",
        "pages",
        "rendered_at",
        "retain_until",
    ),
    "assessment_entries": ("state", "settled_by", "settled_at", "settlement"),
    "assessment_objections": ("answer", "answered_by", "answered_at"),
    "exports": (
        "state",
        "cases_done",
        "cases",
        "rows",
        "failure",
        "as_of",
        "digest",
        "size",
        "object_key",
        "ended_at",
    ),
    "reports": ("state", "steps_done", "steps", "failure", "content_digest", "ended_at"),
    "opinion_templates": ("title", "text", "ended_at"),
    "cards": ("state", "appealed_by", "appealed_at", "appeal", "settled_by", "settled_at", "settlement"),
}
"""Tables of which only these columns may change: a published item's dates, a card's appeal and what became of it."""

PASSING: Final = (
    "sessions", "idempotency_keys", "role_grants", "outbox", "webhook_deliveries", "uploads", "upload_parts",
    "case_facts", "notice_facts", "figure_days", "figure_days_due", "figure_day_editions",
    "status_attempts",
)  # fmt: skip
"""The only tables that the application deletes from: what has had its time, and roles that were taken away.

An upload that has become a scan, or nothing, has had its time; facts and sums of days are made anew.
"""


async def migrate(owner_url: str, app_url: str) -> None:
    """Run what has not been run and grant the application its rights.

    :param owner_url: the role that owns the schema.
    :param app_url: the role that the application connects as; only its name is read.
    """
    async with connected(owner_url), reading() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            with contextlib.redirect_stdout(io.StringIO()) as said:
                result = await run_forwards("yichuang")
            if not result.success:
                raise RuntimeError(f"migration failed: {said.getvalue()}")
            await _go_on_counting(connection)
            await _grant(connection, role_of(app_url))
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


_LAST: Final = """
SELECT txid::text::bigint FROM events WHERE txid >= commit_number(pg_snapshot_xmax(pg_current_snapshot()))
ORDER BY txid DESC LIMIT 1
"""

_COUNT_ON: Final = (
    "CREATE OR REPLACE FUNCTION commit_base() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {}"
)


async def _go_on_counting(connection: Connection) -> None:
    """Where events are numbered beyond the transactions of this cluster, they are from a dump: count on from the last.

    Else nobody who reads in the order of commits would see another event.
    """
    last = await connection.fetchval(_LAST)
    if last is not None:
        await connection.execute(_COUNT_ON.format(int(last)))


def role_of(url: str) -> str:
    """The role that a database URL connects as."""
    return unquote(urlsplit(url).username or "")


async def _grant(connection: Connection, role: str) -> None:
    quoted = await connection.fetchval("SELECT quote_ident($1)", role)
    database = await connection.fetchval("SELECT quote_ident(current_database())")
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}",
        f"GRANT TEMPORARY ON DATABASE {database} TO {quoted}",
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {quoted}",
        *(f"REVOKE UPDATE ON {table} FROM {quoted}" for table in (*APPEND_ONLY, *WRITTEN_ONCE, *CHANGEABLE)),
        *(f"GRANT UPDATE ({', '.join(names)}) ON {table} TO {quoted}" for table, names in CHANGEABLE.items()),
        *(f"GRANT DELETE ON {table} TO {quoted}" for table in PASSING),
        f"REVOKE ALL ON migration FROM {quoted}",
        f"GRANT SELECT ON migration TO {quoted}",
    ]
    await connection.execute(";".join(statements))


async def can_rewrite_trail(connection: Connection) -> bool:
    """Whether the role of this connection could alter the trail: it must not."""
    answer: bool = await connection.fetchval(
        "SELECT has_table_privilege('events', 'UPDATE') OR has_table_privilege('events', 'DELETE')"
        " OR pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'events'::regclass"
    )
    return answer
