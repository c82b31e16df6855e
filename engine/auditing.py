"""Proof that the trail is whole: every chain is walked again, and the first row that does not fit is named."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from storage import access, audit
from storage.db import Connection, transaction
from workflows import events


@dataclass(frozen=True, slots=True)
class Breach:
    """The first row of one chain that does not fit."""

    chain: str
    seq: int
    code: str
    zh: str
    en: str


@dataclass(slots=True)
class Report:
    """What a verification found. ``whole`` is true when nothing was out of place."""

    cases: int = 0
    events: int = 0
    access_days: int = 0
    access_entries: int = 0
    checkpoints: int = 0
    sealed_heads: int = 0
    objects: int = 0
    breaches: list[Breach] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every chain holds."""
        return not self.breaches


class CaseChain:
    """Follows the events of one case in order and remembers the first that does not fit."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.number = row["case"]
        self._head_seq, self._head_digest, self._state = row["head_seq"], row["head_digest"], row["state"]
        self._seq, self._digest, self._to = 0, events.GENESIS.hex(), ""
        self.breach: Breach | None = None

    def follow(self, row: dict[str, Any]) -> None:
        """The next event."""
        if self.breach is None:
            self.breach = next(self._faults(row), None)
        self._seq, self._digest, self._to = row["seq"], row["digest"], row["to_state"]

    def _faults(self, row: dict[str, Any]) -> Iterator[Breach]:
        seq = row["seq"]
        if seq != self._seq + 1:
            yield self._fault(self._seq + 1, "missing", "事件缺失", "an event is missing here")
        if row["previous"] != self._digest:
            yield self._fault(seq, "broken_link", "与前一事件不衔接", "it does not follow from the event before it")
        if _digest(row) != row["digest"]:
            yield self._fault(
                seq, "altered", "内容与摘要不符，被改动过", "its content does not match its digest: it was altered"
            )
        if row["name"] not in events.EVENT_NAMES:
            yield self._fault(seq, "unknown_event", "事件名称不在目录内", "its name is not on the closed list")
        if seq > self._head_seq:
            yield self._fault(seq, "inserted", "办件不知道这一事件", "the case does not know of this event")

    def close(self) -> Breach | None:
        """After the last event: does the case row agree with its chain?"""
        if self.breach is None and self._seq < self._head_seq:
            self.breach = self._fault(self._seq + 1, "missing", "最后的事件缺失", "the last events are missing")
        if self.breach is None and self._digest != (self._head_digest or events.GENESIS.hex()):
            self.breach = self._fault(
                self._seq, "head_mismatch", "与办件记录的链头不符", "it is not the head that the case remembers"
            )
        if self.breach is None and self._seq and self._to != self._state:
            self.breach = self._fault(
                self._seq, "state_mismatch", "办件状态与最后事件不符", "the case is not in the state it led to"
            )
        return self.breach

    def _fault(self, seq: int, code: str, zh: str, en: str) -> Breach:
        return Breach(
            self.number, seq, code, f"办件 {self.number} 第 {seq} 条：{zh}", f"case {self.number}, event {seq}: {en}"
        )


class AccessChain:
    """Follows the access log of one day: each digest is over the digest before it and the entry's text."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.day = row["day"]
        self._head_seq, self._head_digest = row["head_seq"] or 0, row["head_digest"] or access.GENESIS
        self._seq, self._digest = 0, access.GENESIS
        # The entries of a day that was archived and taken out are gone; its head stands for them.
        self._taken_out = row["archived"] and row["seq"] is None
        self._sealed, self._in_term = row["sealed"], row["in_term"]
        self.breach: Breach | None = None

    def follow(self, row: dict[str, Any]) -> None:
        """The next entry."""
        expected = access.digest_of(self._digest, row["body"])
        fits = (row["seq"], row["previous"], row["digest"]) == (self._seq + 1, self._digest, expected)
        if self.breach is None and not (fits and access.agrees(row) and row["seq"] <= self._head_seq):
            self.breach = self._fault(self._seq + 1)
        self._seq, self._digest = row["seq"], row["digest"]

    def close(self) -> Breach | None:
        """After the last entry: does the head of the day agree?"""
        if self._taken_out:
            return self._unlawful()
        if self.breach is None and self._seq < self._head_seq:
            self.breach = self._fault(self._seq + 1)
        if self.breach is None and self._digest != self._head_digest:
            self.breach = self._fault(self._seq)
        return self.breach

    def _unlawful(self) -> Breach | None:
        """Whether entries are gone that had to stay: only what is sealed and old enough leaves (网络安全法21(3))."""
        if self._sealed and not self._in_term:
            return None
        zh, en = "未经校验点封存", "no checkpoint seals the day as it is archived"
        if self._sealed:
            zh, en = "移出时间不在留存六个月期满之后", "they were not archived after the six months of their term"
        chain = f"access:{self.day}"
        return Breach(
            chain,
            self._head_seq,
            "access_archive_unlawful",
            f"访问日志 {chain} 的记录已不在库中，而{zh}",
            f"the entries of access log {chain} are gone, but {en}",
        )

    def _fault(self, seq: int) -> Breach:
        chain = f"access:{self.day}"
        zh = f"访问日志 {chain} 第 {seq} 条：与链不符"
        return Breach(chain, seq, "access_broken", zh, f"access log {chain}, entry {seq}: it does not fit the chain")


