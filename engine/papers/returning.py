"""退还原件: originals handed back to the applicant at the counter against identity and signature, with a slip (D23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from engine.committing import RENDER
from engine.context import Context
from engine.ending import ORIGINALS
from engine.issue.issuing import refuse_stranger
from engine.mandates import proxying
from engine.once import once
from engine.papers.custodians import lock_cases, record, refuse_agent
from engine.papers.packing import SLIP, LineWish, counts
from engine.work import Answer
from storage import duties, paper_moves, registers
from storage.db import Connection
from storage.paper_moves import Move, Where
from workflows import scope
from workflows.actor import Actor, Role
from workflows.custody import APPLICANT, BASIS, HALL, LOST, Papers, Wished, choose, not_here
from workflows.documents import KINDS
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.events import EventName
from workflows.issue_guards import check_entitled
from workflows.numbers import document_number
from workflows.party import mask_id, validate_id
from workflows.payload import Person, ShortText, refuse_control_characters

RETURNERS: Final = (Role.clerk, Role.issuer, Role.hall_manager)
"""Who hands originals back."""


class Returning(Struct, forbid_unknown_fields=True, frozen=True):
    """Originals handed back: which (all that are in the hall by default), to whom, and the signature on the slip.

    ``mandate``: a mandate on paper was checked, where they take for another; ``mandate_number``: of a registered one.
    Who refuses to sign needs a ``witness``.
    """

    recipient: Person
    lines: Annotated[list[LineWish], Meta(min_length=1, max_length=100)] | None = None
    signed: bool = False
    refused: bool = False
    witness: ShortText | None = None
    mandate: bool | None = None
    mandate_number: ShortText | None = None


async def give_back(
    context: Context, actor: Actor, number: str, request: Returning, now: datetime, key: str = ""
) -> Answer:
    """Hand originals back. What the hall owed is settled once no original is left there.

    :param now: UTC. :param key: idempotency key.
    :returns: ``case``, ``document`` (number of the slip), ``papers`` (line and counts).
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``, ``two_hats``; and where a mandate
        does not reach so far, see :func:`workflows.mandate.check_standing`.
    :raises Conflict: ``paper_not_here``, ``signature_missing``, ``witness_missing``, ``mandate_missing``,
        ``recipient_is_not_applicant``, ``collector_is_not_agent``. :raises Malformed: ``sheets_needed``,
        ``line_twice``, and when an identity number fails.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    check_signature(request)
    write = partial(_give_back, context, actor, number, request, now)
    answer = await once(actor, key, ["paper-return", number, request], now, write)
    context.wake()
    return answer


def check_signature(request: Returning) -> None:
    """The slip is signed, or the refusal to sign was seen by a witness who is not the recipient.

    :raises Conflict: ``signature_missing``, ``witness_missing``.
    """
    check_entitled(msgspec.to_builtins(request))
    witness = (request.witness or "").strip()
    if request.refused and (not witness or witness == request.recipient.name):
        raise Conflict(
            "witness_missing",
            "签收人拒绝签字的，须有见证人，且不得是签收人本人。请填写见证人。",
            "Who refuses to sign needs a witness, somebody else; name one.",
            basis="参照民事诉讼法89",
        )
    if not request.signed and not request.refused:
        raise Conflict(
            "signature_missing",
            "退还原件须由签收人在移交单上签字；拒绝签字的，请注明并填写见证人。",
            "Originals are handed back against a signature on the slip; a refusal takes a witness.",
            basis=BASIS,
        )


async def _give_back(
    context: Context, actor: Actor, number: str, request: Returning, now: datetime, connection: Connection
) -> Answer:
    case = (await lock_cases(connection, [number]))[number]
    role = _role(actor, case)
    refuse_agent(case, actor)
    principal = _check_person(context, case, request, now)
    if principal is not None:
        await proxying.hold(connection, principal)
    where = await paper_moves.where(connection, [case["id"]])
    here = {line: places[HALL] for (_, line), places in where.items() if HALL in places}
    chosen = _chosen(here, request)
    listed = [counts(line, papers) for line, papers in chosen.items()]
    paper = await _slip(context, connection, case, {**_signer(request), "papers": listed}, actor, now)
    data = {"papers": listed, "documents": [{"code": SLIP, "number": paper["number"]}], **_signer(request)}
    moves = [Move(case["id"], line, papers, HALL, APPLICANT) for line, papers in chosen.items()]
    told = [(case, data | ({"principal": proxying.told_of(principal)} if principal else {}))]
    left = [{"topic": RENDER, "data": {"case": case["number"]}}]
    await record(
        context, connection, (actor, role), EventName.PAPER_RETURNED, told, moves, now, documents=[paper], outbox=left
    )
    if not _still_owed(where, chosen):
        await duties.settle(connection, case["id"], ORIGINALS, now, actor.staff, paper["number"])
    return {"case": case["number"], "document": paper["number"], "papers": listed}


