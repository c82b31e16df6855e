"""帮办代办: mandates are read and ended, and help-desk agents file for their principals under them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from engine import trail
from engine.context import Context
from engine.filing import Applicant
from engine.listing import halls_for
from engine.mandates.mandating import REGISTRARS, log_mandate
from engine.mandates.proxying import facts_of_row
from engine.once import once
from engine.opening import Opening, open_case
from engine.reading import log_access
from engine.work import Answer
from storage import mandates, parties
from storage.db import Connection, reading
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.events import EventName
from workflows.mandate import ENDED, Ending, ordered, state_of
from workflows.payload import Code, ShortText, Text, refuse_control_characters

READERS: Final = (Role.clerk, Role.guide, Role.hall_manager, Role.issuer, Role.supervisor, Role.auditor)
"""Who sees every mandate of their halls; an agent sees their own."""
_SHOWN: Final = (
    "id", "number", "hall", "principal", "agent", "agent_id", "agent_name", "matter", "items", "powers", "case_number",
    "from_on", "until_on", "reference", "registered_at", "registered_by_name", "scan_id", "scan_state", "scan_verdict",
    "scan_verdict_en", "revoked_at", "ending", "ending_reason",
)  # fmt: skip


class Revoking(Struct, forbid_unknown_fields=True, frozen=True):
    """Why a mandate ends before its term; ``signed``: the principal has signed the revocation."""

    ending: Ending
    reason: Text
    signed: bool = False


class FilingFor(Struct, forbid_unknown_fields=True, frozen=True):
    """What an agent files for the principal of a mandate; the fields as in :class:`engine.opening.Opening`."""

    item: ShortText
    situation: Annotated[list[Code], Meta(max_length=30)] = []
    hall: Code | None = None
    window: Code | None = None


async def file_for(
    context: Context, actor: Actor, key: UUID, request: FilingFor, now: datetime, idempotency: str = ""
) -> Answer:
    """Open a case for the principal of a mandate, as the agent whom it names; see :func:`engine.opening.open_case`.

    :param key: of the mandate. :param now: UTC. :param idempotency: key of the request.
    :returns: number, query code, state, version.
    :raises NotFound: ``mandate_not_found``. :raises Forbidden: ``mandate_not_yours``; and as in ``open_case``.
    """
    row = await seen_mandate(actor, key)
    if row["agent_id"] != actor.person:
        raise Forbidden(
            "mandate_not_yours",
            "该委托的代理人不是您，只能由代理人本人代为申请。",
            "You are not the agent of this mandate; only the agent files under it.",
            basis="民法典165、169",
        )
    who = await _principal(context, row)
    opening = Opening(
        request.item,
        who,
        request.situation,
        hall=request.hall or row["hall"],
        window=request.window,
        mandate=row["number"],
    )
    return await open_case(context, actor, opening, now, idempotency)


async def _principal(context: Context, row: dict[str, Any]) -> Applicant:
    """The principal as registered, with their number in clear for the application."""
    async with reading() as connection:
        party = await parties.by_index(connection, row["principal_id_kind"], row["principal_index"])
    if party is None:
        raise LookupError(row["principal_id"])
    opened = {
        name: context.sealer.open(party[f"{name}_sealed"], f"parties.{name}_sealed")
        if party[f"{name}_sealed"]
        else None
        for name in ("id", "mobile", "address")
    }
    return Applicant(
        party["kind"],
        row["principal"]["name"],
        party["id_kind"],
        opened["id"] or "",
        opened["mobile"],
        opened["address"],
        row["principal"].get("language", "zh"),
    )


async def revoke_mandate(
    context: Context, actor: Actor, key: UUID, request: Revoking, now: datetime, idempotency: str = ""
) -> Answer:
    """End a mandate before its term; from now on nothing is done under it, and the trail of its open cases says so.

    :param key: of the mandate. :param now: UTC. :param idempotency: key of the request.
    :returns: ``mandate``, ``number``, ``ended_at``.
    :raises NotFound: ``mandate_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``signature_missing``, ``mandate_ended``.
    """
    refuse_control_characters(request.reason)
    row = await seen_mandate(actor, key)
    role = _ender(actor, row, request)

    async def write(connection: Connection) -> Answer:
        # Cases before the mandate, as every act of an agent locks them.
        cases = [await trail.lock(connection, number) for number in await mandates.open_cases(key)]
        found = await mandates.lock(connection, key)
        if found is None or found["revoked_at"] is not None:
            raise Conflict("mandate_ended", "该委托已经终止。", "This mandate has been ended already.", basis=ENDED)
        await mandates.revoke(connection, key, now, actor.staff, request.ending.value, request.reason)
        told = {"mandate": row["number"], "ending": request.ending.value, "agent": row["agent_name"]}
        for case in cases:
            await trail.append(context, connection, case, EventName.MANDATE_REVOKED, told, now, actor=actor, role=role)
        await log_mandate(connection, actor, row["number"], "mandate.revoke", now, request.reason)
        return {"mandate": str(key), "number": row["number"], "ended_at": now.isoformat()}

    return await once(actor, idempotency, ["mandate.revoke", key, request], now, write)


def _ender(actor: Actor, row: dict[str, Any], request: Revoking) -> Role:
    """As what somebody records the end: the window for the principal, an agent for themself."""
    role = scope.role_at(actor, set(REGISTRARS) - {Role.agent}, row["hall_path"], "")
    if role is None and row["agent_id"] == actor.person:
        role = Role.agent
    if role is None or (role is Role.agent and request.ending is Ending.lapsed):
        raise Forbidden(
            "role_not_allowed",
            "委托的终止由窗口或代理人本人登记。",
            "The end of a mandate is recorded at the window, or by the agent.",
            basis=ENDED,
        )
    if request.ending is Ending.revoked and not request.signed:
        raise Conflict(
            "signature_missing",
            "取消委托须由委托人签名或者盖章。",
            "The principal must sign or seal the revocation.",
            basis=ENDED,
        )
    return role


async def read_mandate(context: Context, actor: Actor, key: UUID, now: datetime) -> dict[str, Any]:
    """A mandate with its scope, its term and where it stands. The look is logged.

    :param now: UTC. :raises NotFound: ``mandate_not_found``, also for one out of the actor's sight.
    """
    row = await seen_mandate(actor, key)
    await log_access(actor, row["number"], "mandate.read", now)
    return _view(context, row, now)


async def list_mandates(
    context: Context, actor: Actor, now: datetime, *, standing: bool = False, after: UUID | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the actor's own mandates and of those of their halls, the newest first.

    :param now: UTC. :param standing: only those that have not ended. :param after: the key of the last row before it.
    """
    halls = await halls_for(actor, READERS)
    mine = actor.person if Role.agent in actor.roles else None
    day = context.hours(None).day(now) if standing else None
    rows = await mandates.page(mine, halls, standing_on=day, after=after, limit=limit)
    return [_view(context, row, now) for row in rows]


async def seen_mandate(actor: Actor, key: UUID) -> dict[str, Any]:
    """The row of a mandate within the actor's sight.

    :raises NotFound: ``mandate_not_found``.
    """
    row = await mandates.read(key)
    if row is None or not sees(actor, row):
        raise NotFound(
            "mandate_not_found",
            "没有找到该委托，或者它不在您的管辖范围内。",
            "There is no such mandate within your reach.",
        )
    return row


def sees(actor: Actor, row: dict[str, Any]) -> bool:
    """Whether a mandate is the actor's own, or one of their halls."""
    own = row["agent_id"] == actor.person and Role.agent in actor.roles
    return own or scope.role_at(actor, READERS, row["hall_path"], "") is not None


def _view(context: Context, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    day = context.hours(row["hall_hours"]).day(now)
    shown = {name: row[name] for name in _SHOWN} | {"powers": [power.value for power in ordered(row["powers"])]}
    return shown | {"state": state_of(facts_of_row(row), day).value}
