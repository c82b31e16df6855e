"""What somebody asks of the figures, and whose cases they may count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from storage import figure_labels, organisations
from storage.db import Connection
from storage.figure_relations import SOURCES, Selection
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, Malformed, NotFound
from workflows.figure import DIMENSIONS, TIMES, Figure
from workflows.figure_period import BY_MOST, check_asked, parts, time_of
from workflows.hall_hours import HallHours

HALL_READERS: Final = (Role.hall_manager, Role.supervisor, Role.auditor, Role.assessor, Role.project_director)
"""Who reads the figures of their halls."""
DEPARTMENT_READERS: Final = (Role.officer, Role.reviewer, Role.approver, Role.authority_head)
"""Who reads the figures of their department."""
FILTERS: Final = tuple(name for name in DIMENSIONS if name not in TIMES)
NONE: Final = "-"
"""How rows are named that have nothing in a dimension."""
CHANNELS: Final = {
    "window": ("窗口", "window"),
    "online": ("网上", "online"),
    "mobile": ("移动端", "mobile"),
    "post": ("邮寄", "post"),
}
KINDS: Final = {"instant": ("即办件", "instant"), "promise": ("承诺件", "promised limit"), "other": ("其他", "other")}
VALUES: Final = {"channel": CHANNELS, "kind": KINDS}
"""Dimensions whose values are known beforehand, each in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of some figures.

    :param since: first hall day. :param until: last hall day, included.
    :param by: dimensions to tell apart, two at most, one of time at most.
    :param where: dimension and code (of a person: login) that rows must have; ``-`` for rows without.
    :param as_of: up to which moment the trail is read, UTC; None for the newest that is settled.
    """

    since: date
    until: date
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose cases somebody may count: keys of halls, codes of departments."""

    halls: tuple[UUID, ...] = ()
    departments: tuple[str, ...] = ()


async def reach_of(actor: Actor) -> Reach:
    """The halls and departments of whose figures somebody answers or whom they oversee.

    :raises Forbidden: ``role_not_allowed``.
    """
    paths = [grant.path for grant in actor.grants if grant.role in HALL_READERS]
    behind = [grant.path for grant in actor.grants if grant.role in DEPARTMENT_READERS]
    if not paths and not behind:
        roles = (*HALL_READERS, *DEPARTMENT_READERS)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能查看统计，应由{'、'.join(role.zh for role in roles)}查看。",
            f"Your role may not see figures; they are for: {', '.join(role.en for role in roles)}.",
            roles=[role.value for role in roles],
        )
    halls = await organisations.halls_of(paths)
    return Reach(tuple(halls), tuple(await figure_labels.departments_below(behind)) if behind else ())


def check(figures: Sequence[Figure], asked: Asked) -> None:
    """Refuse what cannot be asked, or not of these figures.

    :raises Malformed: ``period_wrong``, ``period_too_long``, ``moment_without_zone``, ``dimension_unknown``,
        ``too_many_dimensions``, ``dimension_value_unknown``, ``dimension_not_of_figure``.
    """
    check_asked(asked.since, asked.until)
    if asked.as_of is not None and asked.as_of.tzinfo is None:
        raise Malformed(
            "moment_without_zone",
            "数据截止时刻须带时区，例如 2026-03-31T16:00:00Z。",
            "The moment of the data is given with its time zone, e.g. 2026-03-31T16:00:00Z.",
        )
    _check_names(asked)
    for figure in figures:
        _check_dimensions(figure, asked)


