"""What the JSON interface answers about contracts and what their years come to. Money is text, exact to the fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct


class Registered(Struct):
    """The key of a contract that was registered."""

    contract: UUID


class ReportFiled(Struct):
    """A month's report that was filed."""

    contract: UUID
    month: date
    at: datetime


class ShortCounted(Struct):
    """How many are short of the certificate rate in a year."""

    contract: UUID
    year: int
    short: int


class ContractRow(Struct):
    """A contract for the staff of a hall; ``price`` of a year, in yuan; ``replaced_by`` corrects it."""

    id: UUID
    hall: str
    hall_name: str
    contractor: str
    number: str
    first_year: int
    years: int
    price: str
    settlement: Literal["annual", "quarterly"]
    registered_at: datetime
    replaces: UUID | None = None
    replaced_by: UUID | None = None


class ReportRow(Struct):
    """One report on operations, as it was filed."""

    month: date
    text: str
    reference: str
    filed_by_name: str
    filed_at: datetime


class ContractView(ContractRow, kw_only=True):
    """A contract with its reports, the newest first."""

    reports: list[ReportRow]


class ContractList(Struct):
    """The contracts of the caller's halls, the newest first."""

    items: list[ContractRow]


class MonthOfYear(Struct):
    """One month of a period: its newest approved edition; nothing where there is none."""

    month: date
    assessment: UUID | None
    edition: int | None
    score: int | None


class PayRow(Struct):
    """What a period comes to. ``mean`` and ``percent`` are None without a score.

    ``base`` is the performance share of the price, ``earned`` what the tier gives of it, ``withheld`` what persons
    short of the certificate rate cost, ``due`` what remains.
    """

    mean: str | None
    percent: int | None
    base: str
    earned: str
    withheld: str
    due: str


class QuarterRow(PayRow, kw_only=True):
    """The same of a calendar quarter, with its months."""

    quarter: int
    complete: bool
    months: list[MonthOfYear]


class ShortRow(Struct):
    """The newest count of who lacks the certificate, and what shows it."""

    short: int
    evidence: str
    recorded_by_name: str
    recorded_at: datetime


class TierRow(Struct):
    """How much of the performance pay is due from a mean score of ``least`` on."""

    least: int
    percent: int


class YearView(Struct):
    """A contract's year: months of its period, pay, tiers, quarters. ``complete``: every month is approved."""

    contract: UUID
    contractor: str
    year: int
    price: str
    settlement: Literal["annual", "quarterly"]
    months: list[MonthOfYear]
    complete: bool
    pay: PayRow
    short: ShortRow | None
    tiers: list[TierRow]
    quarters: list[QuarterRow]
