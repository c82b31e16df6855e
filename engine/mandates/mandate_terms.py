"""What a mandate says (D22), checked: who acts for whom, in which matter, with which powers, from when until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from engine.context import Context
from engine.filing import Applicant, party_row
from engine.identity import actor_of
from engine.reading import seen_case
from storage import catalogues, people
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Malformed, NotFound
from workflows.mandate import BASIS, Power, check_two_people
from workflows.party import IdKind, validate_id, validate_mobile
from workflows.payload import Code, ShortText, Text

REGISTRARS: Final = (Role.clerk, Role.guide, Role.agent, Role.hall_manager)
"""Who draws up, registers and ends mandates, in the order in which a grant is looked for."""
SEALED: Final = "mandates.agent_sealed"


class Representative(Struct, forbid_unknown_fields=True, frozen=True):
    """The agent: one of the staff by sign-in name, or a private person by name; with their identity document."""

    id_kind: Code
    id_number: ShortText
    name: ShortText | None = None
    login: Code | None = None


class Terms(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A mandate as its paper (D22) states it.

    ``items`` are codes; ``case`` the number of the one case that it is for instead. ``from_on`` and ``until_on`` are
    hall dates, both included.
    """

    principal: Applicant
    agent: Representative
    matter: Text
    powers: Annotated[list[Power], Meta(min_length=1, max_length=4)]
    from_on: date
    until_on: date
    items: Annotated[list[ShortText], Meta(max_length=50)] = []
    case: Code | None = None
    hall: Code | None = None


def fingerprint(context: Context, terms: Terms) -> str:
    """What tells the terms of one mandate from another's, without showing whose they are (HMAC-SHA256, hexadecimal)."""
    who, agent = terms.principal, terms.agent
    said = [
        validate_id(who.id_kind, who.id_number), validate_id(agent.id_kind, agent.id_number), terms.matter,
        sorted(set(terms.powers)), terms.from_on, terms.until_on, sorted(set(terms.items)), terms.case,
    ]  # fmt: skip
    return context.sealer.index(msgspec.json.encode(said).decode(), "mandates.terms").hex()


def party_of(context: Context, request: Terms, now: datetime) -> dict[str, Any]:
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


async def matter_of(context: Context, actor: Actor, request: Terms, day: date) -> dict[str, Any]:
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


async def agent_of(context: Context, request: Terms, hall_path: str) -> dict[str, Any]:
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
