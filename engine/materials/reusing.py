"""免提交: with the applicant's consent something that is theirs already stands in for the paper of a line."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from engine.capture.sorting import retain
from engine.context import Context
from engine.evidence import receive_scan, retained_until
from engine.mandates.proxying import facts_from, hold
from engine.materials.licences import service_of
from engine.materials.material_lines import CaseInHand, take_case
from engine.materials.offering import (
    POWERS,
    REUSERS,
    certificates_for,
    licences_of,
    outside,
    verified_for,
)
from engine.once import once
from engine.work import Answer
from storage import child_cases, registers, reuses, scans
from storage.db import Connection, transaction, uuid7
from storage.scan_files import UploadSink
from workflows.actor import Actor, Role
from workflows.errors import Malformed
from workflows.events import EventName
from workflows.mandate import check_standing, named
from workflows.material import MaterialLine
from workflows.payload import Code, ShortText, Text, refuse_control_characters
from workflows.reuse import (
    Proof,
    may_end,
    offer_not_found,
    require_consent,
    require_free,
    require_reusable,
    require_serves,
)
from workflows.situation import MandateFacts

_ENDERS: Final = (Role.clerk, Role.officer)


class Consent(Struct, forbid_unknown_fields=True, frozen=True):
    """The applicant's consent to one reuse: who gave it and how.

    ``mandate``: number of the mandate under which somebody who stands at the window gives it for the applicant.
    """

    given: bool
    by: ShortText
    way: Literal["signed", "spoken", "online"]
    mandate: ShortText | None = None


class Reusing(Struct, forbid_unknown_fields=True, frozen=True):
    """What is to stand in for the paper of a line, as it was offered, and the consent to it."""

    offer: ShortText
    consent: Consent


class Ending(Struct, forbid_unknown_fields=True, frozen=True):
    """Why something no longer stands in for the paper of a line."""

    reason: Text


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was chosen: a proof, and the row that holds it here."""

    proof: Proof
    certificate: UUID | None = None
    check: UUID | None = None
    scan: UUID | None = None
    scans: tuple[UUID, ...] = ()


async def reuse(
    context: Context, actor: Actor, number: str, line: Code, request: Reusing, now: datetime, key: str = ""
) -> Answer:
    """Let something that the applicant has already stand in for the paper of a line (国务院令716号7).

    A certificate of an outside service is fetched and kept as a scan of the line before anything is written.

    :param line: its code. :param now: UTC. :param key: idempotency key.
    :returns: ``case``, ``line``, ``kind``, ``exempt``, ``valid_to``, ``seq`` of the event.
    :raises NotFound: ``case_not_found``; ``offer_not_found``, the same for what is another party's;
        ``licence_not_found``.
    :raises Forbidden: ``role_not_allowed``, ``two_hats``; a mandate that does not reach, see
        :func:`workflows.mandate.check_standing`.
    :raises Conflict: ``consent_missing``, ``mandate_unknown``, ``material_not_on_list``, ``exemption_not_allowed``,
        ``reuse_standing``, ``paper_there_already``, ``proof_of_another_kind``, ``proof_not_usable``,
        ``proof_expired``, ``case_closed``.
    :raises Unavailable: ``licence_service_unavailable``; the paper may be scanned instead.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    require_consent(given=request.consent.given)
    scan = await _prepare(context, actor, number, line, request, now, key)
    write = partial(_write, context, actor, number, line, request, scan, now)
    answer = await once(actor, key, ["reuse", number, line, request], now, write)
    context.wake()
    return answer


async def _write(
    context: Context,
    actor: Actor,
    number: str,
    code: str,
    request: Reusing,
    fetched: _Chosen | None,
    now: datetime,
    connection: Connection,
) -> Answer:
    hand, line, mandate = await _take(context, connection, actor, number, code, request.consent, now)
    chosen = fetched or await _chosen(hand, request.offer)
    require_serves(chosen.proof, line, hand.today)
    row = _row(hand, code, chosen, request.consent, mandate)
    await reuses.add(connection, row, list(chosen.scans), chosen.proof.exempt)
    if "joint" in hand.case["flags"]:
        await child_cases.share_materials(connection, hand.case["id"], now)
    valid_to = chosen.proof.valid_to
    told = {
        "line": code,
        "kind": chosen.proof.kind,
        "exempt": chosen.proof.exempt,
        "valid_to": valid_to.isoformat() if valid_to else None,
    }
    consent = {"by": request.consent.by, "way": request.consent.way, "mandate": request.consent.mandate or ""}
    about = {"source": row["source"], "reference": row["reference"], "issuer": row["issuer"], "consent": consent}
    seq = await hand.tell(EventName.MATERIAL_REUSED, told | about)
    return {"case": number, **told, "seq": seq}


async def _take(
    context: Context, connection: Connection, actor: Actor, number: str, code: str, consent: Consent, now: datetime
) -> tuple[CaseInHand, MaterialLine, MandateFacts | None]:
    """The case and the line, if something may stand in for its paper, and the mandate under which that is consented."""
    hand = await take_case(context, connection, actor, number, REUSERS, POWERS, now)
    line, mandate = hand.line(code), hand.mandate
    require_reusable(line)
    require_free(line, hand.got(code))
    if mandate is None and consent.mandate:
        every = facts_from(hand.case["mandates"])
        mandate = named(every, consent.mandate, hand.item.code, hand.case["number"])
        check_standing(mandate, POWERS, hand.today)
        await hold(connection, mandate)
    return hand, line, mandate


def _row(
    hand: CaseInHand, code: str, chosen: _Chosen, consent: Consent, mandate: MandateFacts | None
) -> dict[str, Any]:
    proof = chosen.proof
    return {
        "id": uuid7(),
        "case_id": hand.case["id"],
        "line": code,
        "kind": proof.kind,
        "certificate_id": chosen.certificate,
        "check_id": chosen.check,
        "scan_id": chosen.scan,
        "source": proof.name,
        "reference": proof.reference,
        "issuer": proof.issuer,
        "valid_to": proof.valid_to,
        "consented_by": consent.by.strip(),
        "consent_way": consent.way,
        "mandate_id": mandate.id if mandate else None,
        "recorded_by": hand.actor.staff,
        "recorded_at": hand.now,
    }


async def _chosen(hand: CaseInHand, offer: str) -> _Chosen:
    """What an offer stands for, if it is the applicant's."""
    kind, key = _parse(offer)
    party, case = hand.case["party_id"], hand.case["id"]
    if kind == "certificate":
        for _, proof in await certificates_for(hand.connection, party, key=key):
            return _Chosen(proof, certificate=key)
    if kind == "scan":
        for _, proof in await verified_for(hand.context, hand.connection, party, case, key=key):
            rows = await reuses.verified_of(hand.connection, party, case, key=key)
            return _Chosen(proof, check=key, scans=tuple(rows[0]["scans"]))
    raise offer_not_found()


