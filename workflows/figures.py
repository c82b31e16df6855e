"""Figures of completeness (D§5): what each counts, of which cases, and when a case meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from workflows.errors import Malformed

LONGEST: Final = timedelta(days=366)
"""The longest period that is counted at once."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line that was received on paper: sheets as they were counted, pages as they were scanned and kept."""

    line: str
    declared: int
    scanned: int


@dataclass(frozen=True, slots=True)
class CompletenessFacts:
    """What the figures ask about one case that is over. Moments in UTC.

    :param lines: what was received on paper. :param receipts: kinds of its documents, of D01 and D05.
    :param handover: begin, end and due moment of the latest handover to a department; None where there was none.
    :param promised: granted on the applicant's promise, on the spot, without an acceptance of its own.
    """

    received_at: datetime | None
    accepted_at: datetime | None
    lines: tuple[PaperLine, ...] = ()
    receipts: frozenset[str] = frozenset()
    handover: tuple[datetime, datetime | None, datetime | None] | None = None
    promised: bool = False


def scans_complete(facts: CompletenessFacts) -> bool | None:
    """扫描上传完整率: every line that was received on paper has a scan, with as many pages as were declared.

    None for a case that is not counted: nothing was received on paper.
    """
    if facts.received_at is None or not facts.lines:
        return None
    return all(line.scanned and line.scanned == (line.declared or line.scanned) for line in facts.lines)


def receipts_given(facts: CompletenessFacts) -> bool | None:
    """受理回执率: the receipt (D01) and the notice of acceptance (D05) of an accepted case are there (许可法32(2)).

    None for a case that was not accepted, or decided on a promise on the spot (许可法34(2)).
    """
    return None if facts.accepted_at is None or facts.promised else {"D01", "D05"} <= facts.receipts


def handed_over_in_time(facts: CompletenessFacts) -> bool | None:
    """移交及时率: the department signed in before the limit for the handover ended."""
    if facts.handover is None:
        return None
    _, ended, due = facts.handover
    return None if due is None else ended is not None and ended <= due


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its title, and whether a case meets it; None where the case is not counted."""

    title: str
    title_en: str
    meets: Callable[[CompletenessFacts], bool | None]


FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "scan_completeness": Figure("扫描上传完整率", "Scans complete", scans_complete),
        "receipt_given": Figure("受理回执率", "Receipts given", receipts_given),
        "handover_in_time": Figure("移交及时率", "Handed over in time", handed_over_in_time),
    }
)
"""The figures by name."""


@dataclass(slots=True)
class Tally:
    """A numerator and its denominator."""

    numerator: int = 0
    denominator: int = 0

    @property
    def value(self) -> float | None:
        """The rate, to four places; None where there is no data."""
        return round(self.numerator / self.denominator, 4) if self.denominator else None


def tally(facts: Iterable[CompletenessFacts]) -> dict[str, Tally]:
    """Every figure over some cases."""
    found = {name: Tally() for name in FIGURES}
    for one in facts:
        for name, figure in FIGURES.items():
            met = figure.meets(one)
            if met is not None:
                found[name].denominator += 1
                found[name].numerator += met
    return found


def check_period(since: date, until: date) -> None:
    """A period has its first and last day in order and lasts a year at most.

    :raises Malformed: ``period_wrong``.
    """
    if not since <= until <= since + LONGEST:
        raise Malformed(
            "period_wrong",
            "统计区间有误：起始日不得晚于截止日，最长一年。",
            "The period is wrong: it ends on or after its first day and lasts a year at most.",
        )
