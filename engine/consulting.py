"""Consultation: what somebody asked at the window and the gaps they were told of, once and in writing (一次性告知)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any

import msgspec
from asyncpg.exceptions import UniqueViolationError
from msgspec import Meta, Struct

from engine.context import Context
from engine.opening import Place, find_place, item_in_force
from engine.work import Answer, replay
from storage import consultations, registers
from storage.db import Connection, transaction, uuid7
from workflows.actor import Actor, Role
from workflows.documents import KINDS
from workflows.errors import Conflict
from workflows.item import ItemVersion
from workflows.numbers import document_number
from workflows.payload import Code, Gap, ShortText, Text, refuse_control_characters

CONSULTING_ROLES = (Role.guide, Role.clerk)
"""Who may answer a consultation, in the order in which a grant is looked for."""
_SLIP = KINDS["D02"]


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
    """Keep a consultation and give it the number of its slip (D02).

    :param now: UTC. :param key: idempotency key; the same request under the same key is kept once.
    :returns: number, item, hall, moment.
    :raises NotFound: ``item_not_found``, ``organisation_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``item_not_in_force``; ``material_not_on_list`` for a gap that the item does not ask for.
    :raises Malformed: ``control_character``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    digest = hashlib.sha256(b"consultation\0" + msgspec.json.encode(request, order="sorted")).hexdigest()
    place = await find_place(actor, CONSULTING_ROLES, request.hall, None)
    row = await item_in_force(request.item, context.hours(place.hall["hours"]).day(now))
    _check_gaps(await context.item(row["id"]), request.gaps)
    try:
        async with transaction() as connection:
            seen = await registers.answer(connection, actor.person, key) if key else None
            if seen is None:
                return await _keep(connection, context, actor, request, place=place, now=now, key=(key, digest))
    except UniqueViolationError as clash:
        if clash.constraint_name != "idempotency_keys_once":
            raise
        async with transaction() as connection:
            seen = await registers.answer(connection, actor.person, key)
    return replay(seen, digest)


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
    *,
    place: Place,
    now: datetime,
    key: tuple[str, str],
) -> Answer:
    hall = place.hall
    number = await _slip_number(connection, hall, context.hours(hall["hours"]).day(now).year)
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
    answer: Answer = {"consultation": number, "item": request.item, "hall": hall["code"], "at": now.isoformat()}
    if key[0]:
        await registers.remember(connection, actor.person, *key, answer, now)
    return answer


async def _slip_number(connection: Connection, hall: dict[str, Any], year: int) -> str:
    word = hall["agency_word"]
    counter = f"document:{word}:{_SLIP.code}:{year}"
    numbers = await registers.next_numbers(connection, [counter])
    return document_number(word, _SLIP.word, year, numbers[counter])
