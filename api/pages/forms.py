"""Forms of an act: what was typed becomes the payload that the flow declares, and is kept when it is refused.

Field names are paths: ``materials.M01.copies``, ``lines.2.defect``, ``recipient.name``. Nothing is judged here: a
value that cannot be understood goes on as it was typed, and the engine says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workflows.errors import YichuangError

_FIELD: Final = re.compile(r"\$\.([A-Za-z_]\w*)")
"""The first step of a JSON path."""
DEFAULT_ROWS: Final = 3
"""Rows that a repeatable field shows at first, and how many are added at a time."""
MAX_ROWS: Final = 100

CARRIED: Final = frozenset({"csrf_token", "key", "version", "seen", "more"})
"""Fields that the page itself put into the form."""

ROW_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "gaps": ("material", "defect", "how_to_obtain"),
    "defect_lines": ("material", "defect", "requirement", "basis", "how_to_obtain"),
    "officers": ("login", "card"),
    "third_parties": ("name", "interest"),
}
"""The columns of each repeatable field."""
DROPPED: Final = "drop"
"""The box of a row that is not to be sent; rows that the page ``proposed`` have one."""
PROPOSED: Final = "proposed"
LONG_PARTS: Final = frozenset({"defect", "requirement", "basis", "how_to_obtain", "interest"})
"""Columns in which people write sentences."""
_ABOUT_LINES: Final = frozenset({"line", "lines", "materials"})
"""What a refusal carries that is about single lines."""
_BY_LINE: Final = frozenset({"material_counts", "defect_lines", "gaps", "line_numbers"})
"""Fields that are filled in line by line."""
COUNT_PARTS: Final = ("originals", "copies", "pages")
PERSON_PARTS: Final = ("name", "id_kind", "id_number", "relation")


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form as they were typed, by name."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Any]]) -> Typed:
        """From the pairs of a decoded form; anything that is not text is left out."""
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            if isinstance(value, str):
                fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
        return cls(fields)

    def __bool__(self) -> bool:
        return bool(self.fields)

    def get(self, name: str, default: Any = "") -> str:
        """What was typed into a field; the default only where the form did not have the field."""
        values = self.fields.get(name)
        return values[-1] if values else "" if default is None else str(default)

    def has(self, name: str, value: object) -> bool:
        """Whether a box with this value was ticked."""
        return str(value) in self.fields.get(name, ())

    def words(self) -> list[str]:
        """Everything that a person typed or chose, to be shown where its form is no longer there."""
        own = [
            name for name in self.fields if name not in CARRIED and name.rpartition(".")[2] not in {DROPPED, PROPOSED}
        ]
        return [value for name in own for value in self.fields[name] if value]

    def rows(self, name: str) -> list[str]:
        """The row labels of a field, in the order of the form."""
        start = f"{name}."
        return list(
            dict.fromkeys(key.split(".")[1] for key in self.fields if key.startswith(start) and key.count(".") > 1)
        )

    def numbers(self, name: str) -> range:
        """The rows that a repeatable field is to show: those that it had, and more where ``more`` asks for them."""
        count = max([DEFAULT_ROWS, *(int(row) for row in self.rows(name) if row.isdecimal() and int(row) <= MAX_ROWS)])
        if self.has("more", name):
            count = min(count + DEFAULT_ROWS, MAX_ROWS)
        return range(1, count + 1)


def payload_of(fields: Mapping[str, Mapping[str, Any]], typed: Typed) -> dict[str, Any]:
    """The payload of an act.

    :param fields: the declarations of the flow, by name, each with its ``type``.
    :returns: a value for each field into which something was typed.
    """
    read = {name: READERS[spec["type"]](typed, name) for name, spec in fields.items()}
    return {name: value for name, value in read.items() if value is not None}


def wrong_fields(fields: Mapping[str, Mapping[str, Any]], typed: Typed, refusal: YichuangError | None) -> set[str]:
    """The fields of a form that a refusal is about: the one that it names, or those that are required and empty."""
    if refusal is None:
        return set()
    if refusal.code != "payload_invalid":
        about_lines = not _ABOUT_LINES.isdisjoint(refusal.extra)
        by_line = {name for name, spec in fields.items() if about_lines and spec["type"] in _BY_LINE}
        return ({str(refusal.extra["field"])} & set(fields)) if "field" in refusal.extra else by_line
    named = _FIELD.match(str(refusal.extra.get("field", "")))
    if named:
        return {named[1]}
    payload = payload_of(fields, typed)
    return {name for name, spec in fields.items() if spec.get("required") and name not in payload}


def text_of(typed: Typed, name: str) -> str | None:
    """A text without the blanks around it; nothing where it is empty."""
    return typed.get(name).strip() or None


def _number(typed: Typed, name: str) -> int | str | None:
    return _count(text_of(typed, name))


def _count(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else text


def _flag(typed: Typed, name: str) -> bool:
    return bool(typed.get(name))


def _numbers(typed: Typed, name: str) -> list[Any] | None:
    return [_count(value) for value in typed.fields.get(name, ())] or None


def _codes(typed: Typed, name: str) -> list[str] | None:
    return typed.get(name).replace(",", " ").replace("、", " ").split() or None


def _counts(typed: Typed, name: str) -> list[dict[str, Any]] | None:
    """One row for every material line into which something was typed."""
    rows = []
    for line in typed.rows(name):
        counts = {part: _number(typed, f"{name}.{line}.{part}") for part in COUNT_PARTS}
        counts["exempt"] = text_of(typed, f"{name}.{line}.exempt")
        given = {part: value for part, value in counts.items() if value is not None}
        if typed.get(f"{name}.{line}.checked"):
            given["checked"] = True
        if given:
            rows.append({"line": line, **given})
    return rows or None


def _parts(typed: Typed, prefix: str, parts: Sequence[str]) -> dict[str, Any]:
    values = {part: text_of(typed, f"{prefix}.{part}") for part in parts}
    return {part: value for part, value in values.items() if value is not None}


def _rows_of(kind: str) -> Callable[[Typed, str], Any]:
    def read(typed: Typed, name: str) -> list[dict[str, Any]] | None:
        kept = [row for row in typed.rows(name) if not typed.get(f"{name}.{row}.{DROPPED}")]
        rows = [_parts(typed, f"{name}.{row}", ROW_PARTS[kind]) for row in kept]
        return [row for row in rows if row] or None

    return read


def _person(typed: Typed, name: str) -> dict[str, Any] | None:
    return _parts(typed, name, PERSON_PARTS) or None


READERS: Final[Mapping[str, Callable[[Typed, str], Any]]] = {
    "text": text_of,
    "short_text": text_of,
    "code": text_of,
    "date": text_of,
    "choice": text_of,
    "count": _number,
    "rating_level": _number,
    "flag": _flag,
    "material_counts": _counts,
    "gaps": _rows_of("gaps"),
    "defect_lines": _rows_of("defect_lines"),
    "line_numbers": _numbers,
    "codes": _codes,
    "person": _person,
    "officers": _rows_of("officers"),
    "third_parties": _rows_of("third_parties"),
}
"""How each payload type is read from a form."""
