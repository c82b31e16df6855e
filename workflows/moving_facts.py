"""What it takes to say whether a case in flight may move to other versions: the versions, the case, why it stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from workflows.flow import Flow
from workflows.item import ItemVersion
from workflows.situation import Situation
from workflows.timers import Mark


@dataclass(frozen=True, slots=True)
class Move:
    """From which versions to which; a case may move to another flow version, another item version, or both."""

    flow_from: Flow
    flow_to: Flow
    item_from: ItemVersion
    item_to: ItemVersion


@dataclass(frozen=True, slots=True)
class MovingCase:
    """A case as it stands, with every record beside it.

    :param situation: with ``item`` as pinned now, and everything read that guards may ask for.
    :param done: the marks of what time has carried out on it (:mod:`workflows.timers`).
    :param demanded: material lines that were asked for beside the list and the notice (补充材料, 预审退回).
    """

    situation: Situation
    done: Collection[Mark] = ()
    demanded: frozenset[str] = field(default_factory=frozenset)

    @property
    def state(self) -> str:
        """The state that the case is in."""
        return self.situation.case.state

    @property
    def received(self) -> bool:
        """Whether the application has been handed in and counted."""
        return self.situation.case.received_at is not None

    @property
    def accepted(self) -> bool:
        """Whether the application was accepted, in whatever way."""
        return self.situation.case.accepted_at is not None


class Reason(Struct, frozen=True):
    """Why a case stays under its versions: a stable code, both sentences, the article where a law bars the move."""

    code: str
    zh: str
    en: str
    basis: str = ""


Rule = Callable[[MovingCase, Move], Iterator[Reason]]
"""Names every reason of one kind for which a case stays."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a case moves; if not, every reason why not."""

    reasons: tuple[Reason, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether nothing keeps the case where it is."""
        return not self.reasons
