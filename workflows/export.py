"""导出: what a person asks to take out as a file: in which format, of which cases, with people masked or in clear."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from workflows.actor import Role
from workflows.errors import Malformed
from workflows.party import mask_name
from workflows.payload import refuse_control_characters

EXPORTERS: Final = (Role.auditor, Role.supervisor, Role.hall_manager, Role.authority_head)
"""Who takes cases out, each within their own organisation."""
DISCLOSERS: Final = (Role.auditor,)
"""Who takes people out in clear, for a stated reason (个人信息保护法51)."""
MAX_REASON: Final = 200
SHORTEST_REASON: Final = 4
FIRST_YEAR: Final = 2000
"""Before this year there are no facts."""

Code = Annotated[str, Meta(min_length=1, max_length=60)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=200)]


class Format(StrEnum):
    """The files that can be made: event logs (IEEE 1849-2023, OCEL 2.0) and facts."""

    XES = "xes"
    OCEL_JSON = "ocel-json"
    OCEL_SQLITE = "ocel-sqlite"
    CASES_CSV = "cases-csv"
    CASES_PARQUET = "cases-parquet"
    NOTICES_CSV = "notices-csv"
    NOTICES_PARQUET = "notices-parquet"


EVENT_LOGS: Final = frozenset({Format.XES, Format.OCEL_JSON, Format.OCEL_SQLITE})


class FileKind(NamedTuple):
    """How a file of a format is named, and its media type."""

    stem: str
    suffix: str
    media_type: str


FILES: Final = MappingProxyType(
    {
        Format.XES: FileKind("events", "xes", "application/xml"),
        Format.OCEL_JSON: FileKind("events-ocel", "json", "application/json"),
        Format.OCEL_SQLITE: FileKind("events-ocel", "sqlite", "application/vnd.sqlite3"),
        Format.CASES_CSV: FileKind("case-facts", "csv", "text/csv; charset=utf-8"),
        Format.CASES_PARQUET: FileKind("case-facts", "parquet", "application/vnd.apache.parquet"),
        Format.NOTICES_CSV: FileKind("notice-facts", "csv", "text/csv; charset=utf-8"),
        Format.NOTICES_PARQUET: FileKind("notice-facts", "parquet", "application/vnd.apache.parquet"),
    }
)


class Selection(Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """Which cases; every condition that is given must hold, and an empty list is none.

    :param by: which moment lies in the period: the case was ``opened`` or ``closed`` in it, or ``event``: something
        happened to it; then an event log has only the events of the period, and else whole cases.
    :param since: first hall day. :param until: last hall day, included.
    :param items: item codes. :param halls: codes. :param departments: codes. :param states: where the case stands.
    :param numbers: of cases.
    """

    by: Literal["opened", "closed", "event"] = "opened"
    since: date | None = None
    until: date | None = None
    items: Codes = ()
    halls: Codes = ()
    departments: Codes = ()
    states: Codes = ()
    numbers: Annotated[tuple[Code, ...], Meta(max_length=1000)] = ()


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """One export as it is asked for.

    :param clear: names, keys of people and words as they are, instead of masks and pseudonyms; needs a reason.
    :param bom: begin a CSV file with a byte order mark, as Excel wants it. :param reason: logged; up to 200 characters.
    :param as_of: facts as they were at this moment, which must be settled; by default the newest settled one.
    """

    format: Format
    selection: Selection = Selection()
    clear: bool = False
    bom: bool = False
    reason: Annotated[str, Meta(max_length=MAX_REASON)] = ""
    as_of: Annotated[datetime, Meta(tz=True)] | None = None

    def digest(self) -> str:
        """What tells this wish from others: SHA-256 of its canonical form, hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def check_wish(wish: Wish) -> None:
    """Refuse what nobody can mean.

    :raises Malformed: ``range_reversed``; ``reason_needed`` for people in clear without one; ``control_character``;
        ``as_of_of_facts_only``; ``as_of_out_of_range`` for a moment before 2000.
    """
    refuse_control_characters(msgspec.to_builtins(wish))
    since, until = wish.selection.since, wish.selection.until
    if since is not None and until is not None and until < since:
        raise Malformed("range_reversed", "起始日期晚于结束日期。", "The first day lies after the last.")
    if wish.as_of is not None:
        _check_moment(wish.format, wish.as_of)
    if wish.clear and len(wish.reason.strip()) < SHORTEST_REASON:
        raise Malformed(
            "reason_needed",
            f"导出未脱敏的个人信息须写明用途（{SHORTEST_REASON}至{MAX_REASON}字）。",
            f"Say what people in clear are exported for ({SHORTEST_REASON} to {MAX_REASON} characters).",
            basis="个人信息保护法51",
        )


def _check_moment(kind: Format, as_of: datetime) -> None:
    if kind in EVENT_LOGS:
        raise Malformed(
            "as_of_of_facts_only",
            "截至时刻只适用于事实表；事件日志请按事件日期选取。",
            "A moment is asked for with facts only; choose the events of a log by their day.",
        )
    if as_of.year < FIRST_YEAR:
        raise Malformed(
            "as_of_out_of_range",
            f"截至时刻不得早于{FIRST_YEAR}年，请核对。",
            f"There are no facts as of a moment before {FIRST_YEAR}.",
        )


class About(NamedTuple):
    """What a file says of itself: which export it is, of what, as of when (UTC), masked or not."""

    export: UUID
    wish: Wish
    as_of: datetime
    ordered_by: str

    def texts(self) -> dict[str, str]:
        """The same as texts by name."""
        return {
            "export": str(self.export),
            "as_of": self.as_of.isoformat(),
            "selection": msgspec.json.encode(self.wish.selection).decode(),
            "personal_data": "clear" if self.wish.clear else "masked",
            "reason": self.wish.reason.strip(),
            "ordered_by": self.ordered_by,
        }


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What of people a file shows: masks and pseudonyms, or everything.

    A pseudonym is the same throughout one export and another in the next one; only who holds the key can tell whom it
    stands for.

    :param sign: the keyed hash of a text, of this export alone.
    """

    clear: bool
    sign: Callable[[str], bytes]

    def key(self, kind: str, key: UUID | None) -> str:
        """A person's key, or a pseudonym such as ``person-3f9a…`` for it; empty where there is none."""
        if key is None:
            return ""
        return str(key) if self.clear else _pseudonym(self.sign, kind, str(key))

    def name(self, name: str, *, natural: bool = True) -> str:
        """A name, masked where it is a natural person's."""
        return name if self.clear or not natural else mask_name(name)

    def words(self, text: str) -> str:
        """What somebody wrote, which may name anybody: only in clear, else empty."""
        return text if self.clear else ""


@lru_cache(maxsize=20_000)
def _pseudonym(sign: Callable[[str], bytes], kind: str, key: str) -> str:
    return f"{kind}-{sign(f'{kind}:{key}')[:10].hex()}"


Row = dict[str, Any]
"""One row of what is exported, by column."""
