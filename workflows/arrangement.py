"""The pages of a case as they stand: originals in the order in which they came, and every edit made since.

The originals are never touched. An edit is a row that is only ever added; taking one back is a further edit, so that
anybody can replay how the pages came to stand as they do (DA/T 31, 案卷 in filing order).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from workflows.errors import Conflict, Malformed

TURNS: Final = (0, 90, 180, 270)
"""Degrees clockwise by which a page may be turned."""

Arrangement = Mapping[str, tuple["ArrangedPage", ...]]


class Edit(StrEnum):
    """What can be done to a page: the closed list.

    ``move`` to another line or place, ``turn``, ``remove`` from its line, ``place`` into a line (one that was removed,
    or one that waited unsorted), ``return`` to the unsorted pages of its batch, ``replace`` by another scan.
    """

    MOVE = "move"
    TURN = "turn"
    REMOVE = "remove"
    PLACE = "place"
    RETURN = "return"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Originals:
    """Pages of one scan as they came to a line, numbered from 1 within the scan."""

    line: str
    scan: UUID
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PageEdit:
    """One recorded edit.

    :param line: where the page stood; empty for one that comes from outside. :param page: within its scan, from 1.
    :param to_line: where it goes. :param position: its place there, from 1; 0 for the end.
    :param turned: degrees clockwise from how it was scanned. :param by: the scan that replaces this one.
    """

    action: Edit
    line: str
    scan: UUID
    page: int = 0
    to_line: str = ""
    position: int = 0
    turned: int = 0
    by: UUID | None = None


@dataclass(frozen=True, slots=True)
class ArrangedPage:
    """A page where it stands: from position 1 within its line, turned so many degrees clockwise."""

    line: str
    position: int
    scan: UUID
    page: int
    turned: int = 0


def arrange(originals: Iterable[Originals], edits: Iterable[PageEdit]) -> dict[str, tuple[ArrangedPage, ...]]:
    """The pages of every line as they stand now; lines without pages are left out.

    :param originals: in the order in which they came. :param edits: in the order in which they were made.
    """
    lines: dict[str, list[ArrangedPage]] = {}
    for came in originals:
        row = lines.setdefault(came.line, [])
        row.extend(ArrangedPage(came.line, 0, came.scan, page) for page in came.pages)
    return _edited(lines, edits)


def edited(arrangement: Arrangement, edit: PageEdit) -> dict[str, tuple[ArrangedPage, ...]]:
    """The pages as they stand after one more edit."""
    return _edited({line: list(pages) for line, pages in arrangement.items()}, (edit,))


def _edited(lines: dict[str, list[ArrangedPage]], edits: Iterable[PageEdit]) -> dict[str, tuple[ArrangedPage, ...]]:
    for edit in edits:
        _APPLY[edit.action](lines, edit)
    return {
        line: tuple(replace(page, line=line, position=at) for at, page in enumerate(row, 1))
        for line, row in sorted(lines.items())
        if row
    }


def check_edit(arrangement: Arrangement, edit: PageEdit) -> None:
    """Whether an edit fits the pages as they stand.

    :raises Conflict: ``page_not_there``, ``page_already_there``.
    :raises Malformed: ``turn_wrong``, ``position_wrong``.
    """
    if edit.turned not in TURNS:
        raise Malformed(
            "turn_wrong", "页面只能旋转0、90、180或270度。", "A page is turned by 0, 90, 180 or 270 degrees."
        )
    here = [page for page in arrangement.get(edit.line, ()) if (page.scan, page.page) == (edit.scan, edit.page)]
    if edit.action is not Edit.PLACE and not here:
        raise Conflict(
            "page_not_there",
            "这一页已不在该材料行，可能刚被他人调整。请刷新后再操作。",
            "The page no longer stands in this line; somebody may have moved it. Reload and look again.",
        )
    if edit.action not in {Edit.MOVE, Edit.PLACE}:
        return
    there = arrangement.get(edit.to_line, ())
    stays = edit.action is Edit.MOVE and edit.line == edit.to_line
    if not stays and any((page.scan, page.page) == (edit.scan, edit.page) for page in there):
        raise Conflict("page_already_there", "该材料行已有这一页。", "The line has this page already.")
    if not 0 <= edit.position <= len(there) + (not stays):
        raise Malformed(
            "position_wrong",
            f"位置应为1至{len(there) + (not stays)}，0表示放在最后。",
            f"A position is 1 to {len(there) + (not stays)}; 0 is the end.",
        )


def _take(lines: dict[str, list[ArrangedPage]], edit: PageEdit) -> ArrangedPage | None:
    row = lines.get(edit.line, [])
    found = next((page for page in row if (page.scan, page.page) == (edit.scan, edit.page)), None)
    if found is not None:
        row.remove(found)
    return found


def _put(lines: dict[str, list[ArrangedPage]], edit: PageEdit, page: ArrangedPage) -> None:
    row = lines.setdefault(edit.to_line, [])
    if not any((one.scan, one.page) == (page.scan, page.page) for one in row):
        row.insert(edit.position - 1 if edit.position else len(row), page)


def _move(lines: dict[str, list[ArrangedPage]], edit: PageEdit) -> None:
    if (page := _take(lines, edit)) is not None:
        _put(lines, edit, page)


def _turn(lines: dict[str, list[ArrangedPage]], edit: PageEdit) -> None:
    row = lines.get(edit.line, [])
    for at, page in enumerate(row):
        if (page.scan, page.page) == (edit.scan, edit.page):
            row[at] = replace(page, turned=edit.turned)


def _remove(lines: dict[str, list[ArrangedPage]], edit: PageEdit) -> None:
    _take(lines, edit)


def _place(lines: dict[str, list[ArrangedPage]], edit: PageEdit) -> None:
    _put(lines, edit, ArrangedPage(edit.to_line, 0, edit.scan, edit.page, edit.turned))


def _replace(lines: dict[str, list[ArrangedPage]], edit: PageEdit) -> None:
    """The new scan takes the place of the first page of the old one; pages of the old one leave this line."""
    row = lines.get(edit.line, [])
    first = next((at for at, page in enumerate(row) if page.scan == edit.scan), len(row))
    before = [page for page in row[:first] if page.scan != edit.by]
    after = [page for page in row[first:] if page.scan not in {edit.scan, edit.by}]
    lines[edit.line] = [*before, *(page for page in row if page.scan == edit.by), *after]


_APPLY: Final = {
    Edit.MOVE: _move,
    Edit.TURN: _turn,
    Edit.REMOVE: _remove,
    Edit.PLACE: _place,
    Edit.RETURN: _remove,
    Edit.REPLACE: _replace,
}
