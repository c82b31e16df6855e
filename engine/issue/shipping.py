"""邮寄 through the courier: an order waits in the outbox until a waybill is there; the parcel is tracked to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from engine.context import Context
from engine.issue.courier import UNAVAILABLE, Courier, Receiver, Refused, Tracking
from engine.issue.packaging import POSTABLE, post_package, return_parcel, sign_off_parcel
from engine.later import Later
from engine.once import once
from engine.placing import find_place
from engine.together import choose, lock_case, refuse_bad_list, refuse_strangers
from engine.work import Answer, Command
from storage import cases, outbox, postings
from storage.db import Connection, transaction, uuid7
from workflows import scope
from workflows.actor import SYSTEM, Actor, Role
from workflows.errors import Conflict, NotFound, Unavailable, YichuangError
from workflows.events import Act

ORDER: Final = "courier.order"
"""What is to be done after an order: the courier is asked for a waybill."""
NEWEST: Final = (datetime.max.replace(tzinfo=UTC), UUID(int=(1 << 128) - 1))
"""Where the first page of a list begins that goes back in time."""
_SEALED: Final = "postal_orders.receiver_sealed"
_AGAIN: Final = timedelta(minutes=5)
_PATIENCE: Final = timedelta(days=3)
"""How long an order waits for a courier that does not answer before somebody must look at it."""
_PAGE: Final = 100
_LOG: Final = structlog.get_logger("courier")


async def order_post(
    context: Context, actor: Actor, numbers: Sequence[str], receiver: Receiver, now: datetime, key: str = ""
) -> Answer:
    """Ask the courier to carry the results of one or more cases of one party in one parcel.

    The cases stay where they are until the courier has given a waybill; then they are sent, all of them.

    :param now: UTC. :param key: idempotency key. :returns: ``order`` and the ``cases``.
    :raises Conflict: ``courier_not_configured``, ``package_not_ready``, ``package_of_several_parties``,
        ``post_ordered``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``case_not_found``.
    :raises Malformed: ``package_size_wrong``, ``case_twice``.
    """
    Courier(context.settings)
    refuse_bad_list(numbers, 1)
    listed = sorted(numbers)
    write = partial(_order, context, actor, listed, receiver, now)
    answer = await once(actor, key, ["order_post", listed, receiver], now, write)
    context.wake()
    return answer


async def _order(
    context: Context, actor: Actor, numbers: list[str], receiver: Receiver, now: datetime, connection: Connection
) -> Answer:
    commands = [Command(actor, one, Act.SEND_BY_POST, {}, now) for one in numbers]
    found = [(command, await lock_case(context, connection, command)) for command in commands]
    for _, case in found:
        await _refuse_others(context, actor, case)
    refuse_strangers([case for _, case in found])
    choose(found, POSTABLE, split=False)
    if waiting := await postings.ordered(connection, numbers):
        raise Conflict(
            "post_ordered",
            f"以下办件已下寄件单，正在等待运单号：{'、'.join(waiting)}。",
            f"A parcel is ordered for these already and waits for its waybill: {', '.join(waiting)}.",
            basis="行政许可法44",
            cases=waiting,
        )
    row = {
        "id": uuid7(),
        "hall_id": found[0][1]["hall_id"],
        "cases": numbers,
        "receiver_sealed": context.sealer.seal(msgspec.json.encode(receiver).decode(), _SEALED),
        "ordered_by": actor.staff,
        "ordered_at": now,
    }
    await postings.add_order(connection, row)
    await outbox.add(connection, ORDER, {"order": str(row["id"])}, found[0][1]["id"], now)
    return {"order": str(row["id"]), "cases": numbers}


async def _refuse_others(context: Context, actor: Actor, case: dict[str, Any]) -> None:
    """Who may not post the result of a case does not order that it is posted."""
    flow = await context.flow(case["flow"], case["flow_version"])
    steps = [step for step in flow.steps if step.definition.action is Act.SEND_BY_POST]
    scope.acting_role(actor, steps, await context.item(case["item_id"]), case["hall_path"], case["department_path"])


async def carry_out_order(context: Context, key: UUID, now: datetime, courier: Courier | None = None) -> None:
    """Get the waybill of an order and send its cases; once, however often it is asked for. :param now: UTC.

    What was collected meanwhile cancels the order; a courier that does not answer is asked again every five minutes.

    :raises Later: while the courier does not answer. :raises Unavailable: ``courier_unavailable`` after three days.
    """
    order = await postings.order(key)
    if order is None or order["state"] != "waiting":
        return
    try:
        await _carry_out(context, order, courier or Courier(context.settings), now)
    except Refused as refusal:
        await _end(key, "refused", refusal.reason, now)
    except Unavailable as problem:
        if problem.code != UNAVAILABLE or now - order["ordered_at"] > _PATIENCE:
            raise
        raise Later(now + _AGAIN) from None


async def _carry_out(context: Context, order: dict[str, Any], courier: Courier, now: datetime) -> None:
    """The waybill is kept before it is used, so that one that is not needed can always be taken back."""
    key, numbers = order["id"], order["cases"]
    if await _left(numbers):
        await _take_back(courier, order["outcome"])
        await _end(key, "cancelled", "办件已不在待寄状态", now)
        return
    receiver = msgspec.json.decode(context.sealer.open(order["receiver_sealed"], _SEALED), type=Receiver)
    issued = await courier.order(str(key), receiver, len(numbers))
    await postings.keep_waybill(key, issued.waybill)
    after = partial(_sent, key, issued.waybill, now)
    try:
        await post_package(context, SYSTEM, numbers, issued.carrier, issued.waybill, now, order=key, after=after)
    except Conflict as refusal:
        if refusal.code != "waybill_used":  # that one is somebody else's parcel
            await _take_back(courier, issued.waybill)
        await _end(key, "cancelled", refusal.zh, now)


async def _take_back(courier: Courier, waybill: str) -> None:
    if not waybill:
        return
    try:
        await courier.cancel(waybill)
    except Refused as refusal:
        _LOG.warning("waybill not taken back", waybill=waybill, reason=refusal.reason)


async def _left(numbers: list[str]) -> list[str]:
    """Those of these cases that do not wait to be posted any more."""
    found = [await cases.read(number) for number in numbers]
    return [case["number"] for case in found if case is not None and case["state"] not in POSTABLE]


async def _sent(key: UUID, waybill: str, now: datetime, connection: Connection) -> None:
    await postings.end_order(connection, key, "sent", waybill, now)


async def _end(key: UUID, state: str, outcome: str, now: datetime) -> None:
    async with transaction() as connection:
        await postings.end_order(connection, key, state, outcome, now)


async def track(context: Context, now: datetime, courier: Courier | None = None) -> int:
    """Ask where every parcel is that the courier carries; how many came to their end. :param now: UTC.

    A parcel of which nothing can be learnt now is asked after again next time.
    """
    if context.settings.courier_url is None:
        return 0
    courier = courier or Courier(context.settings)
    ended, after = 0, ""
    while waybills := await postings.to_track(after, _PAGE):
        after = waybills[-1]
        for waybill in waybills:
            try:
                ended += await report(context, await courier.track(waybill), now)
            except Refused:
                _LOG.warning("waybill unknown to the courier", waybill=waybill)
            except Unavailable as problem:
                _LOG.warning("courier does not answer", code=problem.code)
                return ended
            except YichuangError as problem:
                _LOG.warning("report not applied", waybill=waybill, code=problem.code)
    return ended


async def report(context: Context, told: Tracking, now: datetime) -> bool:
    """What the courier says of a parcel: signed for, every case of it is delivered; returned, every one waits again.

    A report that is repeated, or of a parcel on its way, changes nothing.

    :param now: UTC. :returns: whether it changed something.
    :raises NotFound: ``waybill_unknown``. :raises Conflict: ``waybill_of_another_case``; and what bars the act.
    """
    lines = await postings.parcel(told.waybill)
    if not lines:
        raise NotFound("waybill_unknown", "没有登记该运单号。", "No parcel was sent under this waybill.")
    if told.reference and any(str(line["order_id"]) != told.reference for line in lines):
        raise Conflict(
            "waybill_of_another_case",
            "运单号与寄件单不符：该运单属于其他办件，未作任何更改。",
            "This waybill belongs to the parcel of another case; nothing was changed.",
            basis="行政许可法44",
        )
    numbers = [line["case"] for line in lines if line["state"] == "sent"]
    if not numbers or told.state in {"created", "in_transit"}:
        return False
    if told.state == "signed":
        await sign_off_parcel(context, numbers, told.waybill, told.signed_by or "收件人", now)
    else:
        await return_parcel(context, numbers, told.waybill, told.reason or "退回", now)
    return True


async def list_orders(
    actor: Actor, *, hall: str | None = None, after: tuple[datetime, UUID] = NEWEST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of what a hall asked the courier to carry and what became of it, the newest first; no addresses.

    :param after: ``ordered_at`` (UTC) and ``id`` of the last row of the page before.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    where = await find_place(actor, (Role.issuer, Role.hall_manager), hall, None)
    return await postings.orders_of(where.hall["id"], after, limit)
