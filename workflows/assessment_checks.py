"""What the trail proves against a contractor in a month, as findings that a person confirms or rejects.

Only what the window's own people did or had in hand is found: a late decision of a department is nobody's point here.
Each finding is one time under one check and has a key, so that a second search finds the same and no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from workflows.actor import ASSESSED

_OURS: Final = frozenset(role.value for role in ASSESSED)
_GRAVE: Final = 5


class Month(NamedTuple):
    """The hall days of a month: the first one, and the first one after it."""

    first: date
    end: date

    def has(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.first <= day < self.end


class Link(Struct, frozen=True, kw_only=True):
    """Where the trail shows it: an event of a case by its number; 0 for the case as a whole."""

    case: str
    seq: int


class Finding(Struct, frozen=True, kw_only=True):
    """One time that a rule was not kept.

    :param key: tells it from every other finding of the same check. :param zh: in words, without personal data.
    """

    check: str
    key: str
    zh: str
    en: str
    links: tuple[Link, ...] = ()


class AssessedCase(Struct, frozen=True, kw_only=True):
    """What the checks ask of one case: the facts of these names (:class:`workflows.fact.CaseFact`).

    :param seqs: the number of the last event of each name. :param upheld_on: the hall day on which a bad rating was
        found to stand (误评复核).
    """

    number: str
    received_on: date | None = None
    accepted_on: date | None = None
    closed_on: date | None = None
    delivered_on: date | None = None
    delivered_way: str = ""
    deemed_on: date | None = None
    escalations: int = 0
    receiver: str = ""
    window: str = ""
    receipt_given: bool = True
    acceptance_given: bool = True
    service_proven: bool = True
    delivery_in_time: bool | None = None
    lines_on_paper: int = 0
    lines_scanned: int = 0
    handed_over_on: date | None = None
    handover_in_time: bool | None = None
    rating_invited: bool = False
    rating: int | None = None
    rating_set_aside: bool = False
    upheld_on: date | None = None
    contact_due_on: date | None = None
    contact_in_time: bool | None = None
    rectify_due_on: date | None = None
    rectified_in_time: bool | None = None
    seqs: Mapping[str, int] = MappingProxyType({})

    def link(self, name: str) -> Link:
        """The event of a name, or the case as a whole."""
        return Link(case=self.number, seq=self.seqs.get(name, 0))


class AssessedNotice(Struct, frozen=True, kw_only=True):
    """What the checks ask of one notice: the facts of these names (:class:`workflows.fact.NoticeFact`)."""

    case: str
    number: int
    kind: str
    given_on: date
    role: str
    in_time: bool | None
    offending: Sequence[int] = ()
    seq: int = 0


class ReportDue(NamedTuple):
    """运行报告: of which month, by which hall day, and when it was filed; None where it was not."""

    month: date
    due_on: date
    filed_on: date | None


Found = Iterator[Finding]


def of_notice(notice: AssessedNotice, month: Month) -> Found:
    """限时办结, 一次性告知, 窗口无否决权, where the window gave the notice."""
    if not month.has(notice.given_on) or notice.role not in _OURS:
        return
    told = _Teller("duties_of_service", notice.case, (Link(case=notice.case, seq=notice.seq),))
    if notice.kind == "notice" and notice.in_time is False:
        yield told(f"notice-late-{notice.number}", "补正告知逾期", "the notice of correction came late")
    if notice.offending:
        listed = "、".join(str(line) for line in notice.offending)
        yield told(
            f"notice-added-{notice.number}",
            f"非因事实变化增加补正事项（第{listed}项），违反一次性告知",
            f"lines {', '.join(map(str, notice.offending))} were not in the first notice",
        )
    if notice.kind == "refusal":
        yield told(f"refusal-{notice.number}", "窗口人员不予受理，窗口无否决权", "a window refused; it may not")


def of_case(case: AssessedCase, month: Month) -> Found:
    """Everything that the facts of one case show."""
    for check in _CHECKS:
        yield from check(case, month)


def _duties(case: AssessedCase, month: Month) -> Found:
    if month.has(case.deemed_on) and not case.escalations:
        told = _Teller("duties_of_service", case.number, (case.link("case:deem_accepted"),))
        yield told("deemed", "收件后在窗口逾期未告知，视为受理", "nobody told in time at the window: deemed accepted")
    if month.has(case.handed_over_on) and case.handover_in_time is False:
        told = _Teller("duties_of_service", case.number, (case.link("case:dispatch"), case.link("case:sign_in")))
        yield told("handover", "向部门移交材料逾期", "papers came late to the department")


def _receipts(case: AssessedCase, month: Month) -> Found:
    def told(event: str, part: str, zh: str, en: str) -> Finding:
        return _Teller("receipt_and_delivery", case.number, (case.link(event),))(part, zh, en)

    if month.has(case.closed_on) and case.lines_scanned < case.lines_on_paper:
        missing = case.lines_on_paper - case.lines_scanned
        yield told("case:receive", "scans", f"{missing}项纸质材料没有扫描件", f"{missing} lines of paper have no scan")
    if month.has(case.received_on) and not case.receipt_given:
        yield told("case:receive", "receipt", "没有收件凭证（D01）", "no receipt (D01)")
    if month.has(case.accepted_on) and not case.acceptance_given:
        yield told("case:accept", "acceptance", "没有受理通知书（D05）", "no notice of acceptance (D05)")
    if month.has(case.delivered_on) and case.delivered_way == "window" and not case.service_proven:
        yield told("case:deliver", "service", "窗口送达没有送达回证（D18）", "no certificate of service (D18)")
    if month.has(case.delivered_on) and case.delivery_in_time is False:
        yield told("case:deliver", "delivery", "决定后逾期送达", "delivered late after the decision")


def _ratings(case: AssessedCase, month: Month) -> Found:
    if month.has(case.delivered_on) and not case.rating_invited:
        told = _Teller("rating_not_invited", case.number, (Link(case=case.number, seq=0),))
        yield told("invitation", "送达后没有邀请评价", "not invited to rate after delivery")
    if month.has(case.upheld_on):
        links = (case.link("case:rate"), case.link("rating:upheld"))
        told = _Teller("complaint_upheld", case.number, links)
        yield told("verdict", f"{case.rating}级差评经复核属实", f"a rating of {case.rating} stands after review")
        if case.rating == _GRAVE:
            told = _Teller("grave_complaint", case.number, links)
            yield told(
                "verdict",
                "非常不满意且经复核属实；影响恶劣的才予确认",
                "a rating of 5 stands after review; confirm only where the effect was grave",
            )


def _complaints(case: AssessedCase, month: Month) -> Found:
    if case.rating_set_aside:
        return
    told = _Teller("complaint_handling", case.number, (case.link("case:open_rectification"),))
    if month.has(case.contact_due_on) and case.contact_in_time is not True:
        yield told("contact", "差评后未按期联系评价人", "the rater was not contacted in time")
    if month.has(case.rectify_due_on) and case.rectified_in_time is not True:
        yield told("rectification", "差评未按期整改", "a bad rating was not put right in time")


_CHECKS: Final[tuple[Callable[[AssessedCase, Month], Found], ...]] = (_duties, _receipts, _ratings, _complaints)


def of_posts(received: Iterable[tuple[str, date, str, Link]]) -> Found:
    """擅自调整岗位: somebody received at more than one window on a day.

    :param received: for each person, hall day and window the first case received there: keys, day, and where it shows.
    """
    days: defaultdict[tuple[str, date], dict[str, Link]] = defaultdict(dict)
    for person, day, window, link in received:
        days[person, day].setdefault(window, link)
    for (person, day), windows in sorted(days.items()):
        if len(windows) > 1:
            yield Finding(
                check="post_changed",
                key=f"{person}:{day.isoformat()}",
                zh=f"{day.isoformat()}同一人在{len(windows)}个窗口收件；经班组长同意的不予采纳",
                en=f"one person received at {len(windows)} windows on {day.isoformat()}; reject where a leader agreed",
                links=tuple(sorted(windows.values(), key=lambda link: link.case)),
            )


def of_report(report: ReportDue) -> Found:
    """运行报告: not filed by its day."""
    if report.filed_on is None or report.filed_on > report.due_on:
        when = f"于{report.filed_on.isoformat()}提交" if report.filed_on else "至今未提交"
        then = f"filed on {report.filed_on.isoformat()}" if report.filed_on else "not filed"
        yield Finding(
            check="report_late",
            key=report.month.isoformat(),
            zh=f"{report.month.year}年{report.month.month}月运行报告应于{report.due_on.isoformat()}前提交，{when}",
            en=f"the report on {report.month:%Y-%m} was due on {report.due_on.isoformat()}, {then}",
        )


class _Teller(NamedTuple):
    """Makes findings of one check about one case."""

    check: str
    case: str
    links: tuple[Link, ...]

    def __call__(self, part: str, zh: str, en: str) -> Finding:
        key = f"{self.case}:{part}"
        return Finding(
            check=self.check, key=key, zh=f"办件{self.case}：{zh}", en=f"{self.case}: {en}", links=self.links
        )
