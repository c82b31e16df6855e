"""What the JSON interface answers about figures."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct


class MetricDefinition(Struct):
    """What a figure counts, in words; the same text is quoted on pages and in exports.

    ``kind`` is count, rate, share or mean. ``additive``: the figure of some days is the sum of theirs.
    """

    name: str
    version: int
    kind: str
    title: str
    title_en: str
    numerator: str
    numerator_en: str
    denominator: str
    denominator_en: str
    exclusions: str
    exclusions_en: str
    period: str
    period_en: str
    unit: str
    unit_en: str
    source: str
    additive: bool


class Metrics(Struct):
    """Every figure there is, in the order in which they are shown."""

    items: list[MetricDefinition]


class CalendarQuoted(Struct):
    """An edition of the working-day calendar that the limits of the period rest on."""

    year: int
    version: int
    source: str
    published_on: date


class DimensionLabel(Struct):
    """What a value of a dimension is called; ``-`` where a row has none."""

    code: str
    name: str
    name_en: str


class MetricNumbers(Struct):
    """Numerator, denominator (null of a count) and value (null where there is no data).

    ``cases`` is the address of the rows behind it; add ``part``.
    """

    cases: str
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None


class MetricCell(MetricNumbers, kw_only=True):
    """A part of a figure: where it lies in each dimension, and its first and last day within the period."""

    at: dict[str, str]
    labels: dict[str, DimensionLabel]
    since: date
    until: date


class Metric(Struct):
    """A figure over a period, with its definition; ``cells`` is empty when nothing was asked apart."""

    name: str
    definition: MetricDefinition
    total: MetricNumbers
    cells: list[MetricCell]


class MetricAnswer(Struct):
    """Figures over a period of hall days, both included, as the trail told them at ``as_of``."""

    since: date
    until: date
    as_of: datetime
    facts_version: int
    calendars: list[CalendarQuoted]
    by: list[str]
    where: dict[str, str]
    figures: list[Metric]


class MetricCase(Struct):
    """A row behind a figure and what it adds; ``subject`` names a notice, card, ticket or item."""

    case: str
    subject: str
    item: str
    item_name: str
    item_name_en: str
    department: str
    day: date
    amount: int


class MetricCasePage(Struct):
    """Rows behind a figure; over all pages their amounts add up to it. No ``next`` on the last page."""

    items: list[MetricCase]
    next: str | None = None
