"""Situations for rules that are asked without a database: a case, an actor, an item, a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from workflows.actor import Actor, Grant, Role
from workflows.calendar import build_calendar, packaged_editions
from workflows.clock import ClockKind, Entry, HallHours, Unit, derive
from workflows.item import ItemVersion, load_catalogue
from workflows.proof import CheckFacts, CheckKind
from workflows.situation import CaseFacts, MaterialFacts, NoticeFacts, NoticeLine, Situation

FOOD = load_catalogue()[0]
HALL, DEPARTMENT = "460000/460100/hall", "460000/460100/amr"
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CALENDAR = build_calendar(packaged_editions())
HOURS = HallHours()
PEOPLE = {name: UUID(int=number) for number, name in enumerate(("ann", "bob", "cao"), 1)}


def someone(role: Role, who: str = "ann", path: str | None = None) -> Actor:
    """An actor with one role, in the hall or the department that the role belongs to."""
    place = path or (HALL if role in {Role.clerk, Role.issuer, Role.agent, Role.hall_manager} else DEPARTMENT)
    return Actor(PEOPLE[who], who, (Grant(role, UUID(int=99), place),))


def item_with(**changes: Any) -> ItemVersion:
    """The food business permit with some fields changed."""
    return msgspec.structs.replace(FOOD, **changes)


def notice(*met: datetime | None) -> NoticeFacts:
    """A notice with a line for each argument: when it was met, or None."""
    lines = (NoticeLine(number, "M01", "缺", "补", "许可法32", at) for number, at in enumerate(met, 1))
    return NoticeFacts(NOW, tuple(lines))


def situation(
    state: str = "RECEIVED",
    *,
    role: Role = Role.officer,
    who: str = "ann",
    item: ItemVersion = FOOD,
    now: datetime = NOW,
    payload: Mapping[str, Any] | None = None,
    entries: tuple[Entry, ...] = (),
    materials: tuple[MaterialFacts, ...] = (),
    told: NoticeFacts | None = None,
    **case: Any,
) -> Situation:
    """A case in a state, as somebody sees it. ``case`` as in :class:`CaseFacts`."""
    facts = CaseFacts("4601002603020000017", state, 1, UUID(int=1), UUID(int=2), **case)
    return Situation(
        state=state,
        case=facts,
        actor=someone(role, who),
        role=role,
        item=item,
        now=now,
        calendar=CALENDAR,
        payload=payload or {},
        clocks=derive(entries, CALENDAR, HOURS, now),
        materials={facts.line: facts for facts in materials},
        notice=told,
    )


def checked(kind: str, at: datetime = NOW, **more: Any) -> CheckFacts:
    """A check that somebody at the window has made. ``more`` as in :class:`CheckFacts`."""
    return CheckFacts(CheckKind(kind), **{"passed": True, "at": at, "by": "ann（综窗受理员）", **more})


def started(kind: ClockKind, days: int = 5, at: datetime = NOW) -> Entry:
    """A clock that began to run, in working days."""
    return Entry(kind, "start", at, days, Unit.working_days, "许可法32")
