"""The lists of what looks wrong, with the thresholds that this deployment has set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from engine.audit_desk.desk import LATEST, READERS, halls_at, period_of, person_named, places_at, require, span_of
from engine.context import Context
from engine.settings import Settings
from storage import anomalies, organisations
from workflows.actor import Actor
from workflows.anomaly import (
    DECIDING,
    DEFINITIONS,
    HANDLING,
    LONGEST,
    RECEIVING,
    Anomaly,
    Thresholds,
    anomaly_of,
    open_times,
    rule_of,
)


def thresholds(settings: Settings) -> Thresholds:
    """From when on something is listed here."""
    return Thresholds(
        same_minute=timedelta(seconds=settings.audit_same_minute_seconds),
        margin=timedelta(minutes=settings.audit_margin_minutes),
        claimed=timedelta(minutes=settings.audit_claim_minutes),
        unmasked=timedelta(days=settings.audit_unmask_days),
        burst_acts=settings.audit_burst_acts,
        burst=timedelta(minutes=settings.audit_burst_minutes),
    )


def list_definitions(context: Context, actor: Actor) -> list[dict[str, Any]]:
    """Every list: its name, titles, rule with the thresholds that hold here, and the norm behind it.

    :raises Forbidden: ``role_not_allowed``.
    """
    require(actor, READERS)
    return [_definition(name, thresholds(context.settings)) for name in Anomaly]


def _definition(name: Anomaly, limits: Thresholds) -> dict[str, Any]:
    told, (rule, rule_en) = DEFINITIONS[name], rule_of(name, limits)
    return {"name": name.value, "title": told.title, "title_en": told.title_en, "rule": rule, "rule_en": rule_en,
            "basis": told.basis}  # fmt: skip


async def list_anomalies(
    context: Context,
    actor: Actor,
    name: str,
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
    person: str | None = None,
    after: tuple[datetime, UUID] = LATEST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of one list over a period of hall days, the newest first.

    :param now: UTC. :param person: login; only what this person did.
    :param after: ``at`` (UTC) and key of the last row of the page before.
    :returns: the case and event, who, and under ``detail`` what is odd about it.
    :raises NotFound: ``anomaly_unknown``, ``person_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Malformed: ``period_wrong``, for more than 92 days.
    """
    wanted = anomaly_of(name)
    halls = await halls_at(actor, READERS)
    days = period_of(context, since, until, now, LONGEST)
    who = None if person is None else await person_named(person, await places_at(actor, READERS))
    asked = anomalies.Asked(halls, *span_of(context, *days), after, limit, who)
    return await anomalies.page(wanted, asked, await _limits(context, wanted, halls, days, now))


async def _limits(
    context: Context, name: Anomaly, halls: list[UUID], days: tuple[date, date], now: datetime
) -> Iterable[Any]:
    """What a list compares with, in the order of its statement."""
    limits = thresholds(context.settings)
    if name is Anomaly.night_acts:
        return await _opening(context, halls, days, now, limits.margin)
    compared: Mapping[Anomaly, tuple[Any, ...]] = {
        Anomaly.same_minute: ([*DECIDING], limits.same_minute),
        Anomaly.backdated_claims: (limits.claimed,),
        Anomaly.unmasked_without_act: (limits.unmasked,),
        Anomaly.both_roles: ([*DECIDING], [*RECEIVING, *HANDLING]),
        Anomaly.bursts: (limits.burst_acts, limits.burst),
    }
    return compared.get(name, ())


async def _opening(
    context: Context, halls: list[UUID], days: tuple[date, date], now: datetime, margin: timedelta
) -> tuple[list[UUID], list[str]]:
    """When each hall is at work, as PostgreSQL writes ranges of moments. A day more on both sides: zones differ."""
    calendar = await context.calendar(now)
    wider = days[0] - timedelta(days=1), days[1] + timedelta(days=1)
    rows = [row for row in await organisations.every() if row["id"] in set(halls)]
    spans = {}
    for row in rows:
        times = open_times(calendar, context.hours(row["hours"]), *wider, margin)
        spans[row["id"]] = "{" + ",".join(f'["{start}","{end}"]' for start, end in times) + "}"
    return list(spans), list(spans.values())
