"""清点: sealed counts against what is found, the discrepancies between them, and how each can be settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workflows.custody import BASIS, Papers
from workflows.errors import Conflict, Forbidden, Malformed

SHORTEST_WORD: Final = 4
"""Characters of a reason, a note or a settlement at least."""

Key = tuple[str, str]
"""Number of the case, line of its list."""


class Discrepancy(StrEnum):
    """What can be wrong with a line of a batch."""

    missing = "missing"
    extra = "extra"
    damaged = "damaged"


class Outcome(StrEnum):
    """What became of a discrepancy.

    ``left_behind``: still with the sender; ``found``: turned up at the receiver; ``lost``; ``confirmed``: the extra
    papers were in the batch, which now counts them; ``not_of_case``: they are no papers of this case; ``noted``.
    """

    left_behind = "left_behind"
    found = "found"
    lost = "lost"
    confirmed = "confirmed"
    not_of_case = "not_of_case"
    noted = "noted"


WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        Discrepancy.missing: ("缺少", "missing"),
        Discrepancy.extra: ("多出", "extra"),
        Discrepancy.damaged: ("损坏", "damaged"),
        Outcome.left_behind: ("仍在移交方", "still with the sender"),
        Outcome.found: ("已在接收方找到", "found at the receiver"),
        Outcome.lost: ("遗失", "lost"),
        Outcome.confirmed: ("确系多装，计入批次", "was in the batch"),
        Outcome.not_of_case: ("不是该办件的材料", "not of this case"),
        Outcome.noted: ("已确认损坏", "damage acknowledged"),
    }
)
"""Kinds and outcomes in Chinese and English."""
OUTCOMES: Final[Mapping[str, frozenset[Outcome]]] = MappingProxyType(
    {
        Discrepancy.missing: frozenset({Outcome.left_behind, Outcome.found, Outcome.lost}),
        Discrepancy.extra: frozenset({Outcome.confirmed, Outcome.not_of_case}),
        Discrepancy.damaged: frozenset({Outcome.noted}),
    }
)
ACKNOWLEDGED: Final = frozenset({Outcome.left_behind, Outcome.confirmed, Outcome.not_of_case, Outcome.noted})
"""What the sender may say themself; the rest is for a supervisor."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A line as it was found, where it differs from the list. ``damaged``: how many of the pieces found are."""

    papers: Papers
    damaged: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One discrepancy of one line."""

    key: Key
    kind: Discrepancy
    papers: Papers
    note: str


def check_sealed(declared: int | None, pieces: int) -> None:
    """What was counted into the seal must be what the list says.

    :param declared: pieces (originals and copies) as counted by hand; None where nobody counted.
    :raises Conflict: ``sealed_count_wrong``.
    """
    if declared is not None and declared != pieces:
        raise Conflict(
            "sealed_count_wrong",
            f"封装清点为{declared}份，清单合计{pieces}份，请重新清点或更正清单。",
            f"{declared} pieces were counted into the seal, the list comes to {pieces}; count again or correct it.",
            basis=BASIS,
            listed=pieces,
        )


def compare(sealed: Mapping[Key, Papers], found: Mapping[Key, Counted], counted: int) -> list[Difference]:
    """The discrepancies between the sealed list and what was found.

    :param found: only the lines that differ. :param counted: all pieces that were found, counted by hand.
    :raises Conflict: ``line_not_in_batch``, ``count_differs``. :raises Malformed: ``note_needed``, ``damaged_wrong``.
    """
    cases = {case for case, _ in sealed}
    for key, line in found.items():
        _check_line(key, line, cases)
    pieces = sum(found[key].papers.pieces if key in found else papers.pieces for key, papers in sealed.items())
    pieces += sum(line.papers.pieces for key, line in found.items() if key not in sealed)
    if counted != pieces:
        raise Conflict(
            "count_differs",
            f"清点合计{counted}份，按清单和逐行差异应为{pieces}份。请逐行登记差异（缺少、多出、损坏）。",
            f"{counted} pieces were counted; the list with its differences comes to {pieces}. Record what is missing,"
            " extra or damaged line by line.",
            basis=BASIS,
            listed=pieces,
        )
    return [one for key, line in sorted(found.items()) for one in _differences(key, sealed.get(key, Papers()), line)]


def _check_line(key: Key, line: Counted, cases: set[str]) -> None:
    if key[0] not in cases:
        raise Conflict(
            "line_not_in_batch",
            f"办件{key[0]}不在本批次，不能登记。请退还移交方另行处理。",
            f"Case {key[0]} is not in this batch; hand its papers back to the sender.",
            basis=BASIS,
        )
    if not 0 <= line.damaged <= line.papers.pieces:
        raise Malformed(
            "damaged_wrong",
            f"材料{key[1]}损坏的份数不能超过清点到的份数。",
            f"No more of {key[1]} can be damaged than was found.",
        )
    if line.damaged and len(line.note.strip()) < SHORTEST_WORD:
        raise Malformed("note_needed", "请说明损坏情况（至少4个字）。", "Say what is damaged (at least 4 characters).")


def _differences(key: Key, sealed: Papers, line: Counted) -> list[Difference]:
    found = [
        (Discrepancy.missing, sealed.without(line.papers)),
        (Discrepancy.extra, line.papers.without(sealed)),
        (Discrepancy.damaged, Papers(originals=line.damaged)),
    ]
    return [Difference(key, kind, papers, line.note.strip()) for kind, papers in found if papers]


def arrives(sealed: Papers, found: Counted | None) -> Papers:
    """What of a line has arrived: no more than was sealed, no more than was found."""
    return sealed if found is None else sealed.without(sealed.without(found.papers))


def check_outcome(kind: str, outcome: Outcome, *, by_sender: bool, word: str) -> None:
    """Whether a discrepancy of a kind may be settled so.

    :raises Conflict: ``outcome_does_not_fit``. :raises Forbidden: ``role_not_allowed`` for what a supervisor must say.
    :raises Malformed: ``reason_needed``.
    """
    if outcome not in OUTCOMES[kind]:
        raise Conflict(
            "outcome_does_not_fit",
            f"“{WORDS[kind][0]}”不能按“{WORDS[outcome][0]}”处理。",
            f"What is {WORDS[kind][1]} cannot be settled as {WORDS[outcome][1]}.",
            allowed=sorted(one.value for one in OUTCOMES[kind]),
        )
    if by_sender and outcome not in ACKNOWLEDGED:
        raise Forbidden(
            "role_not_allowed",
            f"“{WORDS[outcome][0]}”须由监察督办员或大厅主管认定。",
            f"Only a supervisor or the hall manager says that something is {WORDS[outcome][1]}.",
            basis=BASIS,
        )
    check_word(word)


def check_word(word: str) -> None:
    """:raises Malformed: ``reason_needed`` for a reason of fewer than four characters."""
    if len(word.strip()) < SHORTEST_WORD:
        raise Malformed("reason_needed", "请写明原因（至少4个字）。", "Say why (at least 4 characters).")
