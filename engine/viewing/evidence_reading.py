"""Evidence as it is shown: page pictures and original bytes, only through a case that the actor sees, and logged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from engine.capture.capturing import seen_batch
from engine.context import Context
from engine.keeping.redrawing import order_redraw
from engine.mandates.agency import seen_mandate
from engine.reading import log_access, seen_case
from engine.viewing.links import Picture, Size
from engine.viewing.watermark import drawn
from storage import batches, mandates, scans, signatures, views
from storage.file_kinds import FileKind
from storage.object_stream import ObjectStream
from workflows import scope
from workflows.actor import Actor, Role
from workflows.clock import HallHours
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, Unavailable
from workflows.item import ItemVersion

__all__ = ["Content", "Picture", "Purpose", "Size", "find_content", "mark_of", "open_content", "read_page", "seen_scan"]

Purpose = Literal["handling", "review", "audit", "archive", "disclosure"]
"""Why an original is handed out (办理、复核、审计、归档、依申请提供); a closed list, so no address holds a name."""
HANDLERS: Final = (
    Role.clerk, Role.agent, Role.officer, Role.reviewer, Role.approver, Role.authority_head, Role.issuer,
    Role.applicant,
)  # fmt: skip
"""Who is handed an original for handling the case, without being asked why."""
KEEPERS: Final = (Role.archivist, Role.auditor, Role.supervisor)
"""Who is handed an original when they say why."""


@dataclass(frozen=True, slots=True)
class Content:
    """Evidence that may be handed out; size in bytes.

    :param digest: hexadecimal, taken while the upload arrived, by ``algorithm``.
    """

    name: str
    media_type: str
    size: int
    digest: str
    algorithm: str
    key: str
    version: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan, and by way of what the actor sees it.

    :param case: the case row, None by way of a mandate or a batch. :param marked: whether its pages name the reader.
    :param whole: whether every page of the scan belongs to what it is seen by.
    """

    row: dict[str, Any]
    case: dict[str, Any] | None
    hall_path: str
    marked: bool
    whole: bool = True


async def seen_scan(context: Context, actor: Actor, scan: UUID, page: int = 0) -> Seen:
    """A scan by way of a case within the actor's sight, of the mandate or signature that it evidences, or of its batch.

    :param page: from 1: only where this page is one of those that evidence the case; 0 for the scan as such.
    :raises NotFound: ``scan_not_found``, also for a scan of cases out of sight; ``mandate_not_found`` and
        ``batch_not_found`` for those of a mandate or batch.
    """
    for row in await views.ways(scan, page):
        try:
            case, _ = await seen_case(context, actor, row["case_number"])
        except NotFound:
            continue
        if row["shown"] or not page:
            marked = _marked(await context.item(case["item_id"]), row["lines"])
            return Seen(row, case, case["hall_path"], marked, row["whole"])
    if (paper := await mandates.of_scan(scan)) is not None:
        mandate = await seen_mandate(actor, paper["mandate_id"])
        return Seen(paper, None, mandate["hall_path"], marked=True)
    if (signed := await signatures.of_scan(scan)) is not None:
        case, _ = await seen_case(context, actor, signed["case_number"])
        return Seen(signed, case, case["hall_path"], marked=True)
    if (file := await batches.of_scan(scan)) is not None:
        await seen_batch(actor, file["batch_id"])
        return Seen(file, None, file["hall_path"], marked=True)
    raise _not_found()


def _marked(item: ItemVersion, lines: list[str]) -> bool:
    """Whether a page of these lines names whoever looks at it; one of a line that is not on the list does."""
    known = {line.code: line.marked for line in item.materials}
    return any(known.get(line, True) for line in lines)


async def find_content(
    context: Context, actor: Actor, scan: UUID, now: datetime, purpose: Purpose | None = None
) -> Content:
    """The evidence of a scan; the look and its purpose are logged before a byte is shown.

    :param now: UTC. :param purpose: why; may be left out by those who handle the case.
    :raises NotFound: ``scan_not_found``. :raises Conflict: ``scan_not_judged``, ``scan_refused``.
    :raises Forbidden: ``role_not_allowed``; ``original_of_several`` where it holds pages of cases out of sight.
    :raises Malformed: ``purpose_needed``.
    """
    seen = await seen_scan(context, actor, scan)
    reason = _purpose_of(actor, seen, purpose)
    _require_stored(seen.row)
    await _require_every_case(context, actor, scan, seen)
    await log_access(actor, str(scan), "scan.content", now, reason)
    row, media_type = seen.row, FileKind(seen.row["kind"]).media_type
    return Content(row["file_name"], media_type, row["size"], row["digest"], row["digest_algorithm"],
                   row["object_key"], row["object_version"])  # fmt: skip


