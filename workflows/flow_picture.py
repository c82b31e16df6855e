"""A flow as a picture beside its words: states in a column, ways on at the left, ways back at the right.

The picture shows which state follows which and who takes the step; titles, people and law stand in the table beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final, Literal

from workflows.actor import Role
from workflows.flow import AUTHORISED_WINDOW, SAME, Flow, State, Step

_BOX_X: Final = 150
_BOX_WIDTH: Final = 190
_BOX_HEIGHT: Final = 40
_PITCH: Final = 66
_TOP: Final = 12
_WIDTH: Final = 490
_LINE: Final = 22
"""How many characters of a title fit on a line of a box."""
EVERYWHERE: Final = 4
"""A step from this many states or more is told in words only: its arrows would hide the others."""


class ActorClass(StrEnum):
    """Who takes a step, as coarse as a picture can show it."""

    applicant = "applicant"
    window = "window"
    department = "department"
    system = "system"
    other = "other"


_CLASSES: Final = {
    Role.applicant: ActorClass.applicant,
    Role.system: ActorClass.system,
    **dict.fromkeys((Role.guide, Role.clerk, Role.hall_manager, Role.issuer, Role.agent), ActorClass.window),
    **dict.fromkeys(
        (Role.officer, Role.reviewer, Role.approver, Role.authority_head, Role.government_head),
        ActorClass.department,
    ),
}


@dataclass(frozen=True, slots=True)
class PictureStep:
    """One step as the table tells it.

    :param to: the state that it leads to; the same one where it changes none. :param who: titles of those who may take
        it, Chinese and English. :param drawn: whether the picture has an arrow for it.
    """

    title: str
    title_en: str
    to: State
    by: ActorClass
    who: tuple[tuple[str, str], ...]
    basis: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class PictureState:
    """One state with the steps that leave it. :param current: whether the case on the page is in it."""

    state: State
    steps: tuple[PictureStep, ...]
    current: bool


def picture_states(flow: Flow, current: str | None = None) -> tuple[PictureState, ...]:
    """What the picture shows, in its order. Acts beside the way are left out: they are possible nearly everywhere.

    :param current: name of the state that a case is in.
    """
    return tuple(
        PictureState(
            state,
            tuple(_told(flow, step, name) for step in flow.steps_from(name) if not step.definition.aside),
            name == current,
        )
        for name, state in flow.states.items()
    )


def _told(flow: Flow, step: Step, source: str) -> PictureStep:
    definition = step.definition
    target = flow.states[source if definition.to == SAME else definition.to]
    drawn = target.name != source and len(definition.sources) < EVERYWHERE
    return PictureStep(
        definition.title,
        definition.title_en,
        target,
        _class_of(definition.by[0]),
        tuple(_title_of(role) for role in definition.by),
        definition.basis,
        drawn,
    )


def _class_of(role: str) -> ActorClass:
    return ActorClass.window if role == AUTHORISED_WINDOW else _CLASSES.get(Role(role), ActorClass.other)


def _title_of(role: str) -> tuple[str, str]:
    return ("受权窗口", "authorised window") if role == AUTHORISED_WINDOW else (Role(role).zh, Role(role).en)


def inline_svg(states: tuple[PictureState, ...], language: Literal["zh", "en"], *, title: str, now: str) -> str:
    """The picture as a part of a page, which colours it by the classes of its parts.

    :param states: from :func:`picture_states`. :param title: what a screen reader says. :param now: the word beside the
        state that a case is in.
    """
    height = _TOP * 2 + _PITCH * (len(states) - 1) + _BOX_HEIGHT
    return "\n".join(
        [
            f'<svg class="flow" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img"'
            ' aria-labelledby="flow-title" aria-describedby="flow-words">',
            f'<title id="flow-title">{escape(title)}</title>',
            *(_tip(one) for one in ActorClass),
            *_arrows(states),
            *(part for number, state in enumerate(states) for part in _box(state, number, language, now)),
            "</svg>",
        ]
    )


def _tip(one: ActorClass) -> str:
    return (
        f'<marker id="tip-{one}" class="tip {one}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"'
        ' markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z"/></marker>'
    )


def _top(number: int) -> int:
    return _TOP + _PITCH * number


def _box(shown: PictureState, number: int, language: Literal["zh", "en"], now: str) -> Iterator[str]:
    """The box of a state with its title; a mark and a word beside the one that a case is in."""
    top, middle = _top(number), _BOX_X + _BOX_WIDTH // 2
    marked = " current" if shown.current else ""
    yield (
        f'<rect class="box {shown.state.kind}{marked}" x="{_BOX_X}" y="{top}" width="{_BOX_WIDTH}"'
        f' height="{_BOX_HEIGHT}" rx="4"/>'
    )
    lines = _lines(shown.state.title if language == "zh" else shown.state.title_en)
    first = top + _BOX_HEIGHT // 2 + 5 - 8 * (len(lines) - 1)
    for row, line in enumerate(lines):
        yield f'<text class="name" x="{middle}" y="{first + 16 * row}" text-anchor="middle">{escape(line)}</text>'
    if shown.current:
        yield f'<text class="now" x="{_BOX_X + 4}" y="{top - 5}">▼ {escape(now)}</text>'


def _lines(title: str) -> list[str]:
    """A title on one line or two, broken between words."""
    if len(title) <= _LINE:
        return [title]
    words = title.split(" ")
    cut = min(range(1, len(words)), key=lambda n: max(len(" ".join(words[:n])), len(" ".join(words[n:]))), default=0)
    return [" ".join(words[:cut]), " ".join(words[cut:])] if cut else [title]


def _arrows(states: tuple[PictureState, ...]) -> Iterator[str]:
    """Down the column to the next state, else around it; one arrow for a pair of states, of who is named first."""
    order = {shown.state.name: number for number, shown in enumerate(states)}
    pairs: dict[tuple[int, int], ActorClass] = {}
    for number, shown in enumerate(states):
        for step in sorted(shown.steps, key=lambda step: step.by is ActorClass.system):
            if step.drawn:
                pairs.setdefault((number, order[step.to.name]), step.by)
    for (start, end), by in pairs.items():
        yield f'<path class="way {by}" d="{_path(start, end)}" marker-end="url(#tip-{by})"/>'


def _path(start: int, end: int) -> str:
    y1, y2 = _top(start) + _BOX_HEIGHT // 2, _top(end) + _BOX_HEIGHT // 2
    if end == start + 1:
        return f"M{_BOX_X + _BOX_WIDTH // 2} {_top(start) + _BOX_HEIGHT} V{_top(end)}"
    reach = 22 + 11 * min(abs(end - start), 14)
    if end > start:
        return f"M{_BOX_X} {y1 + 6} C{_BOX_X - reach} {y1 + 6} {_BOX_X - reach} {y2 - 6} {_BOX_X} {y2 - 6}"
    side = _BOX_X + _BOX_WIDTH
    return f"M{side} {y1 - 6} C{side + reach} {y1 - 6} {side + reach} {y2 + 6} {side} {y2 + 6}"
