"""A procedure as data: reads a flow file and steps a case through it.

A flow file lists states and transitions the way the law does; the guards and clock effects that it names are code in
workflows/. Reading refuses what is not well formed; :mod:`workflows.lints` refuses what is not lawful. The state machine itself
is one shared ``transitions`` machine per flow version, without models and without automatic transitions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from importlib import resources
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from transitions import Machine, MachineError
from transitions import State as MachineState

from workflows.actor import Role
from workflows.clock import ClockKind, Unit
from workflows.errors import Conflict, DefinitionError
from workflows.events import Act
from workflows.guards import GUARDS, SELECTORS
from workflows.payload import Field, compile_payload
from workflows.situation import Situation

SAME: Final = "="
"""Written as the target of an act that leaves the case in its state."""
AUTHORISED_WINDOW: Final = "authorised_window"
"""In ``by``: a clerk, where the item carries the authority's written authorisation."""


class Limit(Struct, forbid_unknown_fields=True, frozen=True):
    """How long something may take; ``unit`` as in :class:`workflows.clock.Unit`."""

    n: int
    unit: Unit
    basis: str = ""


class State(Struct, forbid_unknown_fields=True, frozen=True):
    """One state of a procedure.

    ``kind``: ``initial`` and ``open`` (the authority has not decided), ``decided`` (what remains is the result's way to the
    applicant), ``terminal`` (over, to be archived), ``final`` (archived). ``holder`` says in whose hands the time is.
    """

    name: str
    title: str
    title_en: str
    kind: Literal["initial", "open", "decided", "terminal", "final"]
    holder: Literal["window", "department", "applicant", "third_party", "archive"]
    decision: bool = False
    refusing: bool = False
    stage_limit: Limit | None = None


class ClockEffects(Struct, forbid_unknown_fields=True, frozen=True):
    """What an act does to the clocks of the case."""

    start: list[ClockKind] = []
    stop: list[ClockKind] = []
    suspend: list[ClockKind] = []
    resume: list[ClockKind] = []
    extend: list[ClockKind] = []


class Flags(Struct, forbid_unknown_fields=True, frozen=True):
    """Marks on the case that an act sets or clears (tolerance, deemed, extended …)."""

    set: list[str] = []
    clear: list[str] = []


class Transition(Struct, forbid_unknown_fields=True, frozen=True):
    """One lawful step: from where, to where, who, on what condition, with what effect, under which article.

    ``timer`` names the clock whose due moment fires the step by itself; ``witness`` the roles of which a second
    person must act together with the first.
    """

    action: Act
    title: str
    title_en: str
    from_: list[str] | str = msgspec.field(name="from")
    to: str
    by: list[str]
    basis: str
    guards: list[str] = []
    clocks: ClockEffects = ClockEffects()
    flags: Flags = Flags()
    documents: list[str] = []
    payload: dict[str, Field] = {}
    timer: ClockKind | None = None
    witness: list[Role] = []

    @property
    def sources(self) -> list[str]:
        """The states that the step may be taken from."""
        return [self.from_] if isinstance(self.from_, str) else self.from_


