"""What the JSON interface answers about materials. What is not listed here does not leave the server."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from msgspec import Struct

from api.rest.case_answers import ScanRow


class AskedRow(Struct):
    """A line of a list: what, how many, how far it is trusted, from where, and how it is had.

    ``proof`` names what is asked for, the same for every line that asks for it.
    """

    line: str
    name: str
    name_en: str
    kind: str
    form: str
    necessity: str
    grade: str
    asked: dict[str, int]
    e_cert: bool
    source: str
    how_to_obtain: str
    how_to_obtain_en: str
    proof: str


class Checklist(Struct):
    """What to bring for an item in a situation, and the questions that decide it."""

    item: str
    version: int
    name: str
    name_en: str
    situation: list[str]
    questions: list[dict[str, Any]]
    lines: list[AskedRow]


class CheckRow(Struct):
    """A check of a line; ``mark`` is what copies carry of it (经与原件核对无误)."""

    kind: str
    passed: bool
    reference: str
    note: str
    checked_name: str
    checked_at: datetime
    mark: str
    mark_en: str
    valid_to: date | None = None


class ReuseRow(Struct):
    """What stands, or stood, in for the paper of a line, and who consented to it."""

    kind: str
    source: str
    reference: str
    issuer: str
    consented_by: str
    consent_way: str
    recorded_at: datetime
    ended_because: str
    valid_to: date | None = None
    recorded_by: str | None = None
    mandate: str | None = None
    ended_at: datetime | None = None


class ScanOfLine(ScanRow, kw_only=True):
    """A scan with what was measured on its pages and is worth a look."""

    advice: list[dict[str, Any]]


class MaterialRow(AskedRow, kw_only=True):
    """A line of a case: handed in, missing, checked, spared, scanned.

    ``needs`` is the check that it still needs before acceptance; ``paper_barred``: no paper may be asked for it.
    """

    received: dict[str, Any]
    missing: dict[str, Any]
    complete: bool
    paper_barred: bool
    checks: list[CheckRow]
    reuses: list[ReuseRow]
    scans: list[ScanOfLine]
    needs: dict[str, str] | None = None


class Checked(Struct):
    """A check that was kept; ``seq`` is its event."""

    case: str
    line: str
    kind: str
    passed: bool
    seq: int


class OfferRow(Struct):
    """Something that could stand in for paper: a name, its validity and where from; nothing of its contents."""

    offer: str
    kind: str
    name: str
    issuer: str
    hall: str
    valid_from: date | None = None
    valid_to: date | None = None


class Offers(Struct):
    """What could stand in for a line; ``outside`` says what became of the question to the licence service."""

    line: str
    offers: list[OfferRow]
    outside: dict[str, str]


class Reused(Struct):
    """Something stands in for the paper of a line now; ``seq`` is its event."""

    case: str
    line: str
    kind: str
    exempt: str
    seq: int
    valid_to: date | None = None


class ReuseEnded(Struct):
    """Nothing stands in for the paper of a line any more; ``seq`` is its event."""

    case: str
    line: str
    kind: str
    seq: int


class SituationChanged(Struct):
    """The answers before and now, and the lines that they add and drop."""

    case: str
    before: list[str]
    situation: list[str]
    added: list[str]
    dropped: list[str]
    version: int
    seq: int


class SparedFigures(Struct):
    """Electronic certificates that lists called for and that stood in for paper; earlier materials that did."""

    required: int
    used: int
    verified_before: int
    rate: float | None = None
