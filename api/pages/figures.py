"""Figures for people: all of a period, one of them cell by cell with a chart, and the cases behind every number."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.headers import SECURITY_HEADERS
from api.pages.figure_chart import chart_of, time_label
from api.pages.rendering import NO_STORE, page
from api.pages.visit import Visit
from api.rest.cursors import AmountPlace, read_cursor, write_cursor
from engine.figures import drilling, figure_board, figuring
from engine.figures.asking import FILTERS, Asked
from workflows.errors import Conflict, Malformed, NotFound
from workflows.figure import TIMES, definition_of
from workflows.figure_catalogue import figures_named
from workflows.hall_hours import HallHours
from workflows.report import Kind, period_of

PAGE_SIZE: Final = 50
_OTHERS: Final = ("item", "window", "receiver", "handler", "channel", "kind")
"""Filters beside hall and department."""

Row = dict[str, Any]


@get("/figures")
async def figures_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every figure of a period, by default this month up to today; each number leads to its cases."""
    typed = _typed(visit)
    found, refusal = None, None
    places = await figure_board.places_within(visit.actor)
    try:
        found = await figure_board.read_all(visit.context, visit.actor, _asked(typed))
    except (Malformed, NotFound, Conflict) as problem:
        refusal = problem
    return page(
        visit.request,
        "figures.html",
        status=refusal.status if refusal else 200,
        found=found,
        refusal=refusal,
        presets=_presets(visit.now),
        **_form(typed, places),
    )


@get("/figures/{name:str}")
async def figure_page(visit: NamedDependency[Visit], name: FromPath[str]) -> Response[Any]:
    """One figure with its definition, in all and by the dimensions that the reader chooses."""
    typed = _typed(visit)
    (known,) = figures_named([name])
    places, dimensions = await figure_board.places_within(visit.actor), figure_board.dimensions_of(name)
    if visit.asked("by") == visit.asked("over") == "" and not visit.asked("from"):
        typed["by"] = next((one for one in ("department", *dimensions) if one in dimensions), "")
    figure: Row = {"definition": definition_of(known), "total": None, "cells": []}
    found, refusal = None, None
    try:
        found = await figuring.read_figures(visit.context, visit.actor, [name], _asked(typed))
        (figure,) = found.pop("figures")
    except (Malformed, NotFound, Conflict) as problem:
        refusal = problem
    for cell in figure["cells"]:
        cell["query"] = _query(_narrowed(typed, cell))
    by = _by(typed)
    return page(
        visit.request,
        "figure.html",
        status=refusal.status if refusal else 200,
        name=name,
        figure=figure,
        found=found,
        refusal=refusal,
        dimensions=[one for one in dimensions if one not in TIMES],
        times=[one for one in dimensions if one in TIMES],
        by=by,
        chart=chart_of(visit.wording, definition_of(known), by, figure["cells"], found),
        time_label=lambda dimension, begin: time_label(dimension, date.fromisoformat(str(begin))),
        **_form(typed, places),
    )


@get("/figures/{name:str}/table.csv")
async def figure_table(visit: NamedDependency[Visit], name: FromPath[str]) -> Response[bytes]:
    """The table of a figure as CSV. It is logged."""
    typed = _typed(visit)
    made = await figure_board.table_of_figure(visit.context, visit.actor, name, _asked(typed), visit.now)
    saved = quote(f"{name} {typed['from']}_{typed['to']}.csv", safe="")
    headers = {**SECURITY_HEADERS, **NO_STORE, "Content-Disposition": f"attachment; filename*=UTF-8''{saved}"}
    return Response(made, media_type="text/csv; charset=utf-8", headers=headers)


@get("/figures/{name:str}/cases")
async def behind_page(visit: NamedDependency[Visit], name: FromPath[str]) -> Response[Any]:
    """What a number is made of: cases, notices, cards, tickets or items."""
    typed, cursor, part = _typed(visit), visit.asked("cursor"), visit.asked("part") or "numerator"
    (known,) = figures_named([name])
    after = drilling.FIRST
    if cursor:
        place = read_cursor(cursor, AmountPlace)
        after = drilling.Behind(place.id, place.place)
    rows = await drilling.list_behind(
        visit.context, visit.actor, name, part, _asked(typed), after=after, limit=PAGE_SIZE
    )
    asked, following = {**typed, "part": part}, None
    places = await figure_board.places_within(visit.actor)
    if len(rows) == PAGE_SIZE:
        more = write_cursor(AmountPlace(rows[-1]["key"], rows[-1]["place"]))
        following = f"/figures/{name}/cases?{_query({**asked, 'cursor': more})}"
    return page(
        visit.request,
        "figure_cases.html",
        name=name,
        definition=definition_of(known),
        part=part,
        rows=rows,
        departments={one["code"]: visit.wording.of(one, "name") for one in places["departments"]},
        typed=typed,
        query=_query(typed),
        next_page=following,
        first_page=f"/figures/{name}/cases?{_query(asked)}",
        further=bool(cursor),
    )


def _typed(visit: Visit) -> dict[str, str]:
    """What the form holds: the period, by default this month up to today, dimensions, filters, the moment."""
    today = HallHours().day(visit.now)
    period = {"from": visit.asked("from") or f"{today:%Y-%m}-01", "to": visit.asked("to") or today.isoformat()}
    return period | {name: visit.asked(name) for name in ("by", "over", "as_of", *FILTERS)}


def _by(typed: dict[str, str]) -> tuple[str, ...]:
    return tuple(typed[name] for name in ("by", "over") if typed[name])


def _asked(typed: dict[str, str]) -> Asked:
    """The question as typed.

    :raises Malformed: ``date_wrong``.
    """
    try:
        since, until = date.fromisoformat(typed["from"]), date.fromisoformat(typed["to"])
        as_of = datetime.fromisoformat(typed["as_of"]) if typed["as_of"] else None
    except ValueError:
        raise Malformed("date_wrong", "日期格式应为 2026-03-02。", "A date looks like 2026-03-02.") from None
    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=HallHours().zone)
    return Asked(since, until, _by(typed), {name: typed[name] for name in FILTERS if typed[name]}, as_of)


def _narrowed(typed: dict[str, str], cell: Row) -> dict[str, str]:
    """The question behind one cell."""
    values = {name: label["code"] for name, label in cell["labels"].items()}
    return {**typed, **values, "from": str(cell["since"]), "to": str(cell["until"]), "by": "", "over": ""}


def _query(typed: dict[str, str]) -> str:
    return urlencode({name: value for name, value in typed.items() if value})


def _form(typed: dict[str, str], places: Row) -> Row:
    narrowed = {name: value for name, value in typed.items() if name not in {"by", "over"}}
    more = any(typed[name] for name in (*_OTHERS, "as_of"))
    return {"typed": typed, "query": _query(typed), "narrowed": _query(narrowed), "places": places, "more": more}


def _presets(now: datetime) -> list[tuple[str, str]]:
    """Periods that are asked for all the time: message id and query."""
    today = HallHours().day(now)
    month = today.replace(day=1)
    last = period_of(Kind.monthly, month - timedelta(days=1))
    periods = (
        ("figures.today", today, today),
        ("figures.this_week", period_of(Kind.weekly, today)[0], today),
        ("figures.this_month", month, today),
        ("figures.last_month", *last),
        ("figures.this_year", today.replace(month=1, day=1), today),
    )
    return [(text, urlencode({"from": since, "to": until})) for text, since, until in periods]
