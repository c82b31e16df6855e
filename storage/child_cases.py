"""Cases in several hands: children of a joint case (并联), and cases handed to another department."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from storage.db import Connection, reading
from workflows.errors import Conflict

_HAND_TO = """
UPDATE cases SET department_id = o.id FROM organisations o
WHERE cases.id = $1 AND o.code = $2 AND o.kind = 'department' RETURNING o.id
"""


async def hand_to(connection: Connection, case: UUID, department: str) -> None:
    """Let another department, named by its code, have a case.

    :raises Conflict: ``department_not_found``; the item names one that is not set up.
    """
    if await connection.fetchval(_HAND_TO, case, department) is None:
        raise department_not_found(department)


def department_not_found(code: str) -> Conflict:
    """The refusal of an act that needs a department which is not set up."""
    return Conflict(
        "department_not_found",
        f"事项所列的办理部门“{code}”尚未在本系统设立，请联系事项管理员。",
        f"The item names the department {code}, which is not set up here; ask the item steward.",
        basis="实施清单",
        department=code,
    )


_SHARE_COUNTS = """
INSERT INTO case_materials (id, case_id, line, originals, copies, pages, exempt, counted_at)
SELECT uuidv7(), c.id, m.line, m.originals, m.copies, m.pages, m.exempt, m.counted_at
FROM case_materials m JOIN cases c ON c.parent_id = m.case_id WHERE m.case_id = $1 AND c.closed_at IS NULL
ON CONFLICT (case_id, line) DO UPDATE SET originals = excluded.originals, copies = excluded.copies,
  pages = excluded.pages, exempt = excluded.exempt, counted_at = excluded.counted_at
"""
_SHARE_SCANS = """
INSERT INTO scan_links (id, scan_id, case_id, line, linked_at, pages, returned)
SELECT uuidv7(), l.scan_id, c.id, l.line, $2, l.pages || ARRAY(SELECT DISTINCT e.page FROM page_edits e
  WHERE e.case_id = l.case_id AND e.scan_id = l.scan_id AND e.to_line = l.line), l.returned
FROM scan_links l JOIN cases c ON c.parent_id = l.case_id
WHERE l.case_id = $1 AND l.replaced_at IS NULL AND c.closed_at IS NULL
ON CONFLICT (scan_id, case_id, line) DO NOTHING
"""


async def share_materials(connection: Connection, parent: UUID, now: datetime) -> None:
    """Let the open children of a case show what has been handed in with it: the same counts, the same scans."""
    await connection.execute(_SHARE_COUNTS, parent)
    await connection.execute(_SHARE_SCANS, parent, now)


async def tell_department(connection: Connection, case: UUID, event: str, data: dict[str, Any], now: datetime) -> None:
    """Leave a task for the department of a case about something that happened in another one."""
    await connection.execute(
        "INSERT INTO notifications (id, case_id, seq, recipient, way, event, data, state, created_at)"
        " SELECT uuidv7(), id, head_seq, 'department', 'task', $2, $3, 'waiting', $4 FROM cases WHERE id = $1",
        case,
        event,
        data,
        now,
    )


async def open_children(number: str) -> list[str]:
    """The numbers of the child cases that are still open although the case itself is over."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT c.number FROM cases c JOIN cases p ON p.id = c.parent_id"
            " WHERE p.number = $1 AND p.closed_at IS NOT NULL AND c.closed_at IS NULL ORDER BY c.number",
            number,
        )
    return [row["number"] for row in rows]


_OF_PARENT = """
SELECT c.number, d.code AS department, d.name AS department_name, d.name_en AS department_name_en, c.state, c.flow,
  c.flow_version, c.opened_at, c.closed_at, c.due_at, o.result, o.opinion, o.signed_name, o.signed_at
FROM cases c JOIN cases p ON p.id = c.parent_id JOIN organisations d ON d.id = c.department_id
LEFT JOIN decisions o ON o.case_id = c.id AND o.kind = 'opinion'
WHERE p.number = $1 ORDER BY c.number
"""


async def of_parent(number: str) -> list[dict[str, Any]]:
    """Every child of a case with the opinion of its department, once there is one."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OF_PARENT, number)]
