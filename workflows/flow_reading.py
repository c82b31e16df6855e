"""What stands in a flow file, read and looked through: all that it names must exist, and every refusal has a line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from workflows.actor import Role
from workflows.documents import KINDS
from workflows.errors import DefinitionError
from workflows.flow_format import AUTHORISED_WINDOW, EVERY, IF_THERE, SAME, FlowFile, State, Transition, Watch
from workflows.flow_parts import place_of, places_of, reword
from workflows.guards import GUARDS, SELECTORS


@dataclass(frozen=True, slots=True)
class Reading:
    """A flow file as read.

    :param transitions: each with its place, ``file:line``. :param watches: likewise.
    :param places: of each state, by its name.
    """

    file: FlowFile
    states: Mapping[str, State]
    transitions: tuple[tuple[Transition, str], ...]
    watches: tuple[tuple[Watch, str], ...]
    places: Mapping[str, str]


def read(source: str, filename: str) -> Reading:
    """Read a composed text. Refusals as in :func:`workflows.flow.parse_flow`, but for payloads."""
    file = _decode(source, filename)
    states = {state.name: state for state in file.state}
    places = places_of(source, filename, "state")
    _refuse_bad_states(file.state, places, filename)
    return Reading(
        file,
        states,
        tuple(_transitions(file.transition, states, places_of(source, filename, "transition"))),
        tuple(_watches(file.watch, states, places_of(source, filename, "watch"))),
        dict(zip(states, places, strict=True)),
    )


def refusal(code: str, where: str, zh: str, en: str) -> DefinitionError:
    """The refusal of a flow file. :param where: ``file:line``."""
    return DefinitionError(code, f"流程定义有误 {where}：{zh}", f"{where}: {en}", where=where)


def _decode(source: str, filename: str) -> FlowFile:
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as problem:
        at = re.search(r"at line (\d+)", str(problem))
        line = int(at[1]) if at else source.count("\n") + 1
        raise refusal("not_toml", place_of(source, filename, line), "不是 TOML", f"not TOML: {problem}") from None
    try:
        file = msgspec.convert(data, FlowFile)
        return msgspec.convert(reword(data, file.words), FlowFile) if file.words else file
    except msgspec.ValidationError as problem:
        where = _place_of_problem(str(problem), source, filename)
        raise refusal("not_a_flow", where, "不符合流程文件格式", str(problem)) from None


def _place_of_problem(problem: str, source: str, filename: str) -> str:
    found = re.search(r"\$\.(state|transition|watch)\[(\d+)\]", problem)
    return places_of(source, filename, found[1])[int(found[2])] if found else f"{filename}:1"


def _refuse_bad_states(written: list[State], places: list[str], filename: str) -> None:
    names = [state.name for state in written]
    for second, name in enumerate(names):
        if name in names[:second]:
            raise refusal("state_twice", places[second], f"状态 {name} 重复", f"state {name} is declared twice")
    initial = [state.name for state in written if state.kind == "initial"]
    if len(initial) != 1:
        why = f"a flow has one initial state, this has {len(initial)}"
        raise refusal("not_one_initial", f"{filename}:1", "应有且只有一个初始状态", why)


def _transitions(
    written: list[Transition], states: Mapping[str, State], places: list[str]
) -> Iterator[tuple[Transition, str]]:
    for one, where in zip(written, places, strict=True):
        meant = msgspec.structs.replace(one, from_=_meant(one.sources, states))
        _refuse_unknown(meant, states, where)
        yield meant, where


def _watches(written: list[Watch], states: Mapping[str, State], places: list[str]) -> Iterator[tuple[Watch, str]]:
    """The watches that this flow has a state for."""
    for one, where in zip(written, places, strict=True):
        watch = msgspec.structs.replace(one, states=_meant(one.states, states))
        _refuse_if(set(watch.states) - set(states), "unknown_state", where, "未定义的状态", "unknown state")
        _refuse_if(set(watch.documents) - set(KINDS), "unknown_document", where, "未知文书", "unknown document")
        if watch.states or not one.states:
            yield watch, where


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


def _refuse_if(strange: set[Any], code: str, where: str, zh: str, en: str) -> None:
    if strange:
        listed = ", ".join(sorted(strange))
        raise refusal(code, where, f"{zh} {listed}", f"{en} {listed}")
