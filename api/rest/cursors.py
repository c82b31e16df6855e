"""Cursors: where the next page begins, as opaque text. What does not decode to exactly that is refused."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from workflows.errors import Malformed

_MAX_LENGTH: Final = 200


class UrgentPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="due"):
    """After this case in a queue: its rank (0 goes first), then a moment as PostgreSQL writes it, or ``infinity``."""

    rank: Literal[0, 1]
    urgency: str
    id: UUID


class CodePlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="code"):
    """After this item in a list by code."""

    code: str


class SeqPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="seq"):
    """After this event of a trail."""

    seq: int


class KeyPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="key"):
    """After this row in a list by key."""

    id: UUID


class DayPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="day"):
    """After this row in a list by day."""

    day: date
    id: UUID


class MomentPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="at"):
    """After this row in a list by moment (UTC)."""

    at: Annotated[datetime, Meta(tz=True)]
    id: UUID


class FeedPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="feed"):
    """After this event in the feed: the number of its transaction, and its key."""

    txid: int
    id: UUID


class AmountPlace(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, tag="amount"):
    """After this row in a list of what is behind a figure: its key, and its place among rows of that key."""

    id: UUID
    place: Annotated[int, Meta(ge=0, lt=2**31)]


T = TypeVar("T", UrgentPlace, CodePlace, SeqPlace, KeyPlace, DayPlace, MomentPlace, FeedPlace, AmountPlace)


def write_cursor(place: Struct) -> str:
    """The cursor of a place, fit for a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str, kind: type[T]) -> T:
    """The place that a cursor of this list stands for.

    :raises Malformed: ``unknown_cursor``, also for a cursor of another list.
    """
    try:
        return _decoded(text[: _MAX_LENGTH + 1], kind)
    except (binascii.Error, ValueError, UnicodeError, OverflowError):  # msgspec's errors are ValueErrors
        raise Malformed(
            "unknown_cursor",
            "翻页标记无效，请从第一页重新开始。",
            "This cursor is not known; start again from the first page.",
        ) from None


def _decoded(text: str, kind: type[T]) -> T:
    """The place; a ValueError or an OverflowError also for what the database could not read back, so that no made-up
    cursor breaks us.
    """
    padded = text + "=" * (-len(text) % 4)
    place = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=kind)
    if isinstance(place, UrgentPlace) and place.urgency not in {"infinity", "-infinity"}:
        moment = datetime.fromisoformat(place.urgency)
        return msgspec.structs.replace(place, urgency=moment.astimezone(UTC).isoformat())
    if isinstance(place, MomentPlace):
        place.at.astimezone(UTC)  # the first and the last day there are lie outside in some zones
    if isinstance(place, SeqPlace) and not 0 <= place.seq < 2**31:
        raise ValueError
    if isinstance(place, FeedPlace) and not 0 <= place.txid < 2**63:
        raise ValueError
    if isinstance(place, CodePlace) and not (place.code.isascii() and place.code.isprintable()):
        raise ValueError
    return place
