"""Pages put in order: moved, turned, removed, assigned, returned. Every edit is a row and on the trail; originals stay.

A decided case keeps its file as it was decided on; before that anybody who may upload may put pages right.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine import trail
from engine.capture.capturing import seen_batch
from engine.capture.sorting import retain
from engine.context import Context
from engine.evidence import UPLOADERS, require_line, require_open, require_uploader, retained_until
from engine.mandates.proxying import on_case
from engine.reading import seen_case
from engine.work import Answer, replay, seen_of
from storage import batches, materials, page_edits, scans
from storage.db import Connection, reading, transaction
from workflows.actor import Actor, Role
from workflows.arrangement import Arrangement, Edit, PageEdit, check_edit, edited
from workflows.errors import Conflict, Malformed, NotFound, Stale
from workflows.events import EventName
from workflows.mandate import Power

MOST_EDITS: Final = 500
"""Edits in one request."""
NO_REASON: Final = {"reason": "", "reason_zh": "", "reason_en": ""}
_encode = msgspec.json.Encoder(order="sorted").encode


async def read_pages(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """The pages of a case as they stand, line by line, how many edits there have been, and each of them.

    :raises NotFound: ``case_not_found``.
    """
    await seen_case(context, actor, number)
    async with reading() as connection:
        lines, edits = await page_edits.standing(connection, number)
    return {"case": number, "edits": edits, "lines": _shown(lines), "history": await page_edits.of_case(number)}


def _shown(lines: Arrangement) -> list[dict[str, Any]]:
    return [{"line": line, "pages": [msgspec.to_builtins(page) for page in pages]} for line, pages in lines.items()]


async def edit_pages(
    context: Context,
    actor: Actor,
    number: str,
    edits: Sequence[PageEdit],
    now: datetime,
    *,
    seen: int | None = None,
    key: str = "",
) -> Answer:
    """Make some edits, all of them or none.

    :param seen: how many edits the caller has seen; None not to ask. :param now: UTC. :param key: idempotency key.
    :returns: how many edits there are now, and the pages as they stand.
    :raises NotFound: ``case_not_found``, ``page_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``case_closed``, ``case_decided``, ``material_not_on_list``, ``page_taken``, ``page_not_of_batch``
        and as in :func:`workflows.arrangement.check_edit`.
    :raises Stale: ``pages_changed``, with the edits made since. :raises Malformed: ``edits_wrong``.
    """
    _check_request(edits)
    case, _ = await seen_case(context, actor, number)
    require_uploader(actor, case)
    await _retain_placed(context, actor, number, edits, now)
    digest = hashlib.sha256(_encode([number, edits])).hexdigest()
    async with transaction() as connection:
        case = await trail.lock(connection, number, actor.person, key)
        if case["seen_digest"] is not None:
            return replay(seen_of(case), digest)
        await _require_changeable(context, case)
        lines, made = await _edit_all(context, connection, actor, case, edits, now, seen)
        answer = {"case": number, "edits": made + len(edits), "lines": _shown(lines)}
        known = (actor.person, key, digest, answer) if key else (trail.NOBODY, "", "", {})
        await _tell(context, connection, actor, case, edits, made, now, known)
    return answer


async def _edit_all(
    context: Context,
    connection: Connection,
    actor: Actor,
    case: dict[str, Any],
    edits: Sequence[PageEdit],
    now: datetime,
    seen: int | None,
) -> tuple[Arrangement, int]:
    """Make the edits on a locked case; the pages as they stand then, and how many edits there were before."""
    lines: Arrangement
    lines, made = await page_edits.standing(connection, case["number"])
    await _require_current(case["number"], made, seen)
    for at, edit in enumerate(edits, made + 1):
        lines = await _edit(context, connection, case, lines, edit, now)
        await page_edits.add(connection, case["id"], at, edit, actor.staff, now)
    for scan in {edit.scan for edit in edits}:
        await scans.set_standing(connection, scan, case["id"], _counts(lines, scan))
    return lines, made


async def _tell(
    context: Context,
    connection: Connection,
    actor: Actor,
    case: dict[str, Any],
    edits: Sequence[PageEdit],
    made: int,
    now: datetime,
    known: tuple[UUID, str, str, dict[str, Any]],
) -> None:
    role, mandate = on_case(context, case, actor, UPLOADERS, {Power.file, Power.supply}, now)
    await trail.append(
        context,
        connection,
        case,
        EventName.PAGE_EDITED,
        {"edits": [_told(edit) for edit in edits], "from": made + 1},
        now,
        actor=actor,
        role=role or Role.system,
        mandate=mandate,
        key=known,
    )


def _check_request(edits: Sequence[PageEdit]) -> None:
    if not 0 < len(edits) <= MOST_EDITS or any(edit.action is Edit.REPLACE for edit in edits):
        raise Malformed(
            "edits_wrong",
            f"一次须有1至{MOST_EDITS}项页面调整；替换扫描件请重新上传并指明被替换的扫描件。",
            f"Send 1 to {MOST_EDITS} edits; a scan is replaced by uploading the new one and naming the old.",
        )


async def _require_changeable(context: Context, case: Mapping[str, Any]) -> None:
    require_open(await context.flow(case["flow"], case["flow_version"]), dict(case))
    if case["decided_at"] is not None:
        raise Conflict(
            "case_decided",
            "办件已作出决定，案卷材料以决定时为准，不再调整页面。",
            "The case is decided; its file stays as it was decided on, and pages are not changed any more.",
        )


async def _require_current(number: str, made: int, seen: int | None) -> None:
    if seen is None or seen == made:
        return
    since = [row for row in await page_edits.of_case(number) if row["seq"] > seen]
    told = [{"action": row["action"], "line": row["line"], "page": row["page"], "to_line": row["to_line"],
             "by": row["made_by_name"], "at": row["made_at"].isoformat()} for row in since]  # fmt: skip
    raise Stale(
        "pages_changed",
        "您打开页面后，已有人调整了页面顺序。请刷新后再操作。",
        "Somebody changed the pages after you looked; reload and do it again.",
        current=made,
        changed=told[-20:],
    )


async def _retain_placed(context: Context, actor: Actor, number: str, edits: Sequence[PageEdit], now: datetime) -> None:
    """Lock batch files for the term of this case before it relies on their pages."""
    for scan in {edit.scan for edit in edits if edit.action is Edit.PLACE}:
        row = await batches.of_scan(scan)
        if row is not None and row["state"] == "stored":
            await seen_batch(actor, row["batch_id"])
            await retain(context, row, await retained_until(context, number, now))


async def _edit(
    context: Context, connection: Connection, case: dict[str, Any], lines: Arrangement, edit: PageEdit, now: datetime
) -> Arrangement:
    check_edit(lines, edit)
    if edit.action in {Edit.PLACE, Edit.MOVE}:
        await require_line(context, case, edit.to_line)
        if edit.action is Edit.PLACE:
            await _take_in(connection, case, edit, now)
        await scans.link(connection, edit.scan, case["id"], edit.to_line, [], now)
    elif edit.action is Edit.RETURN:
        await _give_back(connection, case, edit, now)
    return edited(lines, edit)


async def _take_in(connection: Connection, case: dict[str, Any], edit: PageEdit, now: datetime) -> None:
    """A page that waits unsorted, or that was removed from this case, goes into a line of it."""
    page = await batches.page_of(connection, edit.scan, edit.page)
    if page is None:
        if not await scans.has_page(connection, edit.scan, case["id"], edit.page):
            raise NotFound("page_not_found", "该办件没有这一页。", "The case has no such page.")
        return
    if page["case_id"] not in {None, case["id"]} or page["state"] == "separator":
        raise Conflict(
            "page_taken",
            "这一页已归入其他办件（或是分隔页）。如归错了，请先在那个办件里退回批次。",
            "The page belongs to another case, or is a separator sheet; return it to its batch first.",
        )
    filed = {"state": "filed", "case_id": case["id"], "line": edit.to_line}
    await batches.change_page(connection, edit.scan, edit.page, filed | NO_REASON, now)
    await scans.give_again(connection, edit.scan, case["id"], edit.page)


async def _give_back(connection: Connection, case: dict[str, Any], edit: PageEdit, now: datetime) -> None:
    page = await batches.page_of(connection, edit.scan, edit.page)
    if page is None or page["case_id"] != case["id"]:
        raise Conflict(
            "page_not_of_batch",
            "这一页不是从扫描批次归入本办件的，不能退回批次；可以删除或移到其他材料。",
            "The page did not come from a batch, so it cannot go back to one; remove it or move it to another line.",
        )
    row = {
        "state": "unsorted",
        "case_id": None,
        "line": "",
        "reason": "page_returned",
        "reason_zh": f"从办件{case['number']}退回，请重新指定归属。",
        "reason_en": f"Returned from case {case['number']}; assign it anew.",
    }
    await batches.change_page(connection, edit.scan, edit.page, row, now)
    await scans.take_back(connection, edit.scan, case["id"], edit.page)


def _counts(lines: Arrangement, scan: UUID) -> dict[str, int]:
    return dict(Counter(line for line, pages in lines.items() for page in pages if page.scan == scan))


def _told(edit: PageEdit) -> dict[str, Any]:
    return {
        "action": edit.action.value,
        "line": edit.line,
        "scan": str(edit.scan),
        "page": edit.page,
        "to_line": edit.to_line,
        "position": edit.position,
        "turned": edit.turned,
    }


async def read_advice(case: UUID) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """What was measured on the pages of a case's scans and is worth a look, by scan and page."""
    found = await materials.advice(case)
    return {(str(scan), row["page"]): row["advice"] for scan, rows in found.items() for row in rows}
