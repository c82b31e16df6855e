"""What an applicant who asks for their case is asked, how far the case has come for them, and which papers are theirs.

Whoever found a receipt knows the query code; the last four characters of the telephone number left at the window show
that it is the applicant who asks (个人信息保护法51). Where none was left, those of the identity document do.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from workflows.errors import Malformed, NotFound, TooMany

BASIS: Final = "个人信息保护法51"
_FOUR: Final = re.compile(r"[0-9A-Z]{4}")

ADDRESSED: Final = frozenset(
    {"D01", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D15", "D16", "D17", "D18", "D19", "D20", "D21",
     "D27", "D28"}
)  # fmt: skip
"""Documents that are addressed to the applicant. Those between authorities and to third parties are not."""
ONCE_SERVED: Final = frozenset({"D06", "D15", "D16", "D17"})
"""Decisions and certificates: they take effect when they are served, and are had here only afterwards (许可法44)."""


class Stage(StrEnum):
    """How far a case has come, as an applicant counts it."""

    prepare = "prepare"
    received = "received"
    accepted = "accepted"
    decided = "decided"
    collect = "collect"
    over = "over"


_STAGES: Final[Mapping[Stage, frozenset[str]]] = {
    Stage.prepare: frozenset({"NEW", "PRE_REVIEW", "PRE_RETURNED", "PRE_PASSED"}),
    Stage.received: frozenset({"RECEIVED", "CORRECTION", "ESCALATED"}),
    Stage.accepted: frozenset(
        {"ACCEPTED", "DISPATCHED", "PRE_EXAM", "REVIEW", "SITE_CHECK", "SPECIAL", "VERIFY", "ANSWERED"}
    ),
    Stage.decided: frozenset({"GRANTED", "CERT_MAKING"}),
    Stage.collect: frozenset({"READY", "IN_TRANSIT", "DENIED", "NOT_ACCEPTED"}),
}
_OF_STATE: Final = {state: stage for stage, states in _STAGES.items() for state in states}


def stage_of(state: str) -> Stage:
    """How far a case in this state has come; what is in no other stage is over."""
    return _OF_STATE.get(state, Stage.over)


def read_last_four(text: str) -> str:
    """The last four characters of a number as somebody types them: full-width and small letters are understood.

    :raises Malformed: ``last_four_wrong``.
    """
    four = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not _FOUR.fullmatch(four):
        raise Malformed(
            "last_four_wrong",
            "请填写4位：登记时留的手机号码的最后4位；没有留手机号的，填证件号码的最后4位。",
            "Enter four characters: the last four of the mobile number that you left, or of your identity document if"
            " you left none.",
        )
    return four


def fits(four: str, filed: Mapping[str, Any]) -> bool:
    """Whether these are the last four characters of the number that the applicant left.

    :param filed: ``mobile`` and ``id_number`` of the application; the mobile number counts where there is one.
    """
    number = filed.get("mobile") or filed["id_number"]
    return hmac.compare_digest(four.encode(), str(number)[-4:].upper().encode())


def wrong_answer() -> NotFound:
    """The one refusal of a wrong code and of wrong characters: it says nothing of which was wrong."""
    return NotFound(
        "status_not_found",
        "没有查到。请对照收件凭证核对查询码，并核对手机号码后四位。仍查不到的，请带身份证到大厅咨询台查询。",
        "Nothing was found. Check the query code on your receipt and the last four digits of your mobile number. If it"
        " still fails, bring your identity document to the hall's desk.",
        basis=BASIS,
    )


def too_many(minutes: int) -> TooMany:
    """The refusal of a code that was tried too often, whether there is such a code or not."""
    return TooMany(
        "too_many_attempts",
        f"该查询码查询失败次数过多，请{minutes}分钟后再试，或带身份证到大厅咨询台查询。",
        f"This code was tried too often; try again in {minutes} minutes, or bring your identity document to the hall.",
        basis=BASIS,
    )
