"""Checkpoints (校验点): what one covers, the bytes that are signed, and how one follows from the one before.

A checkpoint seals the head of every chain that grew since the one before: of each case, of each day of the access log,
and every version that was published. A head is the digest over everything before it, so one leaf seals a whole chain
up to there. What was committed too late for a checkpoint is in the next one: heads say what is sealed, not the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

FORMAT: Final = 1
LEAVES: Final = 65_536
"""How many heads one checkpoint seals at most; the rest of the day goes into the next one."""
GENESIS: Final = "0" * 64
"""What the first checkpoint names as the digest before it."""
FOLDER: Final = "checkpoints/"
"""First part of the keys under which checkpoints are locked away."""

_encode = msgspec.json.Encoder(order="sorted").encode


class Head(NamedTuple):
    """Where a chain stood: its last number and the digest of that (hexadecimal).

    ``chain``: the number of a case, ``access:DAY``, ``flow:NAME``, ``item:CODE`` or ``calendar:YEAR``.
    """

    chain: str
    seq: int
    digest: str

    def line(self) -> bytes:
        """The bytes of the leaf: also its line in the file of the checkpoint."""
        return _encode({"chain": self.chain, "seq": self.seq, "digest": self.digest})


class Header(Struct, frozen=True):
    """What is signed: as sorted JSON without spaces, hashes in hexadecimal, times in UTC.

    :ivar number: from 1, without gaps. :ivar day: the hall's day that it closes. :ivar until: the end of what it
        covers; an event stamped later waits for the next one. :ivar size: how many heads it seals.
    :ivar previous: digest of the header before it. :ivar key: id of the signing key. :ivar signed_with: ``ed25519``.
    """

    format: int
    number: int
    day: date
    until: datetime
    made_at: datetime
    algorithm: str
    size: int
    root: str
    previous: str
    key: str
    signed_with: str

    def encode(self) -> bytes:
        """The bytes that are signed."""
        return _encode(self)


class Signature(Struct, frozen=True):
    """The second line of a checkpoint's file; key and signature in hexadecimal."""

    key: str
    public_key: str
    signature: str


def read_header(text: bytes | str) -> Header:
    """A header from the bytes that were signed.

    :raises ValueError: they are not a header of this format, or not in its one form.
    """
    found = msgspec.json.decode(text, type=Header)
    if found.format != FORMAT or found.encode() != (text.encode() if isinstance(text, str) else text):
        raise ValueError("not a header of this format")
    return found


def digest_of(header: bytes) -> str:
    """What the next checkpoint names as the digest before it: SHA-256, hexadecimal."""
    return hashlib.sha256(header).hexdigest()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day of the hall is over, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def due_days(last: Header | None, now: datetime, zone: ZoneInfo) -> list[date]:
    """The days that are over and are not sealed to their end, in order.

    :param last: the newest checkpoint; None before the first one, which takes in everything up to yesterday. One that
        was made at once, before its day was over, leaves that day due.
    """
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    first = yesterday
    if last is not None:
        first = last.day if last.until < end_of(last.day, zone) else last.day + timedelta(days=1)
    return [first + timedelta(days=n) for n in range((yesterday - first).days + 1)]


def bounds_of(ends: Sequence[tuple[int, datetime]], tolerance: timedelta) -> dict[int, datetime]:
    """The moment (UTC) before which nothing may be stamped that a checkpoint is the first to seal, by its number.

    Whatever is stamped earlier belongs into a checkpoint before it. Parts of one day have the same end, and what comes
    into the second part is no later than what comes into the first. Under 0: the same for what none seals yet.

    :param ends: number and ``until`` of every checkpoint. :param tolerance: between a stamp and its commit, at most.
    """
    moments = sorted({until for _, until in ends})
    before = dict(pairwise(reversed(moments)))
    bounds = {number: before[until] - tolerance for number, until in ends if until in before}
    return bounds | ({0: moments[-1] - tolerance} if moments else {})


def misfits(header: Header, before: Header | None, before_digest: str) -> Iterator[tuple[str, str, str]]:
    """How a checkpoint does not follow from the one before: code, Chinese, English.

    :param before: None for the first one. :param before_digest: :func:`digest_of` of that one, or :data:`GENESIS`.
    """
    if header.number != (before.number + 1 if before else 1):
        yield "checkpoint_missing", "之前的校验点缺失", "the checkpoint before it is missing"
    if header.previous != before_digest:
        yield "checkpoint_link", "与前一校验点不衔接", "it does not follow from the checkpoint before it"
    if before and not (before.day <= header.day <= before.day + timedelta(days=1) and before.until <= header.until):
        yield "checkpoint_order", "日期与前一校验点不连续", "its day does not follow that of the checkpoint before it"


def first_difference(locked: Sequence[bytes], known: Sequence[bytes]) -> tuple[int, dict[str, Any]] | None:
    """Where two lists of leaves part: the place from 0, and what the locked one says there (else the other one)."""
    for at in range(max(len(locked), len(known))):
        one, other = (lines[at] if at < len(lines) else b"" for lines in (locked, known))
        if one != other:
            return at, msgspec.json.decode(one or other)
    return None
