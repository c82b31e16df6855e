"""Pickup codes (取件码): six digits that the applicant is sent, and how many wrong ones are borne with."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from workflows.errors import Conflict, Malformed, TooMany

DIGITS: Final = 6
MOST_FAILURES: Final = 5
"""Wrong codes after which none is looked at for a while."""
LOCK: Final = timedelta(minutes=30)
BASIS: Final = "行政许可法44"
_MINUTES: Final = LOCK.seconds // 60

_FORM: Final = re.compile(rf"[0-9]{{{DIGITS}}}")


def read_code(text: str) -> str:
    """The digits of a code as somebody reads it out or types it: full-width digits and spaces are understood.

    :raises Malformed: ``pickup_code_malformed``.
    """
    digits = "".join(str(int(one)) if one.isdecimal() else one for one in text if not one.isspace())
    if not _FORM.fullmatch(digits):
        raise Malformed(
            "pickup_code_malformed",
            f"取件码为{DIGITS}位数字，请核对短信后重新输入。",
            f"A pickup code has {DIGITS} digits; check the message and enter it again.",
        )
    return digits


def refuse_locked(locked_until: datetime | None, now: datetime) -> None:
    """No code is looked at while the case is locked. Both moments are UTC.

    :raises TooMany: ``pickup_locked``, with ``until``.
    """
    if locked_until is not None and now < locked_until:
        raise TooMany(
            "pickup_locked",
            f"取件码连续错误{MOST_FAILURES}次，暂停凭码领取{_MINUTES}分钟。请稍后再试，或凭有效证件在窗口核验领取。",
            f"After {MOST_FAILURES} wrong codes none is taken for {_MINUTES} minutes. Try again later, or have the"
            " identity checked at the window.",
            basis=BASIS,
            until=locked_until.isoformat(),
        )


def after_wrong_code(failures: int, now: datetime) -> tuple[int, datetime | None]:
    """What is remembered of a wrong code: the failures in a row, and until when (UTC) no other one is looked at.

    :param failures: before this one. :param now: UTC.
    """
    counted = failures + 1
    return (0, now + LOCK) if counted >= MOST_FAILURES else (counted, None)


def wrong_code(failures: int) -> Conflict:
    """The refusal of a wrong code. :param failures: in a row, with this one; 0 when it was the last that is borne."""
    left = MOST_FAILURES - failures if failures else 0
    return Conflict(
        "pickup_code_wrong",
        f"取件码不正确，还可再试{left}次。请核对短信，或请窗口重新发送取件码。",
        f"The pickup code is wrong; {left} attempts are left. Check the message, or have a new code sent.",
        basis=BASIS,
        left=left,
    )


def no_code() -> Conflict:
    """The refusal of a case that cannot be collected by code."""
    return Conflict(
        "no_pickup_code",
        "该办件没有取件码。待领取后才有取件码，也可凭有效证件在窗口核验领取。",
        "The case has no pickup code: it gets one when its result is ready. An identity check at the window does too.",
        basis=BASIS,
    )
