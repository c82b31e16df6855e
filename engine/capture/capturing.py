"""Capture batches (扫描批次): one run of a scanner taken in file by file, closed, and read back with what became of it.

A bad file has its own verdict and spoils no other. Once a batch is closed and every file judged, a worker sorts its
pages at the separator sheets (:mod:`engine.capture.sorting`).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.context import Context
from engine.evidence import check_target
from engine.incoming import incoming_row, take_in
from engine.once import once
from engine.placing import find_place
from engine.work import Answer
from storage import batches, organisations, outbox, scans
from storage.db import Connection, reading, transaction, uuid7
from storage.file_kinds import MAX_NAME_CHARACTERS
from storage.scan_files import Received
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, NotFound, YichuangError
from workflows.payload import Code, ShortText, refuse_control_characters

JUDGE: Final = "batch.judge"
"""The outbox topic of a file of a batch that waits for its verdict."""
SORT: Final = "batch.sort"
"""The outbox topic of a batch that was closed."""
CAPTURERS: Final = (Role.clerk, Role.issuer, Role.agent)
"""Who opens batches; those of an agent are seen by that agent and by the hall's own people."""
_HALL: Final = frozenset({Role.clerk, Role.issuer})
MOST_FILES: Final = 500
"""Files in one batch."""
BATCHES_SHOWN: Final = 50


class Opening(Struct, forbid_unknown_fields=True, frozen=True):
    """A batch to be opened. ``case`` and ``line``: where pages without a separator sheet go; both or neither."""

    name: ShortText | None = None
    hall: Code | None = None
    case: Annotated[str, Meta(pattern="^[0-9]{19}$")] | None = None
    line: Annotated[str, Meta(pattern="^M[0-9]{2}$")] | None = None


