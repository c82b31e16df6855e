"""案卷: a person orders the dossier of a case, a worker binds it, and for some days that person may take it out.

Every page with personal data names who had it bound, so it is handed to nobody else; it can be bound again at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.reading import log_access, seen_case
from engine.viewing.evidence_reading import Content
from engine.viewing.exporting import MAX_REASON
from storage import dossiers, outbox
from storage.db import transaction, uuid7
from storage.object_stream import ObjectStream
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, Malformed, NotFound
from workflows.payload import refuse_control_characters

DOSSIER: Final = "dossier.bind"
"""The topic under which a dossier is bound."""
BINDERS: Final = (
    Role.clerk, Role.officer, Role.reviewer, Role.approver, Role.authority_head, Role.issuer,
    Role.archivist, Role.auditor, Role.supervisor,
)  # fmt: skip
"""Who has a dossier bound: those who handle the case or look into it; internal papers are in it."""
_PORTION: Final = 200


async def order_dossier(context: Context, actor: Actor, number: str, reason: str, now: datetime) -> dict[str, Any]:
    """Have the dossier of a case bound as it stands; while one of this person waits, that one is answered.

    :param reason: 4 to 200 characters; logged. :param now: UTC. :returns: as :func:`read_dossier`.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``. :raises Malformed: ``reason_needed``,
        ``control_character``.
    """
    case, staff = await _bindable(context, actor, number)
    refuse_control_characters(reason)
    if not 4 <= len(reason.strip()) <= MAX_REASON:
        raise Malformed(
            "reason_needed",
            f"请写明案卷用途（4至{MAX_REASON}字）。",
            f"Say what the dossier is for (4 to {MAX_REASON} characters).",
            basis="个人信息保护法51",
        )
    await log_access(actor, number, "dossier.order", now, reason.strip())
    key = uuid7()
    row = {"id": key, "case_id": case["id"], "reason": reason.strip(), "ordered_by": staff, "ordered_at": now,
           "object_key": f"dossiers/{key}.pdf"}  # fmt: skip
    async with transaction() as connection:
        if await dossiers.add(connection, row):
            await outbox.add(connection, DOSSIER, {"dossier": str(key)}, case["id"], now)
    context.wake()
    return await read_dossier(context, actor, number)


async def read_dossier(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """The dossier of a case that this person ordered last, and how far it is.

    :returns: ``case``, and ``dossier``: None before the first order; ``percent`` of its pages that are bound.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    _, staff = await _bindable(context, actor, number)
    row = await dossiers.newest(number, staff)
    percent = 100 * row["pages_done"] // row["pages"] if row and row["pages"] else 0
    return {"case": number, "dossier": row and row | {"percent": percent}}


async def find_dossier(context: Context, actor: Actor, number: str, now: datetime) -> Content:
    """The newest dossier that this person had bound; the look is logged, with what it was ordered for.

    :param now: UTC.
    :raises NotFound: ``case_not_found``, ``dossier_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    _, staff = await _bindable(context, actor, number)
    row = await dossiers.newest(number, staff, ready=True)
    if row is None:
        raise NotFound(
            "dossier_not_found",
            "没有您装订的案卷，或者保存期已过。请重新装订。",
            "There is no dossier that you had bound, or its days are over; have it bound again.",
        )
    await log_access(actor, number, "dossier.content", now, row["reason"])
    name = f"案卷 {number}.pdf"
    return Content(name, "application/pdf", row["size"], row["digest"], "sha256", row["object_key"], "")


async def open_dossier(context: Context, content: Content, first: int, length: int) -> ObjectStream:
    """Some bytes of a dossier, to be read off the event loop and closed.

    :param first: the first byte, from 0. :param length: how many.
    :raises Unavailable: when the object store does not answer.
    """
    return await asyncio.to_thread(context.objects.open_view, content.key, first, length)


async def drop_dossiers(context: Context, now: datetime) -> int:
    """Delete dossiers that were bound, or given up, more than ``dossier_days`` ago; how many. :param now: UTC."""
    gone = await dossiers.over(now - timedelta(days=context.settings.dossier_days), _PORTION)
    for row in gone:
        await asyncio.to_thread(context.objects.drop_view, row["object_key"])
        await dossiers.drop(row["id"])
    return len(gone)


def may_bind(actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether somebody who sees the case may have its dossier bound."""
    role = scope.role_at(actor, BINDERS, case["hall_path"], case["department_path"])
    return actor.staff is not None and role is not None


async def _bindable(context: Context, actor: Actor, number: str) -> tuple[dict[str, Any], UUID]:
    """The row of a case, and the person who has its dossier bound; for a machine, who answers for it."""
    case, _ = await seen_case(context, actor, number)
    if actor.staff is None or not may_bind(actor, case):
        raise Forbidden(
            "role_not_allowed",
            "案卷由经办、审批、档案、审计或监督人员装订。",
            f"A dossier is for: {', '.join(role.en for role in BINDERS)}.",
            basis="个人信息保护法6",
        )
    return case, actor.staff
