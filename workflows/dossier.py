"""案卷目录: the order in which the papers of a case are bound into one file, and what its list of events calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workflows.events import Act, EventName
from workflows.flow import Flow


class Part(StrEnum):
    """A part of a dossier, in filing order."""

    RECEIPT = "receipt"
    NOTICE = "notice"
    MATERIALS = "materials"
    PROCEDURE = "procedure"
    OPINIONS = "opinions"
    DECISION = "decision"
    CERTIFICATE = "certificate"
    SERVICE = "service"
    CUSTODY = "custody"
    OVERSIGHT = "oversight"
    TRAIL = "trail"


TITLES: Final[Mapping[Part, str]] = MappingProxyType(
    {
        Part.RECEIPT: "收件与受理",
        Part.NOTICE: "补正告知与接收",
        Part.MATERIALS: "申请材料",
        Part.PROCEDURE: "办理中的程序文书",
        Part.OPINIONS: "审查意见",
        Part.DECISION: "决定与结果",
        Part.CERTIFICATE: "证照",
        Part.SERVICE: "送达",
        Part.CUSTODY: "材料移交与退还",
        Part.OVERSIGHT: "督办与评价",
        Part.TRAIL: "办理过程",
    }
)
"""The heads of the contents."""

CODES: Final[Mapping[Part, tuple[str, ...]]] = MappingProxyType(
    {
        Part.RECEIPT: ("D02", "D22", "D01", "D28", "D05", "D06", "D07", "D08"),
        Part.NOTICE: ("D03", "D04", "D21"),
        Part.PROCEDURE: ("D09", "D10", "D11", "D12", "D13", "D27"),
        Part.OPINIONS: ("D14",),
        Part.DECISION: ("D15", "D16", "D19", "D20"),
        Part.CERTIFICATE: ("D17",),
        Part.SERVICE: ("D18",),
        Part.CUSTODY: ("D23",),
        Part.OVERSIGHT: ("D24", "D25", "D26"),
    }
)
"""Where each kind of document is filed; within a part, by the order of issue."""
_PART_OF: Final = {code: part for part, codes in CODES.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is bound in.

    :param key: the number of a document or the code of a line; empty for a list that is set for the dossier.
    :param day: of issue, as it is printed. :param pages: 0 where there is nothing to bind yet, which the contents say.
    :param first: the page on which it begins, from 1; 0 before the pages are counted, and where there are none.
    """

    part: Part
    key: str
    title: str
    pages: int
    day: str = ""
    first: int = 0


def part_of(code: str) -> Part:
    """Where a document of this kind is filed."""
    return _PART_OF[code]


def filed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries in filing order: part by part, within each as they come."""
    order = list(Part)
    return tuple(sorted(entries, key=lambda entry: order.index(entry.part)))


def numbered(entries: Sequence[Entry], front: int) -> tuple[Entry, ...]:
    """Entries with the page on which each begins. :param front: how many pages cover and contents take."""
    at, found = front + 1, []
    for entry in entries:
        found.append(replace(entry, first=at if entry.pages else 0))
        at += entry.pages
    return tuple(found)


BESIDE: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"case:{Act.OPEN}": "登记办件",
        f"case:{Act.REMIND}": "到期提醒",
        f"case:{Act.RAISE_CARD}": "亮牌",
        EventName.SCAN_RECEIVED: "收到扫描件",
        EventName.SCAN_STORED: "扫描件通过核验并存档",
        EventName.SCAN_REFUSED: "扫描件未通过核验",
        EventName.PAGES_FILED: "扫描页归入材料",
        EventName.PAGE_EDITED: "调整扫描页",
        EventName.DOCUMENT_RENDERED: "文书已生成并存档",
        EventName.DOCUMENT_PRINTED: "打印文书",
        EventName.DOCUMENT_SIGNED: "签收签名存档",
        EventName.CLOCKS_RECOUNTED: "重算期限",
        EventName.APPOINTMENT_BOOKED: "预约到场",
        EventName.APPOINTMENT_MOVED: "改期",
        EventName.MANDATE_REVOKED: "委托终止",
        EventName.RATING_REVIEW_PROPOSED: "提请误评复核",
        EventName.RATING_SET_ASIDE: "误评不予采纳",
        EventName.RATING_UPHELD: "复核后评价有效",
        EventName.RATING_FOLLOWED_UP: "差评回访",
        EventName.CASE_MIGRATED: "移转到其他版本",
        EventName.ARCHIVE_PACKAGED: "形成归档信息包",
        EventName.MATERIAL_CHECKED: "核验材料",
        EventName.MATERIAL_REUSED: "免提交",
        EventName.REUSE_ENDED: "终止免提交",
        EventName.SITUATION_CHANGED: "更改情形",
        EventName.PAPER_PACKED: "纸质材料封装",
        EventName.PAPER_UNPACKED: "纸质材料拆封",
        EventName.PAPER_SENT: "纸质材料发出",
        EventName.PAPER_RECEIVED: "纸质材料签收",
        EventName.PAPER_REFUSED: "纸质材料拒收",
        EventName.PAPER_TAKEN_BACK: "纸质材料收回",
        EventName.PAPER_SETTLED: "移交差异处理",
        EventName.PAPER_RETURNED: "退还原件",
    }
)
"""Events that no step of a flow names. Pages for people say the same words, and English beside them."""


def title_of(name: str, from_state: str, flow: Flow) -> str:
    """What an event is called: as its step in the flow, else as everywhere; the name itself where nobody gave one."""
    act = name.removeprefix("case:")
    steps = [step.definition for step in flow.steps if step.definition.action == act]
    fitting = [step for step in steps if from_state in step.sources]
    return next((step.title for step in fitting or steps), BESIDE.get(name, name))


def state_of(before: str, after: str, flow: Flow) -> str:
    """Where an event brought the case; empty where it stayed."""
    return flow.states[after].title if before != after and after in flow.states else ""