def _check_names(asked: Asked) -> None:
    """The dimensions and known values that are named are there, and not too many at once."""
    unknown = [name for name in asked.by if name not in DIMENSIONS] + [n for n in asked.where if n not in FILTERS]
    if unknown:
        raise Malformed(
            "dimension_unknown",
            f"没有这个统计维度，可用：{'、'.join(DIMENSIONS)}。",
            f"There is no such dimension; there are: {', '.join(DIMENSIONS)}.",
            dimensions=[name[:40] for name in unknown],
        )
    times = [name for name in asked.by if name in TIMES]
    if len(asked.by) > BY_MOST or len(times) > 1 or len(set(asked.by)) < len(asked.by):
        raise Malformed(
            "too_many_dimensions",
            "一次最多按两个不同的维度统计，其中时间维度最多一个。",
            "Figures are told apart by two different dimensions at most, one of them of time at most.",
        )
    for name, value in asked.where.items():
        if value != NONE and name in VALUES and value not in VALUES[name]:
            raise _unknown_value(name)


def _unknown_value(name: str) -> Malformed:
    return Malformed(
        "dimension_value_unknown",
        f"没有这个取值，{name}可用：{'、'.join(VALUES[name])}。",
        f"There is no such {name}; there are: {', '.join(VALUES[name])}.",
    )


def _check_dimensions(figure: Figure, asked: Asked) -> None:
    """A figure has the dimensions of its table; that of the hall limits whose items are counted."""
    for measure in figure.measures:
        columns = {*SOURCES[measure.basis.table].columns, *TIMES}
        missing = [name for name in asked.by if name not in columns]
        missing += [name for name in asked.where if name not in columns and name != "hall"]
        if missing:
            raise Malformed(
                "dimension_not_of_figure",
                f"指标“{figure.title.zh}”没有这个维度。",
                f"The figure {figure.name} does not have this dimension.",
                figure=figure.name,
                dimensions=missing,
            )


async def selection(
    context: Context, connection: Connection, reach: Reach, asked: Asked, moment: datetime
) -> Selection:
    """What the statements need: keys for codes, the scope, the parts of the period.

    :param moment: of the facts, UTC.
    :raises NotFound: ``organisation_not_found``, ``item_not_found``, ``person_not_found``.
    :raises Malformed: ``period_not_begun``.
    """
    where: dict[str, Any] = dict(asked.where)
    hours: HallHours = context.hours(None)
    halls = list(reach.halls)
    for name, value in asked.where.items():
        where[name] = None if value == NONE else await _key(connection, reach, name, value)
    if where.get("hall") is not None:
        (hall,) = await figure_labels.places(connection, [where["hall"]])
        hours, halls = context.hours(hall["hours"]), [one for one in halls if one == hall["id"]]
    time = time_of(asked.by)
    return Selection(
        since=asked.since,
        until=asked.until,
        moment=moment,
        halls=halls,
        departments=reach.departments,
        catalogue=[*reach.departments, *await figure_labels.departments_serving(halls)],
        where=tuple(where.items()),
        by=tuple(name for name in asked.by if name != time),
        time=time,
        buckets=parts(asked.since, asked.until, time, hours.zone, moment),
    )


async def _key(connection: Connection, reach: Reach, name: str, value: str) -> Any:
    """The key of what somebody named."""
    if name in {"hall", "window", "department"}:
        return await _place(connection, reach, name, value)
    if name == "item" and not await figure_labels.items(connection, [value]):
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    if name in {"receiver", "handler"}:
        key = await figure_labels.person_of(value)
        if key is None:
            raise NotFound("person_not_found", "没有这个人员账号。", "There is nobody with this login.")
        return key
    return value


async def _place(connection: Connection, reach: Reach, name: str, value: str) -> Any:
    """A place of this kind; one out of reach is as good as none."""
    found = [row for row in await figure_labels.places(connection, [], [value]) if row["kind"] == name]
    lone = {"hall": not reach.departments, "department": not reach.halls}.get(name, False)
    mine = found and (found[0]["id"] in reach.halls or found[0]["code"] in reach.departments)
    if not found or (lone and not mine):
        raise NotFound(
            "organisation_not_found",
            "没有找到该大厅、窗口或部门，或者它不在您的管辖范围内。",
            "There is no such hall, window or department within your reach.",
        )
    return found[0]["code"] if name == "department" else found[0]["id"]
