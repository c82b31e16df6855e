"""What the page of a ticket (办不成事) needs beside the ticket: the departments that it can be assigned to."""

from __future__ import annotations

from typing import Any

from storage import organisations


async def departments_for(hall: str) -> list[dict[str, Any]]:
    """The departments of a hall's region, by name. :param hall: its code."""
    place = await organisations.by_code(hall)
    return await organisations.departments_in(place["region_code"]) if place else []
