"""Flows that share what is the same: a flow file names parts, and is read as one text with them.

The whole text is what is published and digested, so that a case never depends on a file that may change. A line of it
is still named by the file that it came from. Where a part speaks of one law and the flow is under another, the flow's
``words`` say the other's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, Final

from workflows.errors import DefinitionError

_PARTS: Final = re.compile(r"^parts\s*=\s*\[[^\]]*\][ \t]*$", re.MULTILINE)
_MARK: Final = "#: part "
"""Begins the line before a part; a published text keeps it."""


def compose(source: str, filename: str) -> str:
    """A flow file with the parts that it names behind it; a text without parts stays as it is.

    :param filename: for messages.
    :raises DefinitionError: ``unknown_part``.
    """
    try:
        names = tomllib.loads(source).get("flow", {}).get("parts", [])
    except (tomllib.TOMLDecodeError, AttributeError):
        return source  # the reader of flows says what is wrong
    if not isinstance(names, list) or not names:
        return source
    head = _PARTS.sub(lambda found: "#" + found[0].replace("\n", "\n#"), source)
    return "\n".join([head.rstrip("\n"), *(f"{_MARK}{name}.toml\n{_part(str(name), filename)}" for name in names)])


def _part(name: str, filename: str) -> str:
    file = resources.files("workflows") / "flows" / "parts" / f"{name}.toml"
    if not re.fullmatch("[a-z][a-z_]+", name) or not file.is_file():
        where = f"{filename}:1"
        raise DefinitionError(
            "unknown_part",
            f"流程定义有误 {where}：没有名为“{name}”的组成部分",
            f"{where}: there is no part {name}",
            where=where,
        )
    return file.read_text("utf-8").rstrip("\n") + "\n"


def place_of(source: str, filename: str, line: int) -> str:
    """``file:line`` of a line (from 1) of a composed text."""
    above = source.splitlines()[:line]
    for number in range(len(above), 0, -1):
        if above[number - 1].startswith(_MARK):
            return f"{above[number - 1].removeprefix(_MARK)}:{line - number}"
    return f"{filename}:{line}"


def places_of(source: str, filename: str, table: str) -> list[str]:
    """``file:line`` of every ``[[table]]`` of a composed text, in order."""
    heading = re.compile(rf"\s*\[\[\s*{table}\s*\]\]")
    places, file, before = [], filename, 0
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith(_MARK):
            file, before = line.removeprefix(_MARK), number
        elif heading.match(line):
            places.append(f"{file}:{number - before}")
    return places


_WORDED: Final = frozenset({"title", "title_en", "basis"})
"""What a flow may say in other words than its parts do."""


def reword(value: Any, words: Mapping[str, str]) -> Any:
    """Titles and bases in the words of this flow.

    Of two words that fit at one place the longer one counts, and an article is replaced whole or not at all.
    """
    if not words:
        return value
    longest_first = sorted(words, key=len, reverse=True)
    known = re.compile("|".join(re.escape(word) + _whole(word) for word in longest_first))
    return _reworded(value, lambda text: known.sub(lambda found: words[found[0]], text))


def _whole(word: str) -> str:
    """What may not follow a word that ends in the number of an article: more of the number."""
    return r"(?![\d(])" if re.search(r"[\d)]$", word) else ""


def _reworded(value: Any, said: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            key: said(inner) if key in _WORDED and isinstance(inner, str) else _reworded(inner, said)
            for key, inner in value.items()
        }
    return [_reworded(inner, said) for inner in value] if isinstance(value, list) else value
