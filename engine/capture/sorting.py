"""A batch in the hands of a worker: each file judged and locked away, then its pages sorted at the separator sheets.

The file stays whole: what a line of a case gets is a link to some of its pages. Pages that no valid sheet says anything
about wait unsorted, each with its reason, until a clerk assigns them.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from engine import trail
from engine.capture.separating import is_ours
from engine.context import Context
from engine.evidence import UPLOADERS, require_line, require_open, require_uploader, retained_until
from engine.judging import lock_away, put_page, refused_row, stored_row
from engine.mandates.proxying import on_case
from engine.reading import seen_case
from storage import batches, scans
from storage.db import Connection, reading, transaction
from storage.file_kinds import FileKind
from storage.scan_files import process
from storage.scan_verdicts import Processed
from storage.sheet_codes import read_sheet
from workflows.actor import Actor, Role
from workflows.errors import Conflict, NotFound, YichuangError
from workflows.events import EventName
from workflows.mandate import Power
from workflows.separator import Place, Run, Separator, split

UNASSIGNED: Final = timedelta(days=90)
"""How long a batch file is locked before any of its pages belongs to a case; then for as long as that case's file."""
_POWERS: Final = {Power.file, Power.supply}


async def judge_file(context: Context, scan: UUID, clock: Callable[[], datetime]) -> None:
    """Open a file of a batch, draw its pages, read its sheets, and keep or refuse it. Repeated without harm.

    :param clock: says what time it is, UTC; asked once the verdict is known.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    row = await batches.of_scan(scan)
    if row is None:
        return
    if row["state"] == "incoming":
        folder = Path(tempfile.mkdtemp(prefix="yc-scan-"))
        try:
            await _judge(context, row, folder, clock)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await sort_batch(context, row["batch_id"], clock())


async def _judge(context: Context, row: dict[str, Any], folder: Path, clock: Callable[[], datetime]) -> None:
    original, pages = folder / "original", folder / "pages"
    pages.mkdir()
    digest = await asyncio.to_thread(
        context.objects.fetch_incoming, row["object_key"], original, row["digest_algorithm"]
    )
    if digest != row["digest"]:
        zh, en = "文件在存储中被改动，请重新上传。", "The stored bytes changed; upload it again."
        await _write(row, refused_row("digest_mismatch", zh, en, clock()), [], {})
    else:
        found = await asyncio.to_thread(process, original, FileKind(row["kind"]), pages)
        if found.verdict.ok:
            await _store(context, row, found, clock)
        else:
            verdict = found.verdict
            await _write(row, refused_row(verdict.code, verdict.zh, verdict.en, clock()), [], {})
    await asyncio.to_thread(context.objects.drop_incoming, row["object_key"])


async def _store(context: Context, row: dict[str, Any], found: Processed, clock: Callable[[], datetime]) -> None:
    key = f"batches/{row['batch_id']}/{row['id']}"
    locked = await lock_away(context, row, key, clock() + UNASSIGNED)
    drawn = [await asyncio.to_thread(put_page, context, row["id"], page) for page in found.pages]
    codes = await asyncio.to_thread(_codes, found)
    await _write(row, stored_row(found, len(drawn), key, locked, clock()), drawn, codes)


def _codes(found: Processed) -> dict[str, str]:
    read = ((page.number, read_sheet(page.image)) for page in found.pages)
    return {str(number): text for number, text in read if text is not None}


async def _write(
    row: dict[str, Any], judged: dict[str, Any], drawn: list[dict[str, Any]], codes: dict[str, str]
) -> None:
    async with transaction() as connection:
        if await scans.judge(connection, row["id"], judged):
            await scans.add_pages(connection, row["id"], drawn)
            await batches.write_codes(connection, row["id"], codes)


@dataclass
class _Plan:
    """Where the pages of a batch go. ``barred``: why a sheet's line takes none, by case and line."""

    batch: dict[str, Any]
    actor: Actor
    files: dict[UUID, dict[str, Any]]
    runs: list[Run]
    sheets: list[Place]
    barred: dict[tuple[str, str], YichuangError] = field(default_factory=dict)

    def target(self, context: Context, run: Run) -> tuple[str, str] | YichuangError:
        """The case and line of a run of pages, or why there is none."""
        if run.sheet is None:
            named = self.batch["case_number"], self.batch["line"]
            return (str(named[0]), str(named[1])) if all(named) else _no_sheet()
        if not is_ours(context, run.sheet):
            return _not_ours(run.sheet)
        return run.sheet.number, run.sheet.line

    def targets(self, context: Context) -> list[tuple[str, str]]:
        """Every case and line that is named, in the order in which cases are locked."""
        found = (self.target(context, run) for run in self.runs)
        return sorted({one for one in found if not isinstance(one, YichuangError)})


