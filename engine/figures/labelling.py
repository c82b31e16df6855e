"""What the cells of figures are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from engine.figures.asking import NONE, VALUES
from storage import figure_labels
from storage.db import Connection

_PLACES: Final = frozenset({"hall", "window"})
_PEOPLE: Final = frozenset({"receiver", "handler"})
_NOTHING: Final = {"code": NONE, "name": "无", "name_en": "none"}


class Labels:
    """Code and names by dimension and key."""

    def __init__(self, found: dict[tuple[str, Any], dict[str, str]]) -> None:
        self._found = found

    def of(self, dimension: str, key: Any) -> dict[str, str]:
        """``code``, ``name`` and ``name_en``; the key itself where nothing more is known of it."""
        if key is None:
            return _NOTHING
        return self._found.get((dimension, key), {"code": str(key), "name": str(key), "name_en": str(key)})


async def labels_of(connection: Connection, by: Sequence[str], keys: Iterable[Sequence[Any]]) -> Labels:
    """The labels of the cells of some figures.

    :param by: dimensions but those of time. :param keys: of the cells, in the order of ``by``.
    """
    met = [list(key) for key in keys]
    found: dict[tuple[str, Any], dict[str, str]] = {}
    for place, dimension in enumerate(by):
        values = {key[place] for key in met if key[place] is not None}
        found |= {(dimension, key): label for key, label in (await _labels(connection, dimension, values)).items()}
    return Labels(found)


async def _labels(connection: Connection, dimension: str, values: set[Any]) -> dict[Any, dict[str, str]]:
    if dimension in VALUES:
        return {code: {"code": code, "name": zh, "name_en": en} for code, (zh, en) in VALUES[dimension].items()}
    if dimension in _PLACES:
        return {row["id"]: _label(row) for row in await figure_labels.places(connection, values)}
    if dimension in _PEOPLE:
        return {row["id"]: _label(row) for row in await figure_labels.people(connection, values)}
    if dimension == "item":
        return {row["code"]: _label(row) for row in await figure_labels.items(connection, values)}
    return {row["code"]: _label(row) for row in await figure_labels.places(connection, [], values)}


def _label(row: dict[str, Any]) -> dict[str, str]:
    return {"code": row["code"], "name": row["name"], "name_en": row["name_en"]}
