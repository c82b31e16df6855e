"""What is published for everybody who works here: items with their material lists, procedures, the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from engine.context import Context
from storage import catalogues
from workflows.calendar import Calendar
from workflows.errors import Malformed, NotFound
from workflows.flow import Flow, Step

_LISTED: Final = ("code", "version", "name", "flow", "department", "department_name", "department_name_en")
_SATURDAY: Final = 5
MAX_DAYS: Final = 400
"""How many days of the calendar are shown at once."""


async def list_items(
    context: Context, now: datetime, *, text: str = "", after: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the items in force today (hall time), by code.

    :param now: UTC. :param text: part of the name. :param after: the code that the page before ended with.
    """
    rows = await catalogues.items_in_force(context.hours(None).day(now), after=after, text=text, limit=limit)
    return [listed(row) for row in rows]


def listed(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an item version, as a list of items shows it."""
    more = ("name_en", "statutory_limit", "promise_limit", "subjects")
    return {name: row[name] for name in _LISTED} | {name: row["data"][name] for name in more}


async def read_item(context: Context, code: str, now: datetime) -> dict[str, Any]:
    """An item as published: the version in force today, else the newest; with limits, situations and materials.

    :param now: UTC.
    :raises NotFound: ``item_not_found``.
    """
    day = context.hours(None).day(now)
    row = await catalogues.item_on(code, day)
    if row is None:
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    data: dict[str, Any] = row["data"]
    begun = row["in_force_from"] <= day and (row["in_force_to"] is None or day <= row["in_force_to"])
    return data | {
        "in_force": begun and not row["suspended"],
        "in_force_to": row["in_force_to"],
        "suspended": row["suspended"],
    }


async def read_flow(context: Context, name: str, now: datetime) -> dict[str, Any]:
    """The version of a procedure under which cases are opened today: states, and every step with who, when and why.

    :param now: UTC.
    :raises NotFound: ``flow_not_found``.
    """
    return flow_view(await context.flow(name, on=context.hours(None).day(now)))


def flow_view(flow: Flow) -> dict[str, Any]:
    """A flow version: its states, and every step with who may take it, when, and under which article."""
    return {
        "name": flow.name,
        "version": flow.version,
        "title": flow.title,
        "title_en": flow.title_en,
        "law": flow.law,
        "states": [msgspec.to_builtins(state) for state in flow.states.values()],
        "steps": [_step(step) for step in flow.steps],
        "limits": {kind.value: msgspec.to_builtins(limit) for kind, limit in flow.limits.items()},
    }


def _step(step: Step) -> dict[str, Any]:
    definition = step.definition
    return {
        "action": definition.action.value,
        "title": definition.title,
        "title_en": definition.title_en,
        "from": definition.sources,
        "to": definition.to,
        "by": definition.by,
        "guards": definition.guards,
        "documents": definition.documents,
        "basis": definition.basis,
        "payload": {name: msgspec.to_builtins(field) for name, field in definition.payload.items()},
    }


async def read_days(context: Context, first: date, last: date, now: datetime) -> dict[str, Any]:
    """Every day between two dates, both included: worked or not, and why; days that no notice covers yet say so.

    :param now: UTC.
    :raises Malformed: ``range_reversed``; ``range_too_long`` beyond 400 days.
    """
    if last < first:
        raise Malformed("range_reversed", "起始日期晚于结束日期。", "The first day lies after the last.")
    if (last - first).days >= MAX_DAYS:
        raise Malformed(
            "range_too_long",
            f"一次最多查询{MAX_DAYS}天。",
            f"Ask for at most {MAX_DAYS} days at a time.",
            max_days=MAX_DAYS,
        )
    calendar = await context.calendar(now)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {
        "edition": calendar.edition,
        "published_from": calendar.published_from,
        "published_through": calendar.published_through,
        "days": [_day(day, calendar) for day in days],
    }


def _day(day: date, calendar: Calendar) -> dict[str, Any]:
    name, name_en = calendar.names.get(day, ("", ""))
    worked, weekend = calendar.is_working_day(day), day.weekday() >= _SATURDAY
    kind = ("make_up" if weekend else "working") if worked else ("weekend" if weekend else "holiday")
    return {"day": day, "kind": kind, "name": name, "name_en": name_en, "provisional": not calendar.is_published(day)}
