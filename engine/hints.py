"""What an applicant was told before the one-time notice: "was told X on day Y", from consultations and pre-review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC
from typing import Any
from uuid import UUID

from storage import consultations
from storage.db import Connection
from workflows.situation import ToldBefore


def told_before(rows: Iterable[Mapping[str, Any]]) -> tuple[ToldBefore, ...]:
    """One hint for each gap that was named, in the order in which they were.

    :param rows: as :func:`storage.consultations.told_of_case` gives them.
    """
    return tuple(
        ToldBefore(
            material=gap["material"],
            defect=gap["defect"],
            how_to_obtain=gap["how_to_obtain"],
            told_at=row["told_at"],
            told_by=row["told_by"],
            source=row["source"],
            number=row["number"],
        )
        for row in rows
        for gap in row["gaps"] or ()
    )


def hints_by_line(told: Iterable[ToldBefore], materials: Mapping[int, str]) -> dict[str, list[dict[str, Any]]]:
    """Which lines of a notice repeat what had been told before, as an event keeps it: moments as text, in UTC.

    :param materials: the material of each line, by its number. :returns: the hints, by line number as text.
    """
    hints = [asdict(one) | {"told_at": one.told_at.astimezone(UTC).isoformat()} for one in told]
    found = {
        str(line): [hint for hint in hints if hint["material"] == material] for line, material in materials.items()
    }
    return {line: hints for line, hints in found.items() if hints}


async def hints_of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Every hint of a case, the earliest first; moments in UTC. :param case: its key."""
    return [asdict(one) for one in told_before(await consultations.told_of_case(connection, case))]
