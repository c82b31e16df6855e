"""迁移方案: whether a case in flight may move to another version of its flow or item, and every reason why not.

A case keeps the versions that it was opened under. Only a plan moves it, and only where nothing that somebody relies
on would change: no limit, nothing handed in or asked for, nothing begun. Doubt keeps a case where it is; there it can
always be finished.
"""

from __future__ import annotations

from itertools import chain
from typing import Final

from workflows import moving_items, moving_limits, moving_steps
from workflows.linting import OVER
from workflows.moving_facts import Move, MovingCase, Reason, Rule, Verdict

__all__ = ["Move", "MovingCase", "Reason", "Verdict", "verdict"]

_RULES: Final[tuple[Rule, ...]] = (
    moving_limits.running_limits_stay,
    moving_limits.promised_time_does_not_grow,
    moving_limits.extension_and_silence_stay,
    moving_limits.clocks_are_known,
    moving_limits.nothing_is_done_afterwards,
    moving_steps.what_has_begun_goes_on,
    moving_steps.nothing_passed_is_required,
    moving_steps.marks_are_known,
    moving_items.authority_stays,
    moving_items.children_are_closed,
    moving_items.circumstances_are_known,
    moving_items.materials_keep_their_place,
    moving_items.nothing_more_is_asked,
    moving_items.fee_and_result_stay,
    moving_items.procedures_stay,
)

_OVER: Final = Reason(
    "case_over",
    "办件已办结或已归档，保留原版本。",
    "The case is over; it keeps the versions that it ended under.",
)


def verdict(case: MovingCase, move: Move) -> Verdict:
    """Whether a case may move; if not, every reason, so that the steward sees at once what a new version must keep.

    Where the new flow does not have the state in which the case is, or means another thing by it, that alone is said.
    """
    if move.flow_from.states[case.state].kind in OVER:
        return Verdict((_OVER,))
    if strange := tuple(moving_steps.state_is_the_same(case, move)):
        return Verdict(strange)
    return Verdict(tuple(chain.from_iterable(rule(case, move) for rule in _RULES)))
