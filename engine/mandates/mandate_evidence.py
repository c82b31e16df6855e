"""The paper behind a mandate: scanned, judged by a worker as every scan is, locked away; then the mandate counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.incoming import incoming_row, take_in
from engine.judging import DAYS_A_YEAR, judge_file
from engine.mandates.agency import seen_mandate
from engine.mandates.mandating import REGISTRARS, log_mandate
from engine.once import once
from engine.work import Answer
from storage import mandates, outbox, scans
from storage.db import Connection, transaction
from storage.scan_files import Received
from workflows import scope
from workflows.actor import Actor
from workflows.errors import Conflict, Forbidden
from workflows.mandate import BASIS

JUDGE: Final = "mandate.judge"
"""The outbox topic of a mandate's scan that waits for its verdict."""
YEARS_KEPT: Final = 10
"""How long the paper is kept after the term of its mandate, in years (保管期限10年, default)."""


async def check_mandate(actor: Actor, key: UUID) -> dict[str, Any]:
    """Whether the paper of a mandate may be added now; ask before reading the upload, and again with it.

    :returns: the row of the mandate.
    :raises NotFound: ``mandate_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``mandate_ended``, ``mandate_evidenced``.
    """
    row = await seen_mandate(actor, key)
    if scope.role_at(actor, REGISTRARS, row["hall_path"], "") is None:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能上传委托书，应由{'、'.join(role.zh for role in REGISTRARS)}办理。",
            f"Your role may not upload; it is for: {', '.join(role.en for role in REGISTRARS)}.",
            roles=[role.value for role in REGISTRARS],
        )
    if row["revoked_at"] is not None:
        raise Conflict("mandate_ended", "该委托已经终止。", "This mandate has been ended.", basis="民法典173")
    if row["evidence_id"] is not None:
        raise Conflict(
            "mandate_evidenced",
            "该委托书的扫描件已核验存档，不得替换；内容有误的，请终止后重新登记。",
            "The paper of this mandate is kept and not replaced; if it is wrong, end the mandate and register anew.",
            basis=BASIS,
        )
    return row


async def receive_paper(
    context: Context, actor: Actor, key: UUID, received: Received, now: datetime, idempotency: str = ""
) -> Answer:
    """Take the scanned paper of a mandate in and leave its judgement to a worker.

    :param key: of the mandate. :param received: the complete upload. :param now: UTC.
    :returns: scan key, state, digest, size. Refusals as in :func:`check_mandate`.
    :raises Unavailable: when the object store or database does not answer; nothing was kept.
    """
    mandate = await check_mandate(actor, key)
    row = incoming_row(actor, received, now)
    request = ["mandate.scan", key, received.sha256]
    write = partial(_keep, actor, mandate, row, now)
    return await take_in(context, received, row, partial(once, actor, idempotency, request, now, write))


async def _keep(
    actor: Actor, mandate: dict[str, Any], row: dict[str, Any], now: datetime, connection: Connection
) -> Answer:
    await mandates.lock(connection, mandate["id"])
    await scans.keep(connection, row)
    await mandates.link_scan(connection, mandate["id"], row["id"], now)
    await outbox.add(connection, JUDGE, {"scan": str(row["id"])}, None, now)
    await log_mandate(connection, actor, mandate["number"], "mandate.scan", now)
    told = {"scan": str(row["id"]), "mandate": str(mandate["id"]), "state": "incoming"}
    return {**told, "kind": row["kind"], "size": row["size"], "sha256": row["sha256"]}


async def judge_paper(context: Context, scan: UUID, clock: Callable[[], datetime]) -> None:
    """Open the scan of a mandate, draw its pages, and keep or refuse it. Repeated without harm.

    :param clock: says what time it is, UTC; asked once the verdict is known.
    :raises Unavailable: when a server does not answer; to be tried again.
    """
    row = await mandates.of_scan(scan)
    if row is None or row["state"] != "incoming":
        return
    key = f"mandates/{row['mandate_id']}/{row['id']}"
    await judge_file(context, row, key, _retained(row), clock, partial(_write, row))


def _retained(row: dict[str, Any]) -> datetime:
    """Until when the paper is locked: some years after its mandate ends."""
    end: datetime = datetime.combine(row["until_on"], time.max, UTC)
    return end + timedelta(days=DAYS_A_YEAR * YEARS_KEPT)


async def _write(row: dict[str, Any], judged: dict[str, Any], drawn: list[dict[str, Any]]) -> None:
    """The verdict and its pages; with a good one the mandate has its evidence."""
    async with transaction() as connection:
        if await scans.judge(connection, row["id"], judged):
            await scans.add_pages(connection, row["id"], drawn)
            if judged["state"] == "stored":
                await mandates.evidence(connection, row["mandate_id"], row["id"])
