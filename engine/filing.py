"""The party as it presents itself, and as it is kept: names in clear, numbers sealed, a masked copy on the case."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from engine.context import Context
from storage.db import uuid7
from workflows.party import mask_address, mask_id, mask_mobile
from workflows.payload import Code, ShortText


class Applicant(Struct, forbid_unknown_fields=True, frozen=True):
    """The party as it presents itself; ``language`` is the one in which it wants to be told."""

    kind: Literal["person", "organisation"]
    name: ShortText
    id_kind: Code
    id_number: ShortText
    mobile: ShortText | None = None
    address: ShortText | None = None
    language: Literal["zh", "en"] = "zh"


def party_row(context: Context, who: Applicant, number: str, mobile: str | None, now: datetime) -> dict[str, Any]:
    """The party's row, with ``as_filed`` (masked) and ``sealed_as_filed`` for the case.

    :param number: the identity number in its standard form. :param mobile: idem. :param now: UTC.
    """
    sealer = context.sealer
    return {
        "id": uuid7(),
        "kind": who.kind,
        "name": who.name,
        "id_kind": who.id_kind,
        "id_sealed": sealer.seal(number, "parties.id_sealed"),
        "id_index": sealer.index(number, who.id_kind),
        "mobile_sealed": sealer.seal(mobile, "parties.mobile_sealed") if mobile else None,
        "mobile_index": sealer.index(mobile, "mobile") if mobile else None,
        "address_sealed": sealer.seal(who.address, "parties.address_sealed") if who.address else None,
        "created_at": now,
        "as_filed": {
            "kind": who.kind,
            "name": who.name,
            "id_kind": who.id_kind,
            "id_masked": mask_id(number),
            "mobile_masked": mask_mobile(mobile) if mobile else "",
            "address_masked": mask_address(who.address) if who.address else "",
            "language": who.language,
        },
        "sealed_as_filed": sealer.seal(
            msgspec.json.encode({"id_number": number, "mobile": mobile, "address": who.address}).decode(),
            "cases.applicant_sealed",
        ),
    }
