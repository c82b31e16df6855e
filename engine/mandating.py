"""登记委托: a mandate (D22) as its paper states it, under the next number of the hall."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from asyncpg.exceptions import UniqueViolationError
from msgspec import Meta, Struct

from engine.context import Context
from engine.filing import Applicant, party_row
from engine.identity import actor_of
from engine.once import once
from engine.placing import find_place
from engine.reading import seen_case
from engine.work import Answer
from storage import access, catalogues, mandates, parties, people, registers, visits
from storage.db import Connection, uuid7
from workflows import scope
from workflows.actor import Actor, Role
from workflows.documents import KINDS
from workflows.errors import Conflict, Malformed, NotFound
from workflows.mandate import BASIS, Power, check_term, check_two_people
from workflows.numbers import document_number
from workflows.party import IdKind, validate_id, validate_mobile
from workflows.payload import Code, ShortText, Text, refuse_control_characters

REGISTRARS: Final = (Role.clerk, Role.guide, Role.agent, Role.hall_manager)
"""Who registers and ends mandates, in the order in which a grant is looked for."""
SEALED: Final = "mandates.agent_sealed"
_PAPER: Final = KINDS["D22"]


class Representative(Struct, forbid_unknown_fields=True, frozen=True):
    """The agent: one of the staff by sign-in name, or a private person by name; with their identity document."""

    id_kind: Code
    id_number: ShortText
    name: ShortText | None = None
    login: Code | None = None


class Mandating(Struct, forbid_unknown_fields=True, frozen=True):
    """A mandate as the paper (D22) states it.

    ``items`` are codes; ``case`` the number of the one case that it is for instead. ``from_on`` and ``until_on`` are
    hall dates, both included. ``signed``: the principal has signed or sealed it. ``reference`` is the paper's own
    number; ``visit`` the on-site visit at which it was signed.
    """

    principal: Applicant
    agent: Representative
    matter: Text
    powers: Annotated[list[Power], Meta(min_length=1, max_length=4)]
    from_on: date
    until_on: date
    signed: bool
    items: Annotated[list[ShortText], Meta(max_length=50)] = []
    case: Code | None = None
    reference: ShortText | None = None
    visit: UUID | None = None
    hall: Code | None = None


async def register_mandate(context: Context, actor: Actor, request: Mandating, now: datetime, key: str = "") -> Answer:
    """Register a mandate under the next number (D22). It counts once its paper has been scanned and kept.

    :param now: UTC. :param key: idempotency key; the same request under the same key is kept once.
    :returns: ``mandate`` (key), ``number``, ``from_on``, ``until_on``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``, ``item_not_found``,
        ``case_not_found``.
    :raises Conflict: ``principal_is_agent``, ``agent_not_on_staff``, ``signature_missing``, ``mandate_number_used``,
        ``mandate_case_wrong``, ``visit_not_done``.
    :raises Malformed: ``mandate_term_wrong``, ``mandate_matter_missing``, ``agent_name_missing``, an identity number
        that fails its check, ``control_character``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, REGISTRARS, request.hall, None)
    day = context.hours(place.hall["hours"]).day(now)
    check_term(request.from_on, request.until_on, day)
    _require_signature(signed=request.signed)
    party = _party(context, request, now)
    row = await _row(context, actor, request, place.hall, now) | {"principal": party["as_filed"]}

    async def write(connection: Connection) -> Answer:
        row["principal_id"] = await parties.remember(connection, party)
        await _check_links(connection, row)
        row["number"] = await _number(connection, place.hall, day.year)
        await mandates.add(connection, row)
        await log_mandate(connection, actor, row["number"], "mandate.register", now)
        dates = {name: row[name].isoformat() for name in ("from_on", "until_on")}
        return {"mandate": str(row["id"]), "number": row["number"], **dates}

    try:
        return await once(actor, key, ["mandate", request], now, write)
    except UniqueViolationError as clash:
        if clash.constraint_name != "mandates_paper_once":
            raise
        raise Conflict(
            "mandate_number_used",
            "该委托人同一编号的授权委托书已经登记，请勿重复登记。",
            "A mandate of this principal under the same number is registered already.",
            basis=BASIS,
        ) from None


async def _row(
    context: Context, actor: Actor, request: Mandating, hall: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        **await _matter(context, actor, request, context.hours(hall["hours"]).day(now)),
        **await _agent(context, request, hall["path"]),
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


def _party(context: Context, request: Mandating, now: datetime) -> dict[str, Any]:
    """The principal's row; nobody gives a mandate to themself."""
    who, agent = request.principal, request.agent
    number = validate_id(who.id_kind, who.id_number)
    check_two_people((who.id_kind, number), (agent.id_kind, validate_id(agent.id_kind, agent.id_number)))
    if (who.kind == "person") != (who.id_kind != IdKind.USCC) or agent.id_kind == IdKind.USCC:
        raise Malformed(
            "id_kind_wrong",
            "自然人（含代理人）须用个人身份证件，组织须用统一社会信用代码。",
            "A person, and every agent, is identified by a personal document, an organisation by its company code.",
        )
    return party_row(context, who, number, validate_mobile(who.mobile) if who.mobile else None, now)


async def _matter(context: Context, actor: Actor, request: Mandating, day: date) -> dict[str, Any]:
    """The items that it is for, or the one case."""
    if request.case:
        case, _ = await seen_case(context, actor, request.case)
        return {"items": [case["item_code"]], "case_number": case["number"], "case_party": case["party_id"]}
    if not request.items:
        raise Malformed(
            "mandate_matter_missing",
            "请写明委托的事项或办件。",
            "Say for which items or which case it is.",
            basis=BASIS,
        )
    for code in request.items:
        if await catalogues.item_on(code, day) is None:
            raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    return {"items": sorted(set(request.items)), "case_number": "", "case_party": None}


async def _agent(context: Context, request: Mandating, hall_path: str) -> dict[str, Any]:
    """Who acts, with their number sealed."""
    who = request.agent
    number = validate_id(who.id_kind, who.id_number)
    person, name = None, (who.name or "").strip()
    if who.login:
        account = await people.by_login(who.login)
        staff = actor_of(account) if account and account["active"] else None
        if staff is None or scope.role_at(staff, {Role.agent}, hall_path, "") is None:
            raise Conflict(
                "agent_not_on_staff",
                f"“{who.login}”不是本大厅在岗的帮办代办员，请核对登录名。",
                f"{who.login} is no agent of this hall; check the sign-in name.",
                basis="岗位权限",
            )
        person, name = staff.person, staff.name
    if not name:
        raise Malformed("agent_name_missing", "请填写代理人姓名。", "Give the name of the agent.", basis=BASIS)
    return {
        "agent_id": person,
        "agent_name": name,
        "agent_id_kind": who.id_kind,
        "agent_sealed": context.sealer.seal(number, SEALED),
        "agent_index": context.sealer.index(number, who.id_kind),
    }


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


async def _number(connection: Connection, hall: dict[str, Any], year: int) -> str:
    counter = f"document:{hall['agency_word']}:{_PAPER.code}:{year}"
    numbers = await registers.next_numbers(connection, [counter])
    return document_number(hall["agency_word"], _PAPER.word, year, numbers[counter])


async def log_mandate(
    connection: Connection, actor: Actor, number: str, action: str, now: datetime, purpose: str = ""
) -> None:
    """Write into the access log what was done with a mandate."""
    row = {"at": now, "actor": actor.person, "subject": number, "action": action, "purpose": purpose}
    await access.add(connection, row)
