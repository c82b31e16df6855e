"""查阅记录: who looked at whom and why, by person, case, applicant and time (网络安全法21(3); 个人信息保护法51)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from engine.audit_desk.desk import LATEST, LOG_READERS, period_of, person_named, places_at, require, span_of
from engine.context import Context
from storage import audit_search, organisations
from workflows import scope
from workflows.actor import Actor
from workflows.errors import Malformed

KINDS: Final = (
    "case", "scan", "document", "certificate", "mandate", "impasse", "unmask", "search", "export", "archive", "dossier",
    "audit", "compliance", "assessment", "sample", "finding", "refused", "account", "role", "token", "delegation",
    "webhook", "draft", "item", "flow", "migration", "send", "table", "organisation", "calendar",
)  # fmt: skip
"""Kinds of looks: the first part of what an entry calls itself."""
_OF_PARTY: Final = 500


class LookQuestion(Struct, frozen=True, kw_only=True):
    """Which looks are asked for.

    :param person: login of who looked. :param case: number of the case that was looked at, with its scans.
    :param party: number of a case; looks at any case of the same applicant. :param kind: one of :data:`KINDS`.
    :param since: first hall day. :param until: last hall day, included.
    """

    person: str | None = None
    case: str | None = None
    party: str | None = None
    kind: str | None = None
    since: date | None = None
    until: date | None = None


async def list_looks(
    context: Context,
    actor: Actor,
    asked: LookQuestion,
    now: datetime,
    *,
    after: tuple[datetime, UUID] = LATEST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the access log, the newest first: who, when, at what, what for, and the place in the day's chain.

    :param now: UTC. :param after: ``at`` (UTC) and key of the last row of the page before.
    :raises Forbidden: ``role_not_allowed`` for anybody but auditors and security administrators.
    :raises NotFound: ``person_not_found``, ``case_not_found``. :raises Malformed: ``period_wrong``, ``look_unknown``.
    """
    require(actor, LOG_READERS)
    if asked.kind is not None and asked.kind not in KINDS:
        raise Malformed("look_unknown", "没有这类查阅记录。", "There is no such kind of look.", known=list(KINDS))
    places = await places_at(actor, LOG_READERS)
    halls = await organisations.halls_of([grant.path for grant in actor.grants if grant.role in LOG_READERS])
    days = period_of(context, asked.since, asked.until, now)
    conditions: dict[str, Any] = dict(zip(("since", "until"), span_of(context, *days), strict=True))
    if asked.person is not None:
        conditions["person"] = await person_named(asked.person, places)
    if (number := asked.case or asked.party) is not None:
        conditions["subjects"] = await _subjects(halls, number, whole_party=asked.party is not None)
    if asked.kind is not None:
        conditions["kind"] = asked.kind
    return await audit_search.looks(halls, places, conditions, after, limit)


async def _subjects(halls: list[UUID], number: str, *, whole_party: bool) -> list[str]:
    """What the log calls a case and its scans, or all cases of the same applicant."""
    keys = await audit_search.with_party(number, halls, whole_party=whole_party, limit=_OF_PARTY)
    if not keys:
        raise scope.not_found()
    return await audit_search.subjects_of(keys)
