"""Every figure by its name, and the edition of them all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from workflows.errors import NotFound
from workflows.figure import Figure
from workflows.figure_beside import BESIDE
from workflows.figure_notices import NOTICES
from workflows.figure_papers import PAPERS
from workflows.figure_procedures import PROCEDURES, SPLIT
from workflows.figure_service import DELIVERY, RATINGS, VISITS
from workflows.figure_timeliness import TIMELINESS
from workflows.figure_volume import VOLUME

_ALL: Final = (
    *VOLUME, *TIMELINESS, *NOTICES, *VISITS, *RATINGS, *DELIVERY, *PAPERS, *PROCEDURES, *SPLIT, *BESIDE,
)  # fmt: skip
FIGURES: Final[Mapping[str, Figure]] = MappingProxyType({figure.name: figure for figure in _ALL})
"""The figures by name, in the order in which they are shown."""
EDITION: Final = hashlib.sha256(msgspec.json.encode(_ALL)).hexdigest()
"""Another text or condition of any figure is another edition; what was summed under one does not serve another."""


def figures_named(names: Iterable[str]) -> list[Figure]:
    """These figures, each once, in the order asked.

    :raises NotFound: ``figure_unknown``.
    """
    found = []
    for name in dict.fromkeys(names):
        if name not in FIGURES:
            raise NotFound("figure_unknown", "没有这项指标。", "There is no such figure.", figure=name[:60])
        found.append(FIGURES[name])
    return found
