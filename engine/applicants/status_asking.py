"""An applicant shows that a case is theirs: query code and the last four characters of their number; then for minutes.

What they are given for it is signed and holds for one code and a few minutes; nothing of it is kept here.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from engine.context import Context
from engine.reading import log_access
from storage import cases, status_attempts
from workflows.actor import TITLES, Actor, Role
from workflows.applicant_status import fits, read_last_four, too_many, wrong_answer
from workflows.numbers import normalise_query_code

_ATTEMPTS: Final = "status-code"
_PASS: Final = "status-pass"  # noqa: S105  # names the key, is none
_SIGNATURE_BYTES: Final = 16


async def ask_status(context: Context, code: str, last_four: str, now: datetime) -> tuple[str, str]:
    """Let the applicant of a case see it. Each attempt counts for its code until the right one is made.

    :param code: as typed. :param last_four: of the mobile number left, or of the identity document where none was.
    :param now: UTC. :returns: the code as printed, and the pass for it.
    :raises Malformed: ``query_code_wrong``, ``last_four_wrong``.
    :raises NotFound: ``status_not_found``, for a wrong code and for wrong characters alike.
    :raises TooMany: ``too_many_attempts`` after ``sign_in_failures``, for ``lock_minutes``.
    """
    known, four = read_code(code), read_last_four(last_four)
    settings, index = context.settings, context.sealer.index(known, _ATTEMPTS)
    lock = timedelta(minutes=settings.lock_minutes)
    if await status_attempts.count(index, now, settings.sign_in_failures, lock):
        raise too_many(settings.lock_minutes)
    case = await _case(known)
    filed = context.sealer.open(case["applicant_sealed"], "cases.applicant_sealed") if case else None
    if case is None or filed is None or not fits(four, msgspec.json.decode(filed)):
        raise wrong_answer()
    await status_attempts.forget(index)
    await log_access(applicant_of(case), case["number"], "status.read", now)
    return known, _pass(context, known, now + timedelta(minutes=settings.status_minutes))


def read_code(text: str) -> str:
    """A query code as it was printed, from what was typed or scanned. :raises Malformed: ``query_code_wrong``."""
    return normalise_query_code(text)


async def _case(code: str) -> dict[str, Any] | None:
    number = await cases.number_by_query_code(code)
    return await cases.read(number) if number else None


def applicant_of(case: dict[str, Any]) -> Actor:
    """The applicant of a case, who reaches this one case and no other."""
    return Actor(case["party_id"], TITLES[Role.applicant][0], kind="applicant", case=case["number"])


def may_see(context: Context, code: str, shown: str, now: datetime) -> bool:
    """Whether a pass opens a code now; every one does where the hall asks for the code alone. :param now: UTC."""
    return not context.settings.status_asks_phone or has_pass(context, code, shown, now)


def has_pass(context: Context, code: str, shown: str, now: datetime) -> bool:
    """Whether somebody has shown that this code is theirs, some minutes ago at most. :param now: UTC."""
    until, _, _ = shown.partition(".")
    if not until.isdecimal() or len(until) > 12 or now.timestamp() > int(until):
        return False
    right = _pass(context, code, datetime.fromtimestamp(int(until), UTC))
    return hmac.compare_digest(shown.encode(), right.encode())


def _pass(context: Context, code: str, until: datetime) -> str:
    last = int(until.timestamp())
    digest = context.sealer.index(f"{code}\0{last}", _PASS)[:_SIGNATURE_BYTES]
    return f"{last}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
