"""A hall with very many cases: rows of a few real ones, copied with what lists read of them."""

from __future__ import annotations

from typing import Any, Final

from engine.context import Context
from tests.factories import bring, firm

WEIGHTS: Final = {
    "RECEIVED": 6, "CORRECTION": 5, "ACCEPTED": 3, "DISPATCHED": 5, "REVIEW": 15, "VERIFY": 6, "GRANTED": 3,
    "CERT_MAKING": 3, "READY": 14, "DELIVERED": 340, "ARCHIVED": 600,
}  # fmt: skip
"""How many of a thousand cases stand so: with ten days for a case, a year of them leaves half as many in progress."""
_OPEN: Final = "k.closed_at IS NULL"
_KEY: Final = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_CASES: Final = {
    "id": _KEY,
    "number": "'many-' || n",
    "query_code": "'many-' || n",
    "hall_id": "h.ids[CASE WHEN n % 5 < 4 THEN 1 ELSE 1 + n % cardinality(h.ids) END]",
    "window_id": "w.ids[1 + n % cardinality(w.ids)]",
    "department_id": "CASE WHEN n % 3 = 0 THEN k.department_id ELSE d.ids[1 + n % cardinality(d.ids)] END",
    "owner_id": "p.ids[1 + n % cardinality(p.ids)]",
    "handler_id": "coalesce(nullif(p.ids[1 + n / 7 % cardinality(p.ids)], k.approver_id), k.handler_id)",
    "rank": "CASE WHEN n % 40 = 0 THEN 0 ELSE 1 END",
    "opened_at": "now() - (n % 365) * interval '1 day'",
    "received_at": "now() - (n % 365) * interval '1 day'",
    "due_at": f"CASE WHEN {_OPEN} AND k.due_at IS NOT NULL THEN x.due END",
    "red_at": f"CASE WHEN {_OPEN} AND k.due_at IS NOT NULL THEN x.due END",
    "yellow_at": f"CASE WHEN {_OPEN} AND k.due_at IS NOT NULL THEN x.due - interval '34 hours' END",
    "amber_at": f"CASE WHEN {_OPEN} AND k.due_at IS NOT NULL THEN x.due - interval '4 days' END",
    "accepted_at": "CASE WHEN k.accepted_at IS NOT NULL THEN now() - (n % 365) * interval '1 day' END",
    "closed_at": "CASE WHEN k.closed_at IS NOT NULL THEN now() - (n % 365) * interval '1 day' END",
}
"""Four of five in the first hall, a third with the department of the item; limits end from 3 days ago to 25 ahead."""
_DAYS: Final = "CASE WHEN k.{0} IS NOT NULL THEN current_date - n % 365 END"
_BESIDE: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "clocks": ("true", {"id": "uuidv7()", "case_id": _KEY, "next_at": "NULL", "due_at": "x.due"}),
    "events": (
        "k.seq > (SELECT max(seq) - 3 FROM events e WHERE e.case_id = k.case_id)",
        {"id": "uuidv7()", "case_id": _KEY, "at": "now() - (n % 365) * interval '1 day' + k.seq * interval '1 hour'"},
    ),
    "custody_stays": ("k.out_at IS NULL", {"id": "uuidv7()", "case_id": _KEY, "hall_id": "h.ids[1]"}),
    "case_facts": ("true", {"case_id": _KEY} | {f"{end}_on": _DAYS.format(f"{end}_on") for end in (
        "opened", "accepted", "decided", "closed")}),
}  # fmt: skip
"""What lists read beside a case: which rows, and what is different in each copy."""
_FILL: Final = """
WITH d AS MATERIALIZED (SELECT array_agg(id) AS ids FROM organisations WHERE kind = 'department'),
  h AS MATERIALIZED (SELECT array_agg(id ORDER BY id <> $2, id) AS ids FROM organisations WHERE kind = 'hall'),
  w AS MATERIALIZED (SELECT array_agg(id) AS ids FROM organisations WHERE kind = 'window'),
  p AS MATERIALIZED (SELECT array_agg(id) AS ids FROM people)
INSERT INTO {table} ({names})
SELECT {values} FROM (SELECT n, now() + (n % 2800 / 100.0 - 3) * interval '1 day' AS due
  FROM generate_series($3::int, $4::int) AS n WHERE n % 1000 BETWEEN $5 AND $6) x
CROSS JOIN d CROSS JOIN h CROSS JOIN w CROSS JOIN p CROSS JOIN {table} k WHERE k.{key} = $1 AND {where}
"""


async def bring_models(context: Context) -> dict[str, str]:
    """One real case in each state, to be copied: its number by state."""
    return {state: (await bring(context, state, who=firm(n))).number for n, state in enumerate(WEIGHTS, 1)}


async def copy_cases(connection: Any, models: dict[str, str], first: int, last: int) -> None:
    """The cases with these ordinal numbers, each in the state that its number says. A superuser's connection."""
    await connection.execute("SET session_replication_role = replica")
    begin = 0
    for state, number in models.items():
        case = await connection.fetchrow("SELECT id, hall_id FROM cases WHERE number = $1", number)
        span = (first, last, begin, begin + WEIGHTS[state] - 1)
        for table, (where, changed) in {"cases": ("true", _CASES), **_BESIDE}.items():
            names = await _columns(connection, table)
            text = _FILL.format(
                table=table,
                names=", ".join(f'"{name}"' for name in names),
                values=", ".join(changed.get(name, f'k."{name}"') for name in names),
                key="id" if table == "cases" else "case_id",
                where=where,
            )
            await connection.execute(text, case["id"], case["hall_id"], *span, timeout=3600)
        begin += WEIGHTS[state]
    await connection.execute("SET session_replication_role = origin")
    await connection.execute(f"VACUUM ANALYZE cases, {', '.join(_BESIDE)}", timeout=3600)
    await connection.execute("CHECKPOINT")


async def _columns(connection: Any, table: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1", table
    )
    return [row["column_name"] for row in rows]
