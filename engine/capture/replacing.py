"""A better scan takes the place of an earlier one: the old stays readable, marked as replaced; nobody overwrites."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from storage import page_edits, scans
from storage.db import Connection
from workflows.arrangement import Edit, PageEdit
from workflows.errors import Conflict, NotFound


async def check_replaced(connection: Connection, case: UUID, line: str, scan: UUID) -> None:
    """Whether a scan of a locked case may still be replaced; only the first who asks may.

    :raises NotFound: ``scan_not_found`` where the line has no such scan.
    :raises Conflict: ``scan_replaced`` once another one has its place, ``replacement_waiting`` while one is judged;
        both name that scan, who sent it and when (UTC).
    """
    link = await scans.replaced_by(connection, case, line, scan)
    if link is None:
        raise NotFound("scan_not_found", "该材料行没有这份扫描件。", "The line has no such scan.")
    if link["newer"] is None:
        return
    told = {"scan": str(link["newer"]), "by": link["newer_by"], "at": link["newer_at"].isoformat()}
    if link["newer_state"] == "incoming":
        raise Conflict(
            "replacement_waiting",
            f"{link['newer_by']}刚刚上传了替换件，正在检验。请刷新页面，等结果出来后再决定。",
            "Somebody has just sent a replacement, which is being judged; reload and wait for its verdict.",
            **told,
        )
    raise Conflict(
        "scan_replaced",
        f"这份扫描件已由{link['newer_by']}替换。请刷新页面；需要再替换的，请替换新的那一份。",
        "The scan has been replaced already; reload, and replace the newer one if it must be.",
        **told,
    )


async def take_place(connection: Connection, case: UUID, number: str, link: dict[str, Any], now: datetime) -> None:
    """A stored scan takes the place of the one that it was sent for; the case is locked.

    :param link: of the new scan: scan, line, ``replaces``. :param now: UTC.
    """
    if link["replaces"] is None or not await scans.mark_replaced(connection, case, link["line"], link["replaces"], now):
        return
    _, made = await page_edits.standing(connection, number)
    edit = PageEdit(Edit.REPLACE, link["line"], link["replaces"], by=link["id"])
    await page_edits.add(connection, case, made + 1, edit, link["uploaded_by"], now)
