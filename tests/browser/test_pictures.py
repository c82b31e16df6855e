"""Pictures of every page for the guides; taken only by ``make e2e ARGS=--pictures``."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser.conftest import At
from tests.browser.desk import PICTURES, Desk
from tests.browser.every_page import EVERY_PAGE, Shown
from tests.browser.faults import NARROW, WIDE, show

STATIC = Path(__file__).resolve().parents[2] / "api" / "static"
_MOST_BYTES, _MOST_TOGETHER = 40_000, 6_000_000
_WHO = {
    "": "everybody", "clerk": "window clerk", "officer": "officer", "approver": "approver", "issuer": "issuer",
    "agent": "proxy agent", "impasse_handler": "help desk", "complaint_handler": "complaint handler",
    "hall_manager": "hall manager", "assessor": "assessor", "auditor": "auditor", "item_steward": "item steward",
    "system_admin": "system administrator", "security_admin": "security administrator",
}  # fmt: skip


def _rgb(colour: str) -> tuple[int, ...]:
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    return tuple(bytes.fromhex(digits))


@cache
def _palette(steps: int) -> Image.Image:
    """The colours of the style sheet, and what lies between each and the ground that it is written on."""
    found = dict(re.findall(r"--([a-z-]+): #([0-9a-f]{3,6});", (STATIC / "app.css").read_text("utf-8")))
    own = {name: _rgb(colour) for name, colour in found.items()}
    pairs = [(name, "paper") for name in own]
    pairs += [("ink", "accent-soft"), ("accent", "accent-soft"), ("red", "red-ground")]
    between = [
        tuple(round(a + (b - a) * step / steps) for a, b in zip(own[word], own[ground], strict=True))
        for word, ground in pairs
        for step in range(steps)
    ]
    colours = list(dict.fromkeys([(255, 255, 255), (0, 0, 0), *between]))[:256]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in colours for part in colour])
    return palette


def _small(picture: bytes) -> bytes:
    """The picture in the colours of the style sheet, in as few steps between them as it takes to stay small."""
    with Image.open(BytesIO(picture)) as page:
        whole = page.convert("RGB")
    for steps in (3, 2, 1):
        out = BytesIO()
        kept = whole.quantize(palette=_palette(steps), dither=Image.Dither.NONE).convert("RGB")
        kept.save(out, "WEBP", lossless=True, quality=75, method=4)
        if out.tell() <= _MOST_BYTES:
            break
    return out.getvalue()


def _take(desk: Desk, shown: Shown, things: dict[str, str], size: Any, ending: str = "") -> None:
    desk.page.set_viewport_size(size)
    show(desk, shown, things)
    desk.page.wait_for_timeout(300)  # pictures of scans and charts are drawn after the page
    taken = desk.page.screenshot(animations="disabled", caret="hide")
    (PICTURES / f"{shown.name}-{size['width']}{ending}.webp").write_bytes(_small(taken))


def test_pictures_of_every_page(at_desk: At, things: dict[str, str]) -> None:
    for old in PICTURES.glob("*.webp"):
        old.unlink()
    for who in _WHO:
        desk = at_desk(who)
        for shown in EVERY_PAGE:
            if shown.who == who:
                _take(desk, shown, things, WIDE)
                _take(desk, shown, things, NARROW)
        if not who:
            desk.go("/language/en?next=/status")
            for shown in EVERY_PAGE:
                if shown.who == who:
                    _take(desk, shown, things, WIDE, "-en")
                    _take(desk, shown, things, NARROW, "-en")
    (PICTURES / "README.md").write_text(_table(), "utf-8")
    sizes = {file.name: file.stat().st_size for file in PICTURES.glob("*.webp")}
    assert {name: size for name, size in sizes.items() if size > _MOST_BYTES} == {}
    assert sum(sizes.values()) <= _MOST_TOGETHER


def _table() -> str:
    lines = [
        "# Every page",
        "",
        "Taken by `make e2e ARGS=--pictures` at 1366 × 768 and at 200 %; every person and number is invented.",
        "",
        "| page | who | picture |",
        "|---|---|---|",
    ]
    for shown in EVERY_PAGE:
        names = [f"{shown.name}-{width}" for width in (1366, 683)]
        if not shown.who:
            names += [f"{name}-en" for name in names]
        assert all(Path(PICTURES / f"{name}.webp").exists() for name in names), names
        links = " · ".join(f"[{name.removeprefix(shown.name + '-')}]({name}.webp)" for name in names)
        lines.append(f"| `{shown.path}`{f' ({shown.name})' if shown.first else ''} | {_WHO[shown.who]} | {links} |")
    return "\n".join(lines) + "\n"
