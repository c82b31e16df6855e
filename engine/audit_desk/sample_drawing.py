"""抽查: samples drawn from the cases of a period, each kept with everything that is needed to draw it again."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.audit_desk.desk import AUDITORS, halls_at, period_of, place_named, reason_of
from engine.audit_desk.listing_anomalies import thresholds
from engine.context import Context
from engine.once import once
from engine.work import Answer
from storage import access, organisations, samples
from storage.db import Connection, uuid7
from workflows.actor import Actor
from workflows.anomaly import DECIDING
from workflows.errors import Conflict, Malformed, NotFound
from workflows.payload import Code, ShortText, refuse_control_characters
from workflows.risk import risks_of, weights
from workflows.sampling import ALGORITHM, Allocation, Member, Method, Stratum, canonical, digest_of, draw, parse

_DATED: Final = ("opened", "accepted", "decided", "closed")


class Drawing(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A sample that is wanted: why, with which seed, how many, from which cases.

    ``dated`` says by which of their days the cases of the period are chosen; ``strata`` by what they are divided.
    """

    purpose: ShortText
    seed: ShortText
    size: Annotated[int, Meta(ge=1, le=1000)]
    method: Method = Method.random
    strata: Stratum | None = None
    allocation: Allocation = Allocation.proportional
    since: date | None = None
    until: date | None = None
    dated: Annotated[str, Meta(max_length=20)] = "closed"
    item: ShortText | None = None
    department: Code | None = None
    hall: Code | None = None


