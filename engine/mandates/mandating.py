"""登记委托: a mandate (D22) as its paper states it, under the number of its form or the next one of the hall."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg.exceptions import UniqueViolationError

from engine.context import Context
from engine.documents import slip_drafting
from engine.mandates.mandate_forms import CODE, form_of
from engine.mandates.mandate_terms import REGISTRARS, SEALED, Representative, Terms, agent_of, matter_of, party_of
from engine.once import once
from engine.placing import find_place
from engine.work import Answer
from storage import access, mandates, parties, visits
from storage.db import Connection, uuid7
from workflows.actor import Actor
from workflows.errors import Conflict
from workflows.mandate import BASIS, check_term
from workflows.payload import ShortText, refuse_control_characters

__all__ = ["REGISTRARS", "SEALED", "Mandating", "Representative", "log_mandate", "register_mandate"]


class Mandating(Terms, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A mandate to be registered.

    ``signed``: the principal has signed or sealed it. ``form`` is the number of the form that the window drew up for
    it, ``reference`` the paper's own number where it comes from elsewhere; ``visit`` the on-site visit at which it was
    signed.
    """

    signed: bool
    form: ShortText | None = None
    reference: ShortText | None = None
    visit: UUID | None = None


async def register_mandate(context: Context, actor: Actor, request: Mandating, now: datetime, key: str = "") -> Answer:
    """Register a mandate under the number of its form, or the next one (D22). It counts once its paper is kept.

    :param now: UTC. :param key: idempotency key; the same request under the same key is kept once.
    :returns: ``mandate`` (key), ``number``, ``from_on``, ``until_on``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``, ``item_not_found``,
        ``case_not_found``.
    :raises Conflict: ``principal_is_agent``, ``agent_not_on_staff``, ``signature_missing``, ``mandate_number_used``,
        ``mandate_case_wrong``, ``visit_not_done``; ``form_unknown``, ``form_differs``.
    :raises Malformed: ``mandate_term_wrong``, ``mandate_matter_missing``, ``agent_name_missing``, an identity number
        that fails its check, ``control_character``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, REGISTRARS, request.hall, None)
    day = context.hours(place.hall["hours"]).day(now)
    check_term(request.from_on, request.until_on, day)
    _require_signature(signed=request.signed)
    party = party_of(context, request, now)
    row = await _row(context, actor, request, place.hall, now) | {"principal": party["as_filed"]}
    form = await form_of(context, place.hall["id"], request, request.form) if request.form else None

    async def write(connection: Connection) -> Answer:
        row["principal_id"] = await parties.remember(connection, party)
        await _check_links(connection, row)
        row["number"] = form or await slip_drafting.next_number(connection, place.hall, CODE, day.year)
        await mandates.add(connection, row)
        await log_mandate(connection, actor, row["number"], "mandate.register", now)
        dates = {name: row[name].isoformat() for name in ("from_on", "until_on")}
        return {"mandate": str(row["id"]), "number": row["number"], **dates}

    try:
        return await once(actor, key, ["mandate", request], now, write)
    except UniqueViolationError as clash:
        if clash.constraint_name not in {"mandates_paper_once", "mandates_number_key"}:
            raise
        raise _number_used() from None


def _number_used() -> Conflict:
    return Conflict(
        "mandate_number_used",
        "该委托人同一编号的授权委托书已经登记，请勿重复登记。",
        "A mandate of this principal under the same number is registered already.",
        basis=BASIS,
    )


async def _row(
    context: Context, actor: Actor, request: Mandating, hall: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        **await matter_of(context, actor, request, context.hours(hall["hours"]).day(now)),
        **await agent_of(context, request, hall["path"]),
        "id": uuid7(),
        "hall_id": hall["id"],
        "matter": request.matter,
        "powers": sorted(set(request.powers)),
        "from_on": request.from_on,
        "until_on": request.until_on,
        "reference": (request.reference or "").strip(),
        "visit_id": request.visit,
        "registered_by": actor.staff,
        "registered_at": now,
    }


def _require_signature(*, signed: bool) -> None:
    if not signed:
        raise Conflict(
            "signature_missing",
            "须由委托人签名或者盖章。",
            "The principal must sign or seal it.",
            basis=BASIS,
        )


async def _check_links(connection: Connection, row: dict[str, Any]) -> None:
    """The case and the visit that a mandate names are the principal's own."""
    if row["case_party"] not in {None, row["principal_id"]}:
        raise Conflict(
            "mandate_case_wrong",
            "该办件不是委托人申请的，请核对办件编号。",
            "The case is not one of the principal's; check its number.",
            basis=BASIS,
        )
    if row["visit_id"] and await visits.done_at(connection, row["visit_id"]) != row["principal_id"]:
        raise Conflict(
            "visit_not_done",
            "没有对该委托人已完成的上门服务记录，请先登记上门情况。",
            "There is no visit to this principal that took place; record it first.",
            basis="上门服务",
        )


async def log_mandate(
    connection: Connection, actor: Actor, number: str, action: str, now: datetime, purpose: str = ""
) -> None:
    """Write into the access log what was done with a mandate."""
    row = {"at": now, "actor": actor.person, "subject": number, "action": action, "purpose": purpose}
    await access.add(connection, row)
