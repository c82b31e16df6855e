"""The warning board: how the cases of an organisation stand and will stand, what is owed, and the lists behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, get_args
from uuid import UUID

from engine.context import Context
from engine.listing import reach
from engine.overseeing import watching
from storage import figure_labels, organisations, outlooks
from storage.db import reading
from storage.outlooks import OWED, Narrowed, Pressing, Reach, When
from workflows.actor import Actor
from workflows.errors import NotFound
from workflows.light import Light
from workflows.warning import Outlook, outlook

__all__ = [
    "FIRST", "OWED", "PRESSINGS", "RANKS", "UNHELD", "WHENS", "list_owed", "list_warned", "read_board",
]  # fmt: skip

RANKS: Final = {Light.red: 3, Light.yellow: 2, Light.amber: 1}
"""The lights of the board, the most pressing first, with how far they have come."""
FIRST: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Where the first page begins."""
UNHELD: Final = "-"
"""Stands for nobody where a person is asked for."""
WHENS: Final[tuple[When, ...]] = get_args(When)
"""Since when cases stand so, see :data:`storage.outlooks.When`."""
PRESSINGS: Final[tuple[Pressing, ...]] = get_args(Pressing)
"""How pressing what is owed is, see :data:`storage.outlooks.Pressing`."""

Row = dict[str, Any]


async def read_board(context: Context, actor: Actor, now: datetime) -> Row:
    """How the cases within the actor's organisation stand, and what is owed, in numbers.

    :param now: UTC.
    :returns: ``now``, ``next_day`` (the next working day), ``levels`` (``light``, ``now``, ``today``, ``next_day``) of
        all cases; ``departments`` and ``people``, each with its ``levels`` (where ``person`` is None, nobody holds the
        cases yet); ``owed``: ``kind``, ``open``, ``overdue``, ``today``, ``next_day``, and the same for each of its
        ``departments``.
    :raises Forbidden: ``role_not_allowed`` for who does not watch over cards.
    """
    seen, ahead, zone = await _asked(context, actor, now)
    async with reading() as connection:
        cases = await outlooks.counts(connection, seen, ahead)
        owed = await outlooks.owed_counts(connection, seen, ahead, zone)
    return {
        "now": now,
        "next_day": ahead.next_day,
        "levels": _levels(cases),
        "departments": _by("department", ("department_name", "department_name_en"), cases),
        "people": _by("person", ("person_name",), cases),
        "owed": [_owed(kind, [row for row in owed if row["kind"] == kind]) for kind in OWED],
    }


async def _asked(context: Context, actor: Actor, now: datetime) -> tuple[Reach, Outlook, str]:
    """Whose cases are asked about, the days ahead, and the zone in which they begin."""
    seen = Reach(*await reach(watching(actor)))
    hall = context.hours(None)
    return seen, outlook(now, await context.calendar(now), hall), hall.zone.key


def _by(name: str, words: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The levels of each department or person, those who hold most that is red first."""
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    found = [
        {name: key, **{word: group[0][word] for word in words}, "levels": _levels(group)}
        for key, group in groups.items()
    ]
    return sorted(found, key=lambda one: [-level["now"] for level in one["levels"]])


def _levels(rows: Sequence[Row]) -> list[Row]:
    """How many cases stand so now, come to on this hall day, and come to by the end of the next working day."""
    return [
        {
            "light": light.value,
            "now": _cases(row for row in rows if row["now"] == rank),
            "today": _cases(row for row in rows if row["today"] == rank > row["before"]),
            "next_day": _cases(row for row in rows if row["next_day"] == rank > row["today"]),
        }
        for light, rank in RANKS.items()
    ]


def _cases(rows: Iterable[Row]) -> int:
    return sum(row["cases"] for row in rows)


def _owed(kind: str, rows: Sequence[Row]) -> Row:
    """What is owed of one kind, in all and by department."""
    names = ("department", "department_name", "department_name_en", *PRESSINGS)
    total: Row = {name: sum(row[name] for row in rows) for name in PRESSINGS}
    return {"kind": kind, **total, "departments": [{name: row[name] for name in names} for row in rows]}


async def list_warned(
    context: Context,
    actor: Actor,
    now: datetime,
    *,
    level: Light,
    when: When = "now",
    department: str | None = None,
    person: str | None = None,
    after: tuple[datetime, UUID] = FIRST,
    limit: int = 50,
) -> list[Row]:
    """A page of the cases behind a number of the board, those whose limit ends first at the head.

    :param level: ``red``, ``yellow`` or ``amber``. :param now: UTC. :param department: code; only what it has.
    :param person: login; only what they hold; :data:`UNHELD` for what nobody holds yet.
    :param after: ``red_at`` and ``id`` of the last row of the page before.
    :raises Forbidden: as :func:`read_board`. :raises NotFound: ``organisation_not_found``, ``person_not_found``.
    """
    seen, ahead, _ = await _asked(context, actor, now)
    narrowed = Narrowed(await _department(department), await _person(person), person == UNHELD)
    async with reading() as connection:
        rows = await outlooks.warned(connection, seen, ahead, RANKS[level], when, narrowed, after, limit)
    lights = {rank: light.value for light, rank in RANKS.items()}
    return [{**row, "light": lights.get(row["rank"], Light.green.value)} for row in rows]


async def list_owed(
    context: Context,
    actor: Actor,
    now: datetime,
    *,
    kind: str,
    pressing: Pressing = "open",
    department: str | None = None,
    after: tuple[datetime, UUID] = FIRST,
    limit: int = 50,
) -> list[Row]:
    """A page of what is owed of one kind, the most pressing first; what has no day of its own by when it was opened.

    :param kind: one of :data:`storage.outlooks.OWED`. :param now: UTC. :param department: code.
    :param after: ``at`` and ``id`` of the last row of the page before.
    :raises Forbidden: as :func:`read_board`. :raises NotFound: ``organisation_not_found``.
    """
    seen, ahead, zone = await _asked(context, actor, now)
    key = await _department(department)
    async with reading() as connection:
        return await outlooks.owed(connection, seen, ahead, zone, kind, pressing, key, after, limit)


async def _department(code: str | None) -> UUID | None:
    """The key of a department; whose cases somebody sees, the queries say."""
    if code is None:
        return None
    found = await organisations.by_code(code)
    if found is None:
        raise NotFound(
            "organisation_not_found", "没有找到该部门，请核对编码。", "There is no such department; check its code."
        )
    key: UUID = found["id"]
    return key


async def _person(login: str | None) -> UUID | None:
    """The key of somebody who works here."""
    if login is None or login == UNHELD:
        return None
    key = await figure_labels.person_of(login)
    if key is None:
        raise NotFound("person_not_found", "没有这个人员账号。", "There is nobody with this login.")
    return key
