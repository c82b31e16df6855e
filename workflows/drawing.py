"""A flow as a picture: layered boxes and arrows in SVG, or indented text."""

from __future__ import annotations

from html import escape
from typing import Final

from workflows.flow import SAME, Flow

_WIDTH: Final = 168
_HEIGHT: Final = 46
_GAP_X: Final = 40
_GAP_Y: Final = 92
_FILL: Final = {"initial": "#eef3fb", "open": "#ffffff", "decided": "#eaf6ec", "terminal": "#f1f1f1", "final": "#dddddd"}


def as_text(flow: Flow) -> str:
    """Every state with the steps that lead out of it."""
    lines = [f"{flow.name} {flow.version}  {flow.title}  ({flow.law})"]
    for state in flow.states.values():
        lines.append(f"{state.name}  {state.title}  [{state.kind}]")
        for step in flow.steps_from(state.name):
            definition = step.definition
            target = "·" if definition.to == SAME else definition.to
            lines.append(f"    {definition.action} {definition.title} -> {target}  ({', '.join(definition.by)})")
    return "\n".join(lines)


def _layers(flow: Flow) -> list[list[str]]:
    """States by their distance from the beginning; within a layer in the order of the file."""
    depth = {flow.initial: 0}
    queue = [flow.initial]
    while queue:
        name = queue.pop(0)
        for step in flow.steps_from(name):
            target = step.definition.to
            if target != SAME and target not in depth:
                depth[target] = depth[name] + 1
                queue.append(target)
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in flow.states:
        if name in depth:
            rows[depth[name]].append(name)
    return rows


def as_svg(flow: Flow, current: str | None = None) -> str:
    """A picture of the flow. :param current: a state to mark, for the page of a case."""
    rows = _layers(flow)
    places = {
        name: (_GAP_X + column * (_WIDTH + _GAP_X), _GAP_X + row * (_HEIGHT + _GAP_Y))
        for row, names in enumerate(rows)
        for column, name in enumerate(names)
    }
    width = max(len(names) for names in rows) * (_WIDTH + _GAP_X) + _GAP_X
    height = len(rows) * (_HEIGHT + _GAP_Y) + _GAP_X
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif" role="img">',
        f"<title>{escape(flow.title)} {escape(flow.name)} {flow.version}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#5a6b82"/></marker></defs>',
        *_arrows(flow, places),
        *_boxes(flow, places, current),
        "</svg>",
    ]
    return "\n".join(parts)


def _boxes(flow: Flow, places: dict[str, tuple[int, int]], current: str | None) -> list[str]:
    parts = []
    for name, (x, y) in places.items():
        state = flow.states[name]
        stroke, weight = ("#b3261e", 3) if name == current else ("#34506f", 1)
        middle = x + _WIDTH // 2
        parts.append(
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" fill="{_FILL[state.kind]}"'
            f' stroke="{stroke}" stroke-width="{weight}"/>'
            f'<text x="{middle}" y="{y + 20}" text-anchor="middle" font-size="14">{escape(state.title)}</text>'
            f'<text x="{middle}" y="{y + 37}" text-anchor="middle" font-size="10" fill="#5a6b82">{escape(name)}</text>'
        )
    return parts


def _arrows(flow: Flow, places: dict[str, tuple[int, int]]) -> list[str]:
    """One curve for each pair of states, labelled with what leads from the one to the other."""
    labels: dict[tuple[str, str], list[str]] = {}
    for step in flow.steps:
        for source in step.definition.sources:
            if step.definition.to != SAME:
                labels.setdefault((source, step.definition.to), []).append(step.definition.title)
    parts = []
    for number, ((source, target), titles) in enumerate(labels.items()):
        (x1, y1), (x2, y2) = places[source], places[target]
        down = y2 > y1
        start = (x1 + _WIDTH // 2, y1 + _HEIGHT if down else y1)
        end = (x2 + _WIDTH // 2, y2 if down else y2 + _HEIGHT)
        bend = (-1 if number % 2 else 1) * (14 + 7 * (number % 5))
        middle = ((start[0] + end[0]) // 2 + bend, (start[1] + end[1]) // 2)
        parts.append(
            f'<path d="M{start[0]} {start[1]} Q{middle[0]} {middle[1]} {end[0]} {end[1]}" fill="none" stroke="#5a6b82"'
            ' marker-end="url(#tip)"/>'
            f'<text x="{middle[0]}" y="{middle[1]}" font-size="10" text-anchor="middle" fill="#34506f" stroke="#ffffff"'
            f' stroke-width="3" paint-order="stroke">{escape("、".join(dict.fromkeys(titles)))}</text>'
        )
    return parts
