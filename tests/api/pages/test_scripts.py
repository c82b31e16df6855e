"""The scripts of a page share one room: none may take a name of the frame's, or it does not run at all."""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[3] / "api" / "static"
_NAMED = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def _names(script: Path) -> set[str]:
    """What a script declares for the whole page."""
    return set(_NAMED.findall(script.read_text("utf-8")))


def test_no_script_takes_a_name_of_the_frame() -> None:
    own = _names(STATIC / "app.js")
    assert own
    taken = {script.name: own & _names(script) for script in STATIC.glob("*.js") if script.name != "app.js"}
    assert {name: names for name, names in taken.items() if names} == {}
