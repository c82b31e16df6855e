"""Cases and their events as event logs tell them: who did it, and which of them a log has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from workflows.export import Disclosure, Row, Selection

SYSTEM: Final = "system"
HOME: Final = "Asia/Shanghai"


class Doer(NamedTuple):
    """Who did something: ``person``, ``applicant`` or ``system``, a key or pseudonym, a name as it may be shown."""

    kind: str
    key: str
    name: str


def doer(case: Row, event: Row, shown: Disclosure) -> Doer:
    """Who did an event. What applicants do themselves, and what nobody signed, is told by the role."""
    if event["role"] == "applicant":
        return applicant(case, shown)
    if event["actor"] is None:
        return Doer(SYSTEM, SYSTEM, "")
    return Doer("person", shown.key("person", event["actor"]), shown.name(event["person_name"] or event["actor_name"]))


def applicant(case: Row, shown: Disclosure) -> Doer:
    """Who applied, as filed with the case; the name of an organisation is no personal data."""
    filed = case["applicant"]
    name = shown.name(str(filed.get("name", "")), natural=filed.get("kind") == "person")
    return Doer("applicant", shown.key("applicant", case["party_id"]), name)


def zone_of(case: Row) -> ZoneInfo:
    """The zone of the hall of a case."""
    return ZoneInfo(case["zone"] or HOME)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in the hall's time with its offset, in milliseconds, as every tool of the field reads it."""
    return moment.astimezone(zone).isoformat(timespec="milliseconds")


def by_case(cases: Sequence[Row], events: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Each case with its events in their order.

    :param events: of these cases, in the order of the trail.
    """
    of: dict[object, list[Row]] = {case["id"]: [] for case in cases}
    for event in events:
        of[event["case_id"]].append(event)
    for case in cases:
        yield case, of[case["id"]]


def within(case: Row, events: list[Row], chosen: Selection) -> list[Row]:
    """The events of a case that a log has: all of them, or where they were chosen by event, those of the period."""
    if chosen.by != "event":
        return events
    zone, since, until = zone_of(case), chosen.since or date.min, chosen.until or date.max
    return [event for event in events if since <= event["at"].astimezone(zone).date() <= until]
