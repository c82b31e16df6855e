"""What the scores of a contractor are worth: the months of a year, their mean, the tier, the performance pay.

The price of a year is paid in advance but for the performance share (绩效考核金额); of that, the mean score of the
year's months decides how much is due, and persons without the agreed certificate lower it. Money is exact to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from workflows.assessment import PayRules
from workflows.errors import Malformed

FEN: Final = Decimal("0.01")
MOST_YEARS: Final = 5
QUARTERS: Final = 4
_DECEMBER: Final = 12
_NOVEMBER: Final = 11


def check_month(month: date) -> date:
    """A month, named by its first day. :raises Malformed: ``month_wrong``."""
    if month.day != 1:
        raise Malformed("month_wrong", "请以当月1日表示月份。", "A month is named by its first day.", field="month")
    return month


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // _DECEMBER, month.month % _DECEMBER + 1, 1)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """Every month from one to another, both included."""
    found, month = [], first
    while month <= last:
        found.append(month)
        month = next_month(month)
    return tuple(found)


def period_of(first_year: int, years: int, year: int) -> tuple[date, ...]:
    """The months whose mean decides the pay of a year: January to November of the first year, December to November
    of those between, December to December of the last; the calendar year where there is only one.

    The pay of a year is settled early in December, so the December of each year counts for the next one.

    :param first_year: of the contract. :param years: how many it lasts. :raises Malformed: ``year_outside``.
    """
    last_year = first_year + years - 1
    if not first_year <= year <= last_year:
        raise Malformed(
            "year_outside",
            f"合同期为{first_year}年至{last_year}年，不含{year}年。",
            f"The contract is for {first_year} to {last_year}, not {year}.",
            field="year",
        )
    begin = date(year, 1, 1) if year == first_year else date(year - 1, _DECEMBER, 1)
    end = date(year, _DECEMBER if year == last_year else _NOVEMBER, 1)
    return months_between(begin, end)


def year_of_month(first_year: int, years: int, month: date) -> int:
    """The year of a contract whose pay a month counts for; each month counts for one. :raises Malformed:
    ``year_outside``.
    """
    later = month.month == _DECEMBER and month.year < first_year + years - 1
    year = month.year + later
    period_of(first_year, years, year)
    return year


def quarter_of(year: int, quarter: int) -> tuple[date, ...]:
    """The three months of a calendar quarter. :raises Malformed: ``quarter_wrong``."""
    if not 1 <= quarter <= QUARTERS:
        raise Malformed("quarter_wrong", "季度应为1至4。", "A quarter is 1 to 4.", field="quarter")
    begin = date(year, 3 * quarter - 2, 1)
    return months_between(begin, date(year, 3 * quarter, 1))


@dataclass(frozen=True, slots=True)
class Pay:
    """What a period is worth. Money in yuan.

    :param mean: of the scores, cut to two places, so that it never looks better than the tier that it is in; None
        while there is no score. :param percent: of the tier; None as well.
    :param base: the performance share of the price. :param earned: of it by the tier.
    :param withheld: for persons short of the certificate rate. :param due: what remains; never below nought.
    """

    mean: Decimal | None
    percent: int | None
    base: Decimal
    earned: Decimal
    withheld: Decimal
    due: Decimal


def percent_of(rules: PayRules, scores: Sequence[int]) -> int:
    """The percentage of the tier that the mean of some scores is in, compared without rounding."""
    total, count = sum(scores), len(scores)
    return next((tier.percent for tier in rules.tiers if total >= tier.least * count), 0)


def pay_of_year(rules: PayRules, price: Decimal, scores: Sequence[int], short: int = 0) -> Pay:
    """绩效考核金额: price × share × tier − price × share × 0.5 % for each person short (rates as the table says).

    :param price: of the year, in yuan, without fractions of a fen. :param scores: one for each month of the period.
    :param short: persons short of the certificate rate. :raises Malformed: ``amount_negative``.
    """
    if price < 0 or short < 0:
        raise Malformed("amount_negative", "金额和人数不能为负数。", "Amounts and numbers cannot be negative.")
    base = _fen(price * rules.share_percent / 100)
    withheld = _fen(price * rules.share_percent * rules.person_permille * short / 100_000)
    return _pay(rules, base, scores, withheld)


def pay_of_quarter(rules: PayRules, price: Decimal, quarter: int, scores: Sequence[int]) -> Pay:
    """按季度结算: the same of a quarter of the yearly share; the shares of the four quarters add up to the fen.

    Certificates are counted once a year and so not here.

    :raises Malformed: ``quarter_wrong``, ``amount_negative``.
    """
    quarter_of(1, quarter)
    year = pay_of_year(rules, price, ()).base
    base = _fen(year * quarter / QUARTERS) - _fen(year * (quarter - 1) / QUARTERS)
    return _pay(rules, base, scores, Decimal(0))


def _pay(rules: PayRules, base: Decimal, scores: Sequence[int], withheld: Decimal) -> Pay:
    if not scores:
        return Pay(None, None, base, Decimal(0), withheld, Decimal(0))
    percent = percent_of(rules, scores)
    mean = (Decimal(sum(scores)) / len(scores)).quantize(FEN, ROUND_FLOOR)
    earned = _fen(base * percent / 100)
    return Pay(mean, percent, base, earned, withheld, max(earned - withheld, Decimal(0)))


def _fen(amount: Decimal) -> Decimal:
    """An amount to the fen, half a fen up."""
    return amount.quantize(FEN, ROUND_HALF_UP)
