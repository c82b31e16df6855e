"""Scans become evidence: taken in, judged by a worker, then either locked away for good or refused and dropped.

The bytes go first to a place without retention. Only what a worker could open and draw is copied into the evidence
under COMPLIANCE retention; of a refused file nothing is kept but its name, digest and the verdict. A crash at any point
leaves at most an incoming object that no row names, which :func:`collect_orphans` removes after a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from asyncpg.exceptions import UniqueViolationError

from engine import trail
from engine.capture.replacing import check_replaced, take_place
from engine.context import Context
from engine.incoming import incoming_row, take_in
from engine.judging import DAYS_A_YEAR, lock_away, put_page, refused_row, stored_row
from engine.mandates.proxying import in_sight, on_case
from engine.reading import seen_case
from engine.work import Answer, replay, seen_of
from storage import cases, registers, scans, uploads
from storage.db import transaction
from storage.file_kinds import FileKind
from storage.scan_files import Received, process
from storage.scan_verdicts import Processed
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.events import EventName
from workflows.flow import Flow
from workflows.mandate import Power

JUDGE: Final = "scan.judge"
"""The outbox topic of a scan that waits for its verdict."""

UPLOADERS: Final = (Role.clerk, Role.officer, Role.issuer, Role.agent)
PERMANENT_YEARS: Final = 100
"""Retention needs a date; permanent files get one beyond anybody's term and are extended when it comes."""
ORPHAN_AGE: Final = timedelta(days=1)


async def check_target(context: Context, actor: Actor, number: str, line: str) -> dict[str, Any]:
    """Whether a scan may be added to this line now; ask before reading the upload, and again with it.

    :returns: the case row.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``material_not_on_list``, ``case_closed``.
    """
    case, flow = await seen_case(context, actor, number)
    require_uploader(actor, case)
    require_open(flow, case)
    await require_line(context, case, line)
    return case


def require_uploader(actor: Actor, case: dict[str, Any]) -> None:
    """:raises Forbidden: ``role_not_allowed`` when the actor adds no materials where the case is."""
    hats = scope.hats_of(actor, in_sight(case))
    if scope.role_at(hats, UPLOADERS, case["hall_path"], case["department_path"]) is None:
        raise Forbidden(
            "role_not_allowed",
            "您的岗位不能上传材料。",
            f"Your role may not upload; it is for: {', '.join(role.en for role in UPLOADERS)}.",
        )


async def require_line(context: Context, case: dict[str, Any], line: str) -> None:
    """:raises Conflict: ``material_not_on_list``."""
    item = await context.item(case["item_id"])
    lines = {known.code for known in item.materials if known.applies(frozenset(case["situation"]))}
    if line not in lines:
        raise Conflict(
            "material_not_on_list",
            f"材料“{line[:40]}”不在该事项当前情形的材料清单内，不得收取。",
            "This material is not on the list of this item for this situation and may not be asked for.",
            basis="行政许可法32；优化营商环境条例",
        )


def require_open(flow: Flow, case: dict[str, Any]) -> None:
    """:raises Conflict: ``case_closed``."""
    if flow.states[case["state"]].kind in {"terminal", "final"}:
        raise Conflict("case_closed", "办件已办结，不能再添加材料。", "The case is over; nothing can be added.")


async def receive_scan(
    context: Context,
    actor: Actor,
    number: str,
    line: str,
    received: Received,
    now: datetime,
    key: str = "",
    *,
    replaces: UUID | None = None,
) -> Answer:
    """Take an upload in and leave its judgement to a worker.

    :param received: the complete upload. :param now: UTC. :param key: idempotency key; may be empty.
    :param replaces: a scan of this line whose place it takes once it is stored.
    :returns: scan key, state, digest, size; ``same_as``: scans of the case that hold the same bytes.
    :raises Conflict: as in :func:`check_target` and :func:`engine.capture.replacing.check_replaced`.
    :raises Unavailable: when the object store or database does not answer; nothing was kept.
    """
    await check_target(context, actor, number, line)
    request = f"{number}\0{line}\0{received.sha256}" + (f"\0{replaces}" if replaces else "")
    digest = hashlib.sha256(request.encode()).hexdigest()
    row = incoming_row(actor, received, now) | {"replaces": replaces}
    keep = partial(_keep, context, actor, number, line, row, now, (key, digest))
    return await take_in(context, received, row, keep)


async def _keep(
    context: Context, actor: Actor, number: str, line: str, row: dict[str, Any], now: datetime, key: tuple[str, str]
) -> Answer:
    about = {"scan": str(row["id"]), "line": line, "kind": row["kind"], "size": row["size"]}
    told = about | ({"replaces": str(row["replaces"])} if row["replaces"] else {})
    answer: Answer = {**about, "case": number, "state": "incoming", "sha256": row["sha256"]}
    try:
        async with transaction() as connection:
            case = await trail.lock(connection, number, actor.person, key[0])
            if case["seen_digest"] is not None:
                return replay(seen_of(case), key[1])
            require_open(await context.flow(case["flow"], case["flow_version"]), case)
            role, mandate = on_case(context, case, actor, UPLOADERS, {Power.file, Power.supply}, now)
            if row["replaces"]:
                await check_replaced(connection, case["id"], line, row["replaces"])
            answer["same_as"] = [str(one) for one in await scans.same_bytes(connection, case["id"], row["digest"])]
            await scans.add(connection, row, case["id"], line, row["replaces"])
            await trail.append(
                context,
                connection,
                case,
                EventName.SCAN_RECEIVED,
                {**told, "digest": row["digest"]},
                now,
                actor=actor,
                role=role or Role.system,
                mandate=mandate,
                outbox=[{"topic": JUDGE, "data": {"scan": str(row["id"])}}],
                key=(actor.person, *key, answer),
            )
    except UniqueViolationError as clash:
        if clash.constraint_name != "idempotency_keys_once":
            raise
        async with transaction() as connection:
            return replay(await registers.answer(connection, actor.person, key[0]), key[1])
    return answer


