"""Applicants who were here before: found by their exact number, told of masked, every look on record with its purpose.

Whoever looks holds the number already: it was typed from a card or licence. What is found besides stays masked; mobile
and address of earlier may be taken over without being shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import structs

from engine.context import Context
from engine.filing import Applicant
from engine.materials.offering import certificates_for, verified_for
from engine.placing import find_place
from storage import access, parties
from storage.db import reading, transaction
from workflows.actor import Actor, Role
from workflows.identification import Identified, Shown, identify, read_format, read_shown
from workflows.item import ItemVersion
from workflows.material import Grade, MaterialLine
from workflows.party import mask_address, mask_mobile, mask_name

SEEKERS: Final = (Role.clerk, Role.guide, Role.agent)
"""Who may ask whether somebody was here before: who may open a case for them."""
_EARLIER: Final = 3
"""How many earlier cases are told."""
_NO_CASE: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Presented:
    """Who was presented for an item.

    :param known: what is kept of the party, masked; nothing where it was never here.
    :param offers: what could stand in for paper, each with the ``line`` that it serves.
    """

    shown: Shown
    identified: Identified
    known: dict[str, Any] | None
    offers: list[dict[str, Any]]


async def present(
    context: Context,
    actor: Actor,
    item: ItemVersion,
    line: str,
    id_kind: str,
    answers: Collection[str],
    hall: str | None,
    now: datetime,
) -> Presented:
    """What a number or a card says, and whether its holder was here before. The look is logged, found or not.

    :param line: a number, or all that a card reader typed (setting ``card_reader``). :param id_kind: as chosen; may be
        empty. :param answers: flags of the situation so far. :param hall: where the actor works in several. :param now:
        UTC.
    :raises Malformed: as :func:`workflows.identification.read_shown` and :func:`workflows.party.validate_id`.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``. :raises NotFound: ``organisation_not_found``.
    """
    place = await find_place(actor, SEEKERS, hall, None)
    today = context.hours(place.hall["hours"]).day(now)
    shown = read_shown(line, read_format(context.settings.card_reader))
    found = identify(shown.number, id_kind, today)
    purpose = f"窗口收件 {item.code}"
    row = {"at": now, "actor": actor.person, "subject": "parties", "action": "search.intake", "purpose": purpose}
    async with transaction() as connection:
        await access.add(connection, row)
    async with reading() as connection:
        index = context.sealer.index(found.number, found.id_kind)
        party = await parties.by_index(connection, found.id_kind, index)
        if party is None:
            return Presented(shown, found, None, [])
        earlier = await parties.cases_of(connection, party["id"], place.hall["id"], _EARLIER)
    lines = [one for one in item.materials if one.grade is not Grade.D and one.applies(frozenset(answers))]
    offers = await _offers(context, party["id"], lines, today)
    return Presented(shown, found, _masked(context, party, earlier, item.code), offers)


async def _offers(context: Context, party: UUID, lines: list[MaterialLine], today: date) -> list[dict[str, Any]]:
    """What could stand in for these lines, one proof for each: names, kinds, hall and validity, as before consent."""
    async with reading() as connection:
        offers = await certificates_for(connection, party)
        offers += await verified_for(context, connection, party, _NO_CASE)
    serving = [(one, next((proof for _, proof in offers if proof.serves(one, today)), None)) for one in lines]
    return [
        {"line": one.code, "kind": proof.kind, "name": proof.name, "hall": proof.hall, "valid_to": proof.valid_to}
        for one, proof in serving
        if proof is not None
    ]


def _masked(context: Context, party: dict[str, Any], earlier: list[dict[str, Any]], item: str) -> dict[str, Any]:
    contact = _contact(context, party)
    person = party["kind"] == "person"
    return {
        "name_masked": mask_name(party["name"]) if person else party["name"],
        "mobile_masked": mask_mobile(contact["mobile"]) if contact["mobile"] else "",
        "address_masked": mask_address(contact["address"]) if contact["address"] else "",
        "cases": earlier,
        "same_item_open": [row["number"] for row in earlier if row["item_code"] == item and row["closed_at"] is None],
    }


def _contact(context: Context, party: dict[str, Any]) -> dict[str, str]:
    parts = {name: party[f"{name}_sealed"] for name in ("mobile", "address")}
    return {
        name: context.sealer.open(sealed, f"parties.{name}_sealed") if sealed else "" for name, sealed in parts.items()
    }


async def with_contact_before(context: Context, who: Applicant, number: str, *, wanted: bool) -> Applicant:
    """The applicant with the mobile and address that the party gave earlier, where none is given now.

    :param number: in its standard form. :param wanted: else the applicant as it is.
    """
    if not wanted:
        return who
    async with reading() as connection:
        party = await parties.by_index(connection, who.id_kind, context.sealer.index(number, who.id_kind))
    if party is None:
        return who
    before = {name: value for name, value in _contact(context, party).items() if value}
    return structs.replace(who, **{name: getattr(who, name) or value for name, value in before.items()})
