"""What looks wrong without being proof (异常线索): the lists of the auditor's desk, and the rules behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workflows.calendar import Calendar
from workflows.errors import NotFound
from workflows.hall_hours import HallHours

LONGEST: Final = timedelta(days=92)
"""The longest period that a list is made of at once."""
DECIDING: Final = ("case:grant", "case:deny")
RECEIVING: Final = ("case:receive", "case:accept")
HANDLING: Final = ("case:report_up", "case:sign_in", "case:submit_review", "case:endorse")
REFUSED: Final = "refused"
"""The entry of the access log that a refusal leaves which was due to the separation of duties."""
SEPARATION: Final = frozenset({"same_person", "two_hats", "host_reviewed"})
"""The refusals that keep one person out of two parts: they leave a trace (许可法34; 审批分离; 帮办代办回避)."""


class Anomaly(StrEnum):
    """The lists, by name."""

    same_minute = "same_minute"
    night_acts = "night_acts"
    backdated_claims = "backdated_claims"
    unmasked_without_act = "unmasked_without_act"
    both_roles = "both_roles"
    refused_attempts = "refused_attempts"
    bursts = "bursts"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on something is listed; a deployment may set them otherwise.

    :param same_minute: between the review and the decision. :param margin: before opening and after closing.
    :param claimed: between the claimed time and the server's. :param unmasked: before and after the look.
    :param burst_acts: acts of one person. :param burst: the span that they fall into.
    """

    same_minute: timedelta = timedelta(seconds=60)
    margin: timedelta = timedelta(minutes=30)
    claimed: timedelta = timedelta(minutes=60)
    unmasked: timedelta = timedelta(days=7)
    burst_acts: int = 30
    burst: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Definition:
    """A list as people read it: what it is called, what gets onto it, and under which rule."""

    title: str
    title_en: str
    rule: str
    rule_en: str
    basis: str


DEFINITIONS: Final[Mapping[Anomaly, Definition]] = MappingProxyType(
    {
        Anomaly.same_minute: Definition(
            "即时批准", "Same-minute approvals",
            "决定与最近一次报审相隔不足{same_minute}秒。",
            "A decision less than {same_minute} seconds after the review was handed up.",
            "行政许可法34；审批分离",
        ),
        Anomaly.night_acts: Definition(
            "非办公时间操作", "Acts outside hall hours",
            "工作人员在休息日，或早于开门、晚于关门{margin}分钟以上的操作。",
            "Acts of staff on days off, or more than {margin} minutes before opening or after closing.",
            "GB/T 22239-2019 8.1.5",
        ),
        Anomaly.backdated_claims: Definition(
            "申报时间异常", "Claimed times far off",
            "申报的发生时间与服务器时间相差{claimed}分钟以上。",
            "The claimed time and the server's are {claimed} minutes or more apart.",
            "电子签名法5",
        ),
        Anomaly.unmasked_without_act: Definition(
            "查看完整信息而未办理", "Unmasking without an act",
            "查看办件完整个人信息，而前后{unmasked}日内本人在该件上没有任何操作。",
            "Personal data shown in clear to somebody who did nothing on the case {unmasked} days before or after.",
            "个人信息保护法51",
        ),
        Anomaly.both_roles: Definition(
            "一人兼任两岗", "One person in both parts",
            "同一人（含其代理履职人）在一件上既受理或承办又作出决定，或既代办又经办。",
            "One person, or a delegate of theirs, received or handled a case and decided it, or was agent and staff.",
            "行政许可法34；审批分离",
        ),
        Anomaly.refused_attempts: Definition(
            "被拦截的自批", "Refused attempts",
            "因须由不同人员办理而被系统拦截的操作。",
            "Acts that were refused because another person must do them.",
            "行政许可法34；审批分离",
        ),
        Anomaly.bursts: Definition(
            "集中突击操作", "Bursts of acts",
            "同一人在{burst}分钟内操作达到{burst_acts}次。",
            "{burst_acts} acts of one person within {burst} minutes.",
            "GB/T 22239-2019 8.1.5",
        ),
    }
)  # fmt: skip


def anomaly_of(name: str) -> Anomaly:
    """The list of this name.

    :raises NotFound: ``anomaly_unknown``.
    """
    if name not in set(Anomaly):
        raise NotFound("anomaly_unknown", "没有这项异常清单。", "There is no such list of anomalies.")
    return Anomaly(name)


def rule_of(name: Anomaly, limits: Thresholds) -> tuple[str, str]:
    """What gets onto a list, in Chinese and English, with the thresholds that hold here."""
    told = {
        "same_minute": int(limits.same_minute.total_seconds()),
        "margin": int(limits.margin.total_seconds() // 60),
        "claimed": int(limits.claimed.total_seconds() // 60),
        "unmasked": limits.unmasked.days,
        "burst": int(limits.burst.total_seconds() // 60),
        "burst_acts": limits.burst_acts,
    }
    definition = DEFINITIONS[name]
    return definition.rule.format(**told), definition.rule_en.format(**told)


def open_times(
    calendar: Calendar, hours: HallHours, since: date, until: date, margin: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """When a hall is at work between two days, both included: a span of UTC for each working day, margins added."""
    for n in range((until - since).days + 1):
        day = since + timedelta(days=n)
        if calendar.is_working_day(day):
            yield hours.opening(day) - margin, hours.closing(day) + margin
