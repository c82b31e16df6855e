"""The PERMIT flow as a text that a test changes, one line of one act at a time, and the places of its acts."""

from __future__ import annotations

import re
from importlib import resources

from workflows.flow import Flow, packaged_flows, parse_flow

SOURCE = packaged_flows()["PERMIT"].source
_PIECE = re.compile(r"(?=^\[\[|^#: part )", re.MULTILINE)


def pieces(table: str, key: str, name: str) -> list[str]:
    """The texts of every ``[[table]]`` that says ``key = "name"``."""
    wanted = re.compile(rf'^{key} = "{name}"$', re.MULTILINE)
    return [one for one in _PIECE.split(SOURCE) if one.startswith(f"[[{table}]]") and wanted.search(one)]


def step(action: str, nth: int = 0) -> str:
    """The text of the n-th transition with this action."""
    return pieces("transition", "action", action)[nth]


def changed(*changes: tuple[str, str]) -> Flow:
    """The flow with some of its text changed, each once."""
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_flow(text, "permit.toml")


def line_set(piece: str, key: str, value: str | None) -> str:
    """A piece with one of its own lines said otherwise, or left out; written behind the first where it was missing."""
    own, payload, rest = piece.partition("[transition.payload]")
    said = "#" if value is None else f"{key} = {value}"
    own, found = re.subn(rf"^{key} = .*$", lambda _: said, own, flags=re.MULTILINE)
    if not found:
        first, second, *others = own.split("\n")
        own = "\n".join([first, second, said, *others])
    return own + payload + rest


def left_out(piece: str) -> str:
    """As many lines as a piece has, saying nothing."""
    return "#\n" * piece.count("\n")


def with_line(action: str, key: str, value: str | None, nth: int = 0) -> Flow:
    """The flow with one line of one act said otherwise, or left out."""
    before = step(action, nth)
    return changed((before, line_set(before, key, value)))


def without_guard(action: str, guard: str) -> Flow:
    """The flow with a guard taken from every step with this action."""
    found = [one for one in pieces("transition", "action", action) if f'"{guard}"' in one]
    assert found, (action, guard)
    return changed(*((one, re.sub(rf'"{guard}"(, )?', "", one, count=1)) for one in found))


def place(table: str, key: str, name: str, nth: int = 0) -> str:
    """``file:line`` of a piece, looked up in the part files themselves."""
    for part in packaged_parts():
        lines = (resources.files("workflows") / "flows" / "parts" / part).read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            if line == f'{key} = "{name}"' and lines[number - 1] == f"[[{table}]]":
                if nth == 0:
                    return f"{part}:{number}"
                nth -= 1
    raise AssertionError(f"no {table} {name}")


def packaged_parts() -> list[str]:
    """The files of the parts of the PERMIT flow, in order."""
    return re.findall(r"^#: part (.+)$", SOURCE, flags=re.MULTILINE)


def place_of_step(action: str, nth: int = 0) -> str:
    """``file:line`` of the n-th transition with this action."""
    return place("transition", "action", action, nth)
