"""The issue window: 制证, 送达."""

from __future__ import annotations

from typing import Any

from engine.work import Work
from storage import results
from storage.db import uuid7
from workflows.certificate import valid_until
from workflows.documents import KINDS
from workflows.numbers import document_number
from workflows.party import validate_id


def make_certificate(work: Work) -> None:
    """制证: one certificate, with the number of its document row, valid from the hall's day of issue (许可法39)."""
    day = work.day()
    kind = KINDS["D17"]
    row: dict[str, Any] = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "number": "",
        "name": work.item.result.name,
        "holder": work.case["applicant"]["name"],
        "issuer": work.case["department_name"],
        "valid_from": day,
        "valid_to": valid_until(day, work.item.result.validity_months),
        "state": "in_force",
        "made_by": work.command.actor.person,
        "made_at": work.now,
    }

    async def write(connection: Any) -> None:
        ordinal = work.numbers[kind.code]
        row["number"] = document_number(work.case["department_agency_word"], kind.word, day.year, ordinal)
        await results.add(connection, "certificates", row)

    work.then(write)


def deliver(work: Work) -> None:
    """送达: handed over against an identity check; the recipient's number is sealed (许可法44)."""
    person = work.payload["recipient"]
    number = validate_id(person["id_kind"], person["id_number"])
    row = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "way": "window",
        "recipient": person["name"],
        "relation": person.get("relation", "self"),
        "id_kind": person["id_kind"],
        "id_sealed": work.context.sealer.seal(number, "deliveries.id_sealed"),
        "delivered_by": work.command.actor.person,
        "delivered_at": work.now,
    }
    work.then(results.add, "deliveries", row)
