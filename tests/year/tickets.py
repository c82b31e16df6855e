"""办不成事: the tickets of the year, most of them solved in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.context import Context
from engine.redress import Moving, Registering, move_impasse, register_impasse
from tests.people import actor
from tests.year import days
from tests.year.history_by_hand import Ticket
from tests.year.life import FIRST_MINUTE
from tests.year.virtual_time import VirtualTime
from workflows.impasse import ImpasseStep

SOLVED_AFTER: Final = (0, 2, 4, 5, 7, None, 1, 3, 5, 0, 12, 2)
"""Working days until each ticket is solved, one a month; five are allowed. None: never."""


@dataclass
class Desk:
    """The desk for what could not be done, and what it noted of its tickets."""

    context: Context
    clock: VirtualTime
    noted: list[Ticket]

    async def ticket(self, solved_after: int | None, at: datetime) -> None:
        """One ticket from its registration to its solution."""
        handler = await actor("impasse_handler")
        request = Registering(person="示例人", matter="跑了三次仍未办成。", contact="13800001234")
        number = (await register_impasse(self.context, handler, request, at))["impasse"]
        day = days.day_of(at)
        due = days.closing(days.after(day, 5))
        place = len(self.noted)
        self.noted.append(Ticket(day, None, due))
        await self._move(number, ImpasseStep.contact, at)
        if solved_after is not None:
            solved = days.moment(days.after(day, solved_after), FIRST_MINUTE) if solved_after else at
            await self.clock.until(solved)
            await self._move(number, ImpasseStep.solve, solved)
            self.noted[place] = Ticket(day, solved, due)

    async def _move(self, number: str, step: ImpasseStep, at: datetime) -> None:
        request = Moving(note="已处理。")
        await move_impasse(self.context, await actor("impasse_handler"), number, step, request, at)
