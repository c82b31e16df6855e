"""Compliance with the one-time notice: how often each rule was broken, by which cases, and these side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import msgspec

from engine.context import Context
from engine.figures.asking import Asked, reach_of
from engine.figures.drilling import FIRST, Behind, list_behind
from engine.figures.figuring import read_figures
from engine.reading import log_access, seen_case
from storage import breaches
from workflows.actor import Actor
from workflows.compliance import RULES, Told, told
from workflows.errors import NotFound
from workflows.lapse import lapse

__all__ = ["FIRST", "SHOWN", "Behind", "list_breaches", "read_case", "read_compliance"]

SHOWN: Final = {rule: asked.figure for rule, asked in RULES.items()} | {"A4": "notice_same_day_rate"}
"""The figures of D§5 about the one-time notice, by their numbers there."""
_OF_CASE: Final = (
    "number", "item_code", "item_name", "item_name_en", "department", "department_name", "department_name_en", "hall",
    "hall_name", "hall_name_en", "state", "received_at", "accepted_at", "closed_at",
)  # fmt: skip

Row = dict[str, Any]


async def read_compliance(context: Context, actor: Actor, asked: Asked) -> Row:
    """Each rule over a period: its figure with the definition, and how much breaks it.

    :param asked: ``by`` is left out.
    :returns: as :func:`engine.figures.figuring.read_figures`, with ``rules`` in place of ``figures``: ``rule`` (A1 to
        A7), ``definition``, ``numerator``, ``denominator``, ``value``, ``broken`` (None of A4, which nobody can break).
    :raises YichuangError: as :func:`engine.figures.figuring.read_figures`.
    """
    numbers = sorted(SHOWN)
    names = [SHOWN[rule] for rule in numbers]
    found = await read_figures(context, actor, names, replace(asked, by=()))
    figures = found.pop("figures")
    return {**found, "rules": [_rule(rule, figure) for rule, figure in zip(numbers, figures, strict=True)]}


def _rule(rule: str, figure: Row) -> Row:
    total = figure["total"]
    broken = None
    if rule in RULES:
        rest = RULES[rule].part == "rest"
        broken = total["denominator"] - total["numerator"] if rest else total["numerator"]
    return {"rule": rule, "definition": figure["definition"], **total, "broken": broken}


async def list_breaches(
    context: Context, actor: Actor, rule: str, asked: Asked, *, after: Behind = FIRST, limit: int = 50
) -> list[Row]:
    """A page of what breaks a rule: the rows behind its figure, each with why.

    :param rule: one of :data:`workflows.compliance.RULES`. :param after: the last row before it.
    :returns: as :func:`engine.figures.drilling.list_behind`, with ``notices`` (of A1 all of the case, of A2 the first
        and the one that breaks it, else that one) and the ``lapse`` of A5.
    :raises NotFound: ``rule_unknown``; otherwise as for the figure.
    """
    if rule not in RULES:
        raise NotFound(
            "rule_unknown",
            f"没有这条规则，可查：{'、'.join(RULES)}。",
            f"There is no such rule; there are: {', '.join(RULES)}.",
        )
    rows = await list_behind(context, actor, RULES[rule].figure, RULES[rule].part, asked, after=after, limit=limit)
    trails = await breaches.trails([row["case"] for row in rows], asked.as_of)
    return [row | _why(rule, row, *trails[row["case"]]) for row in rows]


def _why(rule: str, row: Row, case: Any, events: list[Row]) -> Row:
    if rule == "A5":
        return {"notices": [], "lapse": _plain(lapse(events))}
    notices = told(case, events)
    wanted = {"A1": {one.number for one in notices}, "A2": {1, row["place"]}}.get(rule, {row["place"]})
    return {"notices": _all_plain([one for one in notices if one.number in wanted]), "lapse": None}


async def material_names(context: Context, numbers: Sequence[str]) -> dict[str, dict[str, Row]]:
    """What the lines of materials are called, by case number and code: ``name``, ``name_en``."""
    pinned = await breaches.items_of(list(numbers))
    items = {key: await context.item(key) for key in set(pinned.values())}
    return {
        number: {line.code: {"name": line.name, "name_en": line.name_en} for line in items[key].materials}
        for number, key in pinned.items()
    }


async def read_case(context: Context, actor: Actor, number: str, now: datetime) -> Row:
    """One case side by side: every notice beside the first, what lapsed, and the rules that are broken. It is logged.

    Read from the trail as it is now, whether the case is open or closed.

    :param now: UTC. :returns: ``case`` (its head, without the applicant), ``notices``, ``lapse``, ``breaches``.
    :raises NotFound: ``case_not_found``, also out of sight. :raises Forbidden: ``role_not_allowed``.
    """
    case, _ = await seen_case(context, actor, number)
    await reach_of(actor)
    await log_access(actor, number, "compliance.read", now)
    key, events = (await breaches.trails([number]))[number]
    notices, lapsed = told(key, events), lapse(events)
    broken = {rule for notice in notices for rule in notice.breaches}
    broken |= {"A1"} if len(notices) > 1 else set()
    broken |= {"A5"} if lapsed else set()
    return {
        "case": {name: case[name] for name in _OF_CASE},
        "notices": _all_plain(notices),
        "lapse": _plain(lapsed),
        "breaches": sorted(broken),
    }


def _plain(one: Any) -> Any:
    """A struct as rows, moments as they are."""
    return msgspec.to_builtins(one, builtin_types=(datetime,))


def _all_plain(many: Sequence[Told]) -> list[Row]:
    return [_plain(one) for one in many]
