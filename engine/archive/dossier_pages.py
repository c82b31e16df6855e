"""The pages of a dossier that are set for it: cover, contents, where the papers went, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from workflows.actor import TITLES as ROLES
from workflows.actor import Role
from workflows.dossier import TITLES, Entry, Part, state_of, title_of
from workflows.flow import Flow
from workflows.item import ItemVersion

CUSTODY: Final = "纸质材料去向登记"
TRAIL: Final = "办理过程记录"
PART_OF_LIST: Final[Mapping[str, Part]] = MappingProxyType({CUSTODY: Part.CUSTODY, TRAIL: Part.TRAIL})
_DATES: Final = {
    "opened_at": "登记时间",
    "received_at": "收件时间",
    "accepted_at": "受理时间",
    "decided_at": "决定时间",
    "closed_at": "办结时间",
}
_DIGEST_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Bound:
    """The case whose dossier is bound.

    :param flows: every version that one of its events went by. :param events: in order.
    :param zone: of its hall. :param by: the name of who has it bound. :param at: ordered when, UTC.
    """

    case: Mapping[str, Any]
    item: ItemVersion
    flows: Mapping[tuple[str, int], Flow]
    events: Sequence[Mapping[str, Any]]
    zone: ZoneInfo
    by: str
    at: datetime

    @property
    def number(self) -> str:
        """Its number."""
        number: str = self.case["number"]
        return number

    @property
    def flow(self) -> Flow:
        """The way that it goes by now."""
        return self.flows[self.case["flow"], self.case["flow_version"]]

    @property
    def working(self) -> bool:
        """Whether it is not over, so that the dossier is a working copy."""
        return self.flow.states[self.case["state"]].kind not in {"terminal", "final"}

    @property
    def mark(self) -> str:
        """What is written over pages with personal data: who had them bound, and when by the hall's clock."""
        return f"{self.by} {self._local(self.at):%Y-%m-%d %H:%M}"

    def is_marked(self, line: str) -> bool:
        """Whether pages of a line are marked; those of a line that is not on the list are."""
        return {one.code: one.marked for one in self.item.materials}.get(line, True)

    def day(self, at: datetime) -> str:
        """A day of the hall."""
        return f"{self._local(at):%Y-%m-%d}"

    def moment(self, at: datetime) -> str:
        """A moment by the hall's clock."""
        return f"{self._local(at):%Y-%m-%d %H:%M}"

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)


def front(about: Bound, entries: Iterable[Entry], total: int = 0) -> dict[str, Any]:
    """The values of cover and contents. :param total: how many pages the dossier has; 0 before they are counted."""
    case, years = about.case, about.item.retention_years
    facts = [
        ("事项名称", about.item.name),
        ("实施编码", f"{about.item.code}（第{about.item.version}版）"),
        ("申请人", case["applicant"]["name"]),
        ("承办部门", case["department_name"]),
        ("当前状态", about.flow.states[case["state"]].title),
        *((label, about.moment(case[name])) for name, label in _DATES.items() if case[name]),
        ("保管期限", "永久" if years == "permanent" else f"{years}年"),
        ("总页数", f"{total or 9999}页"),
    ]
    note = f"{about.by} 于 {about.moment(about.at)} 装订。本卷为查阅副本，证据原件与留痕另行保存。"
    parts = [
        {"title": TITLES[part], "entries": [_row(at, entry) for at, entry in group]}
        for part, group in groupby(enumerate(entries, 1), key=lambda pair: pair[1].part)
    ]
    return _head("dossier-front") | {"number": about.number, "hall": case["hall_name"], "working": about.working,
                                     "facts": facts, "note": note, "parts": parts}  # fmt: skip


def _row(at: int, entry: Entry) -> dict[str, str]:
    return {
        "number": str(at),
        "title": entry.title if entry.pages else f"{entry.title}（尚未生成）",
        "key": entry.key,
        "day": entry.day,
        "pages": str(entry.pages or "—"),
        "first": str(entry.first or "—"),
    }


def trail_list(about: Bound) -> dict[str, Any]:
    """Every event of the case, one a row: when, what, by whom, where it led, which documents came of it."""
    rows = [
        [
            str(event["seq"]),
            about.moment(event["at"]),
            title_of(event["name"], event["from_state"], flow := about.flows[event["flow"], event["flow_version"]]),
            _doer(event),
            "\n".join(
                filter(
                    None,
                    (
                        state_of(event["from_state"], event["to_state"], flow),
                        *(paper["number"] for paper in event["data"].get("documents", ())),
                    ),
                )
            ),
            event["digest"][:_DIGEST_SHOWN],
        ]
        for event in about.events
    ]
    note = f"办件{about.number}，共{len(rows)}条；摘要为该事件链式摘要的前{_DIGEST_SHOWN}位，全文见系统留痕。"
    heads = ["序号", "时间", "办理内容", "办理人", "办理后状态及文书", "摘要"]
    return _list(TRAIL, note, heads, [2, 6, 8, 8, 9, 9], rows)


def _doer(event: Mapping[str, Any]) -> str:
    title = ROLES[Role(event["role"])][0] if event["role"] in set(Role) else ""
    return title if event["role"] == Role.system else f"{event['actor_name']}（{title}）"


def custody_list(about: Bound, moves: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    """Where the papers of the case went. :param moves: oldest first. :param names: of lines, by code."""
    rows = [
        [
            about.moment(move["moved_at"]),
            f"{move['line']} {names.get(move['line'], '')}",
            f"原件{move['originals']}，复印件{move['copies']}，共{move['sheets']}页",
            move["from_title"],
            move["to_title"],
            move["moved_by"] or "",
        ]
        for move in moves
    ]
    heads = ["时间", "材料", "数量", "由", "到", "经办人"]
    return _list(CUSTODY, f"办件{about.number}，共{len(rows)}条。", heads, [3, 4, 3, 5, 5, 2], rows)


def _list(title: str, note: str, heads: list[str], widths: list[int], rows: list[list[str]]) -> dict[str, Any]:
    return _head("dossier-list") | {"title": title, "note": note, "heads": heads, "widths": widths, "rows": rows}


def _head(template: str) -> dict[str, Any]:
    """What every template is given."""
    return {"code": template, "scanned": "", "seal": None}
