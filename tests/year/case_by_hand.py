"""One case as an auditor reads it from the notes of whoever acted: its days, its limits, what was told and served.

Nothing of the product's facts, clocks or calendar is used here; the limits are those that the item publishes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from tests.year import days
from tests.year.life import Deed
from tests.year.plan import Plan

ENDS: Final = {
    "grant": "granted", "grant_on_promise": "granted", "deny": "denied", "refuse_acceptance": "not_accepted",
    "withdraw": "withdrawn", "terminate": "terminated", "confirm_lapse": "lapsed", "void": "void",
    "end_tolerance": "withdrawn",
}  # fmt: skip
"""What closes a case (办结), by the act. What the tolerance list says here of all items: overdue is withdrawn."""
HOLDERS: Final = {
    "give_notice": "applicant", "supply": "applicant", "accept": "window", "accept_with_tolerance": "window",
    "deemed": "window", "escalate": "department", "overrule_escalation": "window", "dispatch": "department",
    "start_special": "third_party", "finish_special": "department",
}  # fmt: skip
"""In whose hands a case is after an act; other acts leave it where it was."""
CLERKS: Final = {"clerk", "clerk2", "clerk.town"}
AT_COUNTER: Final = {"open", "receive", "correct_on_spot", "supply", "meet_tolerance", "withdraw"}
HANDED_OVER: Final = {"deliver", "sign_off_post", "deliver_electronically"}


@dataclass
class Limit:
    """One limit: so many days from a moment on, later for an extension and for time that does not count."""

    unit: str
    size: int
    start: datetime
    extended: int = 0
    extended_at: datetime | None = None
    gaps: list[tuple[date, date]] = field(default_factory=list)

    @property
    def excluded(self) -> int:
        """Days of its kind that a special procedure took out, (start, end]."""
        return sum(self._days(begin, end) for begin, end in self.gaps)

    @property
    def end(self) -> datetime:
        """Its last moment: when the hall closes on its last day, a working day."""
        total, begin = self.size + self.extended + self.excluded, days.day_of(self.start)
        if self.unit == "working_days":
            return days.closing(days.on_a_working_day(days.after(begin, total)))
        return days.closing(days.on_a_working_day(begin + timedelta(days=total)))

    def kept(self, at: datetime | None) -> bool:
        """Whether something was done by its last moment."""
        return at is not None and at <= self.end

    def elapsed(self, until: datetime | None) -> int:
        """Days of its kind that were used up to a moment."""
        assert until is not None
        return self._days(days.day_of(self.start), days.day_of(until)) - self.excluded

    def _days(self, begin: date, end: date) -> int:
        return days.between(begin, end) if self.unit == "working_days" else (end - begin).days


@dataclass
class Notice:
    """One notice: when, its lines, which of them the first did not tell, and when it was served."""

    at: datetime
    lines: Sequence[Mapping[str, Any]]
    new: int
    first: bool
    in_time: bool
    same_day: bool
    number: str
    changed_fact: str
    served: datetime | None = None


@dataclass
class Case:
    """What the notes say of one case."""

    plan: Plan
    number: str
    deeds: list[Deed]
    channel: str
    received: datetime | None = None
    accepted: datetime | None = None
    lapsed_duty: datetime | None = None
    closed: datetime | None = None
    outcome: str = ""
    promise: Limit | None = None
    statutory: Limit | None = None
    notices: list[Notice] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    visits: set[date] = field(default_factory=set)
    paper: dict[str, int] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)
    scanned: Counter[str] = field(default_factory=Counter)
    handover: Limit | None = None
    tolerance: datetime | None = None
    delivery: Limit | None = None
    decided: datetime | None = None
    ready: datetime | None = None
    delivered: datetime | None = None
    revoked: datetime | None = None
    rating: int = 0

    def first(self, *whats: str) -> datetime | None:
        """When one of these was done for the first time."""
        return next((deed.at for deed in self.deeds if deed.what in whats), None)

    def count(self, what: str) -> int:
        """How often something was done."""
        return sum(deed.what == what for deed in self.deeds)

    def told(self, what: str) -> Mapping[str, Any]:
        """What was said with the first deed of a kind."""
        return next(deed.said for deed in self.deeds if deed.what == what)


def read_cases(plans: Mapping[str, Plan], diary: Sequence[Deed], until: datetime) -> list[Case]:
    """Every case of the diary.

    :param plans: by the number of the case: for what and where it was. :param until: up to when time has done its work.
    """
    by_case: dict[str, list[Deed]] = {number: [] for number in plans}
    for deed in diary:
        if deed.case in by_case:
            by_case[deed.case].append(deed)
    return [_read(plans[number], number, deeds, until) for number, deeds in by_case.items()]


def _read(plan: Plan, number: str, deeds: list[Deed], until: datetime) -> Case:
    case = Case(plan, number, deeds, deeds[0].said["channel"])
    direct = plan.item.online_acceptance and plan.way == "online"
    case.received = case.first("submit") if direct else case.first("receive")
    case.closed = case.first(*ENDS)
    case.outcome = next((ENDS[deed.what] for deed in deeds if deed.what in ENDS), "")
    case.decided = case.first("grant", "grant_on_promise", "deny")
    case.ready, case.delivered = case.first("mark_ready"), case.first(*HANDED_OVER)
    case.revoked = case.first("revoke")
    case.rating = case.told("rate")["level"] if case.count("rate") else 0
    if case.received:
        _accept(case, until)
        _tell(case)
        _hold(case)
    _limits(case)
    _papers(case)
    _hand_over(case)
    return case


def notice_end(case: Case) -> datetime:
    """By when everything that lacks must be told: five working days, three for a market entity (条例19)."""
    assert case.received is not None
    limit = 3 if case.plan.item.flow == "MARKET_ENTITY" else case.plan.item.notice_days
    return days.closing(days.after(days.day_of(case.received), limit))


def _accept(case: Case, until: datetime) -> None:
    """受理: as the department says; as of the day on which all was handed in; by law where nobody said anything."""
    said = case.first("accept", "accept_with_tolerance", "grant_on_promise")
    answered = min(filter(None, (said, case.first("give_notice"), case.closed)), default=None)
    if min(answered or until, until) > notice_end(case):
        case.accepted, case.lapsed_duty = case.received, notice_end(case)
    elif said and case.count("give_notice"):
        case.accepted = max(deed.at for deed in case.deeds if deed.what == "supply")
    else:
        case.accepted = said


def _limits(case: Case) -> None:
    """承诺时限 and 法定时限, from acceptance on; of a market entity from receipt, or from when all was there."""
    if case.accepted is None or case.count("grant_on_promise"):
        return
    item = case.plan.item
    since_receipt = item.flow == "MARKET_ENTITY" and not case.count("supply")
    start = case.received if since_receipt else case.accepted
    assert start is not None
    case.promise = Limit(item.promise_limit.unit.value, item.promise_limit.n, start)
    if item.statutory_limit:
        case.statutory = Limit(item.statutory_limit.unit.value, item.statutory_limit.n, start)
    if case.count("convert_to_promise"):
        case.promise.size = case.told("convert_to_promise")["days"]
    begun = [days.day_of(deed.at) for deed in case.deeds if deed.what == "start_special"]
    ended = [days.day_of(deed.at) for deed in case.deeds if deed.what == "finish_special"]
    for limit in filter(None, (case.promise, case.statutory)):
        limit.gaps = list(zip(begun, ended, strict=False))
        if case.count("extend") and item.extension:
            limit.extended, limit.extended_at = item.extension.n, case.first("extend")


def _tell(case: Case) -> None:
    """The notices, and what of them was served."""
    assert case.received is not None
    known: set[tuple[str, ...]] = set()
    for deed in case.deeds:
        if deed.what in {"give_notice", "add_notice_lines"}:
            told = {tuple(line[name] for name in ("material", "defect", "requirement")) for line in deed.said["lines"]}
            new = 0 if not known or deed.said.get("changed_fact", "").strip() else len(told - known)
            known = known or told
            case.notices.append(
                Notice(
                    deed.at, deed.said["lines"], new, deed.what == "give_notice", deed.at <= notice_end(case),
                    days.day_of(deed.at) == days.day_of(case.received), deed.papers["D03"],
                    deed.said.get("changed_fact", "").strip(),
                )
            )  # fmt: skip
    for deed in case.deeds:
        for notice in case.notices:
            if deed.what == "serve" and deed.said["document"] == notice.number and notice.served is None:
                notice.served = deed.at


def _hold(case: Case) -> None:
    """Who had the case when, in working days from receipt to closing; the day of a change is the earlier holder's."""
    case.held = dict.fromkeys(("window", "department", "applicant", "third_party"), 0)
    if case.closed is None or case.received is None:
        return
    changes = [(deed.at, HOLDERS[deed.what]) for deed in case.deeds if deed.what in HOLDERS]
    changes += [(case.lapsed_duty, HOLDERS["deemed"])] if case.lapsed_duty else []
    holder, since = "window", days.day_of(case.received)
    for at, taker in [*sorted(changes), (case.closed, "")]:
        if at <= case.closed:
            day = days.day_of(at)
            case.held[holder] += days.between(since, day)
            holder, since = taker, day