async def draw_sample(context: Context, actor: Actor, request: Drawing, now: datetime, key: str = "") -> Answer:
    """Draw a sample and keep it for good; the population is frozen with it.

    :param now: UTC. :param key: idempotency key.
    :returns: the key of the sample, how many cases it was drawn from and how many were drawn.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``.
    :raises Malformed: ``seed_wrong``, ``sample_size_wrong``, ``population_empty``, ``population_too_large``,
        ``period_wrong``, ``dated_unknown``, ``reason_needed``, ``control_character``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    halls = await _halls(actor, request)
    period = period_of(context, request.since, request.until, now)
    counted = weights(context.settings.audit_risk_weights)
    facts = await _population(context, halls, request, period)
    risks = {row["number"]: risks_of(row) for row in facts}
    members = [_member(row, request, counted, risks[row["number"]]) for row in facts]
    drawn = [_drawn(one, risks[one.number]) for one in draw(members, request.size, request.seed, request.allocation)]
    row = _row(actor, request, now, halls=halls, members=members, drawn=drawn) | {
        "purpose": reason_of(request.purpose),
        "criteria": _criteria(request, period),
        "weights": counted if request.method is Method.weighted else {},
    }

    async def write(connection: Connection) -> Answer:
        await samples.add(connection, row)
        told = f"seed={request.seed} population={row['population_digest']} drawn={len(drawn)}"
        logged = {"at": now, "actor": actor.person, "subject": str(row["id"]), "action": "sample.draw", "purpose": told}
        await access.add(connection, logged)
        return {"sample": str(row["id"]), "population_size": len(members), "size": len(drawn)}

    return await once(actor, key, ["sample", request], now, write)


async def _halls(actor: Actor, request: Drawing) -> list[UUID]:
    halls = await halls_at(actor, AUDITORS)
    if request.hall is not None:
        named = (await place_named(request.hall, {"hall"}))["id"]
        halls = [key for key in halls if key == named]
    if not halls:
        raise NotFound("organisation_not_found", "没有该大厅。", "There is no such hall within your reach.")
    return halls


async def _population(context: Context, halls: list[UUID], request: Drawing, period: tuple[date, date]) -> list[Any]:
    """Every case that may be drawn, with what its risks are found from, by number."""
    if request.dated not in _DATED:
        raise Malformed(
            "dated_unknown",
            "区间可按登记、受理、决定或办结日期。",
            "A period counts by the day of opening, acceptance, decision or closing.",
            known=list(_DATED),
        )
    departments = None
    if request.department is not None:
        path = (await place_named(request.department, {"department"}))["path"]
        below = {*await organisations.subtree([path])}
        departments = [row["code"] for row in await organisations.every() if row["id"] in below]
    limit = samples.LARGEST_POPULATION
    criteria = (*period, request.item, departments, limit + 1, thresholds(context.settings).same_minute, [*DECIDING])
    facts = await samples.population(halls, request.dated, criteria)
    if len(facts) > limit:
        raise Malformed(
            "population_too_large",
            f"符合条件的办件超过{limit}件，请缩小区间或条件。",
            f"More than {limit} cases fit; narrow the period or the conditions.",
            largest=limit,
        )
    return facts


def _member(row: Mapping[str, Any], request: Drawing, counted: Mapping[str, int], risks: Sequence[str]) -> Member:
    """A case with its lots: one, and for a weighted draw those of its risks."""
    lots = 1 + sum(counted[name] for name in risks) if request.method is Method.weighted else 1
    return Member(row["number"], lots, str(row[request.strata.value]) if request.strata else "")


def _drawn(member: Member, risks: Sequence[str]) -> dict[str, Any]:
    return {"case": member.number, "weight": member.weight, "stratum": member.stratum, "risks": list(risks)}


def _row(
    actor: Actor,
    request: Drawing,
    now: datetime,
    *,
    halls: list[UUID],
    members: list[Member],
    drawn: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "halls": halls,
        "drawn_by": actor.person,
        "drawn_at": now,
        "seed": request.seed,
        "method": request.method.value,
        "strata": request.strata.value if request.strata else "",
        "allocation": request.allocation.value if request.strata else "",
        "algorithm": ALGORITHM,
        "size": request.size,
        "population_size": len(members),
        "population_digest": digest_of(members),
        "population": zlib.compress(canonical(members), 9),
        "drawn": drawn,
    }


def _criteria(request: Drawing, period: tuple[date, date]) -> dict[str, Any]:
    asked = {"item": request.item, "department": request.department, "hall": request.hall}
    named = {name: value for name, value in asked.items() if value is not None}
    return {"dated": request.dated, "since": period[0].isoformat(), "until": period[1].isoformat(), **named}


async def list_samples(actor: Actor, *, before: UUID, limit: int = 50) -> list[dict[str, Any]]:
    """A page of the samples drawn within the auditor's organisation, the newest first, without their cases.

    :raises Forbidden: ``role_not_allowed``.
    """
    return await samples.page(await halls_at(actor, AUDITORS), before, limit)


async def read_sample(actor: Actor, key: UUID) -> dict[str, Any]:
    """A sample with its cases, drawn once more from the population that was frozen with it.

    :returns: beside the sample, ``same``: whether population and cases come out as they were kept.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``sample_not_found``.
    """
    row = await _kept(actor, key)
    frozen = parse(zlib.decompress(row.pop("population")))
    allocation = Allocation(row["allocation"] or Allocation.proportional)
    again = [one.number for one in draw(frozen, row["size"], row["seed"], allocation)]
    kept = [one["case"] for one in row["drawn"]]
    same = (digest_of(frozen), len(frozen), again) == (row["population_digest"], row["population_size"], kept)
    return row | {"same": same}


async def read_population(actor: Actor, key: UUID) -> bytes:
    """The population of a sample as text, for whoever draws it again elsewhere (see :mod:`workflows.sampling`).

    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``sample_not_found``.
    """
    return zlib.decompress((await _kept(actor, key))["population"])


async def _kept(actor: Actor, key: UUID) -> dict[str, Any]:
    row = await samples.read(key, await halls_at(actor, AUDITORS))
    if row is None:
        raise NotFound("sample_not_found", "没有该抽样。", "There is no such sample within your reach.")
    if row["algorithm"] != ALGORITHM:
        raise Conflict(
            "sample_algorithm", "该抽样使用了其他版本的算法。", "The sample was drawn by another version of the rule."
        )
    return row
