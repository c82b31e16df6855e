"""出件: results handed over at the counter against identity, and what is shown when that is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.documents.sources import address_of
from engine.issue.packaging import deliver_package, read_receipt
from engine.operations import act
from engine.together import SERVICE
from engine.work import Answer, Command
from storage import cases, signatures
from workflows.actor import Actor
from workflows.errors import Malformed
from workflows.events import Act
from workflows.identification import read_format, read_shown


async def hand_over(
    context: Context,
    actor: Actor,
    versions: Mapping[str, int],
    delivery: Mapping[str, Any],
    now: datetime,
    key: str = "",
) -> Answer:
    """Hand one result over, or several of one party together, under one certificate of service (送达回证).

    :param versions: the cases by number, each with the version that the caller has seen.
    :param delivery: as :func:`engine.issue.packaging.deliver_package`; ``id_number`` of the recipient may be all that
        a card reader typed (setting ``card_reader``); the name is then the card's. It may be left out then, and
        where the applicant collects in person.
    :param now: UTC. :param key: idempotency key. :returns: ``document``: the number of the certificate of service.
    :raises Malformed: ``nothing_chosen``, ``card_line_wrong``; and as the act ``deliver`` of one case or of a package.
    """
    if not versions:
        raise Malformed("nothing_chosen", "请至少勾选一件待领的结果。", "Tick at least one result.", field="case")
    payload = dict(delivery) | await _with_card(context, delivery.get("recipient"), next(iter(versions)))
    if len(versions) > 1:
        answer = await deliver_package(context, actor, list(versions), payload, now, key, versions=versions)
        return {"document": answer["document"]}
    ((number, version),) = versions.items()
    done = await act(context, Command(actor, number, Act.DELIVER, payload, now, key, version))
    return {"document": next(one["number"] for one in done["documents"] if one["code"] == SERVICE)}


async def _with_card(context: Context, recipient: Mapping[str, Any] | None, number: str) -> dict[str, Any]:
    """The recipient as the card names them; who collects for themself, and is checked to be, by the name as filed."""
    if not recipient or "id_number" not in recipient:
        return {}
    shown = read_shown(recipient["id_number"], read_format(context.settings.card_reader))
    name = shown.name or recipient.get("name")
    if not name and recipient.get("relation") == "self" and (case := await cases.read(number)):
        name = case["applicant"]["name"] if case["applicant"]["kind"] == "person" else ""
    return {"recipient": {**recipient, **({"name": name} if name else {}), "id_number": shown.number}}


async def read_handed(context: Context, actor: Actor, document: str, now: datetime) -> dict[str, Any]:
    """A certificate of service as the counter shows it: its lines, its signature, where each case is rated.

    :param document: its number. :param now: UTC.
    :returns: as :func:`engine.issue.packaging.read_receipt`, with ``case`` (which issued it), ``signature`` (or None)
        and ``ratings``: of each case ``case``, ``item``, ``item_en``, ``query_code``, ``rated``, ``scanned``: what a
        telephone reads, where it is rated or the code alone.
    :raises NotFound: ``document_not_found``.
    """
    receipt = await read_receipt(actor, document, now)
    numbers = list(dict.fromkeys(line["case"] for line in receipt["lines"]))
    ratings = {number: await _invitation(context, number) for number in numbers}
    return {
        **receipt,
        "lines": [line | {"item_en": ratings[line["case"]]["item_en"]} for line in receipt["lines"]],
        "case": await signatures.issued_for(document),
        "signature": await signatures.newest(document),
        "ratings": list(ratings.values()),
    }


async def _invitation(context: Context, number: str) -> dict[str, Any]:
    case = await cases.read(number) or {}
    code = case["query_code"]
    address = address_of(context, code)
    return {
        "case": number,
        "item": case["item_name"],
        "item_en": case["item_name_en"],
        "query_code": code,
        "scanned": f"{address}/rating" if address else code,
        "rated": "rated" in case["flags"],
    }
