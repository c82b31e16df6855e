"""The working-day calendar as it was published: the editions of every year, month by month, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage import calendars
from workflows.calendar_months import DayChange, DayKind, Exceptions, Month, day_changes, months_of
from workflows.errors import NotFound


@dataclass(frozen=True, slots=True)
class EditionShown:
    """One edition of a year.

    :param edition: its row. :param editions: every edition, the newest first. :param before: the version before it,
        where there is one. :param changes: what differs from that one.
    """

    edition: dict[str, Any]
    editions: list[dict[str, Any]]
    months: tuple[Month, ...]
    before: int | None
    changes: tuple[DayChange, ...]


async def show_edition(year: int | None, version: int | None) -> EditionShown:
    """An edition of a year; without a version the one in force, without a year the last one published.

    :raises NotFound: ``edition_not_found``.
    """
    editions = await calendars.editions()
    found = [row for row in editions if year is None or row["year"] == year]
    found = [row for row in found if version is None or row["version"] == version]
    if not found:
        raise NotFound("edition_not_found", "没有该年度或版本的工作日历。", "There is no such edition of the calendar.")
    edition = found[0]
    days = await exceptions(edition["year"], edition["version"])
    older = [
        row["version"] for row in editions if row["year"] == edition["year"] if row["version"] < edition["version"]
    ]
    before = max(older, default=None)
    changes = day_changes(edition["year"], await exceptions(edition["year"], before), days) if before else ()
    return EditionShown(edition, editions, months_of(edition["year"], days), before, changes)


async def exceptions(year: int, version: int) -> Exceptions:
    """The exceptional days of one edition."""
    rows = await calendars.days_of(year, version)
    return {row["day"]: (DayKind(row["kind"]), row["name"], row["name_en"]) for row in rows}
