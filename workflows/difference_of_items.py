"""Two versions of a service item, compared: limits, materials, situations, departments, basis, fee and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from workflows.difference import Change, Part, compare
from workflows.difference_words import Words
from workflows.item import ItemVersion, to_wire

_LISTS: Final[Mapping[str, tuple[str, Words]]] = {
    "materials": ("code", ("材料", "material")),
    "situations": ("flag", ("情形", "situation")),
    "special_procedures": ("kind", ("特殊环节", "special procedure")),
}
"""What an item has several of: the key that tells one from another, and what one is called."""
_LIMITS: Final = ("statutory_limit", "promise_limit", "extension", "notice_days")
_OF_THE_VERSION: Final = frozenset({"code", "version", "in_force_from", "in_force_to"})
_APART: Final = _OF_THE_VERSION | {*_LISTS, *_LIMITS, "document_texts"}


def item_difference(before: ItemVersion, after: ItemVersion) -> tuple[Change, ...]:
    """What the newer version of an item has that the older had not, and the other way round."""
    return compare(parts_of(before), parts_of(after))


def parts_of(item: ItemVersion) -> Iterator[Part]:
    """A version taken apart: the item, its limits, and each of what it has several of."""
    wire = to_wire(item)
    names = {question.flag: (question.question, question.question_en) for question in item.situations}
    names |= {one.flag: (one.answer, one.answer_en) for asked in item.situations for one in asked.choices or ()}
    whole = {key: value for key, value in wire.items() if key not in _APART}
    yield Part("item", "", ("事项", "Item"), whole)
    yield Part("limits", "", ("时限", "Limits"), {key: wire[key] for key in _LIMITS})
    for part, (key, (zh, en)) in _LISTS.items():
        for row in wire[part]:
            rest = {name: value for name, value in row.items() if name != key}
            called = (f"{zh} {row[key]}{_quoted(row, 'name')}", f"{en} {row[key]} {_quoted(row, 'name_en')}".strip())
            yield Part(part, row[key], called, rest, names)
    for code, paragraphs in wire["document_texts"].items():
        yield Part("document_texts", code, (f"文书正文 {code}", f"text of {code}"), {"paragraphs": paragraphs})


def _quoted(row: Mapping[str, Any], key: str) -> str:
    return f"“{row[key]}”" if row.get(key) else ""
