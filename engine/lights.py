"""The traffic light of each case on a list: how close its most pressing running limit is (see workflows/light.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from storage import clocks
from workflows.clock import ClockKind, Entry, Unit, derive
from workflows.light import Light, light

_URGENCY: Final = (Light.green, Light.amber, Light.yellow, Light.red)


async def lights_of(context: Context, rows: Iterable[Mapping[str, Any]], now: datetime) -> dict[UUID, Light]:
    """The worst light among the running clocks of each case, in one query for the whole list.

    :param rows: rows with the ``id`` of a case. :param now: UTC.
    :returns: by case; a case in which no clock runs is not in it.
    """
    calendar = await context.calendar(now)
    found: dict[UUID, Light] = {}
    for row in await clocks.ledgers([case["id"] for case in rows]):
        hours = context.hours(row["hall_hours"])
        states = derive([_entry(entry) for entry in row["clock_entries"]], calendar, hours, now).values()
        lights = [light(state, now, calendar, hours) for state in states if state.running]
        if lights:
            found[row["id"]] = max(lights, key=_URGENCY.index)
    return found


def _entry(row: list[Any]) -> Entry:
    kind, act, at, amount, unit, basis, by, note = row
    return Entry(
        ClockKind(kind), act, datetime.fromisoformat(at), amount, Unit(unit) if unit else None, basis, by, note
    )
