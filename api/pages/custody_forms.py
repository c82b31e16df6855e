"""Forms about papers, read as they were typed; what cannot be understood goes on to the engine, which says why."""

from __future__ import annotations

import re
from typing import Any

from api.pages.forms import PERSON_PARTS, Typed, text_of

_EXTRA_ROWS = 3
"""Rows for papers that are in a batch and not on its list."""


def _count(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else text


def _without_gaps(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if value is not None}


def packing_of(typed: Typed) -> dict[str, Any]:
    """A batch to be packed: a case to a line, behind it the codes of its material lines where only a part goes."""
    rows = [line.split(maxsplit=1) for line in typed.get("cases").splitlines() if line.strip()]
    cases = [
        {"case": parts[0]} | ({"lines": [{"line": code} for code in _codes(parts[1])]} if len(parts) > 1 else {})
        for parts in rows
    ]
    return _without_gaps(
        {
            "to": text_of(typed, "to") or "",
            "seal": text_of(typed, "seal") or "",
            "place": text_of(typed, "place"),
            "pieces": _count(text_of(typed, "pieces")),
            "cases": cases,
        }
    )


def _codes(text: str) -> list[str]:
    return [code.upper() for code in re.split(r"[\s,，、;；]+", text) if code]


def arriving_of(typed: Typed, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A batch as it was counted: only the lines whose counts were changed, and the papers that are not on the list.

    :param lines: of the batch, as the form shows them.
    """
    found = []
    for row in lines:
        name = f"found.{row['case']}.{row['line']}"
        counted = {part: _count(text_of(typed, f"{name}.{part}")) for part in ("originals", "copies", "sheets")}
        damaged, note = _count(text_of(typed, f"{name}.damaged")), text_of(typed, f"{name}.note")
        as_listed = all(value in {None, row[part]} for part, value in counted.items())
        if not as_listed or damaged not in {None, 0}:
            listed = {part: row[part] if value is None else value for part, value in counted.items()}
            found.append(_without_gaps(
                {"case": row["case"], "line": row["line"], **listed, "damaged": damaged or 0, "note": note}
            ))  # fmt: skip
    return {"pieces": _count(text_of(typed, "pieces")), "lines": found + _extra(typed)}


def _extra(typed: Typed) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, _EXTRA_ROWS + 1):
        name = f"extra.{number}"
        if case := text_of(typed, f"{name}.case"):
            counts = {part: _count(text_of(typed, f"{name}.{part}")) or 0 for part in ("originals", "copies", "sheets")}
            line = (text_of(typed, f"{name}.line") or "").upper()
            rows.append(_without_gaps({"case": case, "line": line, **counts, "note": text_of(typed, f"{name}.note")}))
    return rows


def returning_of(typed: Typed) -> dict[str, Any]:
    """Originals to be handed back: the lines with a count above nothing, the person, the signature."""
    lines = []
    for code in typed.rows("lines"):
        originals = _count(text_of(typed, f"lines.{code}.originals"))
        if originals not in {None, 0}:
            sheets = _count(text_of(typed, f"lines.{code}.sheets"))
            lines.append(_without_gaps({"line": code, "originals": originals, "copies": 0, "sheets": sheets}))
    person = {part: text_of(typed, f"recipient.{part}") for part in PERSON_PARTS}
    return _without_gaps(
        {
            "recipient": _without_gaps(person),
            "lines": lines or None,
            "signed": bool(typed.get("signed")),
            "refused": bool(typed.get("refused")),
            "witness": text_of(typed, "witness"),
            "mandate": bool(typed.get("mandate")) or None,
            "mandate_number": text_of(typed, "mandate_number"),
        }
    )
