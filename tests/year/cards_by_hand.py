"""亮牌 by hand: which cards the limits of a case must have left, and on which day, from the rules of D§5 alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from tests.year import days
from tests.year.case_by_hand import Case, Limit

CHECKED: Final = frozenset(
    {
        "promise_yellow", "promise_red", "statutory_yellow", "statutory_red", "delivery_yellow", "delivery_red",
        "handover_overdue", "reply_overdue", "notice_missed", "told_twice",
    }
)  # fmt: skip
"""The rules that are counted again here; others are about the stages of a department and about duties."""


def cards_of(case: Case, until: datetime) -> set[tuple[str, str, date]]:
    """Case, rule and day of each card. :param until: up to when time has done its work."""
    decided = case.closed or until
    received = case.delivered or case.revoked or until
    found = [
        *_of_limit("promise", case.promise, decided),
        *_of_limit("statutory", case.statutory, decided),
        *_of_limit("delivery", case.delivery, received),
        *_missed("handover_overdue", case.first("dispatch"), case.first("sign_in"), until),
        *_missed("reply_overdue", case.first("escalate"), _answered(case), until),
    ]
    if case.lapsed_duty:
        found.append(("notice_missed", days.day_of(case.lapsed_duty)))
    found += [("told_twice", days.day_of(notice.at)) for notice in case.notices if notice.new]
    return {(case.number, rule, day) for rule, day in found}


def _of_limit(name: str, limit: Limit | None, until: datetime) -> Iterator[tuple[str, date]]:
    """Yellow from the opening of the day before the last one, red once that is over; so also before an extension."""
    if limit is None:
        return
    if limit.extended_at:
        yield from _of_limit(name, replace(limit, extended=0, extended_at=None), min(limit.extended_at, until))
    end = days.day_of(limit.end)
    eve = days.before(end, 1)
    if eve > days.day_of(limit.start) and days.opening(eve) < until:
        yield f"{name}_yellow", eve
    if limit.end < until:
        yield f"{name}_red", end


def _missed(rule: str, begun: datetime | None, done: datetime | None, until: datetime) -> Iterator[tuple[str, date]]:
    """One working day was given, and more were taken."""
    if begun and Limit("working_days", 1, begun).end < (done or until):
        yield rule, days.after(days.day_of(begun), 1)


def _answered(case: Case) -> datetime | None:
    return case.first("refuse_acceptance", "overrule_escalation")
