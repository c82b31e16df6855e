"""合并送达: the results of several cases of one party, handed over or posted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.issue import issuing
from engine.listing import reach
from engine.reading import log_access
from engine.together import SERVICE, After, Together, do_together, refuse_bad_list
from engine.work import Answer, Command
from storage import results
from workflows.actor import SYSTEM, Actor
from workflows.errors import NotFound
from workflows.events import Act

_NO_VERSIONS: Final[Mapping[str, int]] = MappingProxyType({})
_SHELVED: Final = frozenset({"READY"})
POSTABLE: Final = frozenset({"READY", "DENIED"})
"""States from which a result may go by post."""
_POSTED: Final = frozenset({"IN_TRANSIT"})


async def deliver_package(
    context: Context,
    actor: Actor,
    numbers: Sequence[str],
    delivery: Mapping[str, Any],
    now: datetime,
    key: str = "",
    *,
    split: bool = False,
    versions: Mapping[str, int] = _NO_VERSIONS,
) -> Answer:
    """Deliver several cases at once: all of them, or none. One D18 lists every document; each case keeps its own event.

    :param numbers: 2 to 50 cases of one party in one hall.
    :param delivery: what is sent with each delivery: ``recipient``, and ``mandate`` where somebody collects for them.
    :param now: UTC. :param key: idempotency key.
    :param split: the applicant agrees that what is not ready follows later.
    :param versions: the case versions that the caller has seen; machines must give each.
    :returns: ``document`` (number of the D18), ``delivered`` (an answer for each case), ``left`` (numbers).
    :raises Malformed: ``package_size_wrong``, ``case_twice``, ``payload_invalid``.
    :raises NotFound: ``case_not_found``, also for a case outside the actor's organisation.
    :raises Conflict: ``package_of_several_parties``, ``package_not_ready``, and what bars a single delivery.
    :raises Forbidden: ``role_not_allowed``. :raises Stale: ``case_changed``.
    """
    refuse_bad_list(numbers)
    commands = [Command(actor, one, Act.DELIVER, delivery, now, version=versions.get(one)) for one in numbers]
    request = ["package", sorted(numbers), dict(delivery), split, dict(versions)]
    what = Together(lambda work, _: issuing.deliver(work), _SHELVED, served=True, split=split)
    return await do_together(context, commands, request, what, key)


async def post_package(
    context: Context,
    actor: Actor,
    numbers: Sequence[str],
    carrier: str,
    waybill: str,
    now: datetime,
    key: str = "",
    *,
    split: bool = False,
    versions: Mapping[str, int] = _NO_VERSIONS,
    order: UUID | None = None,
    after: After | None = None,
) -> Answer:
    """Post several cases in one parcel under one waybill: all of them, or none. Parameters as above.

    :param order: what was ordered of the courier, if it was. :param after: writes more in the same transaction.
    :raises Conflict: ``waybill_used`` when the waybill stands for another parcel; and as above.
    """
    refuse_bad_list(numbers, 1)
    payload = {"carrier": carrier, "waybill": waybill}
    commands = [Command(actor, one, Act.SEND_BY_POST, payload, now, version=versions.get(one)) for one in numbers]
    request = ["post", sorted(numbers), payload, split, dict(versions)]
    what = Together(lambda work, line: issuing.send_by_post(work, line, order), POSTABLE, split=split, after=after)
    return await do_together(context, commands, request, what, key)


async def sign_off_parcel(
    context: Context,
    numbers: Sequence[str],
    waybill: str,
    signed_by: str,
    now: datetime,
    actor: Actor = SYSTEM,
    key: str = "",
) -> Answer:
    """The carrier says that a parcel was signed for: each of its cases is delivered, under one D18.

    :param now: UTC. :param actor: who was told so; the engine itself where the carrier reports. :param key: idempotency
        key.
    """
    payload = {"waybill": waybill, "signed_by": signed_by}
    commands = [Command(actor, one, Act.SIGN_OFF_POST, payload, now) for one in numbers]
    what = Together(lambda work, _: issuing.sign_off_post(work), _POSTED, served=True)
    return await do_together(context, commands, ["sign_off", payload], what, key)


async def return_parcel(
    context: Context,
    numbers: Sequence[str],
    waybill: str,
    reason: str,
    now: datetime,
    actor: Actor = SYSTEM,
    key: str = "",
) -> Answer:
    """The carrier says that a parcel comes back: each of its cases waits again. Parameters as above."""
    payload = {"waybill": waybill, "reason": reason}
    commands = [Command(actor, one, Act.RETURN_POST, payload, now) for one in numbers]
    what = Together(lambda work, _: issuing.return_post(work), _POSTED)
    return await do_together(context, commands, ["return", payload], what, key)


async def read_receipt(actor: Actor, document: str, now: datetime) -> dict[str, Any]:
    """What a certificate of service (D18) prints: one line for each document of each case. The look is logged.

    :param document: its number. :param now: UTC.
    :returns: ``document``, ``issued_at``, ``way``, ``received_by``, ``lines`` (case, item, code, number).
    :raises NotFound: ``document_not_found``, also for one of a hall or department out of the actor's reach.
    """
    halls, departments = await reach(actor)
    found = await results.service_paper(document, SERVICE, halls, departments)
    if found is None:
        raise NotFound(
            "document_not_found", "没有找到该送达回证，请核对文号。", "There is no such certificate of service."
        )
    await log_access(actor, found["case"], "document.read", now)
    data = found["data"]
    listed = data.get("lines") or [{"case": found["case"], "documents": data["documents"]}]
    items = await results.item_names([line["case"] for line in listed])
    lines = [
        {"case": line["case"], "item": items[line["case"]], **paper} for line in listed for paper in line["documents"]
    ]
    head = {"document": document, "issued_at": found["issued_at"]}
    return head | {"way": data["way"], "received_by": data["received_by"], "lines": lines}
