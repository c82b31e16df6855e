"""留痕校验包: a part of the trail with everything that proves it, in one file that is checked on any machine.

Trails are whole, from the first event of each case, for a part of a chain proves nothing. The applicants' numbers are
masked in the trail itself; names stand in it as they were filed, so whoever takes a bundle says why, which is logged.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final, Literal

import msgspec

from engine.checkpoints.proving import proofs_of, require_auditor, signed_headers
from engine.context import Context
from storage import access, audit, bundle_check, checkpoints, scrubs
from storage.db import Connection, transaction
from workflows import events
from workflows.actor import SYSTEM, Actor
from workflows.checkpoint import GENESIS, digest_of, end_of
from workflows.errors import Conflict, Malformed, NotFound

_VERIFIER: Final = Path(bundle_check.__file__).read_bytes()
_IN_ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_AT_A_TIME: Final = 500
_encode = msgspec.json.Encoder(order="sorted", uuid_format="canonical").encode


NO_DAY: Final = date.min
"""Stands for no day."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a bundle holds: one case, or every case with an event on these hall days, both included, and the access log.

    ``files``: also originals and documents themselves.
    """

    case: str | None = None
    first: date = NO_DAY
    last: date = NO_DAY
    files: bool = False


@dataclass(slots=True)
class Bundled:
    """What was written."""

    cases: int = 0
    events: int = 0
    checkpoints: int = 0
    files: int = 0


async def export_bundle(
    context: Context, actor: Actor | None, selection: Selection, reason: str, target: Path | IO[bytes], now: datetime
) -> Bundled:
    """Write a bundle.

    :param target: an open file, or the path of one that is not there yet.
    :param actor: None for the operator of the machine. :param reason: 4 characters at least; logged. :param now: UTC.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Malformed: ``selection_wrong``. :raises Conflict: ``reason_needed``.
    :raises Unavailable: when a server does not answer.
    """
    _require(selection, reason)
    if actor is not None:
        await require_auditor(context, actor, selection.case or "")
    subject = selection.case or f"{selection.first}/{selection.last}"
    entry = {"at": now, "actor": actor.person if actor else SYSTEM.person, "subject": subject, "action": "audit.bundle"}
    async with transaction() as connection:
        await access.add(connection, entry | {"purpose": reason.strip()})
    mode: Literal["x", "w"] = "x" if isinstance(target, Path) else "w"
    with zipfile.ZipFile(target, mode, zipfile.ZIP_DEFLATED) as package:
        try:
            return await _Writer(context, package, selection, now).write()
        except BaseException:
            if isinstance(target, Path):
                await asyncio.to_thread(target.unlink)
            raise


def _require(selection: Selection, reason: str) -> None:
    days = selection.first > NO_DAY and selection.last >= selection.first
    none = selection.first == selection.last == NO_DAY
    if not (none if selection.case else days):
        raise Malformed(
            "selection_wrong",
            "请指定一个办件编号，或起止两个日期（止日不早于起日）。",
            "Name one case, or a first and a last day of which the last is not the earlier one.",
        )
    if len(reason.strip()) < 4:
        raise Conflict("reason_needed", "请写明取用原因（至少4个字）。", "Say why it is taken (at least 4 characters).")


class _Writer:
    """One bundle while it is written: part after part, each in portions."""

    def __init__(self, context: Context, package: zipfile.ZipFile, selection: Selection, now: datetime) -> None:
        self._context, self._package, self._selection, self._now = context, package, selection, now
        self._done, self._wanted = Bundled(), list[tuple[str, str, str]]()
        self._heads: dict[str, tuple[int, str]] = {}
        self._told, self._newest, self._lines = set[tuple[str, str]](), GENESIS, 0

    async def write(self) -> Bundled:
        """Write everything, and say what it was."""
        async with transaction() as connection:
            await connection.execute(_IN_ONE_SNAPSHOT)
            await self._part(bundle_check.EVENTS, self._events(connection))
            await self._part(bundle_check.ACCESS, self._entries(connection))
        heads = sorted(self._heads.items())
        await self._part(bundle_check.HEADS, _each([{"chain": c, "seq": s, "digest": d} for c, (s, d) in heads]))
        await self._part(bundle_check.PROOFS, self._proofs([chain for chain, _ in heads]))
        await self._part(bundle_check.CHECKPOINTS, self._checkpoints())
        await self._part(bundle_check.EVIDENCE, self._evidence([chain for chain, _ in heads if ":" not in chain]))
        for wanted in self._wanted:
            await asyncio.to_thread(self._add_file, *wanted)
        self._done.files = len(self._wanted)
        self._package.writestr("verify.py", _VERIFIER)
        self._package.writestr(bundle_check.ABOUT, msgspec.json.format(_encode(self._about()), indent=1))
        return self._done

    def _about(self) -> dict[str, Any]:
        """What the bundle says of itself: when it was made, after which midnight of the hall, and how much it holds."""
        chosen, zone = self._selection, self._context.hours(None).zone
        days = sum(chain.startswith("access:") for chain in self._heads)
        return {
            "format": bundle_check.FORMAT,
            "made_at": self._now,
            "midnight": end_of(self._now.astimezone(zone).date() - _DAY, zone),
            "newest": self._newest,
            "case": chosen.case,
            "first": chosen.first,
            "last": chosen.last,
            "files": [name for name, _, _ in self._wanted],
            "holds": {"cases": self._done.cases, "events": self._done.events, "days": days, "evidence": self._lines,
                      "checkpoints": self._done.checkpoints},
        }  # fmt: skip

    async def _part(self, name: str, made: AsyncGenerator[bytes]) -> None:
        async with aclosing(made) as lines:
            with self._package.open(name, "w", force_zip64=True) as file:
                async for line in lines:
                    file.write(line + b"\n")

    async def _events(self, connection: Connection) -> AsyncGenerator[bytes]:
        """Whole trails, with the head that each case remembers."""
        chosen = self._selection
        walk = audit.walk(connection, chosen.case) if chosen.case else audit.walk_period(connection, *self._period())
        async with aclosing(walk) as rows:
            async for row in rows:
                self._heads[row["case"]] = (row["head_seq"], row["head_digest"])
                if row["seq"] is not None:
                    self._done.events += 1
                    self._told |= {(row["case"], name) for name in bundle_check.names_in(row["data"])}
                    yield events.canonical(row)
        self._done.cases = len(self._heads)
        if chosen.case and not self._heads:
            raise NotFound("case_not_found", "没有该办件。", "There is no such case.")

    async def _entries(self, connection: Connection) -> AsyncGenerator[bytes]:
        """Days of the access log that lie in the period, in UTC, as they are chained."""
        if self._selection.case:
            return
        start, end = (moment.date() for moment in self._period())
        async for row in access.walk(connection):
            if start <= row["day"] <= end and row["seq"] is not None:
                self._heads[f"access:{row['day']}"] = (row["head_seq"], row["head_digest"])
                yield _encode({name: row[name] for name in ("day", "seq", "previous", "body")})

    def _period(self) -> tuple[datetime, datetime]:
        """From the first moment of the first hall day to the end of the last one, UTC."""
        zone, chosen = self._context.hours(None).zone, self._selection
        return end_of(chosen.first - _DAY, zone), end_of(chosen.last, zone)

    async def _proofs(self, chains: list[str]) -> AsyncGenerator[bytes]:
        async for row in proofs_of(chains):
            yield _encode(row)

    async def _checkpoints(self) -> AsyncGenerator[bytes]:
        last = 0
        while rows := await checkpoints.listed(last, _AT_A_TIME):
            for row in await signed_headers(self._context, [one["number"] for one in rows]):
                self._done.checkpoints += 1
                self._newest = digest_of(row["header"].encode())
                yield _encode(row)
            last = rows[-1]["number"]

    async def _evidence(self, cases: list[str]) -> AsyncGenerator[bytes]:
        """What is stored of each case and told of in its trail, with the digest that its row names."""
        for number in cases:
            for row in [one for one in await scrubs.of_case(number) if (number, one["name"]) in self._told]:
                self._lines += 1
                name = f"files/{number}/{row['kind']}-{row['id']}" if self._selection.files else None
                if name:
                    self._wanted.append((name, row["key"], row["version"]))
                told = {key: row[key] for key in ("kind", "name", "digest", "algorithm", "size")}
                yield _encode(told | {"case": number, "file": name})

    def _add_file(self, name: str, key: str, version: str) -> None:
        """Put an object of the store in, piece by piece. Blocks."""
        with (
            self._context.objects.open_evidence(key, version) as stream,
            self._package.open(zipfile.ZipInfo(name, self._now.timetuple()[:6]), "w", force_zip64=True) as file,
        ):
            for chunk in stream:
                file.write(chunk)


async def _each(rows: list[dict[str, Any]]) -> AsyncGenerator[bytes]:
    for row in rows:
        yield _encode(row)
