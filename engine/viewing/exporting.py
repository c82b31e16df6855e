"""The pages of a line as one PDF to be taken away: for a stated reason, logged, with who took it and when on each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import IO, Any, Final

from PIL import Image

from engine.context import Context
from engine.reading import log_access, seen_case
from engine.viewing.evidence_reading import HANDLERS, KEEPERS, mark_of, picture_of, seen_scan
from engine.viewing.leafing import lines_of
from engine.viewing.watermark import drawn
from storage import scans
from workflows import scope
from workflows.actor import Actor
from workflows.arrangement import ArrangedPage
from workflows.errors import Conflict, Forbidden, Malformed, NotFound

MAX_PAGES: Final = 300
"""How many pages one export may have; more are asked for line by line, or as the dossier of the case."""
MAX_REASON: Final = 200
_PPI: Final = 150
_QUALITY: Final = 82


async def export_line(
    context: Context, actor: Actor, number: str, line: str, reason: str, now: datetime, file: IO[bytes]
) -> int:
    """Write the pages of a line as they stand into a PDF, one at a time; how many.

    :param reason: 4 to 200 characters. :param now: UTC. :param file: empty, open for reading and writing.
    :raises NotFound: ``case_not_found``, ``line_without_pages``. :raises Forbidden: ``role_not_allowed``.
    :raises Malformed: ``reason_needed``. :raises Conflict: ``too_many_pages``.
    :raises Unavailable: as in :func:`engine.viewing.evidence_reading.read_page`.
    """
    pages = await _pages(context, actor, number, line, reason)
    await log_access(actor, number, "export.pages", now, f"{line}: {reason.strip()}")
    for page in pages:
        image = await _picture(context, actor, page, now)
        await asyncio.to_thread(_append, file, image)
    return len(pages)


def may_take(actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether somebody who sees the case may take its pages or originals away."""
    takers = (*HANDLERS, *KEEPERS)
    return scope.role_at(actor, takers, case["hall_path"], case["department_path"]) is not None


async def _pages(context: Context, actor: Actor, number: str, line: str, reason: str) -> tuple[ArrangedPage, ...]:
    case, _ = await seen_case(context, actor, number)
    if not may_take(actor, case):
        raise Forbidden(
            "role_not_allowed",
            "您的岗位可以查看页面，但不能导出。",
            f"Your role may look but not export; it is for: {', '.join(role.en for role in (*HANDLERS, *KEEPERS))}.",
            basis="个人信息保护法6",
        )
    if not 4 <= len(reason.strip()) <= MAX_REASON:
        raise Malformed(
            "reason_needed",
            f"请写明导出用途（4至{MAX_REASON}字）。",
            f"Say what the export is for (4 to {MAX_REASON} characters).",
            basis="个人信息保护法51",
        )
    pages = (await lines_of(await context.item(case["item_id"]), number)).get(line, ())
    if not pages:
        raise NotFound("line_without_pages", "该材料行没有页面。", "The line has no pages.")
    if len(pages) > MAX_PAGES:
        raise Conflict(
            "too_many_pages",
            f"该材料行有 {len(pages)} 页，一次最多导出 {MAX_PAGES} 页。请改用案卷导出。",
            f"The line has {len(pages)} pages; an export has at most {MAX_PAGES}. Ask for the dossier instead.",
            pages=len(pages),
        )
    return pages


async def _picture(context: Context, actor: Actor, page: ArrangedPage, now: datetime) -> bytes:
    seen = await seen_scan(context, actor, page.scan, page.page)
    row = await scans.page(page.scan, page.page)
    if row is None:
        raise NotFound("page_not_found", "该扫描件没有这一页。", "The scan has no such page.")
    mark = mark_of(context, actor, seen, now) if seen.marked else ""
    return await drawn(context.settings, await picture_of(context, row, "page", now), mark=mark, turned=page.turned)


def _append(file: IO[bytes], image: bytes) -> None:
    """Put a page behind the others; only this one page is in memory."""
    empty = file.seek(0, 2) == 0
    file.seek(0)
    with Image.open(BytesIO(image)) as page:
        page.info.clear()
        page.save(file, "PDF", append=not empty, resolution=_PPI, quality=_QUALITY, producer="Yichuang")
