"""What a guard and a selector are, and the two registers that flow files are read against.

A guard that fails raises with what happened, what to do and the article. A selector only chooses between two steps of
the same name and never explains itself; it looks at the case, never at what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from workflows.situation import Situation

Need = Literal[
    "materials",
    "notice",
    "papers",
    "signers",
    "handlers",
    "examiners",
    "special",
    "hearing",
    "third_parties",
    "duties",
    "cards",
    "colleagues",
    "children",
    "queue",
    "reminders",
    "posting",
    "waybill",
    "certificates",
    "rating",
    "told",
]
"""Records beside the case row that a condition looks at."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition.

    ``needs`` lists the records that must be read before it can be asked; ``of_payload`` says that it judges what was
    sent, so that it has no answer before something is.
    """

    check: Callable[[Situation], None]
    needs: frozenset[Need]
    of_payload: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """A named yes-or-no that picks one of several steps of the same name."""

    check: Callable[[Situation], bool]
    needs: frozenset[Need]


GUARDS: Final[dict[str, Guard]] = {}
SELECTORS: Final[dict[str, Selector]] = {}


def guard(
    *needs: Need, of_payload: bool = False
) -> Callable[[Callable[[Situation], None]], Callable[[Situation], None]]:
    """Register a guard under the name of its function."""

    def register(check: Callable[[Situation], None]) -> Callable[[Situation], None]:
        GUARDS[check.__name__] = Guard(check, frozenset(needs), of_payload)
        return check

    return register


def selector(*needs: Need) -> Callable[[Callable[[Situation], bool]], Callable[[Situation], bool]]:
    """Register a selector under the name of its function."""

    def register(check: Callable[[Situation], bool]) -> Callable[[Situation], bool]:
        SELECTORS[check.__name__] = Selector(check, frozenset(needs))
        return check

    return register


def selected(names: Iterable[str], situation: Situation) -> bool:
    """Whether the selectors among these names pick the step for this case; guards are not asked."""
    return all(SELECTORS[name].check(situation) for name in names if name in SELECTORS)
