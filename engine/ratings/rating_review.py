"""误评复核、回访: what becomes of a bad rating after it was answered. Acts beside the flow; the rating itself stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from engine import trail
from engine.context import Context
from engine.once import once
from engine.reading import seen_case
from engine.work import Answer
from storage import duties, organisations, rating_reviews
from storage.db import Connection
from workflows import rating_rules, scope
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, Malformed
from workflows.events import EventName
from workflows.hall_hours import HallHours
from workflows.payload import Text, refuse_control_characters
from workflows.rating_rules import Standing

FIRST: Final = (date.min, UUID(int=0))
"""Where the first page of what is to be done begins."""
LONGEST_PERIOD: Final = timedelta(days=366)
_SETTLED: Final = {True: ("set_aside", EventName.RATING_SET_ASIDE), False: ("stands", EventName.RATING_UPHELD)}
OWED: Final = ("rater_contact", "rectification", "rater_follow_up")
"""What a bad rating leaves to be done, as kinds of duty."""


class Proposing(Struct, forbid_unknown_fields=True, frozen=True):
    """Why a rating is held to be mistaken, and what shows it (a recording, a queue ticket, what the rater said)."""

    reason: Text
    evidence: Text


class Settling(Struct, forbid_unknown_fields=True, frozen=True):
    """What came of the review: ``mistaken`` or not, and why."""

    mistaken: bool
    reason: Text


class Following(Struct, forbid_unknown_fields=True, frozen=True):
    """One call to the rater: whether they were reached, whether it is put right for them, what they said."""

    reached: bool
    note: Text
    satisfied: bool | None = None


async def propose_review(
    context: Context, actor: Actor, number: str, request: Proposing, now: datetime, key: str = ""
) -> Answer:
    """提请误评复核: say that the bad rating of a case is mistaken; a supervisor settles it.

    :param now: UTC. :param key: idempotency key.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``no_bad_rating``, ``rating_reviewed``. :raises Malformed: ``control_character``, ``key_reused``.
    """

    async def write(connection: Connection, case: dict[str, Any], rating: dict[str, Any] | None, role: Role) -> str:
        rating_rules.check_proposal(_standing(rating, []))
        told = msgspec.to_builtins(request)
        seq = await _tell(context, connection, case, EventName.RATING_REVIEW_PROPOSED, told, now, actor, role)
        row = {"rating_id": (rating or {})["id"], "seq": seq, "proposed_by": actor.staff, "proposed_at": now}
        await rating_reviews.propose(connection, {**row, **told})
        return "proposed"

    return await _on_rating(context, actor, number, rating_rules.PROPOSERS, request, write, now, key)


async def settle_review(
    context: Context, actor: Actor, number: str, request: Settling, now: datetime, key: str = ""
) -> Answer:
    """误评认定: a mistaken rating no longer counts, and nothing is owed for it; one that stands, stands.

    :param now: UTC. :param key: idempotency key.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``, ``same_person``.
    :raises Conflict: ``no_review_open``. :raises Malformed: ``control_character``, ``key_reused``.
    """
    state, name = _SETTLED[request.mistaken]

    async def write(connection: Connection, case: dict[str, Any], rating: dict[str, Any] | None, role: Role) -> str:
        rating_rules.check_settlement(_standing(rating, []), actor.person)
        review = (rating or {})["review_id"]
        await rating_reviews.settle(connection, review, state, actor.staff, now, request.reason)
        if request.mistaken:
            case["flags"] = [flag for flag in case["flags"] if flag != "rectifying"]
            for kind in OWED:
                await duties.settle(connection, case["id"], kind, now, actor.staff, f"误评不予采纳：{request.reason}")
        await _tell(context, connection, case, name, {"reason": request.reason}, now, actor, role)
        return state

    return await _on_rating(context, actor, number, rating_rules.SETTLERS, request, write, now, key)


async def follow_up(
    context: Context, actor: Actor, number: str, request: Following, now: datetime, key: str = ""
) -> Answer:
    """回访: ask whoever rated badly whether it is put right for them; owed until they were reached.

    :param now: UTC. :param key: idempotency key.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``no_bad_rating``, ``rating_set_aside``, ``rectify_first``.
    :raises Malformed: ``answer_wrong``, ``control_character``, ``key_reused``.
    """

    async def write(connection: Connection, case: dict[str, Any], rating: dict[str, Any] | None, role: Role) -> str:
        owed = await duties.of_case(connection, case["id"])
        standing = _standing(rating, owed)
        rating_rules.check_follow_up(standing, reached=request.reached, satisfied=request.satisfied)
        told = msgspec.to_builtins(request)
        seq = await _tell(context, connection, case, EventName.RATING_FOLLOWED_UP, told, now, actor, role)
        row = {"rating_id": (rating or {})["id"], "seq": seq, "recorded_by": actor.staff, "recorded_at": now}
        await rating_reviews.follow_up(connection, {**row, **told})
        if request.reached:
            await duties.settle(connection, case["id"], "rater_follow_up", now, actor.staff, request.note)
        return "reached" if request.reached else "not_reached"

    return await _on_rating(context, actor, number, rating_rules.FOLLOWERS, request, write, now, key)


Write = Callable[[Connection, dict[str, Any], dict[str, Any] | None, Role], Awaitable[str]]


async def _on_rating(
    context: Context, actor: Actor, number: str, roles: tuple[Role, ...], request: Struct, write: Write,
    now: datetime, key: str,
) -> Answer:  # fmt: skip
    """Do something about the rating of a case, under the lock of the case and in one transaction."""
    refuse_control_characters(msgspec.to_builtins(request))
    seen, _ = await seen_case(context, actor, number)
    role = _role_on(actor, seen, roles)

    async def under_lock(connection: Connection) -> Answer:
        case = await trail.lock(connection, number)
        state = await write(connection, case, await rating_reviews.of_case(connection, case["id"]), role)
        return {"case": number, "state": state, "at": now.isoformat()}

    told = [type(request).__name__, number, request]
    answer = await once(actor, key, told, now, under_lock)
    context.wake()
    return answer


def _role_on(actor: Actor, case: dict[str, Any], roles: tuple[Role, ...]) -> Role:
    role = scope.role_at(actor, roles, case["hall_path"], case["department_path"])
    if role is None:
        raise _barred(roles)
    return role


def _barred(roles: tuple[Role, ...]) -> Forbidden:
    return Forbidden(
        "role_not_allowed",
        f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in roles)}办理。",
        f"Your role may not do this; it is for: {', '.join(role.en for role in roles)}.",
        roles=[role.value for role in roles],
    )


async def _tell(
    context: Context, connection: Connection, case: dict[str, Any], name: EventName, data: dict[str, Any],
    now: datetime, actor: Actor, role: Role,
) -> int:  # fmt: skip
    return await trail.append(context, connection, case, name, data, now, actor=actor, role=role)


def _standing(rating: dict[str, Any] | None, owed: list[dict[str, Any]]) -> Standing | None:
    if rating is None:
        return None
    done = any(row["kind"] == "rectification" and row["done_at"] is not None for row in owed)
    return Standing(rating["level"], rating["review"], rating["proposed_by"], done)


async def list_bad_ratings(actor: Actor, *, before: UUID, limit: int = 50) -> list[dict[str, Any]]:
    """A page of the bad ratings of the actor's halls, the newest first, with what became of each.

    :raises Forbidden: ``role_not_allowed``.
    """
    return await rating_reviews.bad(await _halls(actor), before, limit)


async def list_open_ratings(
    actor: Actor, now: datetime, *, after: tuple[date, UUID] = FIRST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the bad ratings of the actor's halls about which something is to be done, the most urgent first.

    ``owed`` is what is owed and by when, ``steps`` what the actor may do (:func:`rating_rules.next_steps`).

    :param now: UTC. :param after: ``day`` and ``id`` of the last row of the page before.
    :raises Forbidden: ``role_not_allowed``.
    """
    rows = await rating_reviews.open_ones(await _halls(actor), list(OWED), after, limit)
    return [_open(row, actor, now) for row in rows]


