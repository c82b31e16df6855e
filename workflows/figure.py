"""Figures (指标): what each counts, over what, and in which words it says so (D§5).

A figure is data: conditions and whole numbers over the columns of one row of facts, and the words that pages, exports
and calls quote. Conditions are PostgreSQL, constants of these modules, never input. In them ``f`` is the row that is
counted, ``c`` its case where the row is none itself, ``k.moment`` the moment up to which the trail is read, and in
stocks ``p.moment`` and ``p.last`` the last moment and the last day of the period, ``p.moment`` not after ``k.moment``.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from msgspec import Struct

Kind = Literal["count", "rate", "share", "mean"]
Table = Literal["cases", "notices", "cards", "materials", "tickets", "items"]


class Words(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str


NOTHING: Final = Words("", "")
TIMES: Final = ("day", "week", "month", "year")
"""Dimensions of time: hall days, weeks from Monday, months, years."""
DIMENSIONS: Final = ("hall", "department", "item", "window", "receiver", "handler", "channel", "kind", *TIMES)
"""By what a figure may be broken down; ``receiver`` is who took the application in, ``handler`` who handles it."""


class Basis(Struct, frozen=True, kw_only=True):
    """Which rows of a table belong to a period.

    :param table: which rows. :param counted: condition of every row that counts at all.
    :param day: the row's hall day that lies in the period (a flow); empty for a stock.
    :param standing: of a stock, the condition of standing at the period's last moment.
    :param rule: the period rule in words. :param excluded: what is never counted, in words.
    """

    name: str
    table: Table
    rule: Words
    excluded: Words
    counted: str
    day: str = ""
    standing: str = ""


class Measure(Struct, frozen=True, kw_only=True):
    """What the rows of one basis add to a figure.

    :param of: condition of the denominator. :param met: condition of the numerator, of rows that fulfil ``of`` too.
    :param of_amount: whole number that such a row adds to the denominator. :param met_amount: idem, numerator.
    """

    basis: Basis
    of: str = "true"
    met: str = "true"
    of_amount: str = "1"
    met_amount: str = "1"


class Figure(Struct, frozen=True, kw_only=True):
    """One figure with its definition.

    :param name: as in addresses. :param version: raised whenever what it counts changes.
    :param kind: a ``count`` has no denominator; a ``rate`` and a ``share`` say how much of it is met; a ``mean`` says
        how much there is of something for each.
    :param measures: whose sums it is; none for a figure for which this system keeps no data.
    :param numerator: in words, as ``denominator`` and ``excluded``. :param unit: of its value.
    :param source: the article, standard or rule that asks for it.
    """

    name: str
    title: Words
    kind: Kind
    measures: tuple[Measure, ...]
    numerator: Words
    denominator: Words = NOTHING
    excluded: Words = NOTHING
    unit: Words = Words("", "")
    source: str = ""
    version: int = 1

    @property
    def additive(self) -> bool:
        """Whether the figure of some days is the sum of theirs; not so for what stands at a moment."""
        return bool(self.measures) and all(measure.basis.day for measure in self.measures)


def value_of(kind: Kind, numerator: int, denominator: int | None) -> float | None:
    """The value of a figure, to four places; None where there is nothing to divide by (no data).

    :param denominator: ignored for a count, whose value is its numerator.
    """
    if kind == "count":
        return numerator
    return round(numerator / denominator, 4) if denominator else None


def definition_of(figure: Figure) -> dict[str, str | int | bool]:
    """The definition as it is quoted, each text in Chinese and under ``…_en`` in English."""
    rules = tuple(dict.fromkeys(measure.basis.rule for measure in figure.measures))
    left_out = tuple(dict.fromkeys(measure.basis.excluded for measure in figure.measures))
    texts = {
        "title": figure.title,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "exclusions": _joined((*left_out, figure.excluded)),
        "period": _joined(rules),
        "unit": figure.unit,
    }
    told = {name: words.zh for name, words in texts.items()} | {f"{name}_en": words.en for name, words in texts.items()}
    plain: dict[str, str | int | bool] = {
        "name": figure.name,
        "version": figure.version,
        "kind": figure.kind,
        "source": figure.source,
    }
    return {**plain, **told, "additive": figure.additive}


def _joined(parts: tuple[Words, ...]) -> Words:
    return Words("".join(part.zh for part in parts), " ".join(part.en for part in parts if part.en))
