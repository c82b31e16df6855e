"""The wall screen of a hall (大屏): how cases stand, what each window has to do, what came in. Nobody is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from engine.compliance.warning_board import read_board
from engine.context import Context
from engine.figures.as_of import require_settled
from engine.figures.asking import Asked, reach_of
from engine.figures.figuring import figures_within
from storage import facts, figure_labels, hall_load
from storage.db import reading
from workflows.actor import Actor, Role
from workflows.errors import Forbidden
from workflows.hall_hours import HallHours

WALL_ROLES: Final = (Role.hall_manager, Role.supervisor, Role.auditor)
"""Who opens the wall screen: who both watches over cards and reads the figures of halls."""
TODAY: Final = ("received", "accepted", "closed", "deemed_acceptances")
MONTH: Final = ("on_time_rate", "same_day_rate", "good_rate", "rated_rate")

Row = dict[str, Any]


async def read_wall(context: Context, actor: Actor, now: datetime) -> Row:
    """What the wall screen shows of the halls within reach.

    :param now: UTC.
    :returns: ``now``, ``halls`` (names), ``levels`` and what is ``owed`` as the warning board has them, ``windows`` as
        :func:`storage.hall_load.by_window`, ``today`` and ``month``: figures of this hall day and of this month.
    :raises Forbidden: ``role_not_allowed``. :raises Unavailable: ``facts_not_made``.
    """
    reach = await reach_of(actor)
    if not reach.halls:
        raise _for_halls_only()
    board = await read_board(context, actor, now)
    hours: HallHours = context.hours(None)
    async with reading() as connection:
        day = hours.day(min(now, require_settled(None, await facts.progress(connection))))
        halls = sorted(await figure_labels.places(connection, reach.halls), key=lambda row: row["path"])
        windows = await hall_load.by_window(connection, reach.halls, day)
    today = await figures_within(context, reach, TODAY, Asked(day, day))
    month = await figures_within(context, reach, MONTH, Asked(day.replace(day=1), day))
    return {
        "now": now,
        "halls": [{"name": row["name"], "name_en": row["name_en"]} for row in halls],
        "levels": board["levels"],
        "owed": [
            {key: one[key] for key in ("kind", "open", "overdue", "today")} for one in board["owed"] if one["open"]
        ],
        "windows": windows,
        "today": today["figures"],
        "month": month["figures"],
    }


def _for_halls_only() -> Forbidden:
    return Forbidden(
        "role_not_allowed",
        f"大屏由{'、'.join(role.zh for role in WALL_ROLES)}打开。",
        f"The wall screen is for: {', '.join(role.en for role in WALL_ROLES)}.",
        roles=[role.value for role in WALL_ROLES],
    )
