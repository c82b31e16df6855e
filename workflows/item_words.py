"""A version of a service item told in words, part by part: what a steward reads in place of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from workflows.difference import Part
from workflows.difference_of_items import parts_of
from workflows.difference_words import Words, label, said
from workflows.item import ItemVersion


@dataclass(frozen=True, slots=True)
class PartTold:
    """One material, situation, limit … of an item.

    :param called: its name; of the item itself and its limits, that of the whole part. :param lines: what each value is
        called, and the value, both in two languages.
    """

    called: Words
    lines: tuple[tuple[Words, Words], ...]


def item_told(item: ItemVersion) -> tuple[tuple[str, tuple[PartTold, ...]], ...]:
    """The parts of an item by kind (``item``, ``limits``, ``materials`` …), in the order of its file."""
    told = [(part.part, PartTold(part.called, tuple(_lines(part)))) for part in parts_of(item)]
    return tuple((kind, tuple(one for _, one in found)) for kind, found in groupby(told, key=lambda row: row[0]))


def _lines(part: Part) -> Iterator[tuple[Words, Words]]:
    """The values of a part; its name stands above them, and what is there in both languages is one value."""
    for key, value in part.fields.items():
        if _says_something(value) and not key.endswith("_en") and not (part.key and key == "name"):
            zh, en = said(key, value, part.names)
            yield label(key), (zh, part.fields.get(f"{key}_en") or en)


def _says_something(value: Any) -> bool:
    """Whether a value is worth a line; what an item does not have is not listed, but a count of none is."""
    return value is not None and value is not False and value not in ("", [], (), {})
