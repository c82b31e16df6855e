"""Flows that share what is the same: a flow file names parts, and is read as one text with them.

The whole text is what is published and digested, so that a case never depends on a file that may change. A line of it
is still named by the file that it came from.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Final

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
        raise DefinitionError(
            "unknown_part",
            f"流程定义有误 {filename}：没有名为“{name}”的组成部分",
            f"{filename}: there is no part {name}",
            where=f"{filename}:1",
        )
    return file.read_text("utf-8").rstrip("\n") + "\n"


def place_of(source: str, filename: str, line: int) -> str:
    """``file:line`` of a line (from 1) of a composed text."""
    above = source.splitlines()[:line]
    for number in range(len(above), 0, -1):
        if above[number - 1].startswith(_MARK):
            return f"{above[number - 1].removeprefix(_MARK)}:{line - number}"
    return f"{filename}:{line}"
