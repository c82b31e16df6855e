"""The wall screen of a hall (大屏): how cases stand, what each window has to do, what came in. Nobody is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from engine.compliance.warning_board import read_board
from engine.context import Context
from engine.figures.as_of import require_settled
from engine.figures.asking import HALL_READERS, Asked, reach_of
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


MOST_WINDOWS: Final = 24
"""So many windows have a row of their own on the wall screen, those with most to do; the others share the last."""
_LOAD: Final = ("received", "waiting", "in_progress", "to_collect")


async def read_windows(context: Context, actor: Actor, now: datetime) -> list[Row]:
    """How busy the windows of the actor's halls are, as :func:`storage.hall_load.by_window`; none without halls.

    :param now: UTC. :raises Unavailable: ``facts_not_made``.
    """
    if actor.roles.isdisjoint(HALL_READERS):
        return []
    reach, hours = await reach_of(actor), context.hours(None)
    async with reading() as connection:
        day = hours.day(min(now, require_settled(None, await facts.progress(connection))))
        return await hall_load.by_window(connection, reach.halls, day)


def busiest(windows: list[Row], most: int = MOST_WINDOWS) -> tuple[list[Row], Row | None]:
    """The windows that a screen has room for, in their order, and the sum of the others (``count`` of them).

    :param most: rows there are. Windows with most that waits or is in progress are kept.
    """
    if len(windows) <= most:
        return windows, None
    kept = sorted(windows, key=lambda row: -(row["waiting"] + row["in_progress"]))[: most - 1]
    others = [row for row in windows if row not in kept]
    return [row for row in windows if row in kept], {name: sum(row[name] for row in others) for name in _LOAD} | {
        "count": len(others)
    }


async def read_wall(context: Context, actor: Actor, now: datetime) -> Row:
    """What the wall screen shows of the halls within reach.

    :param now: UTC.
    :returns: ``now``, ``halls`` (names), ``levels`` and what is ``owed`` as the warning board has them, ``windows`` and
        ``other_windows`` as of :func:`busiest`, ``today`` and ``month``: figures of this hall day and of this month.
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
    shown, others = busiest(windows)
    today = await figures_within(context, reach, TODAY, Asked(day, day))
    month = await figures_within(context, reach, MONTH, Asked(day.replace(day=1), day))
    return {
        "now": now,
        "halls": [{"name": row["name"], "name_en": row["name_en"]} for row in halls],
        "levels": board["levels"],
        "owed": [
            {key: one[key] for key in ("kind", "open", "overdue", "today")} for one in board["owed"] if one["open"]
        ],
        "windows": shown,
        "other_windows": others,
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
