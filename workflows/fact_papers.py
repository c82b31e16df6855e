"""What of a case was handed in on paper, what was scanned of it, and what an electronic certificate stood in for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from workflows.fact_events import Event

_Page = tuple[str, int]
"""A page by the key of its scan and its number there."""


class Papers:
    """The lines of a case while its events are read: as they were counted last, with the pages that stand in them."""

    def __init__(self) -> None:
        self._counted: dict[str, Mapping[str, Any]] = {}
        self._reused: dict[str, str] = {}
        self._pages: dict[str, set[_Page]] = {}
        self._replaces: dict[str, str] = {}

    def take(self, event: Event, data: Mapping[str, Any]) -> None:
        """Take in the next event. :param data: in the newest form."""
        if (take := _TAKES.get(event["name"])) is not None:
            take(self, data)
        elif event["role"] != "system":
            self._count(data.get("payload", {}).get("materials", ()))

    def _count(self, rows: Any) -> None:
        for row in rows:
            if isinstance(row, Mapping) and "line" in row:
                self._counted[row["line"]] = row

    def scan_received(self, data: Mapping[str, Any]) -> None:
        """An upload says which scan of its line it is to replace, if any."""
        if "replaces" in data:
            self._replaces[data["scan"]] = data["replaces"]

    def scan_stored(self, data: Mapping[str, Any]) -> None:
        """A whole scan stands in its line, in place of the one that it replaces."""
        pages, replaced = self._line(data["line"]), self._replaces.get(data["scan"])
        pages -= {page for page in pages if page[0] == replaced}
        pages |= {(data["scan"], number) for number in range(1, data.get("pages", 1) + 1)}

    def pages_filed(self, data: Mapping[str, Any]) -> None:
        """Pages of a batch were filed into lines."""
        for file in data["files"]:
            self._line(file["line"]).update((file["scan"], number) for number in file["pages"])

    def page_edited(self, data: Mapping[str, Any]) -> None:
        """A page leaves its line, comes into another one, or both; turning it changes neither."""
        for edit in data["edits"]:
            page = edit["scan"], edit["page"]
            if edit["action"] in _LEAVING:
                self._line(edit["line"]).discard(page)
            if edit["action"] in _COMING:
                self._line(edit["to_line"]).add(page)

    def reuse_begun(self, data: Mapping[str, Any]) -> None:
        """Something that was there already stands in for the paper of a line."""
        self._reused[data["line"]] = data["exempt"]

    def reuse_ended(self, data: Mapping[str, Any]) -> None:
        """From now on the line needs its paper; a file that came with the certificate is none."""
        line = data["line"]
        self._reused.pop(line, None)
        self._pages.pop(line, None)
        self._counted[line] = {name: kept for name, kept in self._counted.get(line, {}).items() if name != "exempt"}

    def _line(self, line: str) -> set[_Page]:
        return self._pages.setdefault(line, set())

    def finish(self) -> dict[str, Any]:
        """The facts that follow from everything together."""
        spared = {line: row["exempt"] for line, row in self._counted.items() if row.get("exempt")} | self._reused
        paper = {line: row for line, row in self._counted.items() if line not in spared and _handed_in(row)}
        return {
            "lines_on_paper": len(paper),
            "lines_exempt": len(spared),
            "lines_scanned": sum(1 for line in paper if self._pages.get(line)),
            "lines_whole": sum(self._is_whole(line, row.get("pages") or 0) for line, row in paper.items()),
            "lines_spared": sorted(line for line, why in spared.items() if why == "e_cert"),
        }

    def _is_whole(self, line: str, declared: int) -> bool:
        """Whether as many pages stand in a line as sheets were declared; where none were, any."""
        pages = len(self._pages.get(line, ()))
        return 0 < pages == (declared or pages)


def brings_paper(data: Mapping[str, Any]) -> bool:
    """Whether an act counted something on paper. :param data: of its event."""
    rows = data.get("payload", {}).get("materials", ())
    return any(isinstance(row, Mapping) and _handed_in(row) for row in rows)


def _handed_in(row: Mapping[str, Any]) -> bool:
    return bool(row.get("originals") or row.get("copies"))


_LEAVING: Final = frozenset({"move", "remove", "return"})
_COMING: Final = frozenset({"move", "place"})
_TAKES: Final[Mapping[str, Callable[[Papers, Mapping[str, Any]], None]]] = {
    "scan:received": Papers.scan_received,
    "scan:stored": Papers.scan_stored,
    "scan:filed": Papers.pages_filed,
    "scan:edited": Papers.page_edited,
    "material:reused": Papers.reuse_begun,
    "material:reuse_ended": Papers.reuse_ended,
}
