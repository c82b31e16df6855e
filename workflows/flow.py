"""A procedure as data: reads a flow file and steps a case through it.

A flow file (its form is in :mod:`workflows.flow_format`) lists states and transitions the way the law does; the
guards and clock effects that it names are code in workflows/. Reading (:mod:`workflows.flow_reading`) refuses what is
not well formed; :mod:`workflows.lints` refuses what is not lawful. The state machine itself is one shared
``transitions`` machine per flow version, without models and without automatic transitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

from msgspec import Struct
from transitions import Machine, MachineError
from transitions import State as MachineState

from workflows.actor import Role
from workflows.clock import ClockKind
from workflows.errors import Conflict
from workflows.events import Act
from workflows.flow_format import (
    AUTHORISED_WINDOW,
    SAME,
    ClockEffects,
    Flags,
    Limit,
    State,
    Tell,
    Timer,
    Transition,
    Watch,
)
from workflows.flow_parts import compose
from workflows.flow_reading import read, refusal
from workflows.guards import GUARDS, SELECTORS
from workflows.payload import compile_payload
from workflows.situation import Situation

__all__ = [
    "AUTHORISED_WINDOW",
    "SAME",
    "ClockEffects",
    "Flags",
    "Flow",
    "Limit",
    "State",
    "Step",
    "Tell",
    "Timer",
    "Transition",
    "Watch",
    "packaged_flows",
    "parse_flow",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One transition, ready to be taken: its definition, its compiled payload, and the ``file:line`` it stands at."""

    definition: Transition
    payload: type[Struct]
    roles: frozenset[Role]
    authorised_window: bool
    where: str = ""


@dataclass(frozen=True)
class Flow:
    """A flow version. Immutable once published; cases and events pin ``name`` and ``version``.

    :param source: the whole text, with its parts. :param filename: of its head.
    :param words: what it says where the titles and bases of its parts say something else.
    :param places: the ``file:line`` of each state and watch, by name.
    """

    name: str
    version: int
    title: str
    title_en: str
    law: str
    states: Mapping[str, State]
    steps: tuple[Step, ...]
    limits: Mapping[ClockKind, Limit]
    watches: tuple[Watch, ...]
    source: str = field(repr=False)
    filename: str = "flow.toml"
    words: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def initial(self) -> str:
        """The state in which a case is opened."""
        return next(state.name for state in self.states.values() if state.kind == "initial")

    @cached_property
    def _by_state(self) -> dict[str, list[Step]]:
        table: dict[str, list[Step]] = {name: [] for name in self.states}
        for step in self.steps:
            for source in step.definition.sources:
                table[source].append(step)
        return table

    def steps_from(self, state: str) -> list[Step]:
        """Every step that the flow has from this state, whoever may take it."""
        return self._by_state.get(state, [])

    @cached_property
    def timed(self) -> Mapping[tuple[str, ClockKind], list[Step]]:
        """The steps that time takes, by the state and the clock that has run out."""
        table: dict[tuple[str, ClockKind], list[Step]] = {}
        for step in self.steps:
            if (timer := step.definition.timer) is not None:
                for source in step.definition.sources:
                    table.setdefault((source, timer.clock), []).append(step)
        return table

    @cached_property
    def watched(self) -> Mapping[ClockKind, list[Watch]]:
        """The watches of each clock, in the order of the file."""
        return {kind: [watch for watch in self.watches if watch.clock is kind] for kind in ClockKind}

    @cached_property
    def _machine(self) -> Machine:
        machine = Machine(
            model=None,
            states=list(self.states),
            initial=None,
            auto_transitions=False,
            send_event=True,
        )
        for step in self.steps:
            definition = step.definition
            machine.add_transition(
                definition.action.value,
                list[str | Enum | MachineState](definition.sources),
                None if definition.to == SAME else definition.to,
                conditions=list(_conditions(definition.guards)),
                before=[_remember(step)],
            )
        return machine

    def take(self, act: Act, situation: Situation) -> Step:
        """Step the situation through the machine; its ``state`` becomes the new one.

        :raises Conflict: ``action_not_allowed`` when the state has no such step, or what a guard of the step raises.
        """
        chosen = _Subject(situation)
        event = self._machine.events.get(act.value)
        try:
            taken = event is not None and event.trigger(chosen)
        except MachineError:
            taken = False
        if not taken or chosen.step is None:
            raise self.not_allowed(act, situation.case.state)
        situation.state = chosen.state
        return chosen.step

    def not_allowed(self, act: Act, state: str) -> Conflict:
        """The refusal of an act that this state does not have, naming those that it has."""
        ways = [step for step in self.steps_from(state) if step.roles != {Role.system} and not step.definition.aside]
        allowed = sorted({step.definition.action.value for step in ways})
        title = self.states[state]
        return Conflict(
            "action_not_allowed",
            f"办件当前为“{title.title}”，不能进行此操作。",
            f"The case is in state {state} ({title.title_en}); {act.value} is not a step from there.",
            basis=self.law,
            allowed=allowed,
        )


