"""Facts of notices (A1 to A7): what was told, when, whether all at once, and when it reached the applicant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from workflows.fact import NoticeFact
from workflows.fact_events import Event, clocks_of, moment, upcast

_KINDS: Final[Mapping[str, str]] = {
    "case:give_notice": "notice",
    "case:add_notice_lines": "added",
    "case:refuse_acceptance": "refusal",
}
GIVING: Final = frozenset(_KINDS)
"""Events by which a notice may be given; what its clock said is read with each of them."""
_PAPERS: Final = frozenset({"D03", "D06"})
_TOLD: Final = ("material", "defect", "requirement", "basis")
_COMPARED: Final = ("material", "defect", "requirement")


def notice_facts(case: UUID, events: Sequence[Event]) -> tuple[NoticeFact, ...]:
    """The notices of a case, in order.

    :param case: its key. :param events: all events of the case in the order of ``seq``, of any version.
    """
    given = given_in(events)
    if not given:
        return ()
    place = _Place(case, events)
    first = _told(given[0], 1)
    found, begin = [], 1
    for number, event in enumerate(given, 1):
        lines = _told(event, begin)
        found.append(place.fact(number, event, lines, first if number > 1 else lines))
        begin += len(lines)
    return tuple(found)


def given_in(events: Sequence[Event]) -> list[Event]:
    """The events by which a notice was given, in order."""
    return [event for event in events if event["name"] in _KINDS and event["data"].get("payload", {}).get("lines")]


def _told(event: Event, begin: int) -> list[dict[str, Any]]:
    """The lines of a notice, numbered on from those before."""
    return [{**row, "line": number} for number, row in enumerate(event["data"]["payload"]["lines"], begin)]


def offending(lines: Sequence[Mapping[str, Any]], first: Sequence[Mapping[str, Any]], changed_fact: str) -> list[int]:
    """A2: the numbers of lines that the first notice did not tell, where no fact has changed since (许可法72(4)).

    :param lines: of the notice. :param first: of the first notice of the same case.
    :param changed_fact: what has changed since, in words; empty where nothing has.
    """
    if changed_fact.strip():
        return []
    known = {tuple(line.get(name) for name in _COMPARED) for line in first}
    return [int(line["line"]) for line in lines if tuple(line.get(name) for name in _COMPARED) not in known]


class _Place:
    """Where a case stood when it was told something, and what of its papers was served when."""

    def __init__(self, case: UUID, events: Sequence[Event]) -> None:
        opened = upcast(events[0])
        self._case, self._item = case, str(opened.get("item", ""))
        self._zone = ZoneInfo(opened["standing"]["zone"])
        hall = opened["standing"]["changes"].get("hall_id")
        self._hall = None if hall is None else UUID(hall)
        self._events = events
        self._served = _services(events)

    def fact(self, number: int, event: Event, lines: list[dict[str, Any]], first: list[dict[str, Any]]) -> NoticeFact:
        """One notice. :param first: the lines of the first one."""
        data = event["data"]
        changed = str(data["payload"].get("changed_fact") or "")
        document = next((row["number"] for row in data.get("documents", ()) if row["code"] in _PAPERS), "")
        served_at, way = self._served.get(document, (None, ""))
        in_time, used = _timeliness(event) if _KINDS[event["name"]] != "added" else (None, None)
        return NoticeFact(
            case_id=self._case,
            number=number,
            kind=_KINDS[event["name"]],
            hall=self._hall,
            department=_department(self._events[: event["seq"]]),
            item=self._item,
            given_at=event["at"],
            given_on=event["at"].astimezone(self._zone).date(),
            given_by=event["actor"],
            role=event["role"],
            window=event["window"],
            in_time=in_time,
            working_days=used,
            lines=lines,
            told=len(lines),
            complete=sum(all(str(line.get(name) or "").strip() for name in _TOLD) for line in lines),
            offending=offending(lines, first, changed),
            changed_fact=changed,
            document=document,
            served_at=served_at,
            served_way=way,
        )


def _department(events: Sequence[Event]) -> str:
    """Whose turn the decision was after the last of these events."""
    found = str(upcast(events[0])["standing"]["department"])
    for event in events:
        found = event["data"].get("department", found)
    return found


def _services(events: Sequence[Event]) -> dict[str, tuple[datetime | None, str]]:
    """When each document was served, and how, by its number; the first time counts."""
    served: dict[str, tuple[datetime | None, str]] = {}
    for event in events:
        if event["name"] == "case:serve":
            sent = event["data"]["payload"]
            at = moment(event["data"].get("served_at")) or event["at"]
            served.setdefault(sent["document"], (at, sent["way"]))
    return served


def _timeliness(event: Event) -> tuple[bool | None, int | None]:
    """A3: whether the notice stopped its clock by the last moment, and how many of the limit's days it took."""
    clock = clocks_of(event).get("notice", {})
    due, stopped = moment(clock.get("due_at")), moment(clock.get("stopped_at"))
    return (None if due is None or stopped is None else stopped <= due), clock.get("elapsed")
