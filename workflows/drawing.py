"""A flow as a picture or as text: states in the order of the procedure, each with the steps that leave it.

Acts beside the way (priority, cards, withdrawal …) are possible nearly everywhere; they are drawn only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from workflows.actor import Role
from workflows.flow import AUTHORISED_WINDOW, SAME, Flow, Step

_BOX_X: Final = 250
_BOX_WIDTH: Final = 190
_BOX_HEIGHT: Final = 44
_LINE: Final = 19
_GAP: Final = 26
_WIDTH: Final = 1120
_EVERYWHERE: Final = 4
"""A step from this many states or more is told in words only: its arrows would hide the others."""
_FILL: Final = {
    "initial": "#eef3fb",
    "open": "#ffffff",
    "decided": "#eaf6ec",
    "terminal": "#f1f1f1",
    "final": "#dddddd",
}
_INK: Final = "#1f3148"
_PALE: Final = "#5a6b82"
_REFUSING: Final = "#b3261e"


@dataclass(frozen=True, slots=True)
class _Row:
    """One state on the page: the top of its row and the steps written beside it."""

    name: str
    top: int
    steps: list[Step]

    @property
    def middle(self) -> int:
        return self.top + _BOX_HEIGHT // 2

    @property
    def height(self) -> int:
        return max(_BOX_HEIGHT, len(self.steps) * _LINE) + _GAP


def as_text(flow: Flow, *, aside: bool = False) -> str:
    """Every state with the steps that lead out of it. :param aside: also the acts beside the way."""
    lines = [f"{flow.name} {flow.version}  {flow.title}  ({flow.law})"]
    for state in flow.states.values():
        lines.append(f"{state.name}  {state.title}  [{state.kind}]")
        for step in _drawn(flow, state.name, aside=aside):
            definition = step.definition
            target = "·" if definition.to == SAME else definition.to
            lines.append(f"    {definition.action} {definition.title} -> {target}  ({', '.join(definition.by)})")
    return "\n".join(lines)


def _drawn(flow: Flow, state: str, *, aside: bool) -> list[Step]:
    return [step for step in flow.steps_from(state) if aside or not step.definition.aside]


def as_svg(flow: Flow, current: str | None = None, *, aside: bool = False) -> str:
    """A picture of the flow.

    :param current: a state to mark, for the page of a case. :param aside: also the acts beside the way.
    """
    rows = _rows(flow, aside=aside)
    height = rows[-1].top + rows[-1].height + _GAP
    named = f"  {flow.name} {flow.version} · {flow.law}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
            f' width="{_WIDTH}" height="{height}"'
            ' font-family="Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif" role="img">',
            f"<title>{escape(flow.title)}{escape(named)}</title>",
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0 0 8 4 0 8z" fill="{_PALE}"/></marker></defs>',
            f'<text x="24" y="34" font-size="18" font-weight="bold" fill="{_INK}">{escape(flow.title)}',
            f'<tspan font-size="12" font-weight="normal" fill="{_PALE}">{escape(named)}</tspan></text>',
            *_arrows(rows),
            *(part for row in rows for part in _state(flow, row, current)),
            "</svg>",
        ]
    )


def _rows(flow: Flow, *, aside: bool) -> list[_Row]:
    rows, top = [], 60
    for name in flow.states:
        row = _Row(name, top, _drawn(flow, name, aside=aside))
        rows.append(row)
        top += row.height
    return rows


def _state(flow: Flow, row: _Row, current: str | None) -> Iterator[str]:
    """The box of a state, and the steps that leave it, a line each."""
    state = flow.states[row.name]
    stroke, weight = (_REFUSING, 3) if row.name == current else (_INK, 1)
    yield (
        f'<rect x="{_BOX_X}" y="{row.top}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="4"'
        f' fill="{_FILL[state.kind]}" stroke="{stroke}" stroke-width="{weight}"/>'
    )
    centred = f'x="{_BOX_X + _BOX_WIDTH // 2}" text-anchor="middle"'
    yield f'<text {centred} y="{row.top + 19}" font-size="14" fill="{_INK}">{escape(state.title)}</text>'
    yield f'<text {centred} y="{row.top + 35}" font-size="10" fill="{_PALE}">{escape(row.name)}</text>'
    for number, step in enumerate(row.steps):
        definition = step.definition
        target = flow.states[row.name if definition.to == SAME else definition.to]
        sign = "↻" if definition.to == SAME else f"→ {target.title}"
        ink = _REFUSING if target.refusing else _INK
        who = "、".join("受权窗口" if role == AUTHORISED_WINDOW else Role(role).zh for role in definition.by)
        yield (
            f'<text x="{_BOX_X + _BOX_WIDTH + 18}" y="{row.top + 14 + number * _LINE}" font-size="12" fill="{ink}">'
            f'{escape(definition.title)} <tspan font-weight="bold">{escape(sign)}</tspan>'
            f'<tspan fill="{_PALE}">  {escape(who)} · {escape(definition.basis)}</tspan></text>'
        )


def _arrows(rows: list[_Row]) -> Iterator[str]:
    """Down the column to the next state; along the left to every other, the further the wider."""
    order = {row.name: index for index, row in enumerate(rows)}
    pairs = dict.fromkeys(
        (order[row.name], order[step.definition.to])
        for row in rows
        for step in row.steps
        if step.definition.to != SAME and len(step.definition.sources) < _EVERYWHERE
    )
    for start, end in pairs:
        first, last = rows[start], rows[end]
        if end == start + 1:
            x = _BOX_X + _BOX_WIDTH // 2
            path = f"M{x} {first.top + _BOX_HEIGHT} V{last.top}"
        else:
            shift = 5 if end > start else -5
            bend = _BOX_X - 26 - 15 * min(abs(end - start), 14)
            y1, y2 = first.middle + shift, last.middle - shift
            path = f"M{_BOX_X} {y1} C{bend} {y1} {bend} {y2} {_BOX_X} {y2}"
        dash = "" if end > start else ' stroke-dasharray="5 3"'
        yield f'<path d="{path}" fill="none" stroke="{_PALE}" stroke-width="1.2"{dash} marker-end="url(#tip)"/>'