def _papers(case: Case) -> None:
    """What was handed in on paper, what an electronic certificate stood in for, what was scanned; who came when."""
    for deed in case.deeds:
        for row in deed.said.get("materials", ()):
            if row.get("exempt"):
                case.spared.add(row["line"])
            else:
                case.paper[row["line"]] = row["pages"]
        if deed.what == "scan":
            case.scanned[deed.said["line"]] += 1
        if _came(case, deed):
            case.visits.add(days.day_of(deed.at))


def _came(case: Case, deed: Deed) -> bool:
    """Whether somebody stood at the counter for this; who applied online comes with what must be seen on paper."""
    if deed.what == "deliver":
        return "recipient" in deed.said
    if deed.what == "give_back":
        return True
    if deed.who not in CLERKS or deed.what not in AT_COUNTER:
        return False
    return case.channel == "window" or any(not row.get("exempt") for row in deed.said.get("materials", ()))


def _hand_over(case: Case) -> None:
    """材料移交, 容缺 and 送达: by when (行政许可法44: ten working days from the decision)."""
    begun = case.first("dispatch")
    if begun and case.count("sign_in"):
        case.handover = Limit("working_days", 1, begun)
    if case.count("accept_with_tolerance") and case.promise and case.accepted:
        case.tolerance = min(Limit("working_days", 20, case.accepted).end, case.promise.end)
    if case.outcome == "granted" and case.decided:
        case.delivery = Limit("working_days", 10, case.decided)


def certificates_asked(case: Case) -> int:
    """How many lines of the list an electronic certificate can stand in for, in the circumstances of the case."""
    return sum(line.e_cert and _applies(line.condition, case.plan.situation) for line in case.plan.item.materials)


def _applies(condition: str, situation: Sequence[str]) -> bool:
    if condition.startswith("!"):
        return condition[1:] not in situation
    return not condition or condition in situation
