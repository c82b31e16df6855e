"""The figures of D§5, counted by hand over the cases of the diary: one line a figure, numerator and denominator.

Written straight from the domain's definitions, beside the product and without any of its derivations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from tests.year import days
from tests.year.case_by_hand import Case, Notice, certificates_asked
from tests.year.history_by_hand import History, Pair, Period


def counted(history: History, period: Period) -> dict[str, Pair]:
    """Every figure of a period: numerator and denominator, the same number twice where it only counts."""
    cases = [case for case in history.cases if case.outcome != "void"]
    return {
        **_flows(cases, period),
        **_times(cases, period),
        **_sums(history, cases, period),
        **_stocks(cases, period),
        **_notices(cases, period),
        **_rest(history, cases, period),
    }


Test = Callable[[Case], bool]


def _every(_: Case) -> bool:
    return True


def _late(case: Case) -> bool:
    return case.promise is not None and not case.promise.kept(case.closed)


def _early(case: Case) -> bool:
    return case.promise is not None and case.promise.elapsed(case.closed) < case.promise.size


def _lawful(case: Case) -> bool:
    return case.statutory is not None and case.statutory.kept(case.closed)


def _taken_over(case: Case) -> bool:
    return case.handover is not None and case.handover.kept(case.first("sign_in"))


def _delivered(case: Case) -> bool:
    return case.delivery is not None and case.delivery.kept(case.delivered)


def _kept(case: Case) -> bool:
    met = case.first("meet_tolerance")
    return bool(met and case.tolerance and met <= case.tolerance)


def _same_day(case: Case) -> bool:
    return bool(case.received and case.closed and days.day_of(case.received) == days.day_of(case.closed))


def _accepted_as_such(case: Case) -> bool:
    """Accepted by an act of its own; what is granted on a promise is decided on the spot."""
    return case.accepted is not None and not case.count("grant_on_promise")


def _bad(case: Case) -> bool:
    return case.rating > 3 and not case.count("set_aside")


def _within(case: Case, what: str, working_days: int) -> bool:
    """Done within so many working days of the rating; counted by days."""
    done, rated = case.first(what), case.first("rate")
    return bool(done and rated and days.day_of(done) <= days.after(days.day_of(rated), working_days))


def _rectified(case: Case) -> bool:
    complex_ = case.count("contact_rater") and case.told("contact_rater")["complex"]
    return _within(case, "rectify", 15 if complex_ else 5)


def _specials(case: Case) -> int:
    return case.count("start_special")


def _scanned(case: Case) -> bool:
    """Every line on paper has as many pages scanned as were counted; here a scan has one page."""
    return all(case.scanned[line] == pages for line, pages in case.paper.items())


def _online(case: Case) -> bool:
    return case.channel in {"online", "mobile"}


OF_CLOSED: Final[Mapping[str, tuple[Test, Test]]] = {
    "on_time_rate": (lambda c: c.promise is not None, lambda c: not _late(c)),
    "statutory_on_time_rate": (lambda c: c.statutory is not None, _lawful),
    "early_rate": (
        lambda c: c.promise is not None and (c.plan.item.case_kind == "promise" or c.count("convert_to_promise") > 0),
        _early,
    ),
    "same_day_rate": (_every, lambda c: c.plan.item.case_kind == "instant" and _same_day(c)),
    "instant_same_day_rate": (lambda c: c.plan.item.case_kind == "instant", _same_day),
    "notice_once_rate": (lambda c: c.received is not None, lambda c: len(c.notices) <= 1),
    "on_spot_correction_rate": (
        lambda c: bool(c.count("correct_on_spot") or c.notices), lambda c: c.count("correct_on_spot") > 0,
    ),
    "one_visit_rate": (_every, lambda c: len(c.visits) <= 1),
    "no_visit_rate": (_every, lambda c: not c.visits),
    "good_rate": (lambda c: c.rating > 0 and not c.count("set_aside"), lambda c: c.rating <= 3),
    "bad_rate": (lambda c: c.rating > 0 and not c.count("set_aside"), _bad),
    "rated_rate": (_every, lambda c: c.rating > 0),
    "unrated_rate": (_every, lambda c: c.rating == 0),
    "rectified_rate": (_bad, _rectified),
    "follow_up_rate": (_bad, lambda c: c.count("follow_up") > 0),
    "contact_on_time_rate": (_bad, lambda c: _within(c, "contact_rater", 1)),
    "scan_completeness": (lambda c: bool(c.received and c.paper), _scanned),
    "handover_in_time": (lambda c: c.handover is not None, _taken_over),
    "tolerance_kept_rate": (lambda c: c.count("accept_with_tolerance") > 0, _kept),
    "promise_check_rate": (lambda c: c.count("grant_on_promise") > 0, lambda c: c.count("check_promise") > 0),
    "special_share": (lambda c: c.accepted is not None, lambda c: _specials(c) > 0),
    "extension_rate": (lambda c: c.accepted is not None, lambda c: c.count("extend") > 0),
    "withdrawal_rate": (lambda c: c.received is not None, lambda c: c.outcome == "withdrawn"),
    "return_rate": (lambda c: c.received is not None, lambda c: c.outcome in {"not_accepted", "lapsed"}),
}  # fmt: skip
"""Shares of the cases that were closed in the period: which of them count, and which of those are counted."""


def _flows(cases: Iterable[Case], period: Period) -> dict[str, Pair]:
    closed = [case for case in cases if period.has(case.closed)]
    return {name: _share(closed, among, met) for name, (among, met) in OF_CLOSED.items()}


def _share(cases: Iterable[Case], among: Test, met: Test) -> Pair:
    whole = [case for case in cases if among(case)]
    return sum(map(met, whole)), len(whole)


def _twice(count: int) -> Pair:
    return count, count


def _times(cases: Sequence[Case], period: Period) -> dict[str, Pair]:
    """How long it took: sums of days, and of how many cases."""
    closed = [case for case in cases if period.has(case.closed)]
    by_law = [(c, c.statutory) for c in closed if c.statutory and c.statutory.unit == "working_days"]
    by_law = [(c, limit) for c, limit in by_law if limit.size]
    promised = [(c, c.promise) for c in closed if c.promise and c.promise.unit == "working_days"]
    special = [(c, limit) for c, limit in by_law if _specials(c)]
    whole = sum(limit.size for _, limit in by_law)
    held = {
        f"held_by_{who}": (sum(c.held.get(who, 0) for c in closed), len(closed))
        for who in ("window", "department", "applicant", "third_party")
    }
    return held | {
        "actual_compression": (whole - sum(limit.elapsed(c.closed) for c, limit in by_law), whole),
        "handling_days": (sum(limit.elapsed(c.closed) for c, limit in promised), len(promised)),
        "special_days": (
            sum(limit.excluded for _, limit in special),
            sum(c.count("start_special") for c, _ in special),
        ),
        "visits_per_case": (sum(len(c.visits) for c in closed), len(closed)),
    }


def _sums(history: History, cases: Sequence[Case], period: Period) -> dict[str, Pair]:
    """Counts of what came, was accepted, closed; and figures of the day of acceptance, receipt and delivery."""
    received = [case for case in cases if period.has(case.received)]
    accepted = [case for case in cases if period.has(case.accepted)]
    closed = [case for case in cases if period.has(case.closed)]
    handed = [case for case in cases if period.has(case.delivered)]
    granted = [case for case in handed if case.outcome == "granted"]
    issued = {case.number: history.papers.get(case.number, frozenset()) for case in cases}
    return {
        "received": _twice(len(received)),
        "accepted": _twice(len(accepted)),
        "closed": _twice(len(closed)),
        "agent_assisted": _twice(sum(case.plan.way == "agent" for case in received)),
        "online_share": (sum(map(_online, received)), len(received)),
        "material_free_rate": (
            sum(len(case.spared) for case in accepted), sum(certificates_asked(case) for case in accepted),
        ),
        "receipt_given": _share(closed, _accepted_as_such, lambda c: {"D01", "D05"} <= issued[c.number]),
        "delivery_on_time_rate": _share(granted, _every, _delivered),
        "service_proof_rate": _share(handed, _every, lambda c: "D18" in issued[c.number]),
    }  # fmt: skip


def _stocks(cases: Iterable[Case], period: Period) -> dict[str, Pair]:
    """What stands at the last moment of the period."""
    end = period.end
    open_ = [c for c in cases if c.accepted and c.accepted < end and not (c.closed and c.closed < end)]
    overdue = sum(1 for c in open_ if c.promise and c.promise.end < end)
    ended = [c for c in cases if c.promise and period.has(c.closed)]
    lying = [
        c for c in cases
        if c.delivery and c.delivery.start < end
        and not any(at and at < end for at in (c.delivered, c.revoked))
    ]  # fmt: skip
    return {
        "in_progress": _twice(len(open_)),
        "overdue_open": _twice(overdue),
        "overdue_rate": (sum(map(_late, ended)) + overdue, len(ended) + overdue),
        "undelivered_overdue": _twice(sum(c.delivery is not None and c.delivery.end < end for c in lying)),
        "uncollected": _twice(sum(c.ready is not None and _shelved(c, end) > 15 for c in lying)),
    }


def _shelved(case: Case, end: datetime) -> float:
    """How many days a result has waited for somebody to come."""
    return (end - case.ready).total_seconds() / 86400 if case.ready else 0.0


def _notices(cases: Iterable[Case], period: Period) -> dict[str, Pair]:
    """一次性告知, A2 to A7; A1 is a share of the closed cases."""
    cases = list(cases)
    given: list[Notice] = [notice for case in cases for notice in case.notices if period.has(notice.at)]
    first = [notice for notice in given if notice.first]
    lines = [line for notice in given for line in notice.lines]
    whole = sum(all(line[name].strip() for name in ("material", "defect", "requirement", "basis")) for line in lines)
    return {
        "offending_lines": _twice(sum(notice.new for notice in given)),
        "changed_fact_notices": _twice(sum(bool(notice.changed_fact) for notice in given)),
        "notice_on_time_rate": (sum(notice.in_time for notice in first), len(first)),
        "notice_same_day_rate": (sum(notice.same_day for notice in first), len(first)),
        "deemed_acceptances": _twice(sum(period.has(case.lapsed_duty) for case in cases)),
        "notice_lines_complete": (whole, len(lines)),
        "notice_served_rate": (sum(notice.served is not None for notice in given), len(given)),
    }


def _rest(history: History, cases: Iterable[Case], period: Period) -> dict[str, Pair]:
    """Cards and tickets."""
    known = {case.number for case in cases}
    cards = [card for card in history.cards if card.case in known and period.has(card.on)]
    red = [card for card in cards if card.level == "red"]
    tickets = [ticket for ticket in history.tickets if period.has(ticket.registered)]
    in_time = [ticket for ticket in tickets if ticket.solved and ticket.solved <= ticket.due]
    return {
        "yellow_cards": _twice(sum(card.level == "yellow" for card in cards)),
        "red_cards": _twice(len(red)),
        "red_cards_lifted": (sum(card.lifted for card in red), len(red)),
        "impasse_solved_rate": (sum(ticket.solved is not None for ticket in tickets), len(tickets)),
        "impasse_on_time_rate": (len(in_time), len(tickets)),
    }
