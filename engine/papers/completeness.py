"""Completeness of a hall's cases over a period: each figure with its numerator and denominator, down to the case."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.placing import find_place
from storage import complete_cases
from storage.db import reading
from workflows.actor import Actor, Role
from workflows.errors import NotFound
from workflows.figures import FIGURES, CompletenessFacts, PaperLine, check_period, tally

READERS: Final = (Role.hall_manager, Role.supervisor, Role.auditor, Role.assessor, Role.project_director)
"""Who reads the figures of a hall."""
FIRST: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Where the first page begins."""
_PAGE: Final = 500

Period = tuple[UUID, datetime, datetime]
"""Key of the hall, and a span in UTC."""


async def read_figures(
    context: Context, actor: Actor, since: date, until: date, *, hall: str | None = None
) -> dict[str, Any]:
    """Every figure of completeness over the cases of a hall that ended in a period.

    :param since: first hall day. :param until: last hall day, included.
    :returns: ``hall``, ``since``, ``until``, ``figures`` (name, titles, numerator, denominator, ``value`` or None where
        there is no data).
    :raises Malformed: ``period_wrong``. :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    code, period = await _period(context, actor, since, until, hall)
    found = tally([facts async for _, facts in _cases(period)])
    figures = [
        {"name": name, "title": figure.title, "title_en": figure.title_en, "numerator": found[name].numerator,
         "denominator": found[name].denominator, "value": found[name].value}
        for name, figure in FIGURES.items()
    ]  # fmt: skip
    return {"hall": code, "since": since, "until": until, "figures": figures}


async def list_counted(
    context: Context,
    actor: Actor,
    figure: str,
    since: date,
    until: date,
    *,
    hall: str | None = None,
    met: bool | None = None,
    after: tuple[datetime, UUID] = FIRST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the cases that a figure counts, each with whether it meets it.

    :param met: only those that do, or do not. :param after: ``closed_at`` and ``id`` of the last row before it.
    :raises NotFound: ``figure_unknown``; otherwise as :func:`read_figures`.
    """
    if figure not in FIGURES:
        raise NotFound("figure_unknown", "没有这项指标。", "There is no such figure.")
    _, period = await _period(context, actor, since, until, hall)
    found: list[dict[str, Any]] = []
    async for row, facts in _cases(period, after):
        meets = FIGURES[figure].meets(facts)
        if meets is not None and (met is None or meets is met):
            found.append({**row, "met": meets})
        if len(found) == limit:
            break
    return found


async def _period(context: Context, actor: Actor, since: date, until: date, hall: str | None) -> tuple[str, Period]:
    check_period(since, until)
    place = (await find_place(actor, READERS, hall, None)).hall
    zone = context.hours(place["hours"]).zone
    begin, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (since, until + timedelta(days=1)))
    return place["code"], (place["id"], begin, end)


async def _cases(
    period: Period, after: tuple[datetime, UUID] = FIRST
) -> AsyncIterator[tuple[dict[str, Any], CompletenessFacts]]:
    """Every case of a period with what the figures ask about it, page by page."""
    while True:
        async with reading() as connection:
            rows = await complete_cases.ended(connection, *period, after, _PAGE)
        for row in rows:
            yield row, _facts(row)
        if len(rows) < _PAGE:
            return
        after = rows[-1]["closed_at"], rows[-1]["id"]


def _facts(row: Mapping[str, Any]) -> CompletenessFacts:
    lines = tuple(PaperLine(line, declared or 0, scanned) for line, declared, scanned in row["lines"])
    handover = (row["handover_at"], row["handed_over_at"], row["handover_due_at"]) if row["handover_at"] else None
    receipts = frozenset(row["receipts"])
    return CompletenessFacts(row["received_at"], row["accepted_at"], lines, receipts, handover, row["promised"])
