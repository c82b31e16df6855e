"""Two versions of a flow, compared: states, steps, limits, watches, words.

Several steps may bear one name, so a step of the newer version is held against that step of its name that is most
like it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from workflows.clock import ClockKind
from workflows.clock_words import KINDS
from workflows.difference import Change, Part, compare
from workflows.difference_words import Words
from workflows.flow import Flow, Step

_NESTED: Final = ("clocks", "flags", "payload")
"""Tables in a step that are compared key by key."""
_SHOWN_STATES: Final = 3
"""How many states a step is called by, where its name alone does not tell it apart."""


def flow_difference(before: Flow, after: Flow) -> tuple[Change, ...]:
    """What the newer version of a flow has that the older had not, and the other way round."""
    pairs = _paired(before, after)
    return compare(_parts(before, pairs.old), _parts(after, pairs.new))


class _Pairs(msgspec.Struct):
    """The keys under which the steps of both versions are compared, in the order of each flow."""

    old: list[str]
    new: list[str]


def _paired(before: Flow, after: Flow) -> _Pairs:
    """Keys for every step: those of one key belong together, and a key that only one version has is new or gone."""
    old, new = [_fields(step) for step in before.steps], [_fields(step) for step in after.steps]
    keys = _Pairs([""] * len(old), [""] * len(new))
    for action in dict.fromkeys(step.definition.action.value for step in (*after.steps, *before.steps)):
        mine = [index for index, step in enumerate(after.steps) if step.definition.action == action]
        theirs = [index for index, step in enumerate(before.steps) if step.definition.action == action]
        alone = len(mine) <= 1 and len(theirs) <= 1
        ranked = sorted((-_likeness(old[b], new[a]), a, b) for a in mine for b in theirs)
        for _, a, b in ranked:
            if not keys.new[a] and not keys.old[b]:
                keys.new[a] = keys.old[b] = action if alone else f"{action}.{mine.index(a) + 1}"
        for a in mine:
            keys.new[a] = keys.new[a] or (action if alone else f"{action}.{mine.index(a) + 1}")
        for b in theirs:
            keys.old[b] = keys.old[b] or (action if alone else f"{action}.{len(mine) + theirs.index(b) + 1}")
    return keys


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return sum(one.get(key) == other.get(key) for key in {**one, **other})


def _parts(flow: Flow, keys: list[str]) -> Iterator[Part]:
    names = {state.name: (state.title, state.title_en) for state in flow.states.values()}
    yield Part("flow", "", ("流程", "Procedure"), {"title": flow.title, "title_en": flow.title_en, "law": flow.law})
    for state in flow.states.values():
        rest = _plain(state, "name")
        yield Part("states", state.name, (f"状态“{state.title}”", f"state “{state.title_en}”"), rest, names)
    for step, key in zip(flow.steps, keys, strict=True):
        yield Part("transitions", key, _called(step, key, names), _fields(step), names)
    for kind, limit in flow.limits.items():
        yield Part("limits", kind.value, KINDS[ClockKind(kind)], {"limit": _plain(limit)})
    for watch in flow.watches:
        called = (f"监测规则“{watch.title}”", f"watch “{watch.title_en}”")
        yield Part("watches", watch.rule, called, _plain(watch, "rule"), names)
    for word, instead in flow.words.items():
        yield Part("words", word, (f"用语“{word}”", f"words “{word}”"), {"word": instead})


def _plain(thing: msgspec.Struct, *without: str) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(thing)
    return {key: value for key, value in plain.items() if key not in without}


def _fields(step: Step) -> dict[str, Any]:
    """The definition of a step, flat: ``clocks.start``, ``flags.set``, ``payload.reason`` and so on."""
    plain = _plain(step.definition, "action", *_NESTED)
    plain["from"] = step.definition.sources
    nested: dict[str, dict[str, Any]] = {key: msgspec.to_builtins(getattr(step.definition, key)) for key in _NESTED}
    return plain | {f"{key}.{inner}": value for key, table in nested.items() for inner, value in table.items()}


def _called(step: Step, key: str, names: Mapping[str, Words]) -> Words:
    """A step by its title; where others bear its name, also by where it leads."""
    definition = step.definition
    zh, en = f"环节“{definition.title}”", f"step “{definition.title_en}”"
    if "." not in key:
        return zh, en
    from_zh = "、".join(names[name][0] for name in definition.sources[:_SHOWN_STATES])
    from_en = ", ".join(names[name][1] for name in definition.sources[:_SHOWN_STATES])
    if len(definition.sources) > _SHOWN_STATES:
        from_zh, from_en = f"{from_zh}等{len(definition.sources)}个状态", f"{from_en} …"
    to_zh, to_en = names.get(definition.to, ("不变", "unchanged"))
    return f"{zh}（{from_zh}→{to_zh}）", f"{en} ({from_en} → {to_en})"