def _parse(offer: str) -> tuple[str, UUID]:
    kind, _, name = offer.partition(":")
    try:
        return kind, UUID(name)
    except ValueError:
        raise offer_not_found() from None


async def _prepare(
    context: Context, actor: Actor, number: str, code: str, request: Reusing, now: datetime, key: str
) -> _Chosen | None:
    """What is done before anything is written: an outside file is taken in, earlier scans stay locked long enough.

    :returns: what was fetched; None for what is here already, and where the request was answered before.
    """
    async with transaction() as connection:
        if key and await registers.answer(connection, actor.person, key) is not None:
            return None
        hand, line, _ = await _take(context, connection, actor, number, code, request.consent, now)
        party, case = hand.case["party_id"], hand.case["id"]
        kind, _, name = request.offer.partition(":")
        rows = await reuses.verified_of(connection, party, case, key=_parse(request.offer)[1]) if kind == "scan" else []
    if kind == "licence":
        return await _fetch(hand, line, name, key)
    until = await retained_until(context, number, now)
    for scan in rows[0]["scans"] if rows else ():
        await retain(context, (await scans.with_cases(scan))[0], until)
    return None


async def _fetch(hand: CaseInHand, line: MaterialLine, name: str, key: str) -> _Chosen:
    """The file of an outside certificate, taken in as a scan of the line."""
    context, now = hand.context, hand.now
    found = [one for one in await licences_of(context, hand.case, line, now) or [] if one.id == name]
    service = service_of(context.settings, lambda: now)
    if not found or service is None:
        raise offer_not_found()
    proof = outside(found[0])
    require_serves(proof, line, hand.today)
    folder = Path(context.settings.upload_dir or tempfile.gettempdir())
    with UploadSink(folder, context.settings.upload_max_bytes, context.settings.digest_algorithm) as sink:
        declared = await service.fetch(name, sink)
        received = sink.finish(declared or None, None)
        again = f"{key[:115]}:file" if key else ""
        taken = await receive_scan(context, hand.actor, hand.case["number"], line.code, received, now, again)
    return _Chosen(proof, scan=UUID(taken["scan"]))


async def end_reuse(
    context: Context, actor: Actor, number: str, line: Code, request: Ending, now: datetime, key: str = ""
) -> Answer:
    """Let nothing stand in for the paper of a line any more: consent was withdrawn, or the proof is no longer good.

    :param now: UTC. :param key: idempotency key. :returns: ``case``, ``line``, ``kind``, ``seq`` of the event.
    :raises Conflict: ``no_reuse_standing``, ``reuse_settled``, ``material_not_on_list``, ``case_closed``.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    refuse_control_characters(request.reason)
    if not request.reason.strip():
        raise Malformed("reason_needed", "请写明终止免提交的原因。", "Say why the reuse ends.", field="reason")
    write = partial(_end, context, actor, number, line, request.reason.strip(), now)
    return await once(actor, key, ["end_reuse", number, line, request], now, write)


async def _end(
    context: Context, actor: Actor, number: str, code: str, reason: str, now: datetime, connection: Connection
) -> Answer:
    hand = await take_case(context, connection, actor, number, _ENDERS, (), now)
    hand.line(code)
    settled = hand.case["accepted_at"] is not None and "tolerance" not in hand.case["flags"]
    may_end(hand.got(code), hand.today, settled=settled)
    ended = await reuses.end(connection, hand.case["id"], code, now, reason) or {}
    told = {"line": code, "kind": ended["kind"], "source": ended["source"], "reason": reason}
    seq = await hand.tell(EventName.REUSE_ENDED, told)
    return {"case": number, "line": code, "kind": ended["kind"], "seq": seq}
