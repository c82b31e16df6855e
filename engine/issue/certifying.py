"""The register of certificates: one made for a grant, voided or reissued by two people, found by its number."""

from __future__ import annotations

import hmac
from datetime import date, datetime
from typing import Any, Final

import msgspec

from engine.context import Context
from engine.issue.issuing import keep
from engine.reading import log_access
from engine.work import Work
from storage import certificates, results
from storage.db import uuid7
from workflows import scope
from workflows.actor import Actor
from workflows.certificate import valid_until
from workflows.documents import KINDS
from workflows.errors import Malformed, NotFound
from workflows.numbers import document_number

_OVER: Final = frozenset({"DELIVERED", "ARCHIVED"})
"""States in which a new certificate has a way of its own to the applicant."""
_PROOF: Final = 4
"""How many of the last characters of the holder's identity number open the public check."""
_SHOWN: Final = (
    "number", "name", "holder", "issuer", "seal", "valid_from", "valid_to", "state", "made_at", "reason", "ended_at",
    "proposal", "case", "replaces", "replaced_by",
)  # fmt: skip


def make_certificate(work: Work) -> None:
    """制证: one certificate, with the number of its document row, valid from the hall's day of issue (许可法39)."""
    row = _row(work) | {"valid_to": valid_until(work.day(), work.item.result.validity_months)}

    async def write(connection: Any) -> None:
        row["number"] = _number(work)
        await results.add(connection, "certificates", row)

    work.then(write)


def propose_change(work: Work) -> None:
    """提出作废或换发: the issue window says what is wrong with the certificate; nothing changes yet."""
    actor, payload = work.command.actor, work.payload
    work.then(certificates.propose, work.case["id"], payload["change"], payload["reason"], actor.staff, work.now)


def void_certificate(work: Work) -> None:
    """作废: the certificate is recorded as void; its number is never used again."""
    work.then(certificates.end, work.case["id"], "void", work.command.actor.staff, work.now)


def reissue_certificate(work: Work) -> None:
    """换发: a new certificate under a new number, to the end of the old one's validity; the old one names it.

    After the case was delivered the new one waits on the shelf, and is delivered with a certificate of service of its
    own.
    """
    case, by = work.case, work.command.actor.staff
    row = _row(work)

    async def write(connection: Any) -> None:
        before = await certificates.end(connection, case["id"], "reissued", by, work.now)
        row["number"] = _number(work)
        row["replaces"], row["valid_to"] = before["id"], before["valid_to"]
        await results.add(connection, "certificates", row)

    work.then(write)
    if case["state"] in _OVER:
        keep(work, "", "reissued")


def _row(work: Work) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "case_id": work.case["id"],
        "number": "",
        "name": work.item.result.name,
        "holder": work.case["applicant"]["name"],
        "issuer": work.case["department_name"],
        "seal": f"{work.case['department_name']}印章",
        "valid_from": work.day(),
        "valid_to": None,
        "state": "in_force",
        "made_by": work.command.actor.person,
        "made_at": work.now,
    }


def _number(work: Work) -> str:
    """The number of the certificate is that of its document (D17), which is known when the act is written."""
    kind = KINDS["D17"]
    return document_number(work.case["department_agency_word"], kind.word, work.day().year, work.numbers[kind.code])


async def read_certificate(context: Context, actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """A certificate by its number, with the chain of those that it replaces or that replace it. The look is logged.

    :param now: UTC.
    :raises NotFound: ``certificate_not_found``, also for one of a case outside the actor's organisation.
    """
    row = await certificates.read(number)
    if row is None or not scope.sees(actor, row["hall_path"], row["department_path"], routed=True):
        raise _not_found()
    await log_access(actor, row["case"], "certificate.read", now)
    return {name: row[name] for name in _SHOWN} | {"valid": _is_valid(context, row, now)}


async def check_certificate(context: Context, number: str, holder_tail: str, now: datetime) -> dict[str, Any]:
    """For everybody: whether a certificate is valid today. Only who knows its holder's number is told.

    :param holder_tail: the last four characters of the holder's identity or credit number. :param now: UTC.
    :returns: ``number``, ``valid`` and, if it was replaced, ``replaced``.
    :raises Malformed: ``holder_tail_wrong``.
    :raises NotFound: ``certificate_not_found``, the same for an unknown number and for another holder's.
    """
    if len(holder_tail) != _PROOF or not holder_tail.isascii() or not holder_tail.isalnum():
        raise Malformed(
            "holder_tail_wrong",
            f"请输入持证人证件号码（统一社会信用代码）的后{_PROOF}位。",
            f"Give the last {_PROOF} characters of the holder's identity or credit number.",
        )
    row = await certificates.read(number)
    if row is None or not _is_holder(context, row, holder_tail):
        raise _not_found()
    return {"number": number, "valid": _is_valid(context, row, now), "replaced": row["replaced_by"] is not None}


def _is_holder(context: Context, row: dict[str, Any], tail: str) -> bool:
    filed = msgspec.json.decode(context.sealer.open(row["applicant_sealed"], "cases.applicant_sealed"))
    return hmac.compare_digest(filed["id_number"][-_PROOF:].upper().encode(), tail.upper().encode())


def _is_valid(context: Context, row: dict[str, Any], now: datetime) -> bool:
    """In force, and within its validity on the hall's day."""
    day: date = context.hours(row["hall_hours"]).day(now)
    ends: date | None = row["valid_to"]
    return row["state"] == "in_force" and row["valid_from"] <= day and (ends is None or day <= ends)


def _not_found() -> NotFound:
    return NotFound(
        "certificate_not_found",
        "没有找到该证照，或信息与登记不符。请核对证照编号。",
        "There is no such certificate, or what was given does not fit the register; check the number.",
    )
