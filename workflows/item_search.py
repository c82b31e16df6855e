"""Finding a service item by what a clerk types: a part of its name, its code, or its pinyin, whole or in initials."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workflows.everyday_words import is_called

Readings = tuple[str, ...]
"""The syllables by which one character may be read, without tones; of anything else, the character itself."""
_LETTERS: Final = re.compile(r"[a-z0-9]{2,60}")
_SHORTEST_CODE: Final = 4
"""How many digits of a code are looked for anywhere in it; fewer would be found in nearly every one."""
_SHORTEST_GAPS: Final = 3
"""How many initials are looked for with gaps; fewer would fit nearly every name."""


@dataclass(frozen=True, slots=True)
class Findable:
    """An item as a search sees it. :param readings: of each character of its name, in order."""

    code: str
    name: str
    name_en: str
    readings: tuple[Readings, ...]


def rank(item: Findable, text: str) -> int | None:
    """How well an item fits what was typed: the lower, the better; nothing where it does not.

    The whole code is best; then the beginning of the name, of its pinyin (``spjyxk`` or ``shipin`` for 食品经营许可),
    the same from the middle, a part of the code, words of the English name, what people call it (``饭店``), and last
    initials with gaps (``spxk``).

    :param text: as typed, full-width or not; blanks within are left out of pinyin and code.
    """
    wanted = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
    letters = wanted.replace(" ", "")
    if not wanted:
        return 0
    name, code = unicodedata.normalize("NFKC", item.name).casefold(), item.code.casefold()
    spoken = _LETTERS.fullmatch(letters) is not None
    tests = (
        letters == code,
        name.startswith(wanted),
        spoken and _reads(item.readings, letters),
        wanted in name,
        spoken and any(_reads(item.readings[n:], letters) for n in range(1, len(item.readings))),
        len(letters) >= _SHORTEST_CODE and letters in code,
        wanted in item.name_en.casefold(),
        is_called(name, wanted),
        spoken and len(letters) >= _SHORTEST_GAPS and _initials_with_gaps(item.readings, letters),
    )
    return next((place for place, fits in enumerate(tests) if fits), None)


def _reads(readings: Sequence[Readings], letters: str) -> bool:
    """Whether the letters are the beginning of the reading, each character whole or by its initial."""
    if not letters:
        return True
    return bool(readings) and any(
        syllable.startswith(letters)
        or (letters.startswith(syllable) and _reads(readings[1:], letters[len(syllable) :]))
        or (letters[0] == syllable[0] and _reads(readings[1:], letters[1:]))
        for syllable in readings[0]
    )


def _initials_with_gaps(readings: Sequence[Readings], letters: str) -> bool:
    """Whether the letters are initials of characters in this order, with others between them."""
    rest = iter(readings)
    return all(any(any(syllable[0] == letter for syllable in one) for one in rest) for letter in letters)
