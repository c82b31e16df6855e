"""What could stand in for the paper of a line: certificates issued here, materials verified before, outside licences.

The party is found by its sealed number, never by its name. Before consent only names, kinds, validity and the hall are
told: no numbers, no pages, no other case.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.evidence import require_open
from engine.mandates.proxying import on_case
from engine.materials.licences import UNAVAILABLE, Licence, service_of
from engine.reading import log_access, seen_case
from storage import reuses
from storage.db import Connection, reading
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, Unavailable
from workflows.item import ItemVersion
from workflows.mandate import Power
from workflows.material import Grade, MaterialLine
from workflows.material_guards import not_on_list
from workflows.proof import CheckKind
from workflows.reuse import Proof, require_reusable

REUSERS: Final = (Role.clerk, Role.officer, Role.agent)
"""Who may let something stand in for paper; an agent within a mandate to file or to supply."""
POWERS: Final = frozenset({Power.file, Power.supply})
_STATES: Final = {
    "not_connected": ("未接入外部电子证照服务。", "No licence service is connected."),
    "not_asked": ("该材料没有可调用的电子证照。", "There is no electronic certificate for this material."),
    "asked": ("已查询外部电子证照服务。", "The licence service was asked."),
}

Offer = tuple[str, Proof]
"""The key under which something is offered, and what it is."""


async def list_offers(context: Context, actor: Actor, number: str, code: str, now: datetime) -> dict[str, Any]:
    """What could stand in for a line of a case. The look is logged. A licence service that fails bars nothing.

    :param code: of the line. :param now: UTC.
    :returns: ``offers`` and, of the outside service, ``outside`` with its ``state`` in words.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``, and as in
        :func:`workflows.mandate.best_of`.
    :raises Conflict: ``material_not_on_list``, ``exemption_not_allowed``, ``case_closed``.
    """
    case, flow = await seen_case(context, actor, number)
    require_open(flow, case)
    role, _ = on_case(context, case, actor, REUSERS, POWERS, now)
    if role is None:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能查询免提交材料，应由{'、'.join(one.zh for one in REUSERS)}办理。",
            f"Your role may not look this up; it is for: {', '.join(one.en for one in REUSERS)}.",
        )
    line = await line_of(context, case, code)
    require_reusable(line)
    await log_access(actor, number, "reuse.offers", now)
    today = context.hours(case["hall_hours"]).day(now)
    async with reading() as connection:
        own = await certificates_for(connection, case["party_id"], name=line.proof)
        own += await verified_for(context, connection, case["party_id"], case["id"])
    outside, told = await _outside(context, case, line, now)
    serving = [(key, proof) for key, proof in [*own, *outside] if proof.serves(line, today)]
    return {"line": code, "offers": [_shown(key, proof) for key, proof in serving], "outside": told}


async def line_of(context: Context, case: dict[str, Any], code: str) -> MaterialLine:
    """:raises Conflict: ``material_not_on_list``."""
    item, flags = await context.item(case["item_id"]), frozenset(case["situation"])
    found = next((line for line in item.materials if line.code == code and line.applies(flags)), None)
    if found is None:
        raise not_on_list(code)
    return found


def _shown(key: str, proof: Proof) -> dict[str, Any]:
    return {
        "offer": key,
        "kind": proof.kind,
        "name": proof.name,
        "issuer": proof.issuer,
        "hall": proof.hall,
        "valid_from": proof.valid_from,
        "valid_to": proof.valid_to,
    }


async def certificates_for(
    connection: Connection, party: UUID, *, name: str | None = None, key: UUID | None = None
) -> list[Offer]:
    """Certificates issued here to a party, of a name or by key; usable only while in force."""
    rows = await reuses.certificates_of(connection, party, name=name, key=key)
    return [(f"certificate:{row['id']}", _certificate(row)) for row in rows]


def _certificate(row: dict[str, Any]) -> Proof:
    usable, days = row["state"] == "in_force", (row["valid_from"], row["valid_to"])
    return Proof("certificate", row["name"], row["issuer"], row["hall"], row["number"], usable, *days)


async def verified_for(
    context: Context, connection: Connection, party: UUID, case: UUID, *, key: UUID | None = None
) -> list[Offer]:
    """Materials of a party's other cases that somebody has verified, or one of them by its check."""
    found = []
    for row in await reuses.verified_of(connection, party, case, key=key):
        line = _line(await context.item(row["item_id"]), row["line"])
        if line is not None and line.grade is not Grade.D:
            found.append((f"scan:{row['id']}", verified(row, line)))
    return found


def verified(row: dict[str, Any], line: MaterialLine) -> Proof:
    """A material that was verified for another case; usable while its check is the newest and its scans are those."""
    usable = bool(row["newest"] and row["scans"] and not row["overtaken"])
    kind = CheckKind(row["kind"])
    mark = f"{row['checked_name']} {kind.zh}"
    return Proof("scan", line.proof, line.source, row["hall"], mark, usable, None, row["valid_to"])


def _line(item: ItemVersion, code: str) -> MaterialLine | None:
    return next((line for line in item.materials if line.code == code), None)


async def _outside(
    context: Context, case: dict[str, Any], line: MaterialLine, now: datetime
) -> tuple[list[Offer], dict[str, str]]:
    if not line.e_cert:
        return [], _told("not_asked")
    try:
        found = await licences_of(context, case, line, now)
    except Unavailable as refusal:
        if refusal.code != UNAVAILABLE:
            raise
        return [], {"state": "unavailable", "zh": refusal.zh, "en": refusal.en}
    if found is None:
        return [], _told("not_connected")
    return [(f"licence:{one.id}", outside(one)) for one in found], _told("asked")


async def licences_of(
    context: Context, case: dict[str, Any], line: MaterialLine, now: datetime
) -> list[Licence] | None:
    """What the outside service has of the applicant for a line; None where no service is connected.

    :raises Unavailable: ``licence_service_unavailable``.
    """
    service = service_of(context.settings, lambda: now)
    if service is None:
        return None
    filed = msgspec.json.decode(context.sealer.open(case["applicant_sealed"], "cases.applicant_sealed"))
    return await service.find(line.proof, case["applicant"]["id_kind"], filed["id_number"])


def outside(licence: Licence) -> Proof:
    """A certificate of an outside service."""
    return Proof(
        "licence", licence.name, licence.issuer, "", licence.number, licence.state == "valid", licence.valid_from,
        licence.valid_to,
    )  # fmt: skip


def _told(state: str) -> dict[str, str]:
    zh, en = _STATES[state]
    return {"state": state, "zh": zh, "en": en}
