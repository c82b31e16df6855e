"""Sums of days: kept up beside the facts, and read in place of them where they say the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from engine.figures.as_of import FactsAsOf
from storage import facts as fact_rows
from storage import figure_day_sums, figure_days, figure_sums
from storage.db import transaction
from storage.figure_relations import Selection
from workflows.figure import Basis, Measure

DAYS: Final = 50
"""How many days are summed in one transaction, each of one basis."""


async def sum_days(*, seconds: float, days: int = DAYS) -> bool:
    """Sum the days that are due, in portions; whether none is left. While somebody projects, nothing is done.

    :param seconds: after so many no further portion is begun. :param days: of a portion, each of one basis.
    """
    until, more = time.monotonic() + seconds, True
    while more:
        async with transaction() as connection:
            if not await fact_rows.lock(connection, wait=False):
                return False
            await figure_days.begin(connection)
            more = await figure_days.sum_due(connection, days) == days
        if time.monotonic() >= until:
            break
    return not more


async def sums_of(
    facts: FactsAsOf, basis: Basis, measures: Sequence[Measure], asked: Selection, limit: int
) -> list[tuple[Any, ...]]:
    """As :func:`storage.figure_sums.sums`, from the sums of days where there are such for what is asked."""
    if facts.live and figure_day_sums.serves(basis, asked):
        due = await figure_day_sums.days_due(facts.connection, basis, asked.since, asked.until)
        if due is not None:
            return await figure_day_sums.sums(facts.connection, facts, basis, measures, asked, limit, due)
    return await figure_sums.sums(facts.connection, facts, basis, measures, asked, limit)