async def sort_batch(context: Context, batch: UUID, now: datetime) -> None:
    """Sort the pages of a batch that is closed and whose files are all judged; otherwise, and a second time, nothing.

    :param now: UTC.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    async with reading() as connection:
        plan = await _plan_of(connection, await batches.read(batch))
    if plan is None:
        return
    await _retain(context, plan, now)
    async with transaction() as connection:
        plan = await _plan_of(connection, await batches.lock(connection, batch))
        if plan is None:
            return
        cases = await _lock_targets(context, connection, plan, now)
        rows = _rows(context, plan, cases)
        await batches.add_pages(connection, batch, rows, now)
        for case in cases.values():
            mine = [row for row in rows if row["state"] == "filed" and row["case_id"] == case["id"]]
            if mine:
                await _file(context, connection, plan, case, mine, now)
        await batches.mark_sorted(connection, batch, now)


async def _plan_of(connection: Connection, batch: dict[str, Any] | None) -> _Plan | None:
    if batch is None or batch["closed_at"] is None or batch["sorted_at"] is not None:
        return None
    if await batches.waiting(connection, batch["id"]):
        return None
    files = [row for row in await batches.files_of(connection, batch["id"]) if row["state"] == "stored"]
    pages = [(row["scan_id"], page) for row in files for page in range(1, row["pages"] + 1)]
    codes = {(row["scan_id"], int(page)): text for row in files for page, text in (row["codes"] or {}).items()}
    runs, sheets = split(pages, codes)
    actor = msgspec.convert(batch["opened_as"], Actor)
    return _Plan(batch, actor, {row["scan_id"]: row for row in files}, runs, sheets)


async def _retain(context: Context, plan: _Plan, now: datetime) -> None:
    """Lock each file for as long as the longest of the cases whose pages it holds, before any case relies on it."""
    until: dict[UUID, datetime] = {}
    for run in plan.runs:
        target = plan.target(context, run)
        if isinstance(target, YichuangError):
            continue
        with contextlib.suppress(NotFound):  # of another installation with the same key: its pages stay unsorted
            term = await retained_until(context, target[0], now)
            until |= {scan: max(term, until.get(scan, term)) for scan, _ in run.pages}
    for scan, term in until.items():
        await retain(context, plan.files[scan] | {"id": scan}, term)


async def retain(context: Context, scan: Mapping[str, Any], until: datetime) -> None:
    """Lock a stored scan until this moment (UTC) at least, and note until when the store says it is."""
    held = await asyncio.to_thread(context.objects.retain_longer, scan["object_key"], scan["object_version"], until)
    async with transaction() as connection:
        await scans.extend(connection, scan["id"], held or until)


async def _lock_targets(
    context: Context, connection: Connection, plan: _Plan, now: datetime
) -> dict[str, dict[str, Any]]:
    """The cases that take pages, locked; what bars a line is noted in the plan."""
    locked: dict[str, dict[str, Any]] = {}
    for number, line in plan.targets(context):
        try:
            case, flow = await seen_case(context, plan.actor, number)
            require_uploader(plan.actor, case)
            locked[number] = locked.get(number) or await trail.lock(connection, number)
            require_open(flow, locked[number])
            await require_line(context, case, line)
            on_case(context, locked[number], plan.actor, UPLOADERS, _POWERS, now)
        except YichuangError as refusal:
            plan.barred[number, line] = refusal
    return locked


def _rows(context: Context, plan: _Plan, cases: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = [_row(place, "separator") for place in plan.sheets]
    for run in plan.runs:
        target = plan.target(context, run)
        refusal = target if isinstance(target, YichuangError) else plan.barred.get(target)
        if refusal is not None or isinstance(target, YichuangError):
            rows.extend(_row(place, "unsorted", refusal=refusal) for place in run.pages)
        else:
            case = cases[target[0]]["id"]
            rows.extend(_row(place, "filed", case, target[1]) for place in run.pages)
    return rows


def _row(
    place: Place, state: str, case: UUID | None = None, line: str = "", refusal: YichuangError | None = None
) -> dict[str, Any]:
    return {
        "scan_id": place[0],
        "page": place[1],
        "state": state,
        "case_id": case,
        "line": line,
        "reason": refusal.code if refusal else "",
        "reason_zh": refusal.zh if refusal else "",
        "reason_en": refusal.en if refusal else "",
    }


async def _file(
    context: Context,
    connection: Connection,
    plan: _Plan,
    case: dict[str, Any],
    rows: Iterable[dict[str, Any]],
    now: datetime,
) -> None:
    """Link the pages that a case gets, and say on its trail which pages of which files they are."""
    places: dict[tuple[UUID, str], list[int]] = {}
    for row in rows:
        places.setdefault((row["scan_id"], row["line"]), []).append(row["page"])
    for (scan, line), pages in places.items():
        await scans.link(connection, scan, case["id"], line, pages, now)
    role, mandate = on_case(context, case, plan.actor, UPLOADERS, _POWERS, now)
    data = {"batch": str(plan.batch["id"]), "files": [_told(plan.files[scan], line, pages)
            for (scan, line), pages in places.items()]}  # fmt: skip
    await trail.append(
        context,
        connection,
        case,
        EventName.PAGES_FILED,
        data,
        now,
        actor=plan.actor,
        role=role or Role.system,
        mandate=mandate,
    )


def _told(file: dict[str, Any], line: str, pages: list[int]) -> dict[str, Any]:
    return {
        "scan": str(file["scan_id"]),
        "line": line,
        "pages": pages,
        "digest": file["digest"],
        "object": file["object_key"],
        "version": file["object_version"],
    }


def _no_sheet() -> Conflict:
    return Conflict(
        "no_separator",
        "前面没有分隔页，请指定归入哪个办件的哪项材料。",
        "No separator sheet comes before this page; say to which case and line it belongs.",
    )


def _not_ours(sheet: Separator) -> Conflict:
    return Conflict(
        "separator_not_ours",
        f"前面的分隔页（{sheet.number} {sheet.line}）不是本系统打印的，请核对后指定归属。",
        "The separator sheet before this page was not printed by this system; check it and assign the page.",
    )
