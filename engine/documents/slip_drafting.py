"""Documents of no case: numbered with what they are about, made once by a worker, every print on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.documents.drafting import NO_FACE, sound_no_face
from engine.documents.paper_files import lock_file
from engine.documents.printing import Printed
from engine.documents.typesetting import typesetter
from engine.reading import log_access
from storage import alarms, impasses, outbox, paper_batches, registers, slips
from storage.db import Connection, transaction
from workflows import custody, impasse, scope
from workflows.actor import Actor, Role
from workflows.documents import KINDS
from workflows.documents.content import content
from workflows.documents.source import Place, Slip
from workflows.errors import Conflict, NotFound
from workflows.numbers import document_number

RENDER: Final = "slip.render"
"""The topic under which a slip is made into a file."""
YEARS_KEPT: Final = 10
"""How long the file of a slip is kept, in years (保管期限10年, default)."""
PRINTERS: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        "D02": frozenset({Role.guide, Role.clerk, Role.hall_manager, Role.auditor}),
        "D22": frozenset({Role.clerk, Role.guide, Role.agent, Role.hall_manager, Role.auditor}),
        "D23": frozenset({*custody.KEEPERS, Role.supervisor, Role.auditor}),
        "D26": impasse.READERS | impasse.SOLVERS,
    }
)
"""Who prints each kind, within their hall; of a ticket also the department that it was assigned to, of a batch
of papers the department at its other end."""


async def next_number(connection: Connection, hall: Mapping[str, Any], code: str, year: int) -> str:
    """The next number of a hall's documents of this kind, without gaps. :param year: of the hall's zone."""
    word = hall["agency_word"]
    counter = f"document:{word}:{code}:{year}"
    numbers = await registers.next_numbers(connection, [counter])
    return document_number(word, KINDS[code].word, year, numbers[counter])


async def issue(
    connection: Connection, actor: Actor, hall: UUID, code: str, number: str, data: dict[str, Any], now: datetime
) -> None:
    """Issue a slip, in the transaction of what it is about; a worker makes its file.

    :param data: everything printed on it. :param now: UTC.
    """
    row = {"number": number, "code": code, "hall_id": hall, "data": data, "issued_by": actor.staff, "issued_at": now}
    key = await slips.add(connection, row)
    await outbox.add(connection, RENDER, {"slip": str(key)}, None, now)


async def render_slip(context: Context, key: UUID, clock: Callable[[], datetime]) -> None:
    """Make the file of a slip that has none yet; repeated without harm.

    :param clock: says what time it is, UTC.
    :raises Conflict: ``character_without_face``, after an alarm. :raises Unavailable: ``faces_not_installed``, or a
        server does not answer.
    """
    row = await slips.read(key)
    if row is None or row["object_key"] is not None:
        return
    values, now = content(_source(context, row)), clock()
    try:
        made = await asyncio.to_thread(typesetter(context.settings).pdf, values, row["issued_at"])
    except Conflict as refusal:
        await sound_no_face(row["number"], refusal, now)
        raise
    file = await lock_file(context, made, f"slips/{key}", YEARS_KEPT, now)
    async with transaction() as connection:
        await slips.file(connection, key, {**file, "rendered_at": now})
        await alarms.close(connection, NO_FACE, row["number"], now)


def _source(context: Context, row: Mapping[str, Any]) -> Slip:
    hall = Place(row["hall_name"], row["hall_name_en"], row["hall_phone"])
    return Slip(row["code"], row["number"], row["data"], row["issued_at"], hall, context.hours(row["hall_hours"]))


async def preview_slip(
    context: Context, hall: Mapping[str, Any], code: str, data: dict[str, Any], now: datetime
) -> bytes:
    """A sample of a slip before it is issued, as PDF; nothing is written.

    :param hall: row of the hall. :param data: everything to be printed on it. :param now: UTC.
    :raises Conflict: ``character_without_face``. :raises Unavailable: ``faces_not_installed``.
    """
    place = Place(hall["name"], hall["name_en"], hall["phone"])
    values = content(Slip(code, "", data, now, place, context.hours(hall["hours"])), draft=True)
    return await asyncio.to_thread(typesetter(context.settings).pdf, values, now)


async def find_slip(context: Context, actor: Actor, number: str, now: datetime) -> Printed:
    """The file of a slip in its last edition; who asks stands in the access log before a byte is read.

    :param number: 文号. :param now: UTC.
    :raises NotFound: ``document_not_found``, also outside the actor's organisation.
    :raises Conflict: ``document_not_ready`` while a worker has not made it; ``character_without_face`` where it cannot.
    """
    row = await slips.newest(number)
    if row is None or scope.role_at(actor, PRINTERS[row["code"]], row["hall_path"], await _department(row)) is None:
        raise NotFound("document_not_found", "没有这份文书。", "There is no document of this number.")
    if row["object_key"] is None:
        values = content(_source(context, row))
        await asyncio.to_thread(typesetter(context.settings).check, values)
        raise Conflict(
            "document_not_ready", "文书正在生成，请稍后再试。", "The document is being made; try again shortly."
        )
    await log_access(actor, number, "document.print", now)
    name = f"{KINDS[row['code']].title} {number}.pdf"
    return Printed(name, row["size"], row["digest"], row["object_key"], row["object_version"])


async def _department(row: Mapping[str, Any]) -> str:
    """The path of the department that a ticket was assigned to, or at the other end of a batch; empty for the rest."""
    if row["code"] == "D23":
        batch = await paper_batches.by_number(row["number"])
        return "" if batch is None else str(batch["to_path"] if batch["from_kind"] == "hall" else batch["from_path"])
    ticket = await impasses.read(row["number"]) if row["code"] == "D26" else None
    return ticket["assigned_path"] if ticket else ""
