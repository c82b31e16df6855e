"""年度考核: the mean of a contract year's months, its tier and the performance pay; the same by quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.assessment.contracting import shown, yuan
from engine.assessment.impartiality import contract_within
from engine.assessment.publishing_tables import table_in_force, table_of
from storage import assessments, contracts
from workflows.actor import Actor
from workflows.assessment import PayRules
from workflows.assessment_pay import QUARTERS, Pay, pay_of_quarter, pay_of_year, period_of, quarter_of


async def read_year(actor: Actor, key: UUID, year: int) -> dict[str, Any]:
    """What a year of a contract comes to: its months with their scores, the year's pay, and that of its quarters.

    The months in hand decide while others are missing; ``complete`` says whether all are there. The pay rules are those
    of the newest month's table.

    :param key: of the contract. :raises NotFound: ``contract_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Malformed: ``year_outside``.
    """
    return await year_of(await contract_within(actor, key), year)


async def year_of(contract: Mapping[str, Any], year: int, as_of: datetime | None = None) -> dict[str, Any]:
    """The same of a contract that somebody may read. :param as_of: UTC; as it was then.

    :raises Malformed: ``year_outside``.
    """
    key = contract["id"]
    months = period_of(contract["first_year"], contract["years"], year)
    quarters = [quarter_of(year, number) for number in range(1, QUARTERS + 1)]
    wanted = sorted({*months, *(month for quarter in quarters for month in quarter)})
    rows = {row["month"]: row for row in await assessments.approved(await contracts.lineage(key), wanted, as_of)}
    rules = await _rules(list(rows.values()))
    short = await contracts.short_of(key, year, as_of)
    price = yuan(contract["price_fen"])
    pay = pay_of_year(rules, price, _scores(rows, months), short["short"] if short else 0)
    return {
        **shown(dict(contract)),
        "contract": key,
        "year": year,
        "months": [_month(rows.get(month), month) for month in months],
        "complete": all(month in rows for month in months),
        "pay": _told(pay),
        "short": short,
        "tiers": msgspec.to_builtins(rules.tiers),
        "quarters": [
            {
                "quarter": number,
                "complete": all(month in rows for month in quarter),
                "months": [_month(rows.get(month), month) for month in quarter],
                **_told(pay_of_quarter(rules, price, number, _scores(rows, quarter))),
            }
            for number, quarter in enumerate(quarters, 1)
        ],
    }


async def _rules(rows: Sequence[Mapping[str, Any]]) -> PayRules:
    newest = max(rows, key=lambda row: row["month"], default=None)
    table = await table_in_force() if newest is None else await table_of(newest["table_id"])
    return table.pay


def _scores(rows: Mapping[date, Mapping[str, Any]], months: Sequence[date]) -> list[int]:
    return [rows[month]["score"] for month in months if month in rows]


def _month(row: Mapping[str, Any] | None, month: date) -> dict[str, Any]:
    if row is None:
        return {"month": month, "assessment": None, "edition": None, "score": None}
    return {"month": month, "assessment": row["id"], "edition": row["edition"], "score": row["score"]}


def _told(pay: Pay) -> dict[str, Any]:
    """Money as text, exact to the fen."""
    return {
        "mean": None if pay.mean is None else str(pay.mean),
        "percent": pay.percent,
        **{name: f"{getattr(pay, name):.2f}" for name in ("base", "earned", "withheld", "due")},
    }
