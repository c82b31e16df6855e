"""Proof that the trail is whole: every chain is walked again, and the first row that does not fit is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from storage import access, audit
from storage.db import transaction
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
            yield self._fault(seq, "altered", "内容与摘要不符,被改动过", "its content does not match its digest: it was altered")
        if row["name"] not in events.EVENT_NAMES:
            yield self._fault(seq, "unknown_event", "事件名称不在目录内", "its name is not on the closed list")
        if seq > self._head_seq:
            yield self._fault(seq, "inserted", "办件不知道这一事件", "the case does not know of this event")

    def close(self) -> Breach | None:
        """After the last event: does the case row agree with its chain?"""
        if self.breach is None and self._seq < self._head_seq:
            self.breach = self._fault(self._seq + 1, "missing", "最后的事件缺失", "the last events are missing")
        if self.breach is None and self._digest != (self._head_digest or events.GENESIS.hex()):
            self.breach = self._fault(self._seq, "head_mismatch", "与办件记录的链头不符", "it is not the head that the case remembers")
        if self.breach is None and self._seq and self._to != self._state:
            self.breach = self._fault(self._seq, "state_mismatch", "办件状态与最后事件不符", "the case is not in the state it led to")
        return self.breach

    def _fault(self, seq: int, code: str, zh: str, en: str) -> Breach:
        return Breach(self.number, seq, code, f"办件 {self.number} 第 {seq} 条:{zh}", f"case {self.number}, event {seq}: {en}")


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
        current: CaseChain | None = None
        async for row in audit.walk(connection, number):
            if current is None or current.number != row["case"]:
                _close(report, current)
                current = CaseChain(row)
                report.cases += 1
            if row["seq"] is not None:
                report.events += 1
                current.follow(row)
        _close(report, current)
        if number is None:
            await _verify_access(report, connection)
    return report


def _close(report: Report, chain: CaseChain | None) -> None:
    breach = chain.close() if chain else None
    if breach:
        report.breaches.append(breach)


async def _verify_access(report: Report, connection: Any) -> None:
    """The access log, chained per day: each digest is over the digest before it and the entry's text."""
    day, seq, digest, broken = None, 0, "", False
    async for row in access.walk(connection):
        if row["day"] != day:
            day, seq, digest, broken = row["day"], 0, "0" * 64, False
            report.access_days += 1
        seq += 1
        report.access_entries += 1
        expected = access.digest_of(digest, row["body"] or "")
        fits = row["seq"] == seq and row["previous"] == digest and row["digest"] == expected and access.agrees(row)
        if seq == row["head_seq"]:
            fits = fits and row["head_digest"] == expected
        if not broken and (not fits or row["head_seq"] is None or seq > row["head_seq"]):
            broken = True
            en = f"access log of {day}, entry {seq}: it does not fit the chain"
            report.breaches.append(Breach(f"access:{day}", seq, "access_broken", f"{day} 访问日志第 {seq} 条:与链不符", en))
        digest = row["digest"] or ""


def report_view(report: Report) -> dict[str, Any]:
    """A report as data."""
    return {
        "whole": report.whole,
        "cases": report.cases,
        "events": report.events,
        "access_days": report.access_days,
        "access_entries": report.access_entries,
        "breaches": [asdict(breach) for breach in report.breaches],
    }
