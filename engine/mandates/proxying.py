"""An agent at work on a case: the mandate behind the act, both names on its event, and who comes to collect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.command import Work
from engine.context import Context
from storage import mandates
from storage.db import Connection, reading
from workflows import scope
from workflows.actor import Actor, Grant, Role
from workflows.errors import Conflict, Forbidden
from workflows.events import Act
from workflows.item import ItemVersion
from workflows.mandate import (
    BASIS,
    Power,
    agents_in_sight,
    best_of,
    check_standing,
    mandate_needed,
    named,
    numbered,
    refuse_two_hats,
)
from workflows.situation import CaseFacts, MandateFacts

PROXY: Final = "proxy"
"""The flag of a case that is followed under a mandate."""


def facts_from(rows: Any) -> tuple[MandateFacts, ...]:
    """Mandates as rules see them, from the rows that come with a case."""
    return msgspec.convert(rows, tuple[MandateFacts, ...])


def in_sight(case: Mapping[str, Any]) -> frozenset[UUID]:
    """The agents on the staff who see a case, from its row."""
    return agents_in_sight(_facts(case), case["item_code"]) if case["mandates"] else frozenset()


def sees(actor: Actor, case: Mapping[str, Any], *, routed: bool) -> bool:
    """Whether the actor reaches a case, from its row; see :func:`workflows.scope.sees`."""
    place = (case["hall_path"], case["department_path"])
    return scope.sees(actor, *place, routed=routed, number=case["number"], agents=in_sight(case))


def _facts(case: Mapping[str, Any]) -> CaseFacts:
    """As much of a case row as says who acts for the applicant, and who handles it."""
    return CaseFacts(
        number=case["number"],
        state=case["state"],
        version=case["version"],
        hall=case["hall_id"],
        department=case["department_id"],
        receiver=case["receiver_id"],
        handler=case["handler_id"],
        endorser=case["endorser_id"],
        mandate=case["mandate_id"],
        mandates=facts_from(case["mandates"]),
    )


async def roles_under(actor: Actor, number: str | None, roles: tuple[Role, ...]) -> tuple[Role, ...]:
    """As what somebody opens a case: the agent of the mandate that they name as an agent, whatever else they are."""
    if number is None or Role.agent not in actor.roles:
        return roles
    async with reading() as connection:
        row = await mandates.by_number(connection, number)
    return (Role.agent,) if row is not None and row["agent_id"] == actor.person else roles


async def mandate_of_opening(
    connection: Connection,
    actor: Actor,
    role: Role,
    number: str | None,
    item: ItemVersion,
    party: Mapping[str, Any],
    day: date,
) -> MandateFacts | None:
    """The mandate under which a case is opened: an agent's own, or at the window that of who stands there.

    It cannot be revoked until the transaction ends.

    :param party: the row of the applicant. :param day: hall date.
    :raises Conflict: ``mandate_unknown``. :raises Forbidden: ``mandate_needed`` when an agent names none; and as in
        :func:`workflows.mandate.check_standing`.
    """
    if number is None:
        if role is Role.agent:
            raise mandate_needed()
        return None
    row = await mandates.by_number(connection, number)
    theirs = row is not None and (row["principal_id_kind"], row["principal_index"]) == (
        party["id_kind"],
        party["id_index"],
    )
    found = (facts_of_row(row),) if row is not None and theirs else ()
    mandate = named((one for one in found if _acts(actor, role, one)), number, item.code, "")
    check_standing(mandate, {Power.file}, day)
    return mandate


def _acts(actor: Actor, role: Role, mandate: MandateFacts) -> bool:
    """An agent acts under their own mandates; at the window stands a private representative."""
    return mandate.agent == (actor.person if role is Role.agent else None)


def facts_of_row(row: Mapping[str, Any]) -> MandateFacts:
    """A mandate as rules see it, from its own row."""
    return MandateFacts(
        row["id"],
        row["number"],
        row["principal_id"],
        row["principal"]["name"],
        row["agent_id"],
        row["agent_name"],
        row["agent_index"].hex(),
        frozenset(row["items"]),
        frozenset(row["powers"]),
        row["from_on"],
        row["until_on"],
        row["case_number"],
        row["revoked_at"],
        row["evidence_id"] is not None,
    )


def followed_under(mandate: MandateFacts | None, case: dict[str, Any]) -> dict[str, Any]:
    """Columns of a new case, with the mandate under which it is opened and the flag that says so.

    :param case: with its ``flags``.
    """
    marked = {"flags": sorted({*case["flags"], PROXY})} if mandate else {}
    return case | marked | {"mandate": mandate, "mandate_id": mandate.id if mandate else None}


def grant_of(grant: Grant | None, mandate: MandateFacts | None) -> Grant | None:
    """A grant as it is signed under a mandate: with the applicant's name."""
    return replace(grant, principal=mandate.principal) if grant and mandate else grant


