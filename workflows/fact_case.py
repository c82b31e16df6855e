"""The facts of one case, gathered event by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

from workflows.fact import CaseFact, NoticeFact
from workflows.fact_acts import ACTS
from workflows.fact_events import OUTCOMES, Event, clocks_of, moment, upcast
from workflows.fact_notice import notice_facts
from workflows.fact_papers import Papers, brings_paper

_HELD: Final = ("window", "department", "applicant", "third_party")
_key: Final = lru_cache(maxsize=4096)(UUID)
"""The same halls, windows and people come again and again."""
_COLUMNS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "hall_id": ("hall", _key),
    "window_id": ("window", _key),
    "owner_id": ("owner", _key),
    "receiver_id": ("receiver", _key),
    "handler_id": ("handler", _key),
    "approver_id": ("approver", _key),
    "mandate_id": ("mandate", _key),
    "priority": ("priority", str),
    "flags": ("flags", list),
    "received_at": ("received_at", datetime.fromisoformat),
    "accepted_at": ("accepted_at", datetime.fromisoformat),
    "decided_at": ("decided_at", datetime.fromisoformat),
    "closed_at": ("closed_at", datetime.fromisoformat),
}
"""The columns of a case that events say the changes of: under which name a fact keeps them, and how they are read."""
_CLOCKS: Final = {
    "notice": ("due_at", "elapsed", "in_time"),
    "statutory": ("unit", "limit", "extended", "excluded", "elapsed", "due_on", "due_at", "in_time"),
    "promise": ("unit", "limit", "extended", "excluded", "elapsed", "due_on", "due_at", "in_time"),
    "correction": ("due_at",),
    "tolerance": ("due_at", "in_time"),
    "handover": ("due_at", "elapsed", "in_time"),
    "reply": ("due_at", "in_time"),
    "delivery": ("due_at", "elapsed", "in_time"),
}
"""What a fact keeps of the latest run of each clock."""
_NO_CLOCKS: Final[tuple[Any, ...]] = ({}, "{}")
_DAYS: Final = ("opened", "received", "accepted", "deemed", "decided", "closed", "ready", "delivered")
_PAPERS: Final = {"D01": "receipt_given", "D05": "acceptance_given", "D18": "service_proven"}
_CARDS: Final = {"yellow": "cards_yellow", "red": "cards_red"}
_BLANKS: Final[Mapping[type, Callable[[], Any]]] = {str: str, int: int, bool: bool}


def _blank(hint: Any) -> Callable[[], Any]:
    """How a fact begins: empty text, nought, no; nothing where None is allowed."""
    return _BLANKS.get(hint, list if getattr(hint, "__origin__", None) is list else lambda: None)


_BLANK: Final = {name: _blank(hint)() for name, hint in get_type_hints(CaseFact).items()}
_LISTS: Final = tuple(name for name, value in _BLANK.items() if value == [])


def case_facts(case: UUID, events: Sequence[Event], notices: Sequence[NoticeFact] | None = None) -> CaseFact:
    """What the trail of a case says of it.

    :param case: its key. :param events: all events of the case in the order of ``seq``, of any version; at least one.
    :param notices: the facts of its notices where they were derived before.
    """
    facts: dict[str, Any] = {**_BLANK, **{name: [] for name in _LISTS}}
    gathering = _Gathering(facts, events[0])
    for event in events:
        gathering.take(event)
    told = notice_facts(case, events) if notices is None else notices
    last = events[-1]
    facts |= {
        "case_id": case,
        "number": last["case"],
        "last_seq": last["seq"],
        "last_at": max(event["at"] for event in events),
        "item_version": last["item_version"],
        "flow": last["flow"],
        "flow_version": last["flow_version"],
        "state": last["to_state"],
        "notices": len(told),
        "lines_told": sum(notice.told for notice in told),
        "lines_offending": sum(len(notice.offending) for notice in told),
    }
    gathering.finish()
    return CaseFact(**facts)


class _Gathering:
    """A case while its events are read."""

    def __init__(self, facts: dict[str, Any], opening: Event) -> None:
        data = upcast(opening)
        standing = data["standing"]
        self._facts = facts
        self._zone = ZoneInfo(standing["zone"])
        self._visits: set[date] = set()
        self._papers = Papers()
        self._held: dict[str, int] | None = dict.fromkeys(_HELD, 0)
        self._holder, self._days = "", 0
        self._told_clocks = opening
        facts |= {
            "opened_at": opening["at"],
            "item": data.get("item", ""),
            "parent": data.get("parent", ""),
            "kind": standing["kind"],
            "department": standing["department"],
            "channel": data.get("channel", ""),
            "situation": data.get("situation", []),
            "applicant_kind": data.get("applicant", {}).get("kind", ""),
        }

    def take(self, event: Event) -> None:
        """Take in the next event."""
        facts, data = self._facts, upcast(event)
        closed = facts["closed_at"] is not None
        received = facts["received_at"] is not None
        if (standing := data.get("standing")) is not None:
            self._stand(standing, split=received and not closed)
        if event["clocks"] not in _NO_CLOCKS:
            self._told_clocks = event
        if not closed and facts["closed_at"] is not None:
            facts["outcome"] = OUTCOMES.get(event["to_state"], event["to_state"].lower())
        for paper in data.get("documents", ()):
            if (name := _PAPERS.get(paper["code"])) is not None:
                facts[name] = True
        for card in data.get("cards", ()):
            if (name := _CARDS.get(card["level"])) is not None:
                facts[name] += 1
        facts["department"] = data.get("department", facts["department"])
        facts["proxied"] = facts["proxied"] or "principal" in data or event["role"] == "agent"
        if (act := ACTS.get(event["name"])) is not None:
            act(facts, event, data)
        self._papers.take(event, data)
        if _is_visit(event, data, facts["channel"]):
            self._visits.add(self._day(event["at"]))

    def _stand(self, standing: Mapping[str, Any], *, split: bool) -> None:
        """Give the time since the last act to whoever held the case, and take over what the act changed."""
        days = standing["working_days"]
        if days is None:
            self._held = None
        elif self._held is not None:
            if split and self._holder in self._held:
                self._held[self._holder] += days - self._days
            self._days = days
        self._holder = self._facts["holder"] = standing["holder"]
        for column, value in standing["changes"].items():
            if column in _COLUMNS:
                name, read = _COLUMNS[column]
                self._facts[name] = None if value is None else read(value)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def finish(self) -> None:
        """What follows from everything together."""
        facts = self._facts
        for name in _DAYS:
            at = facts[f"{name}_at"]
            facts[f"{name}_on"] = None if at is None else self._day(at)
        clocks = clocks_of(self._told_clocks)
        for kind, clock in clocks.items():
            for name in _CLOCKS.get(kind, ()):
                facts[f"{kind}_{name}"] = _READ.get(name, _as_kept)(clock, name)
        facts |= self._papers.finish()
        facts |= {f"held_by_{name}": None if self._held is None else self._held[name] for name in _HELD}
        facts |= {
            "provisional": any(clock["provisional"] for clock in clocks.values()),
            "counted": facts["outcome"] != "void",
            "visits": len(self._visits),
            "visit_days": sorted(self._visits),
            "contact_in_time": self._by(facts["contacted_at"], facts["contact_due_on"]),
            "rectified_in_time": self._by(facts["rectified_at"], facts["rectify_due_on"]),
        }

    def _by(self, done: datetime | None, due: date | None) -> bool | None:
        return None if done is None or due is None else self._day(done) <= due


_COUNTER: Final = frozenset(
    {"case:open", "case:receive", "case:correct_on_spot", "case:supply", "case:meet_tolerance", "case:withdraw"}
)
_HANDING_IN: Final = frozenset({"case:receive", "case:supply", "case:meet_tolerance"})
_FROM_AFAR: Final = frozenset({"online", "mobile"})
_AT_COUNTER: Final = frozenset({"clerk", "issuer"})


def _is_visit(event: Event, data: Mapping[str, Any], channel: str) -> bool:
    """Whether somebody stood at the counter for this: at receipt and supply, or to collect result or originals (D§5).

    What was applied for from afar brings somebody to the counter where paper is handed in there.
    """
    if event["name"] == "paper:returned":
        return True
    if event["role"] not in _AT_COUNTER:
        return False
    if event["name"] == "case:deliver":
        return "recipient" in data.get("payload", {})
    if channel in _FROM_AFAR:
        return event["name"] in _HANDING_IN and brings_paper(data)
    return channel == "window" and event["name"] in _COUNTER


def _as_kept(clock: Mapping[str, Any], name: str) -> Any:
    return clock.get(name, "" if name == "unit" else None)


def _read_moment(clock: Mapping[str, Any], name: str) -> datetime | None:
    return moment(clock.get(name))


def _read_day(clock: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(clock[name])


def _in_time(clock: Mapping[str, Any], _: str) -> bool | None:
    stopped, due = moment(clock.get("stopped_at")), moment(clock.get("due_at"))
    if stopped is None:
        return None
    return stopped <= due if due else bool(clock["elapsed"] <= clock["limit"] + clock["extended"])


_READ: Final[Mapping[str, Callable[[Mapping[str, Any], str], Any]]] = {
    "due_at": _read_moment,
    "due_on": _read_day,
    "in_time": _in_time,
}
