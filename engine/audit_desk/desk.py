"""Who sits at the auditor's desk, how far they reach, and what the names in their questions stand for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.listing import halls_for
from storage import organisations, people
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, Malformed, NotFound

AUDITORS: Final = frozenset({Role.auditor})
READERS: Final = frozenset({Role.auditor, Role.supervisor})
"""Who searches and reads the lists of anomalies; samples and findings are the auditor's alone."""
LOG_READERS: Final = frozenset({Role.auditor, Role.security_admin})
"""Who reads the access log."""
NEWEST: Final = UUID(int=2**128 - 1)
"""Before this key lies every row."""
LATEST: Final = (datetime.max.replace(tzinfo=UTC), NEWEST)
"""Where a list begins that has the newest first."""
DAYS: Final = 31
"""How many days a list goes back where nobody says how far."""
_LONGEST: Final = timedelta(days=366)
_YEARS: Final = range(2000, 2201)


def require(actor: Actor, roles: Collection[Role]) -> None:
    """Refuse whoever holds none of these roles.

    :raises Forbidden: ``role_not_allowed``.
    """
    if actor.roles.isdisjoint(roles):
        titles = sorted(roles)
        raise Forbidden(
            "role_not_allowed",
            f"该功能供{'、'.join(role.zh for role in titles)}使用。",
            f"This is for: {', '.join(role.en for role in titles)}.",
            basis="GB/T 22239-2019 8.1.5",
            roles=[role.value for role in titles],
        )


async def halls_at(actor: Actor, roles: Collection[Role]) -> list[UUID]:
    """The halls that the actor reaches in one of these roles.

    :raises Forbidden: ``role_not_allowed``.
    """
    require(actor, roles)
    return await halls_for(actor, roles)


async def places_at(actor: Actor, roles: Collection[Role]) -> list[UUID]:
    """Every organisation at or below those where the actor holds one of these roles."""
    return await organisations.subtree([grant.path for grant in actor.grants if grant.role in roles])


async def person_named(login: str, places: Collection[UUID]) -> UUID:
    """The key of somebody who works at one of these places, or has worked under this login.

    :raises NotFound: ``person_not_found``, also for who holds a role elsewhere only.
    """
    row = await people.by_login(login)
    held = {UUID(str(grant["organisation"])) for grant in row["grants"]} if row else set()
    if row is None or (held and held.isdisjoint(places)):
        raise NotFound("person_not_found", "没有找到该人员，请核对用户名。", "There is no such person.")
    key: UUID = row["id"]
    return key


async def place_named(code: str, kinds: Collection[str]) -> dict[str, Any]:
    """An organisation of one of these kinds, by its code.

    :raises NotFound: ``organisation_not_found``.
    """
    row = await organisations.by_code(code)
    if row is None or row["kind"] not in kinds:
        raise NotFound("organisation_not_found", "没有该机构，请核对机构代码。", "There is no such place.")
    return row


def period_of(
    context: Context, since: date | None, until: date | None, now: datetime, longest: timedelta = _LONGEST
) -> tuple[date, date]:
    """The first and last hall day that are asked for; the days up to today where nobody says.

    :raises Malformed: ``period_wrong``; ``period_out_of_range`` in a year that no hall has worked in.
    """
    _refuse_far(since, until)
    last = until or context.hours(None).day(now)
    first = since or last - timedelta(days=min(DAYS, longest.days) - 1)
    if not first <= last < first + longest:
        raise Malformed(
            "period_wrong",
            f"区间有误：起始日不得晚于截止日，最长{longest.days}日。",
            f"The period is wrong: it ends on or after its first day and lasts {longest.days} days at most.",
        )
    return first, last


def _refuse_far(*days: date | None) -> None:
    if any(day is not None and day.year not in _YEARS for day in days):
        raise Malformed(
            "period_out_of_range",
            f"日期应在{_YEARS[0]}年至{_YEARS[-1]}年之间，请核对起止日期。",
            f"Days lie between {_YEARS[0]} and {_YEARS[-1]}; look at the first and the last one.",
        )


def span_of(context: Context, since: date, until: date) -> tuple[datetime, datetime]:
    """A period of hall days, last one included, as moments in UTC: included, not included."""
    zone = context.hours(None).zone
    first, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (since, until + timedelta(days=1)))
    return first, end


def reason_of(text: str) -> str:
    """Why somebody wants to know, in words that can be weighed later.

    :raises Malformed: ``reason_needed``.
    """
    words = text.strip()
    if not 4 <= len(words) <= 200:
        raise Malformed("reason_needed", "请写明原因（4至200字）。", "Say why (4 to 200 characters).")
    return words
