"""When a clock must be looked at: the moments of watches (催办, 亮牌) and of steps that time itself takes.

A moment belongs to the law, not to the sweep that finds it: a hall that was switched off for a week carries out late what
came due, each with the moment at which it did.
"""

from __future__ import annotations

from datetime import datetime

from workflows.calendar import Calendar
from workflows.clock import ClockState, HallHours
from workflows.flow import Flow


def next_moment(
    state: ClockState, watched: datetime | None, flow: Flow, at_state: str, calendar: Calendar, hall: HallHours
) -> datetime | None:
    """The next moment (UTC) at which something is to be done about this clock; None when there is none.

    :param watched: up to when this run has been carried out. :param at_state: the state of the case.
    """
    return None
