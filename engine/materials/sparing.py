"""免提交率: how many electronic certificates the lists called for, and how many stood in for paper."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from engine.context import Context
from engine.listing import halls_for
from storage import reuses
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, Malformed

READERS: Final = (Role.hall_manager, Role.supervisor, Role.auditor, Role.assessor)
_LONGEST: Final = timedelta(days=366)


async def count_spared(context: Context, actor: Actor, first: date, last: date) -> dict[str, Any]:
    """What was spared with the cases that the actor's halls accepted between two hall dates, both included.

    ``required``: lines with an electronic certificate on the lists of those cases; ``used``: those for which one stood
    in. ``verified_before``: lines of any kind for which an earlier material did. ``rate`` is used by required, None
    where none was required.

    :raises Forbidden: ``role_not_allowed``. :raises Malformed: ``range_reversed``; ``range_too_long`` beyond a year.
    """
    halls = await halls_for(actor, READERS)
    if not halls:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能查看统计，应由{'、'.join(role.zh for role in READERS)}查看。",
            f"Your role may not see these figures; they are for: {', '.join(role.en for role in READERS)}.",
        )
    if last < first:
        raise Malformed("range_reversed", "起始日期晚于结束日期。", "The first day lies after the last.")
    if last - first > _LONGEST:
        raise Malformed("range_too_long", "一次最多统计一年。", "Ask for at most a year at a time.")
    zone = context.hours(None).zone
    begin = datetime.combine(first, time(), zone)
    accepted, spared = await reuses.counted_between(
        halls, begin, datetime.combine(last + timedelta(days=1), time(), zone)
    )
    required = 0
    for row in accepted:
        item, flags = await context.item(row["item_id"]), frozenset(row["situation"])
        required += row["cases"] * sum(line.e_cert and line.applies(flags) for line in item.materials)
    used = 0
    for row in spared:
        lines = {line.code for line in (await context.item(row["item_id"])).materials if line.e_cert}
        used += row["cases"] if row["exempt"] == "e_cert" and row["line"] in lines else 0
    before = sum(row["cases"] for row in spared if row["exempt"] == "verified_before")
    rate = round(used / required, 4) if required else None
    return {"required": required, "used": used, "verified_before": before, "rate": rate}
