"""办不成事的期限: tickets whose contact or solution is late are marked once, with the moment, and an alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from engine.context import Context
from storage import alarms, impasses
from storage.db import transaction
from workflows.actor import SYSTEM, Role
from workflows.hall_hours import HallHours

LATE: Final = "impasse_late"
"""The alarm of a ticket on which contact or solution is late; it ends with the solution."""
_WORDS: Final = {
    "contact_overdue_at": ("contact_overdue", "登记当日未联系反映人。"),
    "overdue_at": ("overdue", "期限届满仍未解决。"),
}


async def watch_impasses(context: Context, now: datetime) -> int:
    """Mark every ticket that has become late; how many. Repeated without harm.

    :param now: UTC.
    """
    return sum([await _look(context, number, now) for number in await impasses.late(now, HallHours().day(now))])


async def _look(context: Context, number: str, now: datetime) -> bool:
    async with transaction() as connection:
        row = await impasses.lock(connection, number)
        late = _late(row, context.hours(row["hall_hours"]), now) if row else []
        if row is None or not late:
            return False
        for column, at in late:
            step, note = _WORDS[column]
            row[column] = at
            line = {"step": step, "by": SYSTEM.name, "role": Role.system.value, "at": at.astimezone(UTC).isoformat()}
            await impasses.move(connection, row, line | {"note": note})
        await alarms.sound(connection, LATE, number, {"hall": row["hall"], "due_on": row["due_on"].isoformat()}, now)
    return True


def _late(row: dict[str, Any], hours: HallHours, now: datetime) -> list[tuple[str, datetime]]:
    """What is late on a ticket and was not marked yet, each with the moment at which it came to be."""
    contact_at, found = hours.closing(row["contact_due_on"]), []
    open_still = row["closed_at"] is None
    if open_still and row["contacted_at"] is None and row["contact_overdue_at"] is None and contact_at < now:
        found.append(("contact_overdue_at", contact_at))
    if open_still and row["solved_at"] is None and row["overdue_at"] is None and row["due_at"] < now:
        found.append(("overdue_at", row["due_at"]))
    return found