def _still_owed(where: Where, gone: Mapping[str, Papers]) -> bool:
    """Whether an original is anywhere but with the applicant, or lost."""
    return any(
        (papers.without(gone.get(line, Papers())) if place == HALL else papers).originals
        for (_, line), places in where.items()
        for place, papers in places.items()
        if place not in {APPLICANT, LOST}
    )


def _role(actor: Actor, case: Mapping[str, Any]) -> Role:
    role = scope.role_at(actor, RETURNERS, case["hall_path"], "")
    if role is not None:
        return role
    if not proxying.sees(actor, case, routed=case["received_at"] is not None):
        raise scope.not_found()
    raise Forbidden(
        "role_not_allowed",
        f"退还原件由收件大厅的{'、'.join(one.zh for one in RETURNERS)}办理。",
        "Originals are handed back by the hall that received them.",
        basis=BASIS,
        roles=[one.value for one in RETURNERS],
    )


def _check_person(context: Context, case: Mapping[str, Any], request: Returning, now: datetime) -> Any:
    """Who takes the originals is the applicant, or acts for them; the registered mandate under which they do."""
    person = request.recipient
    number = validate_id(person.id_kind, person.id_number)
    if person.relation == "self":
        refuse_stranger(context, case, person.id_kind, number)
    here = [one for one in proxying.facts_from(case["mandates"]) if one.concerns(case["item_code"], case["number"])]
    index, day = context.sealer.index(number, person.id_kind).hex(), context.hours(case["hall_hours"]).day(now)
    return proxying.mandate_of_collector(here, index, person.relation, request.mandate_number, day)


def _chosen(here: Mapping[str, Papers], request: Returning) -> dict[str, Papers]:
    """The originals that go back, by line."""
    wishes = request.lines or [LineWish(line) for line, papers in sorted(here.items()) if papers.originals]
    if not wishes:
        raise Conflict(
            "paper_not_here",
            "该办件没有原件在大厅，请核对收件登记和材料去向。",
            "No originals of this case are in the hall; check what was received and where it is.",
            basis=BASIS,
        )
    if len({one.line for one in wishes}) < len(wishes):
        raise Malformed("line_twice", "同一材料重复列出，请删除重复项。", "A line is listed twice; remove one.")
    found = {}
    for one in wishes:
        papers = here.get(one.line, Papers())
        if not papers.originals:
            raise not_here(one.line, papers)
        found[one.line] = choose(one.line, papers, Wished(one.originals, one.copies or 0, one.sheets))
    return found


def _signer(request: Returning) -> dict[str, str]:
    """Who took the originals, and how that was signed, as the slip and the trail keep it."""
    person = request.recipient
    return {
        "received_by": person.name,
        "relation": person.relation,
        "id_kind": person.id_kind,
        "id_number": mask_id(person.id_number),
        "witness": (request.witness or "").strip() if request.refused else "",
    }


async def _slip(
    context: Context, connection: Connection, case: Mapping[str, Any], data: dict[str, Any], actor: Actor, now: datetime
) -> dict[str, Any]:
    """The document that the applicant signs (D23), with its number under the word of the hall."""
    word, year = case["hall_agency_word"], context.hours(case["hall_hours"]).day(now).year
    counter = f"document:{word}:{SLIP}:{year}"
    ordinal = (await registers.next_numbers(connection, [counter]))[counter]
    number = document_number(word, KINDS[SLIP].word, year, ordinal)
    return {
        "code": SLIP,
        "number": number,
        "agency": word,
        "year": year,
        "ordinal": ordinal,
        "data": data,
        "issued_by": actor.staff,
    }
