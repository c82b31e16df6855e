"""Opening a case: who applies, for what, in which hall. Receipt is an act of its own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from asyncpg.exceptions import UniqueViolationError
from msgspec import Meta, Struct

from engine.context import Context
from engine.filing import Applicant, party_row
from engine.known_parties import with_contact_before
from engine.mandates.proxying import followed_under, grant_of, mandate_of_opening, roles_under, told_of
from engine.placing import Place, find_place
from engine.precedence import Precedence, served_first
from engine.rows import begun
from engine.work import Answer, chain, replay
from storage import acts, cases, catalogues, consultations, parties, registers
from storage.db import Connection, transaction, uuid7
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Malformed, NotFound
from workflows.flow import Flow
from workflows.item import ItemVersion
from workflows.material import check_answers
from workflows.numbers import case_number, query_code
from workflows.party import validate_id, validate_mobile
from workflows.payload import Code, ShortText, refuse_control_characters

__all__ = ["OPENING_ROLES", "Applicant", "Opening", "Place", "find_place", "item_in_force", "open_case", "opened"]

OPENING_ROLES = (Role.clerk, Role.guide, Role.agent)
"""Who may open a case, in the order in which a grant is looked for."""


class Opening(Struct, forbid_unknown_fields=True, frozen=True):
    """A request to open a case.

    ``situation`` lists the circumstances that apply (answers to the item's questions); ``consultation`` the number of a
    consultation that this case comes of; ``window`` the code of the window; ``mandate`` the number of the mandate (D22)
    under which somebody acts for the applicant; ``priority`` whom the law serves first, and on what evidence;
    ``contact_as_before``: mobile and address, where none is given, are those that the party gave earlier.
    """

    item: ShortText
    applicant: Applicant
    situation: Annotated[list[Code], Meta(max_length=30)] = []
    channel: Literal["window", "online", "mobile", "post"] = "window"
    hall: Code | None = None
    window: Code | None = None
    consultation: ShortText | None = None
    mandate: ShortText | None = None
    priority: Precedence | None = None
    contact_as_before: bool = False


async def open_case(context: Context, actor: Actor, request: Opening, now: datetime, key: str = "") -> Answer:
    """Open a case and give it its number.

    :param now: UTC. :param key: idempotency key; the same request under the same key opens one case.
    :returns: number, query code, state, version.
    :raises NotFound: ``item_not_found``, ``consultation_not_found``, ``organisation_not_found``.
    :raises Conflict: ``item_not_in_force``. :raises Forbidden: ``role_not_allowed``; both also as in
        :func:`engine.mandates.proxying.mandate_of_opening`.
    :raises Malformed: when an identity number fails its check, or a key stands for another request.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    digest = hashlib.sha256(msgspec.json.encode(request, order="sorted")).hexdigest()
    who, number, mobile = await _applicant(context, request)
    place = await _place(actor, request)
    day = context.hours(place.hall["hours"]).day(now)
    row = await item_in_force(request.item, day)
    item = await context.item(row["id"])
    _check_subject(item, request.applicant)
    check_answers(item.situations, request.situation)
    flow = await _flow(context, item, day)
    try:
        async with transaction() as connection:
            seen = await registers.answer(connection, actor.person, key) if key else None
            if seen is None:
                party = party_row(context, who, number, mobile, now)
                mandate = await mandate_of_opening(connection, actor, place.role, request.mandate, item, party, day)
                party["id"] = await parties.remember(connection, party)
                case = await _case_row(connection, request, place, row, flow, party, day, now)
                first = served_first(item, request.situation, who.id_kind, number, day, place.role, request.priority)
                case |= followed_under(mandate, first) | {"owner_id": actor.person}
                answer = await _write(connection, context, actor, request, place, case, now, (key, digest))
        if seen is None:
            context.wake()
            return answer
    except UniqueViolationError as clash:
        if clash.constraint_name != "idempotency_keys_once":
            raise
        async with transaction() as connection:
            seen = await registers.answer(connection, actor.person, key)
    return replay(seen, digest)


async def _applicant(context: Context, request: Opening) -> tuple[Applicant, str, str | None]:
    """Who applies, with number and mobile in their standard form."""
    number = validate_id(request.applicant.id_kind, request.applicant.id_number)
    who = await with_contact_before(context, request.applicant, number, wanted=request.contact_as_before)
    return who, number, validate_mobile(who.mobile) if who.mobile else None


async def _place(actor: Actor, request: Opening) -> Place:
    roles = await roles_under(actor, request.mandate, OPENING_ROLES)
    return await find_place(actor, roles, request.hall, request.window)


async def item_in_force(code: str, day: date) -> dict[str, Any]:
    """The version of an item that applies on a day (hall time).

    :raises NotFound: ``item_not_found``. :raises Conflict: ``item_not_in_force``.
    """
    row = await catalogues.item_on(code, day)
    if row is None:
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    if row["suspended"] or row["in_force_from"] > day or (row["in_force_to"] and row["in_force_to"] < day):
        raise Conflict(
            "item_not_in_force",
            f"事项“{row['name']}”在{day:%Y-%m-%d}不在实施期内，不能收件。",
            f"The item is not in force on {day:%Y-%m-%d}; no application can be taken.",
            basis="实施清单",
        )
    return row


def _check_subject(item: ItemVersion, who: Applicant) -> None:
    """The item says whom it is for (服务对象, GB/T 39046 A.4)."""
    natural = who.kind == "person"
    if natural != (who.id_kind != "uscc"):
        raise Malformed(
            "id_kind_wrong",
            "自然人须用个人身份证件，组织须用统一社会信用代码。",
            "A person is identified by a personal document, an organisation by its company code.",
        )
    if not any((subject == "person") == natural for subject in item.subjects):
        raise Conflict(
            "subject_not_allowed",
            f"事项“{item.name}”不面向{'自然人' if natural else '法人和其他组织'}。",
            f"This item is not for {'natural persons' if natural else 'organisations'}.",
            basis="GB/T 39046-2020 A.4",
            subjects=list(item.subjects),
        )


async def _flow(context: Context, item: ItemVersion, day: date) -> Flow:
    try:
        return await context.flow(item.flow, on=day)
    except NotFound:
        raise Conflict(
            "flow_not_published",
            f"事项“{item.name}”的办理流程（{item.flow}）尚未发布，暂不能收件。",
            f"The procedure of this item ({item.flow}) is not published yet; no application can be taken.",
            basis=item.procedure_law,
        ) from None


async def _case_row(
    connection: Connection,
    request: Opening,
    place: Place,
    row: dict[str, Any],
    flow: Flow,
    party: dict[str, Any],
    day: date,
    now: datetime,
) -> dict[str, Any]:
    region = place.hall["region_code"][:6]
    counter = f"case:{region}:{day:%y%m%d}"
    seq = (await registers.next_numbers(connection, [counter]))[counter]
    return {
        "id": uuid7(),
        "number": case_number(region, day, seq),
        "query_code": query_code(secrets.token_bytes(16)),
        "item_id": row["id"],
        "item_code": row["code"],
        "item_name": row["name"],
        "item_name_en": row["data"]["name_en"],
        "item_version": row["version"],
        "flow": flow.name,
        "flow_version": flow.version,
        "hall_id": place.hall["id"],
        "window_id": place.window["id"] if place.window else None,
        "department_id": row["department_id"],
        "party_id": party["id"],
        "applicant": party["as_filed"],
        "applicant_sealed": party["sealed_as_filed"],
        "channel": request.channel,
        "situation": sorted(set(request.situation)),
        "state": flow.initial,
        "holder": flow.states[flow.initial].holder,
        "opened_at": now,
        "changed_at": now,
        "parent_id": None,
        "head_seq": 0,
        "head_digest": "",
    } | {name: row["data"][name] for name in ("case_kind", "department")}


def _event(
    context: Context, actor: Actor, request: Opening, place: Place, case: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The first event of the chain."""
    mandate = case["mandate"]
    return {
        "name": "case:open",
        "at": now,
        "claimed_at": None,
        "actor": actor.person,
        "actor_name": actor.signature(grant_of(place.grant, mandate if place.role is Role.agent else None)),
        "role": place.role.value,
        "organisation": place.hall["id"],
        "window": case["window_id"],
        "acting_for": place.grant.acting_for,
        "from_state": "",
        "to_state": case["state"],
        "reason": "",
        "data": ({"principal": told_of(mandate)} if mandate else {})
        | {
            "item": case["item_code"],
            "applicant": case["applicant"],
            "situation": case["situation"],
            "channel": case["channel"],
            "priority": case["priority"],
            **({"priority_evidence": request.priority.evidence} if request.priority else {}),
            "consultation": request.consultation or "",
            "owner": str(case["owner_id"]),
            "standing": begun(case, context.hours(place.hall["hours"])),
        },
        "clocks": {},
        "algorithm": context.settings.digest_algorithm,
    }


async def _write(
    connection: Connection,
    context: Context,
    actor: Actor,
    request: Opening,
    place: Place,
    case: dict[str, Any],
    now: datetime,
    key: tuple[str, str],
) -> Answer:
    if request.consultation:
        guide = await consultations.first_contact(connection, request.consultation, [place.hall["id"]])
        case["owner_id"] = guide or case["owner_id"]
    await cases.insert(connection, case)
    if request.consultation and not await consultations.link(
        connection, request.consultation, [place.hall["id"]], case["id"]
    ):
        raise NotFound(
            "consultation_not_found", "没有找到该咨询记录。", "There is no such consultation without a case."
        )
    event = chain(case, _event(context, actor, request, place, case, now))
    answer = {
        "case": case["number"],
        "query_code": case["query_code"],
        "state": case["state"],
        "version": 1,
        "seq": event["seq"],
        "at": now.isoformat(),
    }
    await acts.write(
        connection,
        opened(case),
        event,
        entries=[],
        clocks=[],
        documents=[],
        outbox=[{"topic": "case.changed", "data": {"case": case["number"], "seq": 1}}],
        key=(actor.person, *key, answer),
    )
    return answer


def opened(case: dict[str, Any]) -> dict[str, Any]:
    """The changeable columns of a case that has just been opened."""
    blank: dict[str, Any] = dict.fromkeys(acts.CASE_COLUMNS)
    known: dict[str, Any] = {
        name: case[name] for name in ("id", "state", "holder", "department_id", "owner_id", "priority", "rank")
    }
    return blank | known | {"version": 1, "flags": case.get("flags", []), "mandate_id": case.get("mandate_id")}