async def judge_scan(context: Context, scan: UUID, clock: Callable[[], datetime]) -> None:
    """Open an incoming scan, draw its pages, and keep or refuse it. Repeated without harm.

    :param clock: says what time it is, UTC; asked once the verdict is known, for a large file takes a while.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    links = await scans.with_cases(scan)
    if not links or links[0]["state"] != "incoming":
        return
    folder = Path(tempfile.mkdtemp(prefix="yc-scan-"))
    try:
        await _judge(context, links, folder, clock)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _judge(context: Context, links: list[dict[str, Any]], folder: Path, clock: Callable[[], datetime]) -> None:
    row = links[0]
    original, pages = folder / "original", folder / "pages"
    pages.mkdir()
    digest = await asyncio.to_thread(
        context.objects.fetch_incoming, row["object_key"], original, row["digest_algorithm"]
    )
    if digest != row["digest"]:
        await _refuse(
            context,
            links,
            "digest_mismatch",
            "文件在存储中被改动，请重新上传。",
            "The stored bytes changed; upload it again.",
            clock(),
        )
        return
    found = await asyncio.to_thread(process, original, FileKind(row["kind"]), pages)
    verdict = found.verdict
    if verdict.ok:
        await _store(context, links, found, clock())
    else:
        await _refuse(context, links, verdict.code, verdict.zh, verdict.en, clock())


async def _store(context: Context, links: list[dict[str, Any]], found: Processed, now: datetime) -> None:
    row = links[0]
    key = f"{row['case_number']}/{row['id']}"
    version, retain_until = await _lock_away(context, row, key, now)
    drawn = [await asyncio.to_thread(put_page, context, row["id"], page) for page in found.pages]
    judged = stored_row(found, len(drawn), key, (version, retain_until), now)
    data = {"pages": len(drawn), "object": key, "version": version, "retain_until": retain_until.date().isoformat()}
    await _write_verdict(context, links, judged, EventName.SCAN_STORED, data, drawn, now)


async def _lock_away(context: Context, row: dict[str, Any], key: str, now: datetime) -> tuple[str, datetime]:
    """Copy an incoming scan into the evidence; its version, and until when it is locked as the store itself says.

    A try cut short before its verdict was written leaves a locked object, and that lock is the one that counts.
    """
    return await lock_away(context, row, key, await retained_until(context, row["case_number"], now))


async def _refuse(context: Context, links: list[dict[str, Any]], code: str, zh: str, en: str, now: datetime) -> None:
    judged = refused_row(code, zh, en, now)
    await _write_verdict(context, links, judged, EventName.SCAN_REFUSED, {"verdict": code}, [], now)


async def _write_verdict(
    context: Context,
    links: list[dict[str, Any]],
    judged: dict[str, Any],
    name: EventName,
    data: dict[str, Any],
    drawn: list[dict[str, Any]],
    now: datetime,
) -> None:
    """The verdict, its pages and an event on every case that the scan evidences; then the incoming bytes go."""
    scan, incoming = links[0]["id"], links[0]["object_key"]
    async with transaction() as connection:
        locked = [await trail.lock(connection, number) for number in sorted({link["case_number"] for link in links})]
        if await scans.judge(connection, scan, judged):
            await scans.add_pages(connection, scan, drawn)
            for case in locked:
                mine = next(link for link in links if link["case_number"] == case["number"])
                if judged["state"] == "stored":
                    await take_place(connection, case["id"], case["number"], mine, now)
                told = {"scan": str(scan), "line": mine["line"], "digest": mine["digest"], **data}
                await trail.append(context, connection, case, name, told, now)
    await asyncio.to_thread(context.objects.drop_incoming, incoming)


async def retained_until(context: Context, number: str, now: datetime) -> datetime:
    """Until when (UTC) what is filed now stays locked: for the term of the case's item.

    :raises NotFound: ``case_not_found``.
    """
    case = await cases.read(number)
    if case is None:
        raise NotFound("case_not_found", "没有该办件。", "There is no such case.")
    years = (await context.item(case["item_id"])).retention_years
    return now + timedelta(days=DAYS_A_YEAR * (PERMANENT_YEARS if years == "permanent" else years))


async def collect_orphans(context: Context, now: datetime) -> int:
    """Remove incoming objects older than a day that no unjudged scan and no unfinished upload names; how many."""
    found = await asyncio.to_thread(lambda: [one.key for one in context.objects.list_incoming(now - ORPHAN_AGE)])
    known = await scans.waiting_keys(found) | await uploads.part_keys(found)
    orphans = [key for key in found if key not in known]
    for key in orphans:
        await asyncio.to_thread(context.objects.drop_incoming, key)
    return len(orphans)
