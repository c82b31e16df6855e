"""What is read of the raw history: rows of events, as they lie in the trail, and nothing that was derived from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from storage.db import reading
from tests.year import days
from tests.year.case_by_hand import read_cases
from tests.year.history_by_hand import Card, History
from tests.year.the_year import Year

_EVENTS = """
SELECT c.number AS "case", e.name, e.at, e.role, e.data FROM events e JOIN cases c ON c.id = e.case_id
ORDER BY c.number, e.seq
"""


async def raw_events() -> list[dict[str, Any]]:
    """Every event of every case, in order."""
    async with reading() as connection:
        rows = await connection.fetch(_EVENTS)
    return [dict(row) | {"data": _plain(row["data"])} for row in rows]


def _plain(data: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(data) if isinstance(data, str) else data
    return found


async def history_of(year: Year) -> History:
    """The year as an auditor has it: the diary of people's acts, and the papers and cards of the trail."""
    papers: dict[str, set[str]] = {}
    cards: list[Card] = []
    events = await raw_events()
    lifted = {row["data"]["payload"]["card"] for row in events if row["name"] == "case:lift_card"}
    for row in events:
        papers.setdefault(row["case"], set()).update(paper["code"] for paper in row["data"].get("documents", ()))
        cards += [
            Card(row["case"], card["level"], card["rule"], _on(row), card["number"] in lifted)
            for card in row["data"].get("cards", ())
        ]
    cases = read_cases({life.number: life.plan for life in year.lives}, year.diary, year.until)
    return History(cases, {case: frozenset(codes) for case, codes in papers.items()}, cards, tuple(year.tickets))


def _on(row: dict[str, Any]) -> Any:
    """The day on which what a card is about happened; what time does says so itself."""
    effective = row["data"].get("effective_at")
    return days.day_of(datetime.fromisoformat(effective) if effective else row["at"])