def told_of(mandate: MandateFacts) -> dict[str, str]:
    """What an event says of the mandate behind it."""
    return {
        "party": str(mandate.party),
        "name": mandate.principal,
        "mandate": mandate.number,
        "agent": mandate.agent_name,
    }


def mark(work: Work) -> None:
    """What every act under a mandate leaves: both names, the flag, the mandate on the case.

    The mandate stays as it is until the act is written, so that it is never one that somebody revoked meanwhile.
    """
    mandate = work.situation.mandate
    number = work.payload.get("mandate_number")
    if mandate is None and number and work.command.act is Act.RECEIVE:
        mandate = named(work.situation.case.mandates, number, work.item.code, work.case["number"])
    if mandate is None:
        return
    work.flags.add(PROXY)
    work.data["principal"] = told_of(mandate)
    work.change(mandate_id=mandate.id)
    work.then(hold, mandate)


async def hold(connection: Connection, mandate: MandateFacts) -> None:
    """Let nobody revoke a mandate before the transaction ends.

    :raises Forbidden: ``mandate_revoked`` when somebody did a moment before.
    """
    if not await mandates.still_standing(connection, mandate.id):
        raise Forbidden(
            "mandate_revoked",
            f"授权委托书{mandate.number}刚刚被终止，本次操作未写入。",
            f"Mandate {mandate.number} was ended a moment ago; nothing was written.",
            basis="民法典173",
        )


def on_case(
    context: Context,
    case: Mapping[str, Any],
    actor: Actor,
    roles: Collection[Role],
    powers: Collection[Power],
    now: datetime,
) -> tuple[Role | None, MandateFacts | None]:
    """As what somebody does something beside the acts of the flow, and under which mandate an agent does it.

    :param case: its row. :param powers: the mandate must hold one of them. :param now: UTC.
    :returns: no role where the actor has none of these there.
    :raises Forbidden: ``two_hats``, and as in :func:`workflows.mandate.best_of`.
    """
    facts = _facts(case)
    here = scope.hats_of(actor, in_sight(case))
    role = scope.role_at(here, roles, case["hall_path"], case["department_path"])
    if role is None:
        return None, None
    refuse_two_hats(facts, case["item_code"], actor, role)
    if role is not Role.agent:
        return role, None
    mine = [one for one in facts.mandates if one.agent == actor.person]
    day = context.hours(case["hall_hours"]).day(now)
    return role, best_of((one for one in mine if one.concerns(case["item_code"], case["number"])), powers, day)


def check_collector(work: Work, id_kind: str, number: str, relation: str) -> None:
    """Whoever collects for the applicant under a registered mandate collects within it (民法典165).

    :param number: the collector's identity number, in its standard form.
    :raises Conflict: ``mandate_unknown``, ``collector_is_not_agent``. :raises Forbidden: see
        :func:`workflows.mandate.check_standing`.
    """
    situation, index = work.situation, work.context.sealer.index(number, id_kind).hex()
    here = [one for one in situation.case.mandates if one.concerns(work.item.code, situation.case.number)]
    mandate = mandate_of_collector(here, index, relation, work.payload.get("mandate_number"), situation.today)
    if mandate is not None:
        work.data["principal"] = told_of(mandate)
        work.then(hold, mandate)


def mandate_of_collector(
    here: Collection[MandateFacts], index: str, relation: str, given: str | None, today: date
) -> MandateFacts | None:
    """The registered mandate under which somebody collects; None where they collect for themself, or under a paper.

    :param here: the applicant's mandates for the case. :param index: blind index of the collector's identity number.
    :param given: the number of the mandate as it was shown. :param today: hall date. Refusals as in
        :func:`check_collector`.
    """
    if given:
        mandate = numbered(here, given)
        if mandate.agent_index != index:
            raise Conflict(
                "collector_is_not_agent",
                f"领取人不是授权委托书{mandate.number}载明的代理人，请核对证件。",
                f"The collector is not the agent of mandate {mandate.number}; check the identity document.",
                basis=BASIS,
            )
        check_standing(mandate, {Power.collect}, today)
        return mandate
    theirs = [one for one in here if one.agent_index == index]
    return best_of(theirs, {Power.collect}, today) if theirs and relation in {"agent", "family"} else None
