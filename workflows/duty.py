"""What may be owed on a case beside its limits, and what is done when it is not done in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from workflows.flow_format import Tell

_DEPARTMENT: Final = Tell("department", "task")
_HALL: Final = Tell("hall", "task")
_SUPERVISOR: Final = Tell("supervisor", "task")
_ARCHIVIST: Final = Tell("archivist", "task")


@dataclass(frozen=True, slots=True)
class DutyWatch:
    """What is done once a duty of this kind is overdue, as :class:`workflows.flow_format.Watch` does it for a clock."""

    kind: str
    rule: str
    title: str
    title_en: str
    level: Literal["amber", "red"]
    basis: str
    documents: tuple[str, ...]
    notify: tuple[Tell, ...]


DUTIES: Final[Mapping[str, DutyWatch]] = MappingProxyType(
    {
        watch.kind: watch
        for watch in (
            DutyWatch(
                "overdue_explanation", "explanation_missing", "逾期未公开说明超期原因", "No public word on the overrun",
                "red", "优化营商环境条例36(2)", ("D24",), (_DEPARTMENT, _SUPERVISOR),
            ),
            DutyWatch(
                "supervision_reply", "order_unanswered", "逾期未答复督办", "The order was not answered",
                "red", "监察督办", ("D24",), (_DEPARTMENT, _SUPERVISOR),
            ),
            DutyWatch(
                "post_check", "post_check_overdue", "逾期未核查承诺", "The promise was not checked in time",
                "amber", "国办发〔2020〕42号 告知承诺事中事后核查", (), (_DEPARTMENT,),
            ),
            DutyWatch(
                "promise_correction", "promise_correction_overdue", "承诺不实，逾期未整改",
                "A promise was not made good in time", "amber", "国办发〔2020〕42号", (), (_DEPARTMENT,),
            ),
            DutyWatch(
                "rater_contact", "rater_contact_overdue", "差评逾期未联系", "A low rating was not answered in time",
                "amber", "国办发〔2019〕51号 差评核实整改（期限为本地默认）", (), (_HALL, _DEPARTMENT),
            ),
            DutyWatch(
                "originals_return", "originals_not_returned", "逾期未退还原件",
                "Originals were not handed back in time", "amber", "材料退还（期限为本地默认）", (), (_HALL,),
            ),
            DutyWatch(
                "rectification", "rectification_overdue", "差评逾期未整改", "A low rating was not rectified in time",
                "amber", "国办发〔2019〕51号 差评核实整改（期限为本地默认）", (), (_HALL, _DEPARTMENT),
            ),
            DutyWatch(
                "archiving", "archiving_overdue", "办结后逾期未归档", "Not archived in time",
                "amber", "GB/T 42727-2023；国办发〔2023〕26号（默认办结后30日内归档）", (), (_ARCHIVIST, _DEPARTMENT),
            ),
            DutyWatch(
                "rater_follow_up", "rater_follow_up_overdue", "差评整改后逾期未回访", "A rater was not asked again",
                "amber", "国办发〔2019〕51号 实名差评回访（期限为本地默认）", (), (_HALL,),
            ),
        )
    }
)  # fmt: skip
"""Every kind of duty, by name."""
