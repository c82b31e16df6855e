"""A procedure as data: reads a flow file and steps a case through it.

A flow file (its form is in :mod:`workflows.flow_format`) lists states and transitions the way the law does; the
guards and clock effects that it names are code in workflows/. Reading refuses what is not well formed;
:mod:`workflows.lints` refuses what is not lawful. The state machine itself is one shared ``transitions`` machine per
    flow version, without models
and without automatic transitions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct
from transitions import Machine, MachineError
from transitions import State as MachineState

from workflows.actor import Role
from workflows.clock import ClockKind
from workflows.documents import KINDS
from workflows.errors import Conflict, DefinitionError
from workflows.events import Act
from workflows.flow_format import (
    AUTHORISED_WINDOW,
    EVERY,
    IF_THERE,
    SAME,
    ClockEffects,
    Flags,
    FlowFile,
    Limit,
    State,
    Tell,
    Timer,
    Transition,
    Watch,
)
from workflows.flow_parts import compose, place_of
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
    "line_of",
    "packaged_flows",
    "parse_flow",
]


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
    watches: tuple[Watch, ...]
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
        allowed = sorted({s.definition.action.value for s in self.steps_from(state) if not s.definition.aside})
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


def line_of(source: str, table: str, index: int) -> int:
    """The line (from 1) at which the n-th ``[[table]]`` of a TOML text begins; 1 when there is none."""
    starts = [m.start(1) for m in re.finditer(rf"^[ \t]*(\[\[\s*{table}\s*\]\])", source, flags=re.MULTILINE)]
    return source.count("\n", 0, starts[index]) + 1 if index < len(starts) else 1


def parse_flow(source: str, filename: str) -> Flow:
    """Read a flow file.

    :param source: the TOML text.
    :param filename: for messages, which name ``file:line``.
    :raises DefinitionError: ``not_toml``, ``not_a_flow``, ``state_twice``, ``not_one_initial``, ``unknown_state``,
        ``unknown_guard``, ``unknown_role``, ``unknown_document``, ``not_issued`` or ``payload_wrong`` when the text
        is not a well-formed flow; lawfulness is checked by :func:`workflows.lints.check`.
    """
    source = compose(source, filename)
    data = _decode(source, filename)
    states = {state.name: state for state in data.state}
    _refuse_bad_states(data, states, source, filename)
    steps = []
    for index, written in enumerate(data.transition):
        where = place_of(source, filename, line_of(source, "transition", index))
        definition = msgspec.structs.replace(written, from_=_meant(written.sources, states))
        _refuse_unknown(definition, states, where)
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
        tuple(_watches(data, states, source, filename)),
        source,
        filename,
    )


def _meant(names: Iterable[str], states: Mapping[str, State]) -> list[str]:
    """The states that a list of names stands for: a group spelt out, an optional state only where the flow has it."""
    found: dict[str, None] = {}
    for name in names:
        if name.startswith(EVERY):
            found |= dict.fromkeys(state.name for state in states.values() if _belongs(state, name[1:]))
        elif not name.startswith(IF_THERE) or name[1:] in states:
            found[name.removeprefix(IF_THERE)] = None
    return list(found)


def _belongs(state: State, group: str) -> bool:
    if group == "open":
        return state.kind in {"initial", "open"}
    return group in {"any", state.phase}


def _watches(data: FlowFile, states: Mapping[str, State], source: str, filename: str) -> Iterator[Watch]:
    for index, written in enumerate(data.watch):
        where = place_of(source, filename, line_of(source, "watch", index))
        watch = msgspec.structs.replace(written, states=_meant(written.states, states))
        _refuse_if(set(watch.states) - set(states), "unknown_state", where, "未定义的状态", "unknown state")
        _refuse_if(set(watch.documents) - set(KINDS), "unknown_document", where, "未知文书", "unknown document")
        if watch.states or not written.states:
            yield watch


def _decode(source: str, filename: str) -> FlowFile:
    try:
        return msgspec.convert(tomllib.loads(source), FlowFile)
    except tomllib.TOMLDecodeError as problem:
        at = re.search(r"at line (\d+)", str(problem))
        line = int(at[1]) if at else source.count("\n") + 1
        raise _refuse("not_toml", place_of(source, filename, line), "不是 TOML", f"not TOML: {problem}") from None
    except msgspec.ValidationError as problem:
        found = re.search(r"\$\.(state|transition|watch)\[(\d+)\]", str(problem))
        line = line_of(source, found[1], int(found[2])) if found else 1
        raise _refuse("not_a_flow", place_of(source, filename, line), "不符合流程文件格式", str(problem)) from None


def _refuse_bad_states(data: FlowFile, states: Mapping[str, State], source: str, filename: str) -> None:
    names = [state.name for state in data.state]
    for second, name in enumerate(names):
        if name in names[:second]:
            where = place_of(source, filename, line_of(source, "state", second))
            raise _refuse("state_twice", where, f"状态 {name} 重复", f"state {name} is declared twice")
    initial = [state.name for state in states.values() if state.kind == "initial"]
    if len(initial) != 1:
        why = f"a flow has one initial state, this has {len(initial)}"
        raise _refuse("not_one_initial", f"{filename}:1", "应有且只有一个初始状态", why)


def _refuse_unknown(definition: Transition, states: Mapping[str, State], where: str) -> None:
    """Everything that a transition names must exist."""
    ends = {*definition.sources, definition.to} - {SAME}
    _refuse_if(ends - set(states), "unknown_state", where, "未定义的状态", "unknown state")
    _refuse_if(
        set(definition.guards) - set(GUARDS) - set(SELECTORS), "unknown_guard", where, "未知条件", "unknown guard"
    )
    _refuse_if(set(definition.by) - set(Role) - {AUTHORISED_WINDOW}, "unknown_role", where, "未知岗位", "unknown role")
    _refuse_if(set(definition.documents) - set(KINDS), "unknown_document", where, "未知文书", "unknown document")
    _refuse_if(set() if definition.sources else {"from"}, "unknown_state", where, "没有起始状态", "no source state:")


def _refuse_if(strange: set[str], code: str, where: str, zh: str, en: str) -> None:
    if strange:
        listed = ", ".join(sorted(strange))
        raise _refuse(code, where, f"{zh} {listed}", f"{en} {listed}")


def _compile(definition: Transition, where: str) -> Step:
    try:
        payload = compile_payload(f"{definition.action.value}_payload", definition.payload)
    except ValueError as problem:
        raise _refuse("payload_wrong", where, f"提交内容定义有误：{problem}", f"payload: {problem}") from None
    roles = frozenset(Role(role) for role in definition.by if role != AUTHORISED_WINDOW)
    return Step(definition, payload, roles, AUTHORISED_WINDOW in definition.by)


def _refuse(code: str, where: str, zh: str, en: str) -> DefinitionError:
    return DefinitionError(code, f"流程定义有误 {where}：{zh}", f"{where}: {en}", where=where)


def packaged_flows() -> dict[str, Flow]:
    """The flows that come with the engine, by name."""
    folder = resources.files("workflows") / "flows"
    texts = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    flows = (parse_flow(text, name) for name, text in sorted(texts.items()))
    return {flow.name: flow for flow in flows}
