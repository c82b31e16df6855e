"""归档信息包: a package of a case is ordered, made by a worker, and handed to the archive; who took it is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from asyncpg.exceptions import UniqueViolationError

from engine.context import Context
from engine.reading import log_access, seen_case
from engine.viewing.evidence_reading import Content
from storage import archive_packages, case_holdings, outbox
from storage.db import reading, transaction, uuid7
from storage.object_stream import ObjectStream
from workflows import scope
from workflows.actor import Actor, Role
from workflows.archive import Holdings, Lack, lacks, require_complete
from workflows.duty import DUTIES
from workflows.errors import Conflict, Forbidden, NotFound

PACKAGE: Final = "archive.package"
"""The topic under which a package is made."""
KEEPERS: Final = (Role.archivist, Role.auditor)
"""Who orders a package and takes it out: all that is known of the applicant is in it, in clear."""
SERVED: Final = ["D03", "D16"]
"""Documents whose service must be on record (许可法32、44)."""
BESIDE: Final = ["archiving", "originals_return"]
"""Duties that do not hold a file back: the archiving itself, and originals that nobody came for."""


async def order_package(context: Context, actor: Actor, number: str, reason: str, now: datetime) -> dict[str, Any]:
    """Have a package made of a case that is over; while one is in the making, that one is answered.

    :param reason: why it is archived although something is missing; may be empty when nothing is. :param now: UTC.
    :returns: as :func:`read_package`.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``case_not_over``; ``file_incomplete``.
    """
    case, flow = await _kept(context, actor, number)
    if flow.states[case["state"]].kind not in {"terminal", "final"}:
        raise Conflict(
            "case_not_over",
            "办件尚未办结，不能形成归档信息包。",
            "The case is not over; no archive package is made of it yet.",
            allowed=[],
        )
    found = await find_lacks(case)
    require_complete(found, reason)
    row = {"id": uuid7(), "case_id": case["id"], "missing": [asdict(lack) for lack in found], "reason": reason.strip(),
           "ordered_by": actor.staff, "ordered_at": now}  # fmt: skip
    try:
        async with transaction() as connection:
            if await archive_packages.waiting(connection, case["id"]) is None:
                await archive_packages.add(connection, row)
                await outbox.add(connection, PACKAGE, {"package": str(row["id"])}, case["id"], now)
    except UniqueViolationError as clash:
        if clash.constraint_name != "archive_packages_waiting_once":
            raise
    context.wake()
    return await read_package(context, actor, number)


async def read_package(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """The package of a case that was ordered last, how far it is, and what the file of the case lacks now.

    :returns: ``missing`` now, and ``package``: None before the first order.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    case, _ = await _kept(context, actor, number)
    return {
        "case": number,
        "missing": [asdict(lack) for lack in await find_lacks(case)],
        "package": await archive_packages.newest(number),
    }


async def find_lacks(case: dict[str, Any]) -> Sequence[Lack]:
    """What the file of a case lacks. :param case: its row."""
    async with reading() as connection:
        held = await case_holdings.of_case(connection, case["id"], SERVED, BESIDE)
    titles = {kind: (DUTIES[kind].title, DUTIES[kind].title_en) for kind in held["owed"] if kind in DUTIES}
    same = ("received_at", "accepted_at", "delivered", "documents", "unmade", "unserved")
    return lacks(
        Holdings(
            **{name: held[name] for name in same},
            lines={line: scanned for line, scanned, _ in held["lines"]},
            pending=[line for line, _, waits in held["lines"] if waits],
            owed={kind: titles.get(kind, (kind, kind)) for kind in held["owed"]},
        )
    )


async def find_package(context: Context, actor: Actor, number: str, reason: str, now: datetime) -> Content:
    """The newest package that is made; who takes it and why is logged before a byte is read.

    :param reason: 4 characters at least. :param now: UTC.
    :raises NotFound: ``case_not_found``, ``package_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``reason_needed``.
    """
    await _kept(context, actor, number)
    if len(reason.strip()) < 4:
        raise Conflict("reason_needed", "请写明取用原因（至少4个字）。", "Say why it is taken (at least 4 characters).")
    row = await archive_packages.newest(number, ready=True)
    if row is None:
        raise NotFound("package_not_found", "该办件还没有归档信息包。", "No package was made of this case yet.")
    await log_access(actor, number, "archive.package", now, reason.strip())
    name = f"{number}-{row['digest'][:12]}.zip"
    media_type, digest, algorithm = "application/zip", row["digest"], row["algorithm"]
    return Content(name, media_type, row["size"], digest, algorithm, row["object_key"], row["object_version"])


async def open_package(context: Context, content: Content) -> ObjectStream:
    """The bytes of a package, to be read off the event loop and closed.

    :raises Unavailable: when the object store does not answer.
    """
    return await asyncio.to_thread(context.objects.open_evidence, content.key, content.version)


def may_package(actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether somebody who sees the case orders its package and takes it out."""
    return scope.role_at(actor, KEEPERS, case["hall_path"], case["department_path"]) is not None


async def _kept(context: Context, actor: Actor, number: str) -> tuple[dict[str, Any], Any]:
    case, flow = await seen_case(context, actor, number)
    if not may_package(actor, case):
        raise Forbidden(
            "role_not_allowed",
            "归档信息包由档案员或审计人员办理。",
            f"Archive packages are for: {', '.join(role.en for role in KEEPERS)}.",
            basis="档案法27；个人信息保护法51",
        )
    return case, flow
