"""Parcels that left the hall and were not signed for yet, and what lies in one of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from engine.context import Context
from engine.issue.packaging import return_parcel, sign_off_parcel
from engine.issue.picking_up import KEEPERS
from engine.placing import find_place
from engine.reading import log_access
from engine.work import Answer
from storage import counter_lists
from workflows import scope
from workflows.actor import Actor
from workflows.errors import NotFound
from workflows.issue_guards import RESULTS

FIRST: Final = (datetime.min.replace(tzinfo=UTC), "")
"""Where the first page begins."""


async def list_under_way(
    actor: Actor, *, hall: str | None = None, after: tuple[datetime, str] = FIRST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of a hall's parcels that are on their way, what left first comes first.

    :param after: ``sent_at`` (UTC) and ``waybill`` of the last row of the page before.
    :returns: ``waybill``, ``carrier``, ``sent_at``, ``cases``, ``ordered`` (the courier reports by itself).
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    where = await find_place(actor, KEEPERS, hall, None)
    return await counter_lists.under_way(where.hall["id"], after, limit)


async def read_parcel(actor: Actor, waybill: str, now: datetime) -> dict[str, Any]:
    """What lies in a parcel, for the slip that is packed with it. The look is logged.

    :param now: UTC. :returns: ``waybill``, ``carrier``, ``sent_at``, ``state``, ``hall_name``, ``hall_name_en``,
        ``lines`` (``number``, ``item_name``, ``item_name_en``, ``documents``).
    :raises NotFound: ``waybill_unknown``, also for a parcel of another hall.
    """
    lines = await _lines(actor, waybill)
    for line in lines:
        await log_access(actor, line["number"], "parcel.read", now)
    head = {name: lines[0][name] for name in ("carrier", "sent_at", "state", "hall_name", "hall_name_en")}
    return {"waybill": waybill, **head, "lines": lines}


async def sign_off(context: Context, actor: Actor, waybill: str, signed_by: str, now: datetime, key: str) -> Answer:
    """The carrier was asked, and a parcel was signed for: every case of it is delivered under one certificate.

    :param now: UTC. :param key: idempotency key. :returns: ``document``: the number of the certificate of service.
    :raises NotFound: ``waybill_unknown``. :raises Forbidden: ``role_not_allowed``. :raises Conflict: what bars the act.
    """
    return await sign_off_parcel(context, await _numbers(actor, waybill), waybill, signed_by, now, actor, key)


async def take_back(context: Context, actor: Actor, waybill: str, reason: str, now: datetime, key: str) -> Answer:
    """A parcel came back: every case of it waits again, on no named shelf. Otherwise as :func:`sign_off`."""
    return await return_parcel(context, await _numbers(actor, waybill), waybill, reason, now, actor, key)


async def _numbers(actor: Actor, waybill: str) -> list[str]:
    return [line["number"] for line in await _lines(actor, waybill)]


async def _lines(actor: Actor, waybill: str) -> list[dict[str, Any]]:
    """:raises NotFound: ``waybill_unknown``, also where a case of the parcel is another hall's."""
    lines = await counter_lists.packed(waybill, sorted(RESULTS))
    seen = [one for one in lines if scope.role_at(actor, KEEPERS, one["hall_path"], one["department_path"])]
    if not lines or len(seen) < len(lines):
        raise NotFound("waybill_unknown", "没有登记该运单号。", "No parcel was sent under this waybill.")
    return lines
