"""What differs between two versions of an item or of a flow, as data and as sentences in two languages.

A version is taken apart into named parts (a material, a state, a step) of plain values. Parts of one name are compared
key by key; the rest was added or removed. Numbers and dates of versions are not part of their content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeGuard

from msgspec import Struct

from workflows.difference_words import Words, label, said

ChangeKind = Literal["added", "removed", "changed"]

_IN_THE_NAME: Final = frozenset({"name", "name_en", "title", "title_en"})
"""Keys by which a part is called anyway."""


class Change(Struct, frozen=True):
    """One difference.

    :param part: ``item``, ``materials``, ``states``, ``transitions`` and so on. :param key: which one of them.
    :param field: what of it; empty where the whole is new or gone.
    :param before: the value in the older version; None where there was none. :param after: likewise in the newer.
    :param zh: the difference as a sentence. :param en: the same in English.
    """

    part: str
    key: str
    kind: ChangeKind
    field: str
    before: Any
    after: Any
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Part:
    """One named thing in a version.

    :param called: what it is called in a sentence. :param fields: its values, plain JSON.
    :param names: the version's own words for identifiers in them.
    """

    part: str
    key: str
    called: Words
    fields: Mapping[str, Any]
    names: Mapping[str, Words] = field(default_factory=dict)


def compare(before: Iterable[Part], after: Iterable[Part]) -> tuple[Change, ...]:
    """Every difference, in the order of the newer version; what is gone comes last."""
    old = {(one.part, one.key): one for one in before}
    new = {(one.part, one.key): one for one in after}
    found = [change for place, part in new.items() for change in _of(old.get(place), part)]
    return (*found, *(_removed(part) for place, part in old.items() if place not in new))


def _of(old: Part | None, new: Part) -> Iterator[Change]:
    if old is None:
        yield _added(new)
        return
    for key in {**new.fields, **old.fields}:
        before, after = old.fields.get(key), new.fields.get(key)
        if before != after:
            zh, en = _sentence(old, new, key)
            yield Change(new.part, new.key, "changed", key, before, after, zh, en[:1].upper() + en[1:])


def _added(new: Part) -> Change:
    told = [
        (label(key), said(key, value, new.names))
        for key, value in new.fields.items()
        if value not in (None, "", [], {}, False) and key not in _IN_THE_NAME
    ]
    zh, en = (
        "；".join(f"{one[0]}：{two[0]}" for one, two in told),
        "; ".join(f"{one[1]}: {two[1]}" for one, two in told),
    )
    zh, en = f"增加{new.called[0]}" + (f"（{zh}）" if zh else ""), f"Added {new.called[1]}" + (f" ({en})" if en else "")
    return Change(new.part, new.key, "added", "", None, dict(new.fields), zh, en)


def _removed(old: Part) -> Change:
    zh, en = f"删去{old.called[0]}", f"Removed {old.called[1]}"
    return Change(old.part, old.key, "removed", "", dict(old.fields), None, zh, en)


def _sentence(old: Part, new: Part, key: str) -> Words:
    before, after = old.fields.get(key), new.fields.get(key)
    zh, en = label(key)
    if _is_set(before) and _is_set(after):
        more = said(key, [one for one in after if one not in before], new.names)
        less = said(key, [one for one in before if one not in after], old.names)
        if more != less:
            return (
                f"{new.called[0]}：{zh}{_moved(more[0], less[0])}",
                f"{new.called[1]}: {en}{_moved_en(more[1], less[1])}",
            )
    was, now = said(key, before, old.names), said(key, after, new.names)
    return f"{new.called[0]}：{zh}由“{was[0]}”改为“{now[0]}”", f"{new.called[1]}: {en} from “{was[1]}” to “{now[1]}”"


def _is_set(value: Any) -> TypeGuard[list[str]]:
    """A list of words, in which it matters what is there and what is not."""
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)


def _moved(more: str, less: str) -> str:
    told = [f"增加“{more}”" if more != "无" else "", f"删去“{less}”" if less != "无" else ""]
    return "，".join(one for one in told if one)


def _moved_en(more: str, less: str) -> str:
    told = [f"added “{more}”" if more != "none" else "", f"removed “{less}”" if less != "none" else ""]
    return " " + ", ".join(one for one in told if one)
