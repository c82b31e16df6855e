"""Separator sheets (分隔页): what their code says, and how a run of pages is split at them.

The code holds a case number, a line and a seal that only this system can make, so that a sheet drawn elsewhere cannot
send pages into a stranger's case. Nothing personal is on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from workflows.numbers import check_case_number

MARK: Final = "YC1"
"""What every code begins with; the digit is the version of its form."""
SEAL_CHARACTERS: Final = 8
_CODE: Final = re.compile(rf"{MARK}:([0-9]{{19}}):(M[0-9]{{2}}):([0-9A-HJKMNP-TV-Z]{{{SEAL_CHARACTERS}}})")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Place = tuple[UUID, int]
"""A page: its scan, and its number there from 1."""


@dataclass(frozen=True, slots=True)
class Separator:
    """The pages behind this sheet belong to this line of this case. :param seal: to be compared with ours."""

    number: str
    line: str
    seal: str


@dataclass(frozen=True, slots=True)
class Run:
    """Pages that follow each other between two sheets. :param sheet: the one before them; None before the first."""

    sheet: Separator | None
    pages: tuple[Place, ...]


def code_of(number: str, line: str, seal: str) -> str:
    """What is printed on a sheet, in characters that a QR code holds most densely."""
    return f"{MARK}:{number}:{line}:{seal}"


def seal_of(secret: bytes) -> str:
    """The first 40 bits of a keyed digest, as printed."""
    value = int.from_bytes(secret[:5], "big")
    return "".join(_CROCKFORD[value >> 5 * place & 31] for place in reversed(range(SEAL_CHARACTERS)))


def read_code(text: str) -> Separator | None:
    """The sheet that a code stands for; None for any other code, and for a mistyped case number."""
    found = _CODE.fullmatch(text.strip())
    if found is None or not check_case_number(found[1]):
        return None
    return Separator(found[1], found[2], found[3])


def split(pages: Iterable[Place], codes: Mapping[Place, str]) -> tuple[list[Run], list[Place]]:
    """The runs of pages between the sheets, without empty ones, and the pages that are sheets.

    :param pages: in the order of the scanner. :param codes: what was read on some of them.
    """
    runs: list[Run] = []
    sheets: list[Place] = []
    sheet: Separator | None = None
    behind: list[Place] = []
    for place in pages:
        found = read_code(codes[place]) if place in codes else None
        if found is None:
            behind.append(place)
            continue
        runs.append(Run(sheet, tuple(behind)))
        sheets.append(place)
        sheet, behind = found, []
    runs.append(Run(sheet, tuple(behind)))
    return [run for run in runs if run.pages], sheets
