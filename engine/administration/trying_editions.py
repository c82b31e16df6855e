"""A year of the working-day calendar tried before it is imported: read, checked, shown, and nothing written.

Whoever prepares the file (the steward) sees what it would change; importing it is the operator's, by command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.administration.calendar_editions import exceptions
from storage import calendars, recounts
from storage.db import reading
from workflows.actor import Actor, Role
from workflows.calendar import YearEdition, build_calendar, parse_edition
from workflows.calendar_change import first_difference
from workflows.calendar_months import DayChange, DayKind, Exceptions, Month, day_changes, months_of
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.payload import refuse_control_characters

TRIERS: Final = frozenset({Role.item_steward, Role.system_admin})
"""Who prepares an edition, or imports it."""
MAX_TEXT: Final = 20_000
"""Characters in the text of an edition; a packaged year has about 1,000."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What an edition would be.

    :param before: the version of the year that is in force; None where there is none yet. :param changes: the days that
        are others than in that one. :param cases: how many open cases have limits that would be counted anew.
    """

    edition: YearEdition
    months: tuple[Month, ...]
    before: int | None
    changes: tuple[DayChange, ...]
    cases: int


async def try_edition(actor: Actor, text: str) -> Tried:
    """Read and check the file of a year, and say what it would change; nothing is written.

    :param text: TOML. :raises Forbidden: ``role_not_allowed``. :raises Malformed: ``edition_too_long``,
        ``control_character``. :raises DefinitionError: ``definition_not_wellformed``, ``calendar_hole``.
    :raises Conflict: ``edition_taken`` where a version is no higher than the one in force.
    """
    _require(actor)
    if len(text) > MAX_TEXT:
        raise Malformed(
            "edition_too_long", f"文本不得超过{MAX_TEXT}字。", f"The text has more than {MAX_TEXT} characters."
        )
    refuse_control_characters(text)
    edition = parse_edition(text)
    known = await calendars.in_force()
    now = next((one for one in known if one.year == edition.year), None)
    if now is not None and edition.version <= now.version:
        raise Conflict(
            "edition_taken",
            f"{edition.year}年已有第{now.version}版。更正请用第{now.version + 1}版。",
            f"{edition.year} has version {now.version} already; a correction is version {now.version + 1}.",
            version=now.version,
        )
    since = first_difference(build_calendar(known), build_calendar([*known, edition])) if known else None
    async with reading() as connection:
        cases = await recounts.count_concerned(connection, since) if since is not None else 0
    days = _days(edition)
    changes = day_changes(edition.year, await exceptions(now.year, now.version), days) if now else ()
    return Tried(edition, months_of(edition.year, days), now.version if now else None, changes, cases)


async def next_year(actor: Actor) -> str:
    """A file to begin the year after the last one with: that one's holidays, without days.

    :raises Forbidden: ``role_not_allowed``.
    """
    _require(actor)
    *_, last = await calendars.in_force()
    year = last.year + 1
    source = f"国务院办公厅关于{year}年部分节假日安排的通知"
    head = f'year = {year}\nversion = 1\nsource = "{source}"\n# published_on = {last.year}-11-\n'
    return head + "".join(
        f'\n[[holiday]]\nname = "{one.name}"\nname_en = "{one.name_en}"\noff = []\nwork = []\n' for one in last.holiday
    )


def _days(edition: YearEdition) -> Exceptions:
    kinds = ((DayKind.off, "off"), (DayKind.work, "work"))
    return {
        day: (kind, holiday.name, holiday.name_en)
        for holiday in edition.holiday
        for kind, name in kinds
        for day in getattr(holiday, name)
    }


def _require(actor: Actor) -> None:
    if actor.roles.isdisjoint(TRIERS):
        named = sorted(TRIERS)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能试算工作日历，应由{'、'.join(role.zh for role in named)}办理。",
            f"Your role does not try editions; it is for: {', '.join(role.en for role in named)}.",
            basis="岗位权限",
            roles=[role.value for role in named],
        )
