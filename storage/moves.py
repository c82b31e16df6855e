"""Migration plans (迁移方案): which cases move to which flow and item versions, by whom, and how far that has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class MigrationPlan(Table, db=DB, tablename="migration_plans"):
    """One plan, for the cases of one organisation and what lies below it.

    ``planned_for`` is for whom the maker stood in, if for anybody. ``state``: looking (the dry run goes on), looked_at,
    approved, moving, finished or cancelled. ``reached`` is the last case or line that was gone through, so that it goes
    on after a kill where it was. ``item_code`` is empty where the cases of every item of the flow move and keep their
    item versions.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    organisation_id = ForeignKey(Organisation, null=False)
    flow = Varchar(length=40)
    flow_from = Integer()
    flow_to = Integer()
    item_code = Varchar(length=50, default="")
    item_from = Integer(null=True, default=None)
    item_to = Integer(null=True, default=None)
    reason = Text()
    state = Varchar(length=10)
    planned_by = ForeignKey(Person, null=False)
    planned_for = ForeignKey(Person, null=True)
    planned_at = Timestamptz()
    approved_by = ForeignKey(Person, null=True)
    approved_at = Timestamptz(null=True, default=None)
    ordered_by = ForeignKey(Person, null=True)
    ordered_at = Timestamptz(null=True, default=None)
    cancelled_by = ForeignKey(Person, null=True)
    ended_at = Timestamptz(null=True, default=None)
    reached = UUIDColumn(null=True, default=None)
    cases = Integer(default=0)
    movable = Integer(default=0)
    moved = Integer(default=0)
    refused = Integer(default=0)


FIRST: Final = UUID(int=0)
"""Before every key."""

_ADDED: Final = (
    "id", "organisation_id", "flow", "flow_from", "flow_to", "item_code", "item_from", "item_to", "reason",
    "planned_by", "planned_for", "planned_at",
)  # fmt: skip


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new plan, whose dry run is still to be made."""
    marks = ", ".join(f"${number}" for number in range(1, len(_ADDED) + 1))
    await connection.execute(
        f"INSERT INTO migration_plans ({', '.join(_ADDED)}, state, cases, movable, moved, refused)"  # noqa: S608  # constants
        f" VALUES ({marks}, 'looking', 0, 0, 0, 0)",
        *(row[name] for name in _ADDED),
    )


_READ = """
SELECT p.*, o.code AS organisation, o.path AS organisation_path, m.name AS planned_by_name, a.name AS approved_by_name,
  r.name AS ordered_by_name, c.name AS cancelled_by_name
FROM migration_plans p JOIN organisations o ON o.id = p.organisation_id JOIN people m ON m.id = p.planned_by
LEFT JOIN people a ON a.id = p.approved_by LEFT JOIN people r ON r.id = p.ordered_by
LEFT JOIN people c ON c.id = p.cancelled_by
"""


async def read(plan: UUID) -> dict[str, Any] | None:
    """One plan with its organisation and the names of its people."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE p.id = $1", plan)
    return dict(row) if row else None


async def lock(connection: Connection, plan: UUID) -> dict[str, Any] | None:
    """The same, locked until the transaction ends."""
    row = await connection.fetchrow(_READ + "WHERE p.id = $1 FOR UPDATE OF p", plan)
    return dict(row) if row else None


async def page(organisations: list[UUID], before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """A page of the plans of these organisations, the newest first.

    :param before: the ``id`` of the last plan of the page before.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            _READ + "WHERE p.organisation_id = ANY($1) AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3",
            organisations, before, limit,
        )  # fmt: skip
    return [dict(row) for row in rows]


async def approve(connection: Connection, plan: UUID, by: UUID, now: datetime) -> None:
    """A second person agrees to a plan that is locked."""
    await connection.execute(
        "UPDATE migration_plans SET state = 'approved', approved_by = $2, approved_at = $3 WHERE id = $1", plan, by, now
    )


async def order(connection: Connection, plan: UUID, by: UUID, now: datetime) -> None:
    """An approved plan, which is locked, begins to be carried out."""
    await connection.execute(
        "UPDATE migration_plans SET state = 'moving', ordered_by = $2, ordered_at = $3, reached = NULL WHERE id = $1",
        plan, by, now,
    )  # fmt: skip


async def cancel(connection: Connection, plan: UUID, by: UUID, now: datetime) -> None:
    """A plan, which is locked, is given up; what it has moved stays moved."""
    await connection.execute(
        "UPDATE migration_plans SET state = 'cancelled', cancelled_by = $2, ended_at = $3 WHERE id = $1", plan, by, now
    )


_LOOKED = """
UPDATE migration_plans p SET reached = coalesce($3, p.reached), cases = p.cases + f.looked,
  movable = p.movable + f.movable, state = CASE WHEN $3::uuid IS NULL THEN 'looked_at' ELSE p.state END
FROM (SELECT count(*)::int AS looked, (count(*) FILTER (WHERE verdict = 'moves'))::int AS movable
  FROM migration_plan_lines WHERE plan_id = $1 AND case_id = ANY($4::uuid[])) f
WHERE p.id = $1 AND p.state = 'looking' AND p.reached IS NOT DISTINCT FROM $2 RETURNING p.id
"""
_TRIED = """
UPDATE migration_plans p SET reached = coalesce($3, p.reached), moved = p.moved + f.moved,
  refused = p.refused + f.refused,
  state = CASE WHEN $3::uuid IS NULL THEN 'finished' ELSE p.state END,
  ended_at = CASE WHEN $3::uuid IS NULL THEN $5::timestamptz END
FROM (SELECT (count(*) FILTER (WHERE result = 'moved'))::int AS moved,
  (count(*) FILTER (WHERE result IN ('refused', 'gone')))::int AS refused
  FROM migration_plan_lines WHERE id = ANY($4::uuid[])) f
WHERE p.id = $1 AND p.state = 'moving' AND p.reached IS NOT DISTINCT FROM $2 RETURNING p.id
"""


async def looked(connection: Connection, plan: dict[str, Any], reached: UUID | None, cases: list[UUID]) -> bool:
    """Say how far the dry run has come; False when somebody else has said so first.

    :param reached: None: it is made. :param cases: that this step looked at; they are counted from their lines.
    """
    return await connection.fetchval(_LOOKED, plan["id"], plan["reached"], reached, cases) is not None


async def tried(
    connection: Connection, plan: dict[str, Any], reached: UUID | None, lines: list[UUID], now: datetime
) -> bool:
    """The same of carrying the plan out. :param lines: that this step tried. :param now: UTC."""
    return await connection.fetchval(_TRIED, plan["id"], plan["reached"], reached, lines, now) is not None


async def item_version(code: str, version: int) -> dict[str, Any] | None:
    """A published item version: ``id``, ``flow``, and the hall days ``in_force_from`` and ``in_force_to``."""
    async with reading() as connection:
        row = await connection.fetchrow(
            "SELECT id, flow, in_force_from, in_force_to FROM item_versions WHERE code = $1 AND version = $2",
            code, version,
        )  # fmt: skip
    return dict(row) if row else None
