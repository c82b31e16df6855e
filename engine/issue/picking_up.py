"""Who stands at the issue counter: found by pickup code, receipt or case number, with all that waits for them."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.issue.issuing import pickup_index
from engine.papers.custodians import case_scanned
from engine.placing import find_place
from engine.reading import log_access, seen_case
from storage import counter_lists
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.pickup import BASIS, DIGITS

KEEPERS: Final = (Role.issuer, Role.hall_manager)
"""Who looks after the issue counter."""
READY: Final = "READY"
_ALONE: Final = frozenset({"READY", "DENIED"})
"""States from which a result is handed over."""
_NOT_THERE_YET: Final = ("GRANTED", "CERT_MAKING", "READY", "DENIED", "IN_TRANSIT")
"""Decided, and not with the applicant."""
_MOST: Final = 60

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one applicant in one hall.

    :param number: the case that was looked for. :param applicant: as filed, masked. :param ready: what may be handed
        over together, longest on the shelf first. :param alone: what is handed over by itself: a denial to serve, a
        certificate that was issued anew. :param coming: what is not decided, not made, or in the post.
    :param may_deliver: whether the actor hands results over here.
    """

    number: str
    applicant: Row
    ready: Sequence[Row]
    alone: Sequence[Row]
    coming: Sequence[Row]
    may_deliver: bool


async def find_case(context: Context, actor: Actor, text: str, now: datetime, *, hall: str | None = None) -> str:
    """The number of the case that is shown. A code that opens nothing is logged.

    :param text: a pickup code, a case number, or what a scanner reads off a receipt. :param now: UTC.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``. :raises Conflict: ``pickup_code_ambiguous``.
    :raises NotFound: ``pickup_code_unknown``, ``case_not_found``. :raises Malformed: ``case_number_wrong``,
        ``query_code_wrong``.
    """
    where = (await find_place(actor, KEEPERS, hall, None)).hall
    code = _code(text)
    number = await _by_code(context, actor, where["id"], code, now) if code else await case_scanned(text)
    case, _ = await seen_case(context, actor, number)
    return str(case["number"])


async def read_waiting(context: Context, actor: Actor, number: str, now: datetime) -> Waiting:
    """Everything that waits in the hall of a case for its applicant. The look is logged.

    :param now: UTC. :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    case, _ = await seen_case(context, actor, number)
    if scope.role_at(actor, KEEPERS, case["hall_path"], "") is None:
        raise Forbidden(
            "role_not_allowed",
            f"出件由{'、'.join(role.zh for role in KEEPERS)}办理。",
            f"The issue counter is for: {', '.join(role.en for role in KEEPERS)}.",
            roles=[role.value for role in KEEPERS],
        )
    await log_access(actor, number, "pickup.look", now)
    rows = await counter_lists.of_party(case["party_id"], case["hall_id"], list(_NOT_THERE_YET), _MOST)
    ready = [row for row in rows if row["state"] == READY]
    alone = [row for row in rows if row not in ready and (row["state"] in _ALONE or row["on_shelf"])]
    return Waiting(
        number,
        case["applicant"],
        ready,
        alone,
        [row for row in rows if row not in ready and row not in alone],
        scope.role_at(actor, {Role.issuer}, case["hall_path"], "") is not None,
    )


def _code(text: str) -> str:
    """The digits of a pickup code, full-width ones and blanks understood; empty when it is something else."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdecimal() else ""


async def _by_code(context: Context, actor: Actor, hall: UUID, code: str, now: datetime) -> str:
    """The case that a code opens. Digests are keyed by case, so the code is tried on each that waits in the hall."""
    waiting = await counter_lists.open_codes(hall, now)
    index = context.sealer.index
    numbers = [one for one, kept in waiting if hmac.compare_digest(kept, index(code, pickup_index(one)))]
    if len(numbers) == 1:
        return numbers[0]
    await log_access(actor, "pickups", "search.pickup_code", now)
    if numbers:
        raise Conflict(
            "pickup_code_ambiguous",
            "有多个办件使用该取件码。请扫描收件凭证或输入办件编号，凭证件核验后领取。",
            "Several cases have this pickup code; scan the receipt or type the case number, and check the identity.",
            basis=BASIS,
        )
    raise NotFound(
        "pickup_code_unknown",
        "本大厅没有凭该取件码待领的办件。请核对短信，或扫描收件凭证、输入办件编号，凭证件核验后领取。",
        "Nothing waits in this hall under this pickup code; check the message, or go by the receipt or case number.",
        basis=BASIS,
    )
