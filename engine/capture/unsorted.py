"""Pages of a batch that no line wants: set aside as blank or doubled, and taken up again. The file stays whole."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from engine.capture.capturing import seen_batch
from engine.reading import log_access
from engine.work import Answer
from storage import batches
from storage.db import transaction
from workflows.actor import Actor
from workflows.errors import Conflict


async def set_aside(
    actor: Actor, batch: UUID, scan: UUID, page: int, now: datetime, *, discarded: bool = True
) -> Answer:
    """Set an unsorted page aside, or take it up again. On the access log.

    :param page: within its file, from 1. :param now: UTC.
    :raises NotFound: ``batch_not_found``. :raises Conflict: ``page_not_unsorted``.
    """
    await seen_batch(actor, batch)
    wanted, state = ("unsorted", "discarded") if discarded else ("discarded", "unsorted")
    async with transaction() as connection:
        row = await batches.page_of(connection, scan, page)
        if row is None or row["batch_id"] != batch or row["state"] != wanted:
            raise Conflict(
                "page_not_unsorted",
                "这一页已被归入材料或已处理。请刷新页面。",
                "The page has been filed or dealt with already; reload.",
            )
        await batches.change_page(connection, scan, page, {**row, "state": state}, now)
    await log_access(actor, str(scan), f"batch.{state}", now)
    return {"batch": str(batch), "scan": str(scan), "page": page, "state": state}
