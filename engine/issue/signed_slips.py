"""签收: how the recipient signed a certificate of service, drawn on the pad or scanned, locked away as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

from engine import trail
from engine.context import Context
from engine.evidence import retained_until
from engine.incoming import incoming_row, take_in
from engine.issue.picking_up import KEEPERS
from engine.judging import judge_file
from engine.listing import reach
from engine.once import once
from engine.together import SERVICE
from engine.work import Answer
from storage import outbox, results, scans, signatures
from storage.db import Connection, reading, transaction
from storage.scan_files import Received
from workflows import scope
from workflows.actor import Actor
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.events import EventName

JUDGE: Final = "signature.judge"
"""The outbox topic of a signature that waits for its verdict."""
Way = Literal["pad", "slip"]
"""Drawn on the pad of the counter, or written on the printed certificate and scanned."""
_KEPT: Final = frozenset({"incoming", "stored"})


async def check_signing(actor: Actor, document: str) -> dict[str, Any]:
    """Whether a certificate of service can be signed now; ask before reading the upload, and again with it.

    :param document: its number. :returns: its row.
    :raises NotFound: ``document_not_found``, also out of reach. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``signature_kept``.
    """
    halls, departments = await reach(actor)
    async with reading() as connection:
        row = await signatures.signable(connection, document)
    if row is None or await results.service_paper(document, SERVICE, halls, departments) is None:
        raise NotFound(
            "document_not_found", "没有找到该送达回证，请核对文号。", "There is no such certificate of service."
        )
    if scope.role_at(actor, KEEPERS, row["hall_path"], "") is None:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能登记签收，应由{'、'.join(role.zh for role in KEEPERS)}办理。",
            f"Your role may not keep a signature; it is for: {', '.join(role.en for role in KEEPERS)}.",
            roles=[role.value for role in KEEPERS],
        )
    _refuse_second(row)
    return row


def _refuse_second(row: Mapping[str, Any]) -> None:
    if row["signed"] in _KEPT:
        raise Conflict(
            "signature_kept",
            "该送达回证的签收已存档，不得替换。",
            "The signature under this certificate of service is kept and not replaced.",
            basis="参照民事诉讼法87",
        )


async def keep_signature(
    context: Context, actor: Actor, document: str, way: Way, received: Received, now: datetime, key: str = ""
) -> Answer:
    """Take in how the recipient signed, and leave its judgement to a worker.

    :param document: number of the certificate of service. :param received: the complete upload. :param now: UTC.
    :param key: idempotency key. :returns: ``scan``, ``document``, ``state``. Refusals as in :func:`check_signing`.
    :raises Unavailable: when the object store or database does not answer; nothing was kept.
    """
    await check_signing(actor, document)
    row = incoming_row(actor, received, now)
    request = ["signature", document, way, received.sha256]
    write = partial(_keep, actor, document, way, row, now)
    return await take_in(context, received, row, partial(once, actor, key, request, now, write))


async def _keep(
    actor: Actor, document: str, way: Way, row: dict[str, Any], now: datetime, connection: Connection
) -> Answer:
    await signatures.lock(connection, document)
    paper = await signatures.signable(connection, document)
    if paper is None:
        raise NotFound("document_not_found", "没有找到该送达回证。", "There is no such certificate of service.")
    _refuse_second(paper)
    await scans.keep(connection, row)
    kept = {"document_id": paper["id"], "case_id": paper["case_id"], "scan_id": row["id"], "way": way}
    await signatures.add(connection, {**kept, "kept_by": actor.staff, "kept_at": now})
    await outbox.add(connection, JUDGE, {"scan": str(row["id"])}, paper["case_id"], now)
    return {"scan": str(row["id"]), "document": document, "state": "incoming"}


async def judge_signature(context: Context, scan: UUID, clock: Callable[[], datetime]) -> None:
    """Open the scan of a signature and keep or refuse it; a good one goes on the trail of every case it is for.

    :param clock: says what time it is, UTC. :raises Unavailable: when a server does not answer; to be tried again.
    """
    row = await signatures.of_scan(scan)
    if row is None or row["state"] != "incoming":
        return
    key = f"{row['case_number']}/signatures/{scan}"
    until = await retained_until(context, row["case_number"], clock())
    await judge_file(context, row, key, until, clock, partial(_write, context, row))


async def _write(context: Context, row: dict[str, Any], judged: dict[str, Any], drawn: list[dict[str, Any]]) -> None:
    numbers = sorted({row["case_number"], *(line["case"] for line in row["lines"] or [])})
    async with transaction() as connection:
        locked = [await trail.lock(connection, number) for number in numbers]
        if not await scans.judge(connection, row["id"], judged):
            return
        await scans.add_pages(connection, row["id"], drawn)
        if judged["state"] != "stored":
            return
        told = {name: row[name] for name in ("document", "code", "way", "digest")}
        told |= {"kept_by": row["kept_by_name"], "object": judged["object_key"], "version": judged["object_version"]}
        for case in locked:
            await trail.append(context, connection, case, EventName.DOCUMENT_SIGNED, told, judged["judged_at"])