def _open(row: dict[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    places = row["hall_path"], row["department_path"]
    roles = [role for role in rating_rules.READERS if scope.role_at(actor, (role,), *places) is not None]
    owed = [
        {
            "kind": one["kind"],
            "due_on": date.fromisoformat(one["due_on"]),
            "late": datetime.fromisoformat(one["due_at"]) < now,
        }
        for one in row["owed"]
    ]
    kinds = {one["kind"] for one in owed}
    standing = Standing(row["level"], row["review"], row["proposed_by"], "rectification" not in kinds)
    return {**row, "owed": owed, "steps": rating_rules.next_steps(standing, kinds, roles, actor.person)}


async def rating_figures(actor: Actor, since: date, until: date) -> dict[str, Any]:
    """How the actor's halls were rated: counts and shares of what was delivered in a period of hall days.

    :param until: included.
    :raises Forbidden: ``role_not_allowed``. :raises Malformed: ``period_wrong``.
    """
    halls = await _halls(actor)
    if not since <= until <= since + LONGEST_PERIOD:
        raise Malformed("period_wrong", "统计区间有误，最长366日。", "The period is wrong; 366 days at most.")
    hours = HallHours()
    first, end = _midnight(hours, since), _midnight(hours, until + timedelta(days=1))
    counts = await rating_reviews.figures(halls, first, end)
    return {"since": since, "until": until, **counts, **rating_rules.rates(counts)}


def _midnight(hours: HallHours, day: date) -> datetime:
    return datetime.combine(day, time.min, hours.zone).astimezone(UTC)


async def _halls(actor: Actor) -> list[UUID]:
    paths = [grant.path for grant in actor.grants if grant.role in rating_rules.READERS]
    if not paths:
        raise _barred(rating_rules.READERS)
    return await organisations.halls_of(paths)
