"""Pages of the stewards: items and flows with their versions, and what differs between two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.rendering import page
from api.pages.visit import Visit
from api.rest.cursors import CodePlace, read_cursor, write_cursor
from engine.catalogue import comparing
from engine.catalogue.proposing import may_propose
from workflows.difference import Change

PAGE_SIZE: Final = 50


@get("/catalogue")
async def catalogue_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every item in its newest version, and every flow."""
    cursor, text = visit.asked("cursor"), visit.asked("text")[:100]
    after = read_cursor(cursor, CodePlace).code if cursor else ""
    rows = await comparing.list_items(text=text, after=after, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"/catalogue?cursor={write_cursor(CodePlace(rows[-1]['code']))}"
    return page(
        visit.request,
        "catalogue.html",
        rows=rows,
        flows=await visit.context.newest_flows(),
        text=text,
        may_propose=may_propose(visit.actor),
        next_page=following,
        further=bool(cursor),
    )


@get("/catalogue/items/{code:str}")
async def item_versions_page(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """The versions of an item, and what may be proposed of it."""
    rows = await comparing.item_versions(visit.context, code, visit.now)
    flow = await visit.context.flow(rows[0]["flow"])

    def moves_to(before: int, after: int) -> str:
        versions = {"flow_from": flow.version, "flow_to": flow.version, "item_from": before, "item_to": after}
        return urlencode({"flow": flow.name, "item": code} | versions)

    return _versions(visit, "items", code, rows[0], rows, moves_to)


@get("/catalogue/items/{code:str}/versions/{version:int}")
async def item_version_page(
    visit: NamedDependency[Visit], code: FromPath[str], version: FromPath[int]
) -> Response[Any]:
    """One version of an item in words."""
    row = await comparing.item_version(visit.context, code, version, visit.now)
    parts = await comparing.item_in_words(code, version)
    return page(visit.request, "item_version.html", item=row, parts=parts)


@get("/catalogue/items/{code:str}/difference/{before:int}/{after:int}")
async def item_difference_page(
    visit: NamedDependency[Visit], code: FromPath[str], before: FromPath[int], after: FromPath[int]
) -> Response[Any]:
    """What differs between two versions of an item."""
    changes = await comparing.compare_items(code, before, after)
    return _difference(visit, f"/catalogue/items/{code}", (before, after), changes)


@get("/catalogue/flows/{name:str}")
async def flow_versions_page(visit: NamedDependency[Visit], name: FromPath[str]) -> Response[Any]:
    """The versions of a flow, and what may be proposed of it."""
    rows = await comparing.flow_versions(visit.context, name, visit.now)
    flow = await visit.context.flow(name)
    title = {"name": flow.title, "name_en": flow.title_en}

    def moves_to(before: int, after: int) -> str:
        return urlencode({"flow": name, "flow_from": before, "flow_to": after})

    return _versions(visit, "flows", name, title, rows, moves_to)


@get("/catalogue/flows/{name:str}/difference/{before:int}/{after:int}")
async def flow_difference_page(
    visit: NamedDependency[Visit], name: FromPath[str], before: FromPath[int], after: FromPath[int]
) -> Response[Any]:
    """What differs between two versions of a flow."""
    changes = await comparing.compare_flows(visit.context, name, before, after)
    return _difference(visit, f"/catalogue/flows/{name}", (before, after), changes)


def _versions(
    visit: Visit,
    kind: str,
    subject: str,
    title: dict[str, Any],
    rows: list[dict[str, Any]],
    moves_to: Callable[[int, int], str],
) -> Response[Any]:
    return page(
        visit.request,
        "versions.html",
        kind=kind,
        subject=subject,
        title=title,
        rows=rows,
        may_propose=may_propose(visit.actor),
        moves_to=moves_to,
    )


def _difference(visit: Visit, back: str, pair: tuple[int, int], changes: Sequence[Change]) -> Response[Any]:
    subject = back.rpartition("/")[2]
    return page(visit.request, "difference.html", back=back, subject=subject, pair=pair, groups=by_part(changes))


def by_part(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """The changes of each part together, the parts in the order in which they first come."""
    order = list(dict.fromkeys(change.part for change in changes))
    ranked = sorted(changes, key=lambda change: order.index(change.part))
    return [(part, list(group)) for part, group in groupby(ranked, key=lambda change: change.part)]
