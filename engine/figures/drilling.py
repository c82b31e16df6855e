"""The cases, notices, cards, tickets or items behind a figure: their amounts add up to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.context import Context
from engine.figures.as_of import FactsAsOf, facts_as_of
from engine.figures.asking import Asked, Reach, check, reach_of, selection
from storage import figure_labels, figure_sums
from storage.figure_sums import FIRST, PARTS, Behind
from workflows.actor import Actor
from workflows.errors import Malformed
from workflows.figure import Figure
from workflows.figure_catalogue import figures_named

__all__ = ["FIRST", "Behind", "list_behind", "rows_behind"]


async def list_behind(
    context: Context, actor: Actor, name: str, part: str, asked: Asked, *, after: Behind = FIRST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the rows behind a part of a figure; over all pages their amounts add up to that number.

    A cell is asked for by what makes it: its ``at`` as ``where``, its first and last day as the period.

    :param name: of the figure. :param part: numerator, denominator, or rest: what is counted in the denominator and not
        in the numerator. :param asked: as for the figure; ``by`` does not matter. :param after: the last row before it.
    :returns: ``key``, ``place``, ``case`` (number), ``subject`` (number of a notice, card or ticket, name of an item),
        ``item``, ``item_name``, ``item_name_en``, ``department`` (code), ``day``, ``amount``.
    :raises NotFound: ``figure_unknown``. :raises Malformed: ``part_unknown``, otherwise as for the figure.
    """
    (figure,) = figures_named([name])
    _check_part(figure, part)
    check([figure], asked)
    reach = await reach_of(actor)
    async with facts_as_of(asked.as_of) as facts:
        await figure_sums.plan_anew(facts.connection)
        return await rows_behind(context, facts, reach, figure, part, asked, after=after, limit=limit)


async def rows_behind(
    context: Context,
    facts: FactsAsOf,
    reach: Reach,
    figure: Figure,
    part: str,
    asked: Asked,
    *,
    after: Behind,
    limit: int,
) -> list[dict[str, Any]]:
    """The same of facts at hand and over known halls and departments; what is asked for has been checked."""
    wanted = await selection(context, facts.connection, reach, replace(asked, by=()), facts.moment)
    if not figure.measures:
        return []
    rows = await figure_sums.behind(facts.connection, facts, figure.measures, part, wanted, after, limit)
    items = {row["code"]: row for row in await figure_labels.items(facts.connection, {row["item"] for row in rows})}
    blank = {"name": "", "name_en": ""}
    for row in rows:
        item = items.get(row["item"], blank)
        row |= {"item_name": item["name"], "item_name_en": item["name_en"]}
    return rows


def _check_part(figure: Figure, part: str) -> None:
    """A count has a numerator only; of a mean nothing is left over."""
    known = {"count": PARTS[:1], "mean": PARTS[:2]}.get(figure.kind, PARTS)
    if part not in known:
        raise Malformed(
            "part_unknown",
            f"该指标只能查看：{'、'.join(known)}。",
            f"Of this figure there is: {', '.join(known)}.",
            parts=list(known),
        )
