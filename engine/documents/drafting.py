"""文书: documents made into files, once, by a worker; and samples of them before they are issued."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from pypdf import PdfWriter

from engine import trail
from engine.command import Command, Work
from engine.committing import clocks_after, data_of
from engine.context import Context
from engine.documents.paper_files import lock_file
from engine.documents.sources import gather, source_of
from engine.documents.typesetting import typesetter
from engine.evidence import PERMANENT_YEARS
from engine.operations import OPERATIONS
from engine.rows import snapshot
from engine.watching import refuse_overtaken
from engine.work import prepare
from storage import alarms, cases, papers
from storage.db import reading, transaction
from workflows import scope
from workflows.documents import KINDS
from workflows.documents.content import content
from workflows.errors import Conflict, YichuangError
from workflows.events import EventName

NO_FACE: Final = "character_without_face"
"""The alarm of a document with a character that no face has."""
_ROUND: Final = "D14"
"""The approval form waits for the last opinion of its round."""


async def render_documents(context: Context, number: str, clock: Callable[[], datetime]) -> None:
    """Make the files of every document of a case that has none yet; repeated without harm.

    One that cannot be made does not keep the others waiting; an approval form waits until its round is over.

    :param clock: says what time it is, UTC.
    :raises Conflict: ``character_without_face``, after an alarm. :raises Unavailable: ``faces_not_installed``, or a
        server does not answer. :raises DefinitionError: ``template_wrong``.
    """
    case = await cases.read(number)
    if case is None:
        return
    problems = []
    for row in await papers.unprinted(number):
        if row["code"] == _ROUND and not _round_is_over(case, row):
            continue
        try:
            await _render(context, case, row, clock())
        except YichuangError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]


def _round_is_over(case: dict[str, Any], row: dict[str, Any]) -> bool:
    return row["next_seq"] is not None or case["decided_at"] is not None or case["closed_at"] is not None


async def _render(context: Context, case: dict[str, Any], row: dict[str, Any], now: datetime) -> None:
    source = await source_of(context, case, row)
    values = content(source)
    try:
        made = await asyncio.to_thread(typesetter(context.settings).pdf, values, row["issued_at"])
    except Conflict as refusal:
        await sound_no_face(row["number"], refusal, now)
        raise
    years = source.item.retention_years
    kept_for = PERMANENT_YEARS if years == "permanent" else years
    file = await lock_file(context, made, f"{case['number']}/papers", kept_for, now)
    kept = {**file, "document_id": row["document_id"], "bilingual": values["both"], "rendered_at": now}
    data = {
        "document": row["number"],
        "code": row["code"],
        "digest": file["digest"],
        "pages": file["pages"],
        "object": file["object_key"],
        "version": file["object_version"],
        "retain_until": file["retain_until"].date().isoformat(),
    }
    async with transaction() as connection:
        locked = await trail.lock(connection, case["number"])
        if await papers.add(connection, kept):
            await trail.append(context, connection, locked, EventName.DOCUMENT_RENDERED, data, now)
        await alarms.close(connection, NO_FACE, row["number"], now)


async def sound_no_face(number: str, refusal: Conflict, now: datetime) -> None:
    """Raise the alarm of a document that cannot be printed. :param now: UTC."""
    async with transaction() as connection:
        await alarms.sound(connection, NO_FACE, number, {"characters": refusal.extra["characters"]}, now)


async def preview(context: Context, command: Command) -> bytes:
    """The documents that an act would issue, marked as samples, in one PDF; nothing is written.

    Refusals as those of the act itself, and of :meth:`engine.documents.typesetting.Typesetter.pdf`.

    :raises Conflict: ``no_document_to_preview``.
    """
    async with reading() as connection:
        case = await cases.look(connection, command.number, command.actor.person, "")
        if case is None:
            raise scope.not_found()
        refuse_overtaken(case, command.now)
        work = await prepare(context, connection, command, case)
        if command.act in OPERATIONS:
            OPERATIONS[command.act](work)
    codes = [code for code in [*work.step.definition.documents, *work.papers] if code not in work.cited]
    if not codes:
        raise Conflict(
            "no_document_to_preview",
            "此操作不出具文书，无可预览。",
            "This act issues no document, so there is nothing to preview.",
        )
    samples = [await _sample(context, work, code) for code in codes]
    return samples[0] if len(samples) == 1 else await asyncio.to_thread(_bound, samples)


async def _sample(context: Context, work: Work, code: str) -> bytes:
    case = {**(await cases.read(work.command.number) or {}), **work.changes}
    event = {
        "name": f"case:{work.command.act}",
        "at": work.command.now,
        "actor_name": work.command.actor.signature(work.situation.grant),
        "role": work.situation.role.value,
        "data": {"payload": {}, **work.data},
        "clocks": snapshot(clocks_after(work)[1], work.situation.calendar, work.hours),
        "from_state": work.case["state"],
        "to_state": work.situation.state,
    }
    row = {"code": code, "number": "", "data": data_of(work, code), "issued_at": work.command.now}
    word = work.case[f"{KINDS[code].agency}_agency_word"]
    source = await gather(context, case, row, event, word=word, opinions=_opinions(work))
    return await asyncio.to_thread(typesetter(context.settings).pdf, content(source, draft=True), work.command.now)


def _opinions(work: Work) -> tuple[dict[str, Any], ...]:
    """What the act would sign."""
    return tuple(arguments[1] for _, arguments in work.after if arguments[:1] == ("decisions",))


def _bound(samples: list[bytes]) -> bytes:
    writer, whole = PdfWriter(), BytesIO()
    for sample in samples:
        writer.append(BytesIO(sample))
    writer.write(whole)
    return whole.getvalue()
