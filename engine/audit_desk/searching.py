"""Search over cases and events, within the auditor's organisation; an applicant's number only with a purpose."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from engine.audit_desk.desk import (
    AUDITORS,
    LATEST,
    NEWEST,
    READERS,
    halls_at,
    period_of,
    person_named,
    place_named,
    places_at,
    reason_of,
    span_of,
)
from engine.context import Context
from storage import access, audit_search
from storage.db import transaction
from workflows.actor import Actor, Role
from workflows.errors import Malformed
from workflows.events import EVENT_NAMES
from workflows.party import mask_name, validate_id

_TEXT_PERIOD: Final = timedelta(days=92)
_TEXT: Final = (2, 40)
_OF_PARTY: Final = 200
FIRST_DAY: Final = (date.max, NEWEST)
"""Where the first page of cases begins."""


class Named(Struct, frozen=True, kw_only=True):
    """What cases and events are both asked for. Codes and logins; a number names one case and needs no period.

    :param since: first hall day. :param until: last hall day, included.
    """

    case: str | None = None
    query_code: str | None = None
    document: str | None = None
    item: str | None = None
    state: str | None = None
    hall: str | None = None
    department: str | None = None
    window: str | None = None
    person: str | None = None
    since: date | None = None
    until: date | None = None


class CaseQuestion(Named, frozen=True, kw_only=True):
    """Cases. :param dated: by which of their days the period counts: opened, accepted, decided or closed."""

    outcome: str | None = None
    flag: str | None = None
    dated: str = "opened"


class EventQuestion(Named, frozen=True, kw_only=True):
    """Events. :param reason: part of the reason that was given, 2 to 40 characters, over 92 days at most."""

    name: str | None = None
    role: Role | None = None
    reason: str | None = None


async def search_cases(
    context: Context,
    actor: Actor,
    asked: CaseQuestion,
    now: datetime,
    *,
    after: tuple[date, UUID] = FIRST_DAY,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of cases, the newest first; names of people are masked.

    :param now: UTC. :param after: ``listed_on`` and key of the last row of the page before.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``person_not_found``, ``organisation_not_found``.
    :raises Malformed: ``period_wrong``, ``dated_unknown``.
    """
    if asked.dated not in audit_search.DATED:
        raise Malformed(
            "dated_unknown",
            "区间可按登记、受理、决定或办结日期。",
            "A period counts by the day of opening, acceptance, decision or closing.",
            known=list(audit_search.DATED),
        )
    halls = await halls_at(actor, READERS)
    conditions, named = await _conditions(actor, asked)
    for name, value in (("outcome", asked.outcome), ("flag", asked.flag)):
        if value is not None:
            conditions[name] = value
    period = None if named else (asked.dated, *period_of(context, asked.since, asked.until, now))
    return [_masked(row) for row in await audit_search.cases(halls, conditions, period, after, limit)]


async def search_events(
    context: Context,
    actor: Actor,
    asked: EventQuestion,
    now: datetime,
    *,
    after: tuple[datetime, UUID] = LATEST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of events, the newest first.

    :param now: UTC. :param after: ``at`` (UTC) and key of the last row of the page before.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``person_not_found``, ``organisation_not_found``.
    :raises Malformed: ``period_wrong``, ``event_unknown``, ``reason_text_wrong``.
    """
    halls = await halls_at(actor, READERS)
    _check(asked)
    conditions, named = await _conditions(actor, asked)
    if not named or asked.since or asked.until:
        longest = {"longest": _TEXT_PERIOD} if asked.reason and not named else {}
        days = period_of(context, asked.since, asked.until, now, **longest)
        conditions["since"], conditions["until"] = span_of(context, *days)
    wanted = (("name", asked.name), ("role", asked.role and asked.role.value), ("reason", asked.reason))
    conditions |= {name: value for name, value in wanted if value is not None}
    return await audit_search.events(halls, conditions, after, limit)


def _check(asked: EventQuestion) -> None:
    if asked.name is not None and asked.name not in EVENT_NAMES:
        raise Malformed("event_unknown", "没有这种事件。", "There is no event of this name.")
    if asked.reason is not None and not _TEXT[0] <= len(asked.reason) <= _TEXT[1]:
        raise Malformed(
            "reason_text_wrong",
            f"理由中的文字应为{_TEXT[0]}至{_TEXT[1]}字。",
            f"Text of a reason has {_TEXT[0]} to {_TEXT[1]} characters.",
        )


async def _conditions(actor: Actor, asked: Named) -> tuple[dict[str, Any], bool]:
    """What was asked for, by the names of the search; and whether it names one case."""
    found: dict[str, Any] = {name: value for name in ("item", "state") if (value := getattr(asked, name)) is not None}
    for kind in ("case", "query_code", "document"):
        if (value := getattr(asked, kind)) is not None:
            keys = await audit_search.named(kind, value)
            found["cases"] = [key for key in keys if key in found.get("cases", keys)]
    for kind in ("hall", "department", "window"):
        if (value := getattr(asked, kind)) is not None:
            found[kind] = (await place_named(value, {kind}))["id"]
    if asked.person is not None:
        found["actor"] = await person_named(asked.person, await places_at(actor, READERS))
    return found, "cases" in found


async def search_party(
    context: Context, actor: Actor, id_kind: str, id_number: str, purpose: str, now: datetime
) -> list[dict[str, Any]]:
    """The cases of the applicant with exactly this number, the newest 200; the search is logged, found or not.

    :param purpose: 4 to 200 characters. :param now: UTC.
    :raises Forbidden: ``role_not_allowed`` for anybody but an auditor.
    :raises Malformed: ``reason_needed``; see also :func:`workflows.party.validate_id`.
    """
    halls = await halls_at(actor, AUDITORS)
    why, number = reason_of(purpose), validate_id(id_kind, id_number)
    async with transaction() as connection:
        index = context.sealer.index(number, id_kind)
        row = {"at": now, "actor": actor.person, "subject": "parties", "action": "search.party", "purpose": why}
        await access.add(connection, row)
        keys = await audit_search.of_party(connection, id_kind, index, _OF_PARTY)
    found = await audit_search.cases(halls, {"cases": keys}, None, FIRST_DAY, _OF_PARTY)
    return [_masked(row) for row in found]


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    """A row of cases with the applicant's name as lists show it (D§3.12)."""
    filed = row.pop("applicant")
    name = mask_name(filed["name"]) if filed["kind"] == "person" else filed["name"]
    return row | {"applicant_kind": filed["kind"], "applicant_name": name}