class _Header(Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    version: int
    title: str
    title_en: str
    law: str


class _File(Struct, forbid_unknown_fields=True, frozen=True):
    flow: _Header
    state: list[State]
    transition: list[Transition]
    limits: dict[ClockKind, Limit] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One transition, ready to be taken: its definition and its compiled payload."""

    definition: Transition
    payload: type[Struct]
    roles: frozenset[Role]
    authorised_window: bool


@dataclass(frozen=True)
class Flow:
    """A flow version. Immutable once published; cases and events pin ``name`` and ``version``."""

    name: str
    version: int
    title: str
    title_en: str
    law: str
    states: Mapping[str, State]
    steps: tuple[Step, ...]
    limits: Mapping[ClockKind, Limit]
    source: str = field(repr=False)
    filename: str = "flow.toml"

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
                conditions=[_condition(name) for name in definition.guards],
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
        allowed = sorted({step.definition.action.value for step in self.steps_from(state)})
        title = self.states[state]
        return Conflict(
            "action_not_allowed",
            f"办件当前为“{title.title}”,不能进行此操作。",
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


def _condition(name: str) -> Any:
    if name in SELECTORS:
        selects = SELECTORS[name].check
        return lambda event: selects(event.model.situation)
    check = GUARDS[name].check

    def passes(event: Any) -> bool:
        check(event.model.situation)
        return True

    return passes


def _remember(step: Step) -> Any:
    def remember(event: Any) -> None:
        event.model.step = step

    return remember


def _compile(definition: Transition, where: str) -> Step:
    unknown = [name for name in definition.guards if name not in GUARDS and name not in SELECTORS]
    if unknown:
        raise _refuse("unknown_guard", where, f"unknown guard {', '.join(unknown)}")
    wrong = [role for role in definition.by if role != AUTHORISED_WINDOW and role not in set(Role)]
    if wrong:
        raise _refuse("unknown_role", where, f"unknown role {', '.join(wrong)}")
    types = {spec.type for spec in definition.payload.values()}
    try:
        payload = compile_payload(f"{definition.action.value}_payload", definition.payload)
    except KeyError as missing:
        raise _refuse(
            "unknown_type", where, f"unknown payload type {missing} among {sorted(types)}"
        ) from None
    roles = frozenset(Role(role) for role in definition.by if role != AUTHORISED_WINDOW)
    return Step(definition, payload, roles, AUTHORISED_WINDOW in definition.by)


def _refuse(code: str, where: str, why: str) -> DefinitionError:
    return DefinitionError(code, f"流程定义有误 {where}:{why}", f"{where}: {why}", where=where)


def line_of(source: str, table: str, index: int) -> int:
    """The line (from 1) at which the n-th ``[[table]]`` of a TOML text begins; 1 when there is none."""
    starts = [m.start() for m in re.finditer(rf"^\[\[{table}\]\]", source, flags=re.MULTILINE)]
    return source.count("\n", 0, starts[index]) + 1 if index < len(starts) else 1


def _decode(source: str, filename: str) -> _File:
    try:
        return msgspec.convert(tomllib.loads(source), _File)
    except tomllib.TOMLDecodeError as problem:
        raise _refuse("not_toml", filename, str(problem)) from None
    except msgspec.ValidationError as problem:
        text = str(problem)
        found = re.search(r"\$\.(state|transition)\[(\d+)\]", text)
        line = line_of(source, found[1], int(found[2])) if found else 1
        raise _refuse("not_a_flow", f"{filename}:{line}", text) from None


def parse_flow(source: str, filename: str) -> Flow:
    """Read a flow file.

    :param source: the TOML text.
    :param filename: for messages, which name ``file:line``.
    :raises DefinitionError: when the text is not a well-formed flow; lawfulness is checked by :func:`workflows.lints.check`.
    """
    data = _decode(source, filename)
    states = {state.name: state for state in data.state}
    _refuse_bad_states(data, states, source, filename)
    steps = []
    for index, definition in enumerate(data.transition):
        where = f"{filename}:{line_of(source, 'transition', index)}"
        ends: Iterable[str] = [*definition.sources, *([] if definition.to == SAME else [definition.to])]
        strange = [name for name in ends if name not in states]
        if strange:
            raise _refuse("unknown_state", where, f"unknown state {', '.join(strange)}")
        steps.append(_compile(definition, where))
    head = data.flow
    return Flow(
        head.name,
        head.version,
        head.title,
        head.title_en,
        head.law,
        states,
        tuple(steps),
        data.limits,
        source,
        filename,
    )


def _refuse_bad_states(data: _File, states: Mapping[str, State], source: str, filename: str) -> None:
    if len(states) != len(data.state):
        names = [state.name for state in data.state]
        second = next(index for index, name in enumerate(names) if name in names[:index])
        where = f"{filename}:{line_of(source, 'state', second)}"
        raise _refuse("state_twice", where, f"state {names[second]} is declared twice")
    initial = [state.name for state in data.state if state.kind == "initial"]
    if len(initial) != 1:
        raise _refuse(
            "not_one_initial", f"{filename}:1", f"a flow has one initial state, this has {len(initial)}"
        )


def packaged_flows() -> dict[str, Flow]:
    """The flows that come with the engine, by name."""
    folder = resources.files("workflows") / "flows"
    texts = {
        entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    flows = (parse_flow(text, name) for name, text in sorted(texts.items()))
    return {flow.name: flow for flow in flows}
