"""Facts as a table to be taken out: its columns with their types, and its rows with people masked or in clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType, NoneType
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

import msgspec

from workflows.export import Disclosure, Row
from workflows.fact import CaseFact, NoticeFact

_PEOPLE: Final = frozenset({"owner", "receiver", "handler", "approver", "given_by", "mandate"})
"""Columns that name a person, or what stands between two."""
_CODED: Final = MappingProxyType({"hall": "hall_code", "window": "window_code"})
"""Places, which are told by their code."""
_WORDS: Final = frozenset({"changed_fact"})
_PLAIN: Final = ("material", "basis", "line")
"""What of a line of a notice names nobody."""
_RISKY: Final = re.compile(r"^[=+\-@\t\r]")
"""How a text begins that a spreadsheet would take for a formula."""


def columns(kind: type[CaseFact | NoticeFact]) -> dict[str, str]:
    """The columns in order, with their type: text, integer, boolean, moment, day, or a list of texts or days."""
    return {name: _type(name, hint) for name, hint in get_type_hints(kind).items()}


def _type(name: str, hint: Any) -> str:
    if name in _CODED:
        return "text"
    plain = next((one for one in get_args(hint) if one is not NoneType), hint) if NoneType in get_args(hint) else hint
    if getattr(plain, "__origin__", None) is list:
        inner = _TYPES.get(get_args(plain)[0])
        return f"list of {inner}" if inner else "text"
    return _TYPES[plain]


_TYPES: Final[Mapping[Any, str]] = MappingProxyType(
    {str: "text", UUID: "text", int: "integer", bool: "boolean", datetime: "moment", date: "day"}
)


def shown_row(row: Row, names: Mapping[str, str], shown: Disclosure) -> Row:
    """One row as it is taken out.

    :param row: a row of :func:`storage.export_feed.facts`. :param names: of :func:`columns`.
    """
    return {name: _shown(name, row, shown) for name in names}


def _shown(name: str, row: Row, shown: Disclosure) -> Any:
    value = row[_CODED.get(name, name)]
    if name in _PEOPLE:
        return shown.key("mandate" if name == "mandate" else "person", value)
    if name in _WORDS:
        return shown.words(value)
    if name == "lines":
        return msgspec.json.encode(value if shown.clear else [_plain(line) for line in value]).decode()
    return str(value) if isinstance(value, UUID) else value


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in _PLAIN if name in line}


def cell(value: Any) -> str:
    """A value in a CSV file: days and moments as ISO 8601 (UTC), lists parted by blanks, yes and no as true and false.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return harmless(" ".join(cell(one) for one in value))
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else str(value)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text
