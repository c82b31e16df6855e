"""What the JSON interface asks and answers about capture: batches, pages in order, separator sheets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Line = Annotated[str, Meta(pattern="^(M[0-9]{2})?$")]
Number = Annotated[int, Meta(ge=1, le=100_000)]


class BatchOpened(Struct):
    """A batch that was opened."""

    batch: UUID
    hall: str
    at: datetime


class FileTaken(Struct):
    """What became of one file: ``incoming`` (a worker judges it) or ``refused`` (``code``, ``zh``, ``en`` say why).

    ``same_as``: places of files of the batch that hold the same bytes.
    """

    file: int
    name: str
    state: str
    scan: UUID | None = None
    size: int = 0
    sha256: str = ""
    same_as: list[int] = []
    code: str = ""
    zh: str = ""
    en: str = ""


class FilesTaken(Struct):
    """What became of each file of a request, in order, and the batch that they are in."""

    batch: UUID
    files: list[FileTaken]


class BatchClosed(Struct):
    """A batch that takes nothing more."""

    batch: UUID
    files: int
    at: datetime


class Refused(Struct):
    """Why something was not taken."""

    code: str
    zh: str
    en: str


class BatchFileRow(Struct):
    """A file of a batch: its verdict once ``state`` is ``stored`` or ``refused``, or why it was not taken at all."""

    position: int
    file_name: str
    size: int
    scan_id: UUID | None = None
    state: str | None = None
    pages: int | None = None
    verdict: str | None = None
    verdict_zh: str | None = None
    verdict_en: str | None = None
    refusal: Refused | None = None


class BatchPageRow(Struct):
    """What became of a page: ``separator``, ``filed`` (in a line), ``unsorted`` (with its reason), ``discarded``."""

    scan_id: UUID
    page: int
    state: str
    line: str
    reason: str
    reason_zh: str
    reason_en: str
    file_name: str
    case_number: str | None = None


class BatchRow(Struct):
    """A batch in a list."""

    id: UUID
    hall: str
    name: str
    opened_at: datetime
    opened_by_name: str | None = None
    case_number: str | None = None
    line: str = ""
    closed_at: datetime | None = None
    sorted_at: datetime | None = None
    files: int = 0
    unsorted: int = 0


class BatchHead(Struct):
    """A batch with every file and page; ``sorted_at`` is null until its pages have found their lines."""

    id: UUID
    hall: str
    name: str
    opened_at: datetime
    files: list[BatchFileRow]
    pages: list[BatchPageRow]
    opened_by_name: str | None = None
    case_number: str | None = None
    line: str = ""
    closed_at: datetime | None = None
    sorted_at: datetime | None = None


class PageSetAside(Struct):
    """A page of a batch that was set aside, or taken up again."""

    batch: UUID
    scan: UUID
    page: int
    state: str


class SetAside(Struct, forbid_unknown_fields=True, frozen=True):
    """A page of a file of the batch; ``discarded`` false takes it up again."""

    scan: UUID
    page: Number
    discarded: bool = True


class PageOrder(Struct, forbid_unknown_fields=True, frozen=True):
    """One edit. ``line``: where the page stands; ``to_line`` and ``position`` (from 1, 0 for the end): where it goes.

    ``turned``: degrees clockwise from how it was scanned.
    """

    action: Literal["move", "turn", "remove", "place", "return"]
    scan: UUID
    page: Number
    line: Line = ""
    to_line: Line = ""
    position: Annotated[int, Meta(ge=0, le=100_000)] = 0
    turned: Literal[0, 90, 180, 270] = 0


class PageOrders(Struct, forbid_unknown_fields=True, frozen=True):
    """Edits, all of them or none. ``seen``: how many edits the caller has seen; then nobody may have made more."""

    edits: Annotated[list[PageOrder], Meta(min_length=1, max_length=500)]
    seen: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class StandingPage(Struct):
    """A page where it stands, from position 1."""

    line: str
    position: int
    scan: UUID
    page: int
    turned: int


class StandingLine(Struct):
    """The pages of a line in order."""

    line: str
    pages: list[StandingPage]


class EditRow(Struct):
    """One edit as it was made. ``by_scan_id``: the scan that took the place of this one."""

    seq: int
    action: str
    line: str
    scan_id: UUID
    page: int
    to_line: str
    position: int
    turned: int
    made_at: datetime
    made_by_name: str | None = None
    by_scan_id: UUID | None = None


class CasePages(Struct):
    """The pages of a case as they stand, how many edits led there, and each of them."""

    case: str
    edits: int
    lines: list[StandingLine]
    history: list[EditRow] = []
