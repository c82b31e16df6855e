"""Who stands where papers are kept, and papers of locked cases on the move: the ledger and an event on each case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine import trail
from engine.context import Context
from engine.joint import FLOW
from engine.mandates import proxying
from storage import cases, organisations, paper_moves, registers
from storage.db import Connection
from storage.paper_moves import Move
from workflows import scope
from workflows.actor import Actor, Role
from workflows.custody import BASIS, DEPARTMENT_KEEPERS, HALL_KEEPERS, KEEPERS
from workflows.errors import Forbidden, Malformed, NotFound
from workflows.events import EventName
from workflows.item import ItemVersion
from workflows.numbers import check_case_number, normalise_query_code

_ROLES: Final = {"hall": HALL_KEEPERS, "department": DEPARTMENT_KEEPERS}

_QUERY_LENGTH: Final = 12
Told = Sequence[tuple[dict[str, Any], dict[str, Any]]]
"""Locked cases, each with the data of its event."""


@dataclass(frozen=True, slots=True)
class Stand:
    """The hall or department where somebody keeps papers, and as what they do."""

    place: Mapping[str, Any]
    role: Role

    @property
    def is_hall(self) -> bool:
        """Whether it is a hall."""
        return bool(self.place["kind"] == "hall")


def role_there(actor: Actor, place: Mapping[str, Any]) -> Role | None:
    """As what somebody keeps papers at a hall or department. :param place: ``kind`` and ``path`` of it."""
    roles = _ROLES.get(place["kind"], ())
    return scope.role_at(actor, roles, place["path"], place["path"])


async def stand_at(actor: Actor, code: str | None) -> Stand:
    """Where somebody keeps papers: what they name, else the hall or department of their first grant as a keeper.

    :raises Forbidden: ``role_not_allowed`` for who keeps none. :raises NotFound: ``organisation_not_found``, also out
        of reach.
    """
    mine = [grant for grant in actor.grants if grant.role in KEEPERS]
    if not mine:
        raise Forbidden(
            "role_not_allowed",
            f"材料移交由{'、'.join(role.zh for role in (*HALL_KEEPERS, *DEPARTMENT_KEEPERS))}办理。",
            "Papers are handed over by the staff of a hall or department.",
            basis=BASIS,
            roles=sorted(role.value for role in KEEPERS),
        )
    by_path = {row["path"]: row for row in await organisations.every()}
    named: list[Mapping[str, Any]]
    if code:
        named = [row for row in by_path.values() if row["code"] == code]
    else:
        named = [row for grant in mine for row in _above(by_path, grant.path)]
    for row in named:
        if role := role_there(actor, row):
            return Stand(row, role)
    raise NotFound(
        "organisation_not_found",
        "没有找到该大厅或部门，或者不在您的管辖范围内。",
        "There is no such hall or department within your reach.",
    )


def _above(by_path: Mapping[str, Mapping[str, Any]], path: str) -> Iterable[Mapping[str, Any]]:
    """A place and what lies above it, the nearest first."""
    while path:
        if path in by_path:
            yield by_path[path]
        path = path.rpartition("/")[0]


async def case_scanned(text: str) -> str:
    """The case number that a person typed, or that a scanner read from a receipt: its number, query code or address.

    :raises NotFound: ``case_not_found``. :raises Malformed: ``case_number_wrong``, ``query_code_wrong``.
    """
    last = text.strip().rstrip("/").rpartition("/")[2]
    if check_case_number(last):
        return last
    if last.isdecimal() and len(last) > _QUERY_LENGTH:
        raise Malformed(
            "case_number_wrong",
            f"办件编号{last[:24]}校验不符，可能录入有误。请重新扫描收件凭证或核对编号。",
            f"The check digit of case number {last[:24]} does not fit; scan the receipt again.",
        )
    number = await cases.number_by_query_code(normalise_query_code(last))
    if number is None:
        raise scope.not_found()
    return number


async def lock_cases(connection: Connection, numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """The cases whose papers these are, by the number that was given, locked in the order of their own numbers.

    A department that takes part in a case (并联) has papers of the case that it takes part in.

    :raises NotFound: ``case_not_found``.
    """
    roots = await paper_moves.roots(connection, numbers, FLOW)
    if set(numbers) - set(roots):
        raise scope.not_found()
    locked = {number: await trail.lock(connection, number) for number in sorted(set(roots.values()))}
    return {number: locked[root] for number, root in roots.items()}


def refuse_agent(case: Mapping[str, Any], actor: Actor) -> None:
    """Who acts for the applicant has no other part in the case, nor has who stands in for them.

    :raises Forbidden: ``two_hats``.
    """
    me = {actor.person} | {grant.acting_for for grant in actor.grants if grant.acting_for is not None}
    if me & proxying.in_sight(case):
        raise Forbidden(
            "two_hats",
            f"您是办件{case['number']}的帮办代办人员，不得经手其材料移交，请由他人办理。",
            f"You act for the applicant of {case['number']} and must not handle its papers; somebody else must.",
            basis="帮办代办：不得兼任收件、审核、批准",
        )


def parts_of(item: ItemVersion, department: str) -> frozenset[str]:
    """The codes of the departments that have a part in a case. :param department: of the one that has it now."""
    return frozenset({department, item.department, item.pre_examination, *item.joint} - {""})


async def record(
    context: Context,
    connection: Connection,
    by: tuple[Actor, Role],
    name: EventName,
    told: Told,
    moves: Iterable[Move],
    now: datetime,
    **issued: Any,
) -> None:
    """Write moves of locked cases, and an event on each of those cases, in the order of their numbers.

    Each case is looked at again afterwards, and its department told, as after every act.

    :param by: who, and as what. :param now: UTC. :param issued: documents that each event issues, and further work
        that it leaves, see :func:`engine.trail.append`.
    """
    actor, role = by
    further = issued.pop("outbox", [])
    await paper_moves.move(connection, moves, name.partition(":")[2], actor.staff, now)
    for case, data in sorted(told, key=lambda one: str(one[0]["number"])):
        changed = {"topic": "case.changed", "data": {"case": case["number"], "seq": case["head_seq"] + 1}}
        left = [changed, *further]
        await trail.append(
            context, connection, case, name, data, now, actor=actor, role=role, outbox=left, **issued
        )  # fmt: skip


async def number_of_day(connection: Connection, region: str, day: str) -> int:
    """The next batch of a region and day (yyMMdd)."""
    counter = f"paper_batch:{region}:{day}"
    return (await registers.next_numbers(connection, [counter]))[counter]
