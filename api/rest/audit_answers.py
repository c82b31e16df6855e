"""What the JSON interface answers at the auditor's desk."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from api.rest.case_answers import EventRow


class AuditedCase(Struct):
    """A case in the auditor's list; a person's name is masked. ``outcome`` and what follows come from its facts."""

    number: str
    item_code: str
    item_name: str
    item_name_en: str
    state: str
    flags: list[str]
    applicant_kind: str
    applicant_name: str
    department_name: str
    department_name_en: str
    hall_name: str
    hall_name_en: str
    opened_at: datetime
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    notices: int | None = None
    lines_offending: int | None = None
    deemed_at: datetime | None = None
    cards_yellow: int | None = None
    cards_red: int | None = None
    statutory_in_time: bool | None = None
    promise_in_time: bool | None = None


class AuditedCasePage(Struct):
    """Cases, and where the next page begins; no ``next`` on the last page."""

    items: list[AuditedCase]
    next: str | None = None


class AuditedEvent(Struct):
    """An event in the auditor's list; the whole of it stands in the record of its case."""

    case: str
    seq: int
    name: str
    at: datetime
    actor_name: str
    role: str
    from_state: str
    to_state: str
    reason: str
    item_name: str
    item_name_en: str
    department_name: str
    department_name_en: str
    claimed_at: datetime | None = None
    window_name: str | None = None
    window_name_en: str | None = None


class AuditedEventPage(Struct):
    """Events, and where the next page begins; no ``next`` on the last page."""

    items: list[AuditedEvent]
    next: str | None = None


class ChangeRow(Struct):
    """One column of the case before and after an event; no ``before`` where the trail had said nothing of it."""

    column: str
    before: Any = None
    after: Any = None


class RecordedEvent(EventRow, kw_only=True):
    """An event whole, with what it changed."""

    changes: list[ChangeRow]


class RecordBreach(Struct):
    """The first row of a chain that does not fit."""

    chain: str
    seq: int
    code: str
    zh: str
    en: str


class RecordVerdict(Struct):
    """What the verification of a case found. ``sealed_to``: the last event under a checkpoint, else 0."""

    whole: bool
    events: int
    sealed_to: int
    breaches: list[RecordBreach]
    zh: str
    en: str
    checkpoint: int | None = None
    day: date | None = None


class CaseRecord(Struct):
    """A case as one record. ``names``: whose the keys in its events are.

    ``documents`` and ``scans`` carry digest and the result of their last reading.
    ``verdict`` and ``looks`` are an auditor's; ``verdict`` is absent for others.
    """

    case: dict[str, Any]
    events: list[RecordedEvent]
    names: dict[str, str]
    clocks: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    scans: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    duties: list[dict[str, Any]]
    findings: list[FindingRow]
    looks: list[dict[str, Any]]
    verdict: RecordVerdict | None = None


class AnomalyDefinition(Struct):
    """A list of anomalies: its name, titles, the rule with the thresholds that hold here, the norm behind it."""

    name: str
    title: str
    title_en: str
    rule: str
    rule_en: str
    basis: str


class AnomalyRow(Struct):
    """One thing that looks wrong. ``seq`` is the event; a look has none. ``detail`` says what is odd about it."""

    case: str
    at: datetime
    name: str
    actor_name: str
    role: str
    item_name: str
    item_name_en: str
    department_name: str
    department_name_en: str
    detail: dict[str, Any]
    seq: int | None = None


class AnomalyPage(Struct):
    """Anomalies, and where the next page begins; no ``next`` on the last page."""

    items: list[AnomalyRow]
    next: str | None = None


class SampleDrawn(Struct):
    """A sample that was drawn and kept."""

    sample: UUID
    population_size: int
    size: int


class SampleRow(Struct):
    """A sample in the list: who drew it, when, why, with which seed, from how many cases chosen how."""

    id: UUID
    drawn_at: datetime
    drawn_by_name: str
    purpose: str
    seed: str
    method: str
    strata: str
    allocation: str
    algorithm: int
    size: int
    criteria: dict[str, Any]
    weights: dict[str, int]
    population_size: int
    population_digest: str


class SamplePage(Struct):
    """Samples, and where the next page begins; no ``next`` on the last page."""

    items: list[SampleRow]
    next: str | None = None


class DrawnCase(Struct):
    """One case of a sample: the lots that it held, its stratum, its risks."""

    case: str
    weight: int
    stratum: str
    risks: list[str]


class SampleView(SampleRow, kw_only=True):
    """A sample with its cases. ``same``: drawn again from the frozen population, it comes out equal."""

    drawn: list[DrawnCase]
    same: bool


class FindingTaken(Struct):
    """A finding after a step."""

    finding: str
    state: str


class FindingRow(Struct):
    """A finding in the list."""

    number: str
    case: str
    article: str
    severity: str
    addressee: str
    text: str
    evidence: str
    state: str
    recorded_by: str
    recorded_at: datetime
    item_name: str
    item_name_en: str
    hall: str
    department: str
    department_name: str
    department_name_en: str
    seq: int | None = None
    due_on: date | None = None
    sample_id: UUID | None = None


class FindingPage(Struct):
    """Findings, and where the next page begins; no ``next`` on the last page."""

    items: list[FindingRow]
    next: str | None = None


class FindingHistoryRow(Struct):
    """One step with a finding."""

    seq: int
    step: str
    role: str
    by: str
    at: datetime
    text: str


class FindingView(FindingRow, kw_only=True):
    """A finding with its history, and the ``steps`` that the caller may take now."""

    history: list[FindingHistoryRow]
    steps: list[str]


class LookRow(Struct):
    """One look: who, when, at what, what for; ``day`` and ``chain_seq`` are its place in the chain of the day (UTC).

    ``about`` is the sign-in name where an account was changed. ``login`` is null for the command line of the machine.
    """

    at: datetime
    name: str
    subject: str
    action: str
    purpose: str
    day: date
    chain_seq: int
    login: str | None = None
    case: str | None = None
    about: str | None = None


class LooksPage(Struct):
    """Looks, and where the next page begins; no ``next`` on the last page."""

    items: list[LookRow]
    next: str | None = None
