"""Printed documents as they are handed out: the file that was locked away, never made again, every time on record."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine import trail
from engine.context import Context
from engine.documents.sources import source_of
from engine.documents.typesetting import typesetter
from engine.reading import log_access, seen_case
from storage import papers
from storage.db import transaction
from storage.object_stream import ObjectStream
from workflows import scope
from workflows.actor import Actor, Role
from workflows.documents import KINDS
from workflows.documents.content import content
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.events import EventName

INTERNAL: Final = frozenset({"D14", "D23", "D24", "D25"})
"""Papers between authorities, which are not an applicant's to see."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The file of a document. :param size: bytes. :param sha256: hexadecimal. :param name: to be saved under."""

    name: str
    size: int
    sha256: str
    key: str
    version: str


async def find_printed(context: Context, actor: Actor, number: str, document: str, now: datetime) -> Printed:
    """The file of a document of a case; who asks is on the trail and in the access log before a byte is read.

    :param document: 文号. :param now: UTC.
    :raises NotFound: ``case_not_found``, ``document_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``document_not_ready`` while a worker has not made it; ``character_without_face`` where it cannot.
    """
    case, _ = await seen_case(context, actor, number)
    row = await papers.read(number, document)
    if row is None:
        raise NotFound("document_not_found", "该办件没有这份文书。", "The case has no document of this number.")
    if actor.kind == "applicant" and row["code"] in INTERNAL and row["name"] != EventName.PAPER_RETURNED:
        raise Forbidden("role_not_allowed", "该文书为内部文书。", "This document is an internal one.")
    if row["object_key"] is None:
        raise await _not_ready(context, case, row)
    await log_access(actor, number, "document.print", now)
    await _record(context, actor, number, row, now)
    name = f"{KINDS[row['code']].title} {row['number']}.pdf"
    return Printed(name, row["size"], row["digest"], row["object_key"], row["object_version"])


async def open_printed(context: Context, printed: Printed) -> ObjectStream:
    """The bytes of a document, to be read off the event loop and closed.

    :raises Unavailable: when the object store does not answer.
    """
    return await asyncio.to_thread(context.objects.open_evidence, printed.key, printed.version)


async def _record(context: Context, actor: Actor, number: str, row: dict[str, Any], now: datetime) -> None:
    async with transaction() as connection:
        case = await trail.lock(connection, number)
        roles = [grant.role for grant in actor.grants] or [Role.applicant]
        role = scope.role_at(actor, roles, case["hall_path"], case["department_path"]) or roles[0]
        data = {"document": row["number"], "code": row["code"], "digest": row["digest"]}
        await trail.append(context, connection, case, EventName.DOCUMENT_PRINTED, data, now, actor=actor, role=role)


async def _not_ready(context: Context, case: dict[str, Any], row: dict[str, Any]) -> Conflict:
    """Why there is no file: a character that no face has, or a worker that has not come to it."""
    values = content(await source_of(context, case, row))
    try:
        await asyncio.to_thread(typesetter(context.settings).check, values)
    except Conflict as refusal:
        return refusal
    return Conflict(
        "document_not_ready",
        "文书正在生成（审批表在本轮意见签署完毕后生成），请稍后再试。",
        "The document is being made (an approval form once its round is over); try again shortly.",
    )
