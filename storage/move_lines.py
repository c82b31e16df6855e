"""The cases of a migration plan: what the dry run says of each, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.moves import FIRST, MigrationPlan


class MigrationPlanLine(Table, db=DB, tablename="migration_plan_lines"):
    """One case of a plan: the verdict of the dry run with its reasons, and what became of it when the plan was done.

    ``verdict``: moves or stays. ``result``: empty until it is tried, then moved, refused (with its own reasons: the
    case has changed since the dry run) or gone (it ended, or was moved by another plan). ``seq`` is its event.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    plan_id = ForeignKey(MigrationPlan, null=False)
    case_id = ForeignKey(Case, null=False)
    case_state = Varchar(length=30)
    verdict = Varchar(length=5)
    reasons = JSONB()
    looked_at = Timestamptz()
    result = Varchar(length=7, default="")
    result_reasons = JSONB()
    seq = Integer(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)


_CANDIDATES = """
SELECT c.id, c.number FROM cases c JOIN organisations d ON d.id = c.department_id
WHERE c.flow = $1 AND c.flow_version = $2 AND ($3 = '' OR (c.item_code = $3 AND c.item_version = $4))
  AND c.state = ANY($5) AND (d.path = $6 OR starts_with(d.path, $6 || '/')) AND c.id > $7
ORDER BY c.id LIMIT $8
"""


async def candidates(plan: dict[str, Any], states: list[str], limit: int) -> list[dict[str, Any]]:
    """The next cases of a plan, ``id`` and ``number``, in the order of their keys.

    A plan goes once through the cases by their primary key, so that the table of cases carries no index for it.

    :param plan: as :func:`read`. :param states: of its flow, in which a case is still in flight.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            _CANDIDATES, plan["flow"], plan["flow_from"], plan["item_code"], plan["item_from"], states,
            plan["organisation_path"], plan["reached"] or FIRST, limit,
        )  # fmt: skip
    return [dict(row) for row in rows]


async def look(connection: Connection, plan: UUID, case: dict[str, Any], reasons: list[Any], now: datetime) -> None:
    """Keep what the dry run says of a case; a repeated look leaves the first one. :param reasons: none: it moves."""
    await connection.execute(
        "INSERT INTO migration_plan_lines (id, plan_id, case_id, case_state, verdict, reasons, looked_at, result,"
        " result_reasons) VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, '', '[]')"
        " ON CONFLICT (plan_id, case_id) DO NOTHING",
        plan, case["id"], case["state"], "stays" if reasons else "moves", reasons, now,
    )  # fmt: skip


async def movable(plan: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    """The next lines of a plan whose cases move, tried or not: ``id`` and ``number``."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT l.id, c.number FROM migration_plan_lines l JOIN cases c ON c.id = l.case_id"
            " WHERE l.plan_id = $1 AND l.verdict = 'moves' AND l.id > $2 ORDER BY l.id LIMIT $3",
            plan["id"], plan["reached"] or FIRST, limit,
        )  # fmt: skip
    return [dict(row) for row in rows]


async def is_open(connection: Connection, line: UUID) -> bool:
    """Whether a line is still to be tried and its plan was not given up; the plan stays so until the commit."""
    found: bool | None = await connection.fetchval(
        "SELECT l.result = '' FROM migration_plan_lines l JOIN migration_plans p ON p.id = l.plan_id"
        " WHERE l.id = $1 AND p.state = 'moving' FOR SHARE OF p",
        line,
    )
    return bool(found)


async def settle(
    connection: Connection, line: UUID, result: str, reasons: list[Any], seq: int | None, now: datetime
) -> None:
    """Keep what became of a case when its turn came. :param result: ``moved``, ``refused`` or ``gone``."""
    await connection.execute(
        "UPDATE migration_plan_lines SET result = $2, result_reasons = $3, seq = $4, done_at = $5 WHERE id = $1",
        line, result, reasons, seq, now,
    )  # fmt: skip


async def pin(connection: Connection, case: UUID, item: UUID, flow_version: int) -> None:
    """Pin a locked case to other versions of its item and flow."""
    await connection.execute(
        "UPDATE cases SET flow_version = $3, item_id = i.id, item_version = i.version, item_name = i.name,"
        " item_name_en = i.data->>'name_en' FROM item_versions i WHERE cases.id = $1 AND i.id = $2",
        case, item, flow_version,
    )  # fmt: skip


_DEMANDED = """
SELECT DISTINCT gap->>'material' AS material
FROM events e CROSS JOIN jsonb_array_elements(e.data->'payload'->'gaps') gap
WHERE e.case_id = $1 AND e.name IN ('case:ask_supplement', 'case:return_pre_review')
"""


async def demanded(connection: Connection, case: UUID) -> frozenset[str]:
    """The material lines that were asked for beside the list and the notice, as the trail says."""
    return frozenset(row["material"] for row in await connection.fetch(_DEMANDED, case))


_LINES = """
SELECT l.id, c.number AS case, c.item_code, l.case_state, l.verdict, l.reasons, l.looked_at, l.result, l.result_reasons,
  l.seq, l.done_at
FROM migration_plan_lines l JOIN cases c ON c.id = l.case_id
WHERE l.plan_id = $1 AND ($2 = '' OR l.verdict = $2 OR l.result = $2) AND l.id > $3 ORDER BY l.id LIMIT $4
"""


async def lines(plan: UUID, only: str, after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the cases of a plan. :param only: a verdict or a result; empty: all of them."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_LINES, plan, only, after, limit)]
