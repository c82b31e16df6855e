"""What forms offer to choose from: the halls and departments within somebody's sight."""

from __future__ import annotations

from typing import Any

from engine.listing import reach
from storage import figure_labels
from storage.db import reading
from workflows.actor import Actor


async def places_seen(actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """The ``halls`` and ``departments`` whose cases the actor sees, in the order of the tree.

    :returns: each with ``code``, ``name``, ``name_en``; departments of a hall are those of its region.
    """
    halls, departments = await reach(actor)
    codes = await figure_labels.departments_serving(halls) if halls else []
    async with reading() as connection:
        found = await figure_labels.places(connection, [*halls, *departments], codes)
    rows = sorted(found, key=lambda row: row["path"])
    return {f"{kind}s": [row for row in rows if row["kind"] == kind] for kind in ("hall", "department")}
