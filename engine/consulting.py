"""Consultation: what somebody asked at the window and the gaps they were told of, once and in writing (一次性告知)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from engine.context import Context
from engine.documents import slip_drafting
from engine.once import once
from engine.opening import Place, find_place, item_in_force
from engine.work import Answer
from storage import consultations
from storage.db import Connection, uuid7
from workflows.actor import Actor, Role
from workflows.errors import Conflict
from workflows.item import ItemVersion
from workflows.payload import Code, Gap, ShortText, Text, refuse_control_characters

CONSULTING_ROLES = (Role.guide, Role.clerk)
"""Who may answer a consultation, in the order in which a grant is looked for."""
_CODE: Final = "D02"
_BASIS: Final = "国发〔2022〕5号 一次性告知"


class Consulting(Struct, forbid_unknown_fields=True, frozen=True):
    """A consultation as it was held.

    ``gaps`` are the materials that the applicant still lacks; ``contact``, a telephone number or
    address, is kept sealed.
    """

    item: ShortText
    question: Text
    answer: Text
    gaps: Annotated[list[Gap], Meta(max_length=100)] = []
    contact: ShortText | None = None
    hall: Code | None = None


async def consult(context: Context, actor: Actor, request: Consulting, now: datetime, key: str = "") -> Answer:
    """Keep a consultation and issue its slip (D02) under the next number.

    :param now: UTC. :param key: idempotency key; the same request under the same key is kept once.
    :returns: number, item, hall, moment.
    :raises NotFound: ``item_not_found``, ``organisation_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``item_not_in_force``; ``material_not_on_list`` for a gap that the item does not ask for.
    :raises Malformed: ``control_character``, ``key_reused``.
    """
    place, item = await _checked(context, actor, request, now)

    async def write(connection: Connection) -> Answer:
        return await _keep(connection, context, actor, request, item, hall=place.hall, now=now)

    answer = await once(actor, key, ["consultation", request], now, write)
    context.wake()
    return answer


async def preview_consultation(context: Context, actor: Actor, request: Consulting, now: datetime) -> bytes:
    """The slip (D02) that a consultation would issue, as a sample in PDF; nothing is written. Refusals as above.

    :param now: UTC. :raises Conflict: ``character_without_face``.
    """
    place, item = await _checked(context, actor, request, now)
    return await slip_drafting.preview_slip(context, place.hall, _CODE, _printed(actor, request, item), now)


async def _checked(context: Context, actor: Actor, request: Consulting, now: datetime) -> tuple[Place, ItemVersion]:
    """Where it was held, and about which item, once nothing speaks against it."""
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, CONSULTING_ROLES, request.hall, None)
    row = await item_in_force(request.item, context.hours(place.hall["hours"]).day(now))
    item = await context.item(row["id"])
    _check_gaps(item, request.gaps)
    return place, item


def _printed(actor: Actor, request: Consulting, item: ItemVersion) -> dict[str, Any]:
    """Everything on the slip, with materials by the names that applicants know."""
    names = {line.code: line.name for line in item.materials}
    return {
        "clerk": actor.name,
        "item": item.name,
        "item_code": item.code,
        "basis": _BASIS,
        "question": request.question,
        "answer": request.answer,
        "gaps": [{**msgspec.to_builtins(gap), "material": names[gap.material]} for gap in request.gaps],
        "paragraphs": item.document_texts.get(_CODE),
    }


def _check_gaps(item: ItemVersion, gaps: list[Gap]) -> None:
    strange = sorted({gap.material for gap in gaps} - {line.code for line in item.materials})
    if strange:
        raise Conflict(
            "material_not_on_list",
            f"材料“{'、'.join(strange)}”不在该事项的材料清单内，不得要求提供。",
            f"Not on the material list of this item, so it may not be asked for: {', '.join(strange)}.",
            basis="行政许可法32；优化营商环境条例",
            lines=strange,
        )


async def _keep(
    connection: Connection,
    context: Context,
    actor: Actor,
    request: Consulting,
    item: ItemVersion,
    *,
    hall: dict[str, Any],
    now: datetime,
) -> Answer:
    number = await slip_drafting.next_number(connection, hall, _CODE, context.hours(hall["hours"]).day(now).year)
    contact = context.sealer.seal(request.contact, "consultations.contact_sealed") if request.contact else None
    await consultations.add(
        connection,
        {
            "id": uuid7(),
            "number": number,
            "hall_id": hall["id"],
            "item_code": request.item,
            "question": request.question,
            "answer": request.answer,
            "gaps": msgspec.to_builtins(request.gaps),
            "contact_sealed": contact,
            "answered_by": actor.person,
            "answered_at": now,
        },
    )
    await slip_drafting.issue(connection, actor, hall["id"], _CODE, number, _printed(actor, request, item), now)
    return {"consultation": number, "item": request.item, "hall": hall["code"], "at": now.isoformat()}