def _purpose_of(actor: Actor, seen: Seen, purpose: Purpose | None) -> str:
    department = seen.case["department_path"] if seen.case else ""
    if scope.role_at(actor, HANDLERS, seen.hall_path, department) is not None:
        return purpose or "handling"
    if scope.role_at(actor, KEEPERS, seen.hall_path, department) is None:
        raise Forbidden(
            "role_not_allowed",
            "您的岗位可以查看页面，但不能取得原始文件。",
            f"Your role may look at the pages but is not handed originals; they are for: "
            f"{', '.join(role.en for role in (*HANDLERS, *KEEPERS))}.",
            basis="个人信息保护法6",
        )
    if purpose is None:
        raise Malformed(
            "purpose_needed",
            "请选择调取原件的用途：办理、复核、审计、归档或依申请提供。",
            "Say what the original is for: handling, review, audit, archive or disclosure.",
            basis="个人信息保护法51",
        )
    return purpose


async def _require_every_case(context: Context, actor: Actor, scan: UUID, seen: Seen) -> None:
    """A file of a batch may hold the papers of several people; the whole of it is for who may see them all."""
    if seen.whole:
        return
    for row in await views.ways(scan):
        try:
            await seen_case(context, actor, row["case_number"])
        except NotFound:
            raise Forbidden(
                "original_of_several",
                "该原始文件还含有其他办件的页面，您只能查看属于本件的页面。",
                "The file also holds pages of other cases; you may look at the pages of this one only.",
                basis="个人信息保护法6",
            ) from None


async def open_content(context: Context, content: Content, first: int, length: int) -> ObjectStream:
    """Some bytes of the evidence, to be read off the event loop and closed.

    :param first: the first byte, from 0. :param length: how many.
    :raises Unavailable: when the object store does not answer.
    """
    return await asyncio.to_thread(context.objects.open_evidence, content.key, content.version, first, length)


async def read_page(
    context: Context,
    actor: Actor,
    scan: UUID,
    number: int,
    *,
    size: Size,
    now: datetime,
    turned: int = 0,
    logged: bool = False,
) -> tuple[bytes, str]:
    """One drawn page of a scan and its media type, with who looks and when on it where the line asks for that.

    Small pictures are not marked: nothing can be read on them.

    :param number: from 1. :param now: UTC. :param turned: degrees clockwise.
    :param logged: whether the look is in the access log already, with the page of ours that shows it.
    :raises NotFound: ``scan_not_found``, ``page_not_found``. :raises Conflict: ``scan_not_judged``, ``scan_refused``.
    :raises Unavailable: ``page_redrawn`` while a lost picture is drawn again; when the object store does not answer.
    """
    seen = await seen_scan(context, actor, scan, number)
    _require_stored(seen.row)
    page = await scans.page(scan, number)
    if page is None:
        raise NotFound("page_not_found", "该扫描件没有这一页。", "The scan has no such page.", pages=seen.row["pages"])
    if not logged:
        await log_access(actor, str(scan), f"scan.{size}", now, f"page {number}")
    mark = mark_of(context, actor, seen, now) if seen.marked and size != "thumbnail" else ""
    image = await picture_of(context, page, size, now)
    return await drawn(context.settings, image, mark=mark, turned=turned), page["content_type"]


def mark_of(context: Context, actor: Actor, seen: Seen, now: datetime) -> str:
    """What is written over a page: who looks, and when by the hall's clock."""
    hours = context.hours(seen.case["hall_hours"]) if seen.case else HallHours()
    return f"{actor.name} {now.astimezone(hours.zone):%Y-%m-%d %H:%M}"


async def picture_of(context: Context, page: dict[str, Any], size: Size, now: datetime) -> bytes:
    """The bytes of a viewing copy; one that is gone is ordered to be drawn again.

    :param page: row of the page. Refusals as in :func:`read_page`.
    """
    key = {"page": page["image_key"], "screen": page["screen_key"], "thumbnail": page["thumbnail_key"]}[size]
    try:
        return await asyncio.to_thread(_read, context, key or page["image_key"])
    except NotFound as missing:
        await order_redraw(context, page["scan_id"], now)
        raise Unavailable(
            "page_redrawn",
            "该页图像缺失，正在由原件重新生成，请稍后刷新。",
            "The picture of this page is missing and is being drawn again from the original; reload shortly.",
        ) from missing


def _read(context: Context, key: str) -> bytes:
    with context.objects.open_view(key) as stream:
        return stream.read()


def _require_stored(row: dict[str, Any]) -> None:
    if row["state"] == "incoming":
        raise Conflict(
            "scan_not_judged",
            "扫描件正在核验，请几秒后再试。",
            "The scan is still being checked; try again in a few seconds.",
        )
    if row["state"] == "refused":
        raise Conflict(
            "scan_refused",
            f"该文件未被采用，原件未保存。{row['verdict_zh']}",
            f"The file was refused and its bytes were not kept. {row['verdict_en']}",
            verdict=row["verdict"],
        )


def _not_found() -> NotFound:
    return NotFound(
        "scan_not_found",
        "没有找到该扫描件，或者它不在您的管辖范围内。",
        "There is no such scan within your organisation.",
    )