async def open_batch(context: Context, actor: Actor, request: Opening, now: datetime, key: str = "") -> Answer:
    """Begin a batch in the hall where somebody works.

    :param now: UTC. :param key: idempotency key; may be empty.
    :returns: its key, hall and moment.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``. :raises NotFound: ``organisation_not_found``.
    :raises Conflict: ``batch_target_incomplete``; for a case and line as in :func:`engine.evidence.check_target`.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, CAPTURERS, request.hall, None)
    if (request.case is None) != (request.line is None):
        raise Conflict(
            "batch_target_incomplete",
            "办件编号和材料行须一并填写，或者都不填写（由分隔页决定）。",
            "Name both a case and a line, or neither (the separator sheets decide).",
        )
    case = await check_target(context, actor, request.case, request.line) if request.case and request.line else None
    row = {
        "id": uuid7(),
        "hall_id": place.hall["id"],
        "case_id": case["id"] if case else None,
        "line": request.line or "",
        "name": request.name or "",
        "opened_by": actor.staff,
        "opened_as": msgspec.to_builtins(actor),
        "opened_at": now,
    }
    return await once(actor, key, ["batch", msgspec.to_builtins(request)], now, partial(_open, row, place.hall["code"]))


async def _open(row: dict[str, Any], hall: str, connection: Connection) -> Answer:
    await batches.add(connection, row)
    return {"batch": str(row["id"]), "hall": hall, "at": row["opened_at"]}


async def add_file(
    context: Context, actor: Actor, batch: UUID, received: Received, now: datetime, key: str = ""
) -> Answer:
    """Take one file into an open batch and leave its judgement to a worker.

    :param received: the complete upload. :param now: UTC. :param key: idempotency key; may be empty.
    :returns: its place in the batch, its scan, state and digest; ``same_as``: places of files with the same bytes.
    :raises NotFound: ``batch_not_found``. :raises Conflict: ``batch_closed``, ``batch_full``.
    :raises Unavailable: when the object store or database does not answer; nothing was kept.
    """
    await require_open_batch(actor, batch)
    row = incoming_row(actor, received, now)
    request = ["batch.file", batch, received.sha256, received.name]
    write = partial(_keep, batch, row)
    return await take_in(context, received, row, partial(once, actor, key, request, now, write))


async def _keep(batch: UUID, row: dict[str, Any], connection: Connection) -> Answer:
    await _lock_open(connection, batch)
    same_as = await batches.same_bytes(connection, batch, row["digest"])
    await scans.keep(connection, row)
    place = await batches.add_file(connection, _line(batch, row["file_name"], row["uploaded_at"]) | _taken(row))
    await outbox.add(connection, JUDGE, {"scan": str(row["id"])}, None, row["uploaded_at"])
    told = {"file": place, "name": row["file_name"], "scan": str(row["id"]), "state": "incoming", "size": row["size"]}
    return {**told, "sha256": row["sha256"], "same_as": same_as}


async def refuse_file(
    actor: Actor, batch: UUID, name: str, refusal: YichuangError, now: datetime, key: str = ""
) -> Answer:
    """Keep on its own line of an open batch why a file was not taken; nothing of its bytes is kept.

    :param name: as its sender gave it; only what can be shown of it is kept. :param now: UTC.
    :param key: idempotency key; may be empty.
    :raises NotFound: ``batch_not_found``. :raises Conflict: ``batch_closed``, ``batch_full``.
    """
    await seen_batch(actor, batch)
    shown = "".join(character for character in name if character.isprintable())[:MAX_NAME_CHARACTERS]
    told = {"code": refusal.code, "zh": refusal.zh, "en": refusal.en}

    async def note(connection: Connection) -> Answer:
        await _lock_open(connection, batch)
        place = await batches.add_file(connection, _line(batch, shown, now) | {"refusal": told})
        return {"file": place, "name": shown, "state": "refused", **told}

    return await once(actor, key, ["batch.refused", batch, shown, refusal.code], now, note)


def _line(batch: UUID, name: str, now: datetime) -> dict[str, Any]:
    return {"batch_id": batch, "file_name": name, "size": 0, "digest": "", "scan_id": None, "refusal": None,
            "added_at": now}  # fmt: skip


def _taken(row: dict[str, Any]) -> dict[str, Any]:
    return {"size": row["size"], "digest": row["digest"], "scan_id": row["id"]}


async def close_batch(context: Context, actor: Actor, batch: UUID, now: datetime) -> Answer:
    """Say that nothing more comes; the pages are sorted as soon as every file has its verdict. Repeated without harm.

    :param now: UTC.
    :raises NotFound: ``batch_not_found``.
    """
    await seen_batch(actor, batch)
    async with transaction() as connection:
        row = await batches.lock(connection, batch)
        if row is not None and row["closed_at"] is None:
            await batches.close(connection, batch, now)
            await outbox.add(connection, SORT, {"batch": str(batch)}, None, now)
        files = await batches.count_files(connection, batch)
    context.wake()
    return {"batch": str(batch), "files": files, "at": now}


async def seen_batch(actor: Actor, batch: UUID) -> dict[str, Any]:
    """A batch of the actor's hall, or their own.

    :raises NotFound: ``batch_not_found``.
    """
    row = await batches.read(batch)
    if row is None or not (
        row["opened_by"] == actor.staff or scope.role_at(actor, _HALL, row["hall_path"], "") is not None
    ):
        raise NotFound("batch_not_found", "没有找到该扫描批次。", "There is no such batch within your hall.")
    return row


async def require_open_batch(actor: Actor, batch: UUID) -> dict[str, Any]:
    """The same, while files may be added.

    :raises Conflict: ``batch_closed``, ``batch_full``.
    """
    await seen_batch(actor, batch)
    async with transaction() as connection:
        return await _lock_open(connection, batch)


async def _lock_open(connection: Connection, batch: UUID) -> dict[str, Any]:
    row = await batches.lock(connection, batch)
    if row is None or row["closed_at"] is not None:
        raise Conflict(
            "batch_closed",
            "该批次已经结束，不能再添加文件。请新建一个批次。",
            "The batch is closed and takes no more files; open another one.",
        )
    if await batches.count_files(connection, batch) >= MOST_FILES:
        raise Conflict(
            "batch_full",
            f"一个批次最多{MOST_FILES}个文件。请结束本批次，再新建一个。",
            f"A batch takes at most {MOST_FILES} files; close it and open another one.",
        )
    return row


async def read_batch(actor: Actor, batch: UUID) -> dict[str, Any]:
    """A batch with the verdict on each file and what became of each page.

    :raises NotFound: ``batch_not_found``.
    """
    row = await seen_batch(actor, batch)
    async with reading() as connection:
        files = await batches.files_of(connection, batch)
    return {**row, "files": files, "pages": await batches.pages_of(batch)}


async def list_batches(actor: Actor) -> list[dict[str, Any]]:
    """The newest batches of the halls in which the actor works, and their own."""
    halls = await organisations.halls_of([grant.path for grant in actor.grants if grant.role in CAPTURERS])
    rows = await batches.of_halls(halls, BATCHES_SHOWN)
    hall_wide = [grant for grant in actor.grants if grant.role in _HALL]
    return [row for row in rows if hall_wide or row["opened_by"] == actor.staff]