def _digest(row: dict[str, Any]) -> str:
    try:
        return events.digest(row).hex()
    except (KeyError, ValueError):
        return ""


async def verify(number: str | None = None) -> Report:
    """Walk every chain of the trail, or that of one case, in one snapshot of the database."""
    report = Report()
    async with transaction() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await walk_trails(report, audit.walk(connection, number))
        await look_at_order(report, connection, number)
        if number is None:
            await walk_access(report, connection)
    return report


_MISPLACED: Final = {
    "ahead": ("提交次序在当前之后，统计看不到它", "its place in the order of commits is still to come: facts miss it"),
    "out_of_order": ("提交次序早于前一事件", "its place in the order of commits is before the event before it"),
    "late_invented": ("迟到登记与事件不符", "it is noted as come late and cannot have been"),
}


async def look_at_order(report: Report, connection: Connection, number: str | None = None) -> None:
    """Name the events that are kept from the facts: by their place in the order of commits, or as come late."""
    for row in await audit.misplaced(connection, number):
        case, seq, (zh, en) = row["case"], row["seq"], _MISPLACED[row["code"]]
        told = f"办件 {case} 第 {seq} 条：{zh}", f"case {case}, event {seq}: {en}"
        report.breaches.append(Breach(case, seq, row["code"], *told))


async def walk_trails(report: Report, trails: AsyncGenerator[dict[str, Any]]) -> None:
    """Follow the chains of cases. :param trails: as of :func:`storage.audit.walk`; closed at the end."""
    current: CaseChain | None = None
    async with aclosing(trails) as rows:
        async for row in rows:
            if current is None or current.number != row["case"]:
                _close(report, current)
                current = CaseChain(row)
                report.cases += 1
            if row["seq"] is not None:
                report.events += 1
                current.follow(row)
    _close(report, current)


def _close(report: Report, chain: CaseChain | AccessChain | None) -> None:
    breach = chain.close() if chain else None
    if breach:
        report.breaches.append(breach)


async def walk_access(report: Report, connection: Connection) -> None:
    """Follow the chains of the access log, day by day."""
    current: AccessChain | None = None
    async for row in access.walk(connection):
        if current is None or current.day != row["day"]:
            _close(report, current)
            current = AccessChain(row)
            report.access_days += 1
        if row["seq"] is not None:
            report.access_entries += 1
            current.follow(row)
    _close(report, current)


def report_view(report: Report) -> dict[str, Any]:
    """A report as data."""
    return {
        "whole": report.whole,
        "cases": report.cases,
        "events": report.events,
        "access_days": report.access_days,
        "access_entries": report.access_entries,
        "checkpoints": report.checkpoints,
        "sealed_heads": report.sealed_heads,
        "objects": report.objects,
        "breaches": [asdict(breach) for breach in report.breaches],
    }
