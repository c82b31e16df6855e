"""Leafing through a case: its lines, their pages as they stand after every edit, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.reading import log_access, seen_case
from storage import page_edits, scans, views
from workflows.actor import Actor
from workflows.arrangement import ArrangedPage
from workflows.errors import NotFound
from workflows.item import ItemVersion


@dataclass(frozen=True, slots=True)
class Leaf:
    """What somebody leafing through a case sees.

    :param lines: the pages of every line that has any, by the code of the line, in the order of the list.
    :param here: the page that is looked at; None where the case has no page.
    :param page: its row: pixels, advice. :param scan: the row of its file.
    """

    case: Mapping[str, Any]
    item: ItemVersion
    lines: Mapping[str, tuple[ArrangedPage, ...]]
    here: ArrangedPage | None = None
    page: Mapping[str, Any] | None = None
    scan: Mapping[str, Any] | None = None

    @property
    def marked(self) -> bool:
        """Whether the page names whoever looks at it."""
        known = {line.code: line.marked for line in self.item.materials}
        return self.here is not None and known.get(self.here.line, True)

    @property
    def every(self) -> tuple[ArrangedPage, ...]:
        """The pages of the case, line after line."""
        return tuple(page for pages in self.lines.values() for page in pages)

    def beside(self, step: int) -> ArrangedPage | None:
        """The page so many steps on, negative for back, across lines; None beyond the ends."""
        every = self.every
        if self.here is None:
            return None
        at = every.index(self.here) + step
        return every[at] if 0 <= at < len(every) else None

    def line_beside(self, step: int) -> ArrangedPage | None:
        """The first page of the next line (1) or of the one before (-1)."""
        if self.here is None:
            return None
        codes = list(self.lines)
        at = codes.index(self.here.line) + step
        return self.lines[codes[at]][0] if 0 <= at < len(codes) else None


async def leaf(context: Context, actor: Actor, number: str, line: str, position: int, now: datetime) -> Leaf:
    """A page of a case where it stands. The look is logged, once.

    :param line: its code; empty for the first one that has pages. :param position: of the page in its line, from 1.
    :param now: UTC.
    :raises NotFound: ``case_not_found``, ``page_not_found``.
    """
    case, _ = await seen_case(context, actor, number)
    item = await context.item(case["item_id"])
    lines = await lines_of(item, number)
    if not line and not lines:
        return Leaf(case, item, lines)
    pages = lines.get(line or next(iter(lines)), ())
    if not 1 <= position <= len(pages):
        raise NotFound("page_not_found", "该材料行没有这一页。", "The line has no such page.", pages=len(pages))
    here = pages[position - 1]
    await log_access(actor, str(here.scan), "scan.view", now, f"page {here.page}")
    page, scan = await scans.page(here.scan, here.page), await views.original(here.scan)
    return Leaf(case, item, lines, here, page, scan)


async def place_of(context: Context, actor: Actor, number: str, scan: UUID, page: int) -> ArrangedPage:
    """Where a page of a scan stands in a case now.

    :raises NotFound: ``case_not_found``; ``page_not_in_line`` for one that was removed or replaced.
    """
    case, _ = await seen_case(context, actor, number)
    for pages in (await lines_of(await context.item(case["item_id"]), number)).values():
        for found in pages:
            if (found.scan, found.page) == (scan, page):
                return found
    raise NotFound(
        "page_not_in_line",
        "这一页已从材料中移出或被替换，不再显示。原件仍然保存。",
        "This page was taken out of its line or replaced; its original is kept.",
    )


async def lines_of(item: ItemVersion, number: str) -> dict[str, tuple[ArrangedPage, ...]]:
    """The pages of a case by line, in the order of the item's list; a line that is not on it comes last."""
    found = await page_edits.arranged(number)
    order = {line.code: place for place, line in enumerate(item.materials)}
    return {code: found[code] for code in sorted(found, key=lambda code: (order.get(code, len(order)), code))}
