"""What the JSON interface answers about the issue counter: shelves, parcels, certificates, the day's ledger."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from api.rest.case_answers import Done


class Moved(Struct):
    """Where a result was, and where it is now; an empty shelf is one that nobody has named."""

    case: str
    shelf: str
    before: str


class ShelfRow(Struct):
    """A result that waits, and how often its applicant was contacted since it came there."""

    case: str
    state: str
    item_name: str
    applicant: str
    shelf: str
    in_at: datetime
    in_cause: str
    contacts: int
    contacted_at: datetime | None = None


class ShelfPage(Struct):
    """What waits, the longest first; no ``next`` on the last page."""

    items: list[ShelfRow]
    next: str | None = None


class Astray(Struct):
    """A result that lies where it is not recorded; ``recorded`` is where it should be, if it waits anywhere."""

    case: str
    recorded: str | None = None


class Counted(Struct):
    """What a count of a shelf found: how many should be there, how many are, which are missing, which are astray."""

    shelf: str
    expected: int
    found: int
    missing: list[str]
    surplus: list[Astray]


class LedgerRow(Struct):
    """One result that was handed over: how, to whom, by whom, and the numbers of its documents."""

    case: str
    item_name: str
    way: str
    recipient: str
    relation: str
    delivered_at: datetime
    documents: list[str]
    delivered_by: str | None = None
    waybill: str | None = None


class Ledger(Struct):
    """A day's ledger: its totals by name, and a page of its rows; no ``next`` on the last page."""

    day: date
    totals: dict[str, int]
    rows: list[LedgerRow]
    next: str | None = None


class Posted(Struct):
    """What left in one parcel: an answer for each case."""

    posted: list[Done]


class Ordered(Struct):
    """A parcel that the courier is asked to carry, and its cases."""

    order: UUID
    cases: list[str]


class OrderRow(Struct):
    """What the courier was asked to carry; ``outcome`` is the waybill, or why there is none."""

    id: UUID
    cases: list[str]
    state: str
    outcome: str
    ordered_at: datetime
    ordered_by: str | None = None
    ended_at: datetime | None = None


class OrderPage(Struct):
    """Orders, the newest first; no ``next`` on the last page."""

    items: list[OrderRow]
    next: str | None = None


class ReceiptLine(Struct):
    """One document of one case."""

    case: str
    item: str
    code: str
    number: str


class Receipt(Struct):
    """What a certificate of service (D18) prints: one line for each document."""

    document: str
    issued_at: datetime
    way: str
    received_by: str
    lines: list[ReceiptLine]


class CertificateView(Struct):
    """A certificate of the register. ``valid``: in force, and within its validity today."""

    number: str
    name: str
    holder: str
    issuer: str
    seal: str
    valid_from: date
    state: str
    valid: bool
    made_at: datetime
    case: str
    reason: str
    proposal: str
    valid_to: date | None = None
    ended_at: datetime | None = None
    replaces: str | None = None
    replaced_by: str | None = None


class CertificateCheck(Struct):
    """Whether a certificate is valid today, and whether another one has taken its place."""

    number: str
    valid: bool
    replaced: bool
