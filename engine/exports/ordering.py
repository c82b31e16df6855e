"""A person orders an export, a worker makes it, and for some days that person may take it out.

It is made under the reach and the role of who ordered it, so it is handed to nobody else; it can be made again at any
time. Order and taking are in the access log, with the selection, the reason and how much it was.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.exports.choosing import check_selection, reach_of, staff_of
from engine.figures.as_of import require_settled
from engine.reading import log_access
from engine.viewing.evidence_reading import Content
from storage import exports, facts, outbox
from storage.db import Connection, reading, transaction, uuid7
from storage.object_stream import ObjectStream
from workflows.actor import Actor
from workflows.errors import Conflict, NotFound, TooMany
from workflows.export import FILES, Format, Wish, check_wish

EXPORT: Final = "export.make"
"""The topic under which an export is made."""
MOST_WAITING: Final = 5
"""How many orders of one person may wait at once."""
NEWEST: Final = UUID(int=2**128 - 1)
"""Before this key lies every order."""
_PORTION: Final = 200


async def order_export(context: Context, actor: Actor, wish: Wish, now: datetime) -> dict[str, Any]:
    """Have an export made; while the same wish of this person waits, that one is answered.

    :param now: UTC. :returns: as :func:`read_export`.
    :raises Malformed: ``range_reversed``, ``reason_needed``, ``control_character``, ``as_of_of_facts_only``,
        ``as_of_out_of_range``.
    :raises Forbidden: ``role_not_allowed``, also for people in clear without the role for it.
    :raises NotFound: ``organisation_not_found``, ``case_not_found`` for what is out of reach.
    :raises Conflict: ``selection_empty``, ``moment_not_settled``. :raises TooMany: ``exports_waiting``.
    :raises Unavailable: ``facts_not_made`` where facts as of a moment are asked for.
    """
    staff = staff_of(actor, clear=wish.clear)
    check_wish(wish)
    reach = await reach_of(actor, clear=wish.clear)
    await check_selection(wish, reach)
    await _require_settled(wish)
    key = uuid7()
    row = {"id": key, "format": wish.format.value, "wish": msgspec.json.encode(wish).decode(),
           "wish_digest": wish.digest(), "clear": wish.clear, "reason": wish.reason.strip(), "halls": reach[0],
           "departments": reach[1], "ordered_by": staff, "ordered_at": now}  # fmt: skip
    async with transaction() as connection:
        if await exports.add(connection, row):
            await _refuse_many(connection, staff)
            await outbox.add(connection, EXPORT, {"export": str(key)}, None, now)
        else:
            key = await exports.same_waiting(connection, staff, wish.digest()) or key
    await log_access(actor, f"export:{key}", "export.order", now, purpose_of(wish))
    context.wake()
    return await read_export(actor, key)


async def _require_settled(wish: Wish) -> None:
    if wish.as_of is not None:
        async with reading() as connection:
            require_settled(wish.as_of, await facts.progress(connection))


async def _refuse_many(connection: Connection, staff: UUID) -> None:
    if await exports.waiting(connection, staff) > MOST_WAITING:
        raise TooMany(
            "exports_waiting",
            f"您已有{MOST_WAITING}项导出在排队，请等其中一项完成后再提交。",
            f"{MOST_WAITING} exports of yours wait already; order this one when one of them is done.",
        )


def purpose_of(wish: Wish, **more: Any) -> str:
    """What the access log keeps of an export: what was asked for and why, and what came of it."""
    told = {"wish": msgspec.to_builtins(wish), "reason": wish.reason.strip(), **more}
    return msgspec.json.encode(told, order="sorted").decode()


async def list_exports(actor: Actor, *, before: UUID = NEWEST, limit: int = 50) -> list[dict[str, Any]]:
    """A page of the exports that this person ordered, the newest first.

    :param before: the key of the last order of the page before. :raises Forbidden: ``role_not_allowed``.
    """
    rows = await exports.of_person(staff_of(actor, clear=False), before, limit)
    return [_view(row) for row in rows]


async def read_export(actor: Actor, key: UUID) -> dict[str, Any]:
    """One export that this person ordered, and how far it is: ``percent`` of its cases that are written.

    :raises NotFound: ``export_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    return _view(await _own(actor, key))


async def retry_export(context: Context, actor: Actor, key: UUID, now: datetime) -> dict[str, Any]:
    """Order an export again that was not made, or whose days are over, as a new one.

    :raises Conflict: ``export_not_over`` while it waits or is there to be taken. Otherwise as :func:`order_export`.
    """
    row = await _own(actor, key)
    if row["state"] not in {"failed", "dropped"}:
        raise Conflict(
            "export_not_over",
            "该导出正在生成或可以下载，无需重试。",
            "The export is being made or is there to be taken; there is nothing to try again.",
        )
    return await order_export(context, actor, msgspec.convert(row["wish"], Wish), now)


async def find_export(actor: Actor, key: UUID, now: datetime) -> Content:
    """The file of an export; that it is taken is logged, with what it is and what for.

    :param now: UTC.
    :raises NotFound: ``export_not_found``, ``export_not_there`` before it is made and after its days.
    :raises Forbidden: ``role_not_allowed``, also for who may not have people in clear any more.
    """
    row = await _own(actor, key)
    staff_of(actor, clear=row["clear"])
    if row["state"] != "ready":
        raise NotFound(
            "export_not_there",
            "导出文件尚未生成，或者保存期已过。请查看进度，或重新导出。",
            "The file is not made yet, or its days are over; look how far it is, or order it again.",
        )
    told = purpose_of(msgspec.convert(row["wish"], Wish), rows=row["rows"], cases=row["cases"], digest=row["digest"])
    await log_access(actor, f"export:{key}", "export.content", now, told)
    kind = FILES[Format(row["format"])]
    name = f"{kind.stem}-{row['as_of']:%Y%m%dT%H%M%SZ}.{kind.suffix}"
    return Content(name, kind.media_type, row["size"], row["digest"], "sha256", row["object_key"], "")


async def open_export(context: Context, content: Content, first: int, length: int) -> ObjectStream:
    """Some bytes of an export, to be read off the event loop and closed.

    :param first: the first byte, from 0. :param length: how many.
    :raises Unavailable: when the object store does not answer.
    """
    return await asyncio.to_thread(context.objects.open_view, content.key, first, length)


async def drop_exports(context: Context, now: datetime) -> int:
    """Delete exports that were made, or given up, more than ``export_days`` ago; how many. :param now: UTC."""
    gone = await exports.over(now - timedelta(days=context.settings.export_days), _PORTION)
    for key in gone:
        await asyncio.to_thread(context.objects.drop_views, folder_of(key))
        await exports.drop(key)
    return len(gone)


def folder_of(key: UUID) -> str:
    """Where the files of an order are: more than one where a worker ended between putting one there and saying so."""
    return f"exports/{key}/"


async def _own(actor: Actor, key: UUID) -> dict[str, Any]:
    staff = staff_of(actor, clear=False)
    row = await exports.read(key)
    if row is None or row["ordered_by"] != staff:
        raise NotFound("export_not_found", "没有您提交的这项导出。", "There is no such export of yours.")
    return row


def _view(row: dict[str, Any]) -> dict[str, Any]:
    percent = 100 * row["cases_done"] // row["cases"] if row["cases"] else 0
    return row | {"percent": percent}
