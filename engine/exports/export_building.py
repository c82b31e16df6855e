"""A worker makes an export: one snapshot of the database, read in portions, written to a file, put where it is fetched.

Memory does not grow with the selection. Repeated without harm; a killed worker leaves it to the next one.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.exports.choosing import check_selection, reach_of, staff_of, wanted
from engine.exports.export_files import Made, Told, make_file
from engine.exports.ordering import folder_of, purpose_of
from engine.reading import log_access
from storage import exports
from storage.db import uuid7
from workflows.actor import Actor
from workflows.errors import Conflict
from workflows.export import FILES, About, Wish, check_wish

LONGEST: Final = 780.0
"""Seconds after which a worker gives an export up, before it is ended itself."""


async def make_export(context: Context, key: UUID, clock: Callable[[], datetime]) -> None:
    """Make an ordered export that is not made yet.

    :param clock: says what time it is, UTC.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    order = await exports.read(key)
    if order is None or order["state"] != "waiting":
        return
    wish = msgspec.convert(order["wish"], Wish)
    about, chosen = About(key, wish, clock(), order["ordered_by_name"]), (order["halls"], order["departments"])
    folder = Path(tempfile.mkdtemp(prefix="yc-export-"))
    path, until = folder / f"export.{FILES[wish.format].suffix}", time.monotonic() + LONGEST

    async def told(done: int, cases: int) -> None:
        _refuse_late(until)
        await _aside(exports.progress(key, done, cases))

    try:
        made = await make_file(context, about, wanted(wish.selection, chosen), path, told)
        put = await asyncio.to_thread(_put, context, key, path, wish)
        await exports.finish(key, made._asdict() | put | {"at": clock()})
    except Conflict as refusal:
        await exports.fail(key, f"{refusal.zh} {refusal.en}", clock())
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _aside(work: Awaitable[None]) -> None:
    """Do something on a connection of its own: the one that this task holds reads a snapshot and can write nothing."""

    async def alone() -> None:
        await work

    await asyncio.get_running_loop().create_task(alone(), context=contextvars.Context())


def _refuse_late(until: float) -> None:
    if time.monotonic() > until:
        raise Conflict(
            "export_too_large",
            "所选范围过大，未能在规定时间内生成。请缩短期间或减少条件后重新导出。",
            "The selection is too large to be made in time; choose a shorter period and order it again.",
        )


def _put(context: Context, key: UUID, path: Path, wish: Wish) -> dict[str, Any]:
    """Put a file where it is fetched, under a name of its own content; digest, size and key. Blocks."""
    digest = _digest(path)
    kind = FILES[wish.format]
    name = f"{folder_of(key)}{digest[:32]}.{kind.suffix}"
    context.objects.put_view(name, path, kind.media_type)
    return {"digest": digest, "size": path.stat().st_size, "object_key": name}


async def export_here(
    context: Context, actor: Actor, wish: Wish, path: Path, clock: Callable[[], datetime], told: Told
) -> Made:
    """Make an export at once. The order is logged before anything is read, what came of it before it is handed out.

    :param path: of a file that does not exist yet; until it is whole, it stands beside it under another name.
    :raises Conflict: ``file_exists``, ``moment_not_settled``; otherwise as
        :func:`engine.exports.ordering.order_export`. :raises Unavailable: ``facts_not_made``.
    """
    staff_of(actor, clear=wish.clear)
    check_wish(wish)
    reach = await reach_of(actor, clear=wish.clear)
    await check_selection(wish, reach)
    key = uuid7()
    part = path.with_name(f".{path.name}.{key}")
    await log_access(actor, f"export:{key}", "export.order", clock(), purpose_of(wish))
    about, chosen = About(key, wish, clock(), actor.name), wanted(wish.selection, reach)
    try:
        made = await make_file(context, about, chosen, part, told)
        digest = await asyncio.to_thread(_digest, part)
        came = purpose_of(wish, rows=made.rows, cases=made.cases, digest=digest)
        await log_access(actor, f"export:{key}", "export.content", clock(), came)
        await asyncio.to_thread(_rename, part, path)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)
    return made


def _digest(path: Path) -> str:
    with path.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()


def _rename(part: Path, path: Path) -> None:
    if path.exists():
        raise Conflict("file_exists", f"文件{path}已存在，未覆盖。", f"The file {path} is there and is not replaced.")
    part.rename(path)
