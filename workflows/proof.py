"""What shows that a material may be relied on: the check that its grade asks for, and what is used again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workflows.material import Grade, MaterialLine

GRADES: Final = "国办函〔2016〕108号"
"""The source of the four grades of trust."""
NO_PAPER: Final = "国务院令716号7"
"""What a public authority can get by itself is not asked of the applicant."""


class CheckKind(StrEnum):
    """What somebody did before a material was relied on (核验)."""

    source_verified = "source_verified"
    original_checked = "original_checked"
    promise_signed = "promise_signed"

    @property
    def zh(self) -> str:
        """The check in Chinese."""
        return CHECKS[self][0]

    @property
    def en(self) -> str:
        """The check in English."""
        return CHECKS[self][1]


CHECKS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        CheckKind.source_verified: ("向签发来源核验电子证照", "verify the electronic certificate at its source"),
        CheckKind.original_checked: ("与原件核对", "compare with the original"),
        CheckKind.promise_signed: ("由申请人签署真实性承诺", "have the applicant sign for its truth"),
    }
)


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """The newest check of a line: by whom (name and post), when (UTC), and what was found.

    :param reference: number of the certificate that was verified. :param valid_to: last day (hall date) on which the
        material itself is valid; None: no end is printed on it.
    """

    kind: CheckKind
    passed: bool
    at: datetime
    by: str
    reference: str = ""
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ReuseFacts:
    """What stands in for the paper of a line (免提交).

    :param kind: ``certificate`` issued here, ``scan`` verified before, ``licence`` of an outside service.
    :param valid_to: last day of validity, hall date. :param standing: a certificate is still in force, a scan kept.
    :param scan: state of the file that was fetched or linked; empty where there is none.
    """

    kind: str
    source: str
    reference: str
    valid_to: date | None = None
    standing: bool = True
    scan: str = ""

    def holds(self, today: date) -> bool:
        """Whether it may be relied on on a day (hall date)."""
        return self.standing and (self.valid_to is None or today <= self.valid_to)


def checks_of(line: MaterialLine) -> tuple[CheckKind, ...]:
    """The checks that may be recorded for a line, by its grade (国办函〔2016〕108号)."""
    if line.grade is Grade.D:
        return (CheckKind.promise_signed,)
    if line.grade is Grade.A:
        return (CheckKind.source_verified, CheckKind.original_checked)
    return (CheckKind.original_checked,)


def demanded(line: MaterialLine, exempt: str | None) -> CheckKind:
    """The check that a line needs before acceptance, as it was handed in.

    An authority's certificate is verified at its source, and where paper was handed in instead compared with it.

    :param exempt: why no paper was handed in, if none was.
    """
    if line.grade is Grade.D:
        return CheckKind.promise_signed
    return CheckKind.source_verified if exempt == "e_cert" else CheckKind.original_checked


def verified_mark(by: str, day: date) -> tuple[str, str]:
    """The mark on copies of what a clerk has compared with the original, in Chinese and in English.

    :param by: name and post of who compared. :param day: hall date.
    """
    return f"经与原件核对无误 {by} {day:%Y-%m-%d}", f"Verified against the original, {by}, {day:%Y-%m-%d}"
