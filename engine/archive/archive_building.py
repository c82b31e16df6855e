"""A worker makes the archive package of a case: rows, trail, originals, documents, and what checks them, in one zip.

The rows are read in one snapshot; files go through a file on disk piece by piece, and what is made is locked away for
the item's term. Repeated without harm.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from engine import trail
from engine.archive.archive_file import ArchiveFile, metadata_xml
from engine.context import Context
from engine.evidence import PERMANENT_YEARS
from engine.judging import DAYS_A_YEAR, lock_away
from storage import archive_packages, audit, case_records, cases, package_check, page_edits
from storage.db import transaction
from storage.file_kinds import FileKind
from workflows import events
from workflows.errors import NotFound
from workflows.events import EventName

_VERIFIER: Final = Path(package_check.__file__).read_bytes()
_IN_ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the database holds about a case at one moment."""

    case: dict[str, Any]
    record: dict[str, list[dict[str, Any]]]
    events: list[dict[str, Any]]
    originals: list[dict[str, Any]]
    pages: list[dict[str, Any]]
    documents: list[dict[str, Any]]

    def files(self) -> int:
        """How many files come out of the object store."""
        return len([one for one in self.originals if one["whole"]]) + len(self.pages) + len(self.documents)


async def make_package(context: Context, key: UUID, clock: Callable[[], datetime]) -> None:
    """Make an ordered package that is not made yet.

    :param clock: says what time it is, UTC.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    order = await archive_packages.read(key)
    if order is None or order["state"] != "waiting":
        return
    folder = Path(tempfile.mkdtemp(prefix="yc-archive-"))
    try:
        await _make(context, order, folder / "package.zip", clock)
    except NotFound as missing:
        place = missing.extra.get("place", "")
        await archive_packages.fail(key, f"{place} {missing.zh} {missing.en}", clock())
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _make(context: Context, order: dict[str, Any], path: Path, clock: Callable[[], datetime]) -> None:
    rows = await _read(order["case_number"])
    algorithm = context.settings.digest_algorithm
    with ArchiveFile(path, algorithm, order["ordered_at"]) as package:
        await _write_rows(context, package, order, rows)
        await _write_files(context, package, order["id"], rows)
        package.add("verify.py", _VERIFIER)
        head = rows.events[-1]
        package.close_with_manifest(order["case_number"], head["seq"], head["digest"])
    await _lock(context, order, rows, path, package, clock())


async def _read(number: str) -> _Rows:
    async with transaction() as connection:
        await connection.execute(_IN_ONE_SNAPSHOT)
        case = await cases.read_with(connection, number)
        if case is None:
            raise NotFound("case_not_found", "没有该办件。", "There is no such case.")
        originals = await case_records.originals(connection, case["id"])
        whole = [one["id"] for one in originals if one["whole"]]
        return _Rows(
            case,
            await case_records.record(connection, case["id"]),
            [row async for row in audit.walk(connection, number)],
            originals,
            await case_records.shared_pages(connection, case["id"], whole),
            await case_records.documents(connection, case["id"]),
        )


async def _write_rows(context: Context, package: ArchiveFile, order: dict[str, Any], rows: _Rows) -> None:
    """What is known of the case, in words for people and in rows for machines; the applicant as filed, in clear."""
    case = rows.case
    filed = msgspec.json.decode(context.sealer.open(case["applicant_sealed"], "cases.applicant_sealed"))
    item = await context.item(case["item_id"])
    facts = {
        "caseNumber": case["number"], "itemCode": item.code, "itemName": item.name, "itemVersion": item.version,
        "applicant": case["applicant"], "hall": case["hall_name"], "department": case["department_name"],
        "openedAt": case["opened_at"], "receivedAt": case["received_at"], "acceptedAt": case["accepted_at"],
        "decidedAt": case["decided_at"], "closedAt": case["closed_at"], "state": case["state"],
        "retentionYears": item.retention_years, "events": len(rows.events), "files": rows.files(),
        "incompleteBecause": order["reason"], "packagedFor": order["ordered_by_name"], "orderedAt": order["ordered_at"],
    }  # fmt: skip
    package.add("metadata.xml", metadata_xml(facts))
    plain = {name: value for name, value in case.items() if not isinstance(value, bytes)}
    about = {"case": plain, "applicant": filed, "item": item, "missing": order["missing"], "rows": rows.record}
    package.add_json("case.json", about)
    pages = await page_edits.arranged(case["number"])
    known = [{name: one[name] for name in ("id", "file_name", "lines", "digest", "digest_algorithm", "whole")}
             for one in rows.originals]  # fmt: skip
    package.add_json("pages.json", {"lines": pages, "scans": known})
    package.add("trail.jsonl", b"".join(events.canonical(row) + b"\n" for row in rows.events))


async def _write_files(context: Context, package: ArchiveFile, key: UUID, rows: _Rows) -> None:
    """The files out of the object store, each compared with what the trail wrote down of it."""
    told = {row["data"].get("scan") or row["data"].get("document") for row in rows.events if "digest" in row["data"]}
    done, all_of_them = 0, rows.files()
    for one in rows.originals:
        if one["whole"]:
            name = f"originals/{'+'.join(one['lines'])}/{one['id']}{FileKind(one['kind']).extension}"
            proof = (str(one["id"]), one["digest"], one["digest_algorithm"]) if str(one["id"]) in told else None
            source = context.objects.open_evidence, (one["object_key"], one["object_version"])
            await asyncio.to_thread(package.add_object, name, *source, proof)
            done = await _progress(key, done, all_of_them)
    for page in rows.pages:
        name = f"pages/{page['scan_id']}/{page['number']:05d}.jpg"
        await asyncio.to_thread(package.add_object, name, context.objects.open_view, (page["image_key"],), None)
        done = await _progress(key, done, all_of_them)
    for paper in rows.documents:
        name = f"documents/{paper['seq']:04d} {paper['code']} {paper['number'].replace('/', '_')}.pdf"
        proof = (paper["number"], paper["digest"], "sha256") if paper["number"] in told else None
        source = context.objects.open_evidence, (paper["object_key"], paper["object_version"])
        await asyncio.to_thread(package.add_object, name, *source, proof)
        done = await _progress(key, done, all_of_them)


async def _progress(key: UUID, done: int, files: int) -> int:
    await archive_packages.progress(key, done + 1, files)
    return done + 1


async def _lock(
    context: Context, order: dict[str, Any], rows: _Rows, path: Path, package: ArchiveFile, now: datetime
) -> None:
    """Lock the package away and write its digest into the trail."""
    algorithm = package.algorithm
    digest, size = await asyncio.to_thread(package.digest_of_all)
    years = (await context.item(rows.case["item_id"])).retention_years
    until = now + timedelta(days=DAYS_A_YEAR * (PERMANENT_YEARS if years == "permanent" else years))
    incoming = {"object_key": f"archive-{order['id']}-{digest[:16]}", "digest": digest, "digest_algorithm": algorithm}
    await asyncio.to_thread(context.objects.put_incoming, incoming["object_key"], path)
    object_key = f"{order['case_number']}/archive/{digest}"
    version, held = await lock_away(context, incoming, object_key, until)
    await asyncio.to_thread(context.objects.drop_incoming, incoming["object_key"])
    head = rows.events[-1]
    kept = {"files": rows.files(), "seq": head["seq"], "head": head["digest"], "algorithm": algorithm, "digest": digest,
            "size": size, "object_key": object_key, "object_version": version, "retain_until": held,
            "ended_at": now}  # fmt: skip
    data = {"package": str(order["id"]), "digest": digest, "algorithm": algorithm, "size": size, "covers": head["seq"],
            "object": object_key, "version": version, "retain_until": held.date().isoformat()}  # fmt: skip
    async with transaction() as connection:
        locked = await trail.lock(connection, order["case_number"])
        if await archive_packages.finish(connection, order["id"], kept):
            await trail.append(context, connection, locked, EventName.ARCHIVE_PACKAGED, data, now)