class _Subject:
    """What the shared machine moves: a state, the situation that guards look at, and the step that was taken."""

    __slots__ = ("situation", "state", "step")

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.state = situation.state
        self.step: Step | None = None


def _conditions(names: Iterable[str]) -> Iterator[Any]:
    """The guards as the machine calls them: selectors first, so that a guard only speaks for the step that is meant."""
    for name in sorted(names, key=lambda name: name not in SELECTORS):
        yield _selects(name) if name in SELECTORS else _passes(name)


def _selects(name: str) -> Any:
    check = SELECTORS[name].check
    return lambda event: check(event.model.situation)


def _passes(name: str) -> Any:
    check = GUARDS[name].check

    def passes(event: Any) -> bool:
        check(event.model.situation)
        return True

    return passes


def _remember(step: Step) -> Any:
    def remember(event: Any) -> None:
        event.model.step = step

    return remember


@lru_cache(maxsize=64)
def parse_flow(source: str, filename: str) -> Flow:
    """Read a flow file; the same text is read once in a process.

    :param source: the TOML text.
    :param filename: for messages, which name ``file:line`` of this file or of a part of it.
    :raises DefinitionError: ``unknown_part``, ``not_toml``, ``not_a_flow``, ``state_twice``, ``not_one_initial``,
        ``unknown_state``, ``unknown_guard``, ``unknown_role``, ``unknown_document`` or ``payload_wrong`` when the text
        is not a well-formed flow; lawfulness is checked by :func:`workflows.lints.check`.
    """
    whole = compose(source, filename)
    found = read(whole, filename)
    head = found.file.flow
    return Flow(
        head.name,
        head.version,
        head.title,
        head.title_en,
        head.law,
        found.states,
        tuple(_compile(definition, where) for definition, where in found.transitions),
        found.file.limits,
        tuple(watch for watch, _ in found.watches),
        whole,
        filename,
        found.file.words,
        {**found.places, **{watch.rule: where for watch, where in found.watches}},
    )


def _compile(definition: Transition, where: str) -> Step:
    try:
        payload = compile_payload(f"{definition.action.value}_payload", definition.payload)
    except ValueError as problem:
        raise refusal("payload_wrong", where, f"提交内容定义有误：{problem}", f"payload: {problem}") from None
    roles = frozenset(Role(role) for role in definition.by if role != AUTHORISED_WINDOW)
    return Step(definition, payload, roles, AUTHORISED_WINDOW in definition.by, where)


def packaged_flows() -> dict[str, Flow]:
    """The flows that come with the engine, by name."""
    folder = resources.files("workflows") / "flows"
    texts = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    flows = (parse_flow(text, name) for name, text in sorted(texts.items()))
    return {flow.name: flow for flow in flows}
