"""What lapsed where nobody told an applicant anything in time: acceptance by silence, to the minute (D§5, A5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from workflows.fact_events import Event, clocks_of, moment, upcast

_DEEMED: Final = "case:deem_accepted"
_RULE: Final = "notice_missed"


class Lapsed(Struct, frozen=True, kw_only=True):
    """One limit that had passed undone when the application was accepted by silence: ``due_at`` is its last moment."""

    clock: str
    due_at: datetime


class Clock(Struct, frozen=True, kw_only=True):
    """A limit as it stood right after: ``status`` is running, suspended or stopped, ``due_at`` its last moment."""

    clock: str
    status: str
    started_at: datetime
    due_at: datetime | None


class Lapse(Struct, frozen=True, kw_only=True):
    """An application that was accepted because nobody told the applicant anything (许可法32(1)(4)). Moments in UTC.

    :param received_at: from when it counts as accepted. :param due_at: the minute after which it did.
    :param recorded_at: when the engine saw to it.
    :param lapsed: every limit that had passed undone by then, the earliest first.
    :param state: in which the case lay, on the desk of the ``holder`` (window or department).
    :param last_by: name and role of who acted on the case last before, what they did and when.
    :param clocks: as they stood from then on; the limits of the decision run from receipt.
    :param documents: what was issued for it. :param card: number of the card that it left.
    """

    received_at: datetime | None
    due_at: datetime
    recorded_at: datetime
    lapsed: list[Lapsed]
    state: str
    holder: str
    department: str
    last_by: str
    last_role: str
    last_act: str
    last_at: datetime
    clocks: list[Clock]
    documents: list[str]
    card: str


def lapse(events: Sequence[Event]) -> Lapse | None:
    """What lapsed on a case that was accepted by silence; None where it was not.

    :param events: all events of the case in order, with the names of their actors.
    """
    place = next((n for n, event in enumerate(events) if event["name"] == _DEEMED), None)
    if place is None:
        return None
    event, earlier = events[place], events[:place]
    data = upcast(event)
    due = moment(data.get("effective_at")) or event["at"]
    last = next(one for one in reversed(earlier) if one["role"] != "system")
    return Lapse(
        received_at=moment(_changed(earlier, "received_at")),
        due_at=due,
        recorded_at=event["at"],
        lapsed=_lapsed(earlier, due),
        state=event["from_state"],
        holder=_holder(earlier),
        department=_department(earlier),
        last_by=last["actor_name"],
        last_role=last["role"],
        last_act=last["name"].partition(":")[2],
        last_at=last["at"],
        clocks=[_clock(kind, kept) for kind, kept in clocks_of(event).items()],
        documents=[row["number"] for row in data.get("documents", ())],
        card=_card(earlier),
    )


def _lapsed(earlier: Sequence[Event], due: datetime) -> list[Lapsed]:
    """The limits that had passed undone, as the case knew them before."""
    found = []
    for kind, kept in _clocks_before(earlier).items():
        end, stopped = moment(kept["due_at"]), moment(kept["stopped_at"])
        if end is not None and end <= due and (stopped is None or stopped > end):
            found.append(Lapsed(clock=kind, due_at=end))
    return sorted(found, key=lambda one: (one.due_at, one.clock))


def _clocks_before(earlier: Sequence[Event]) -> Mapping[str, Any]:
    """The clocks as the last act that knew any left them."""
    return next((clocks for event in reversed(earlier) if (clocks := clocks_of(event))), {})


def _clock(kind: str, kept: Mapping[str, Any]) -> Clock:
    begun = moment(kept["started_at"])
    if begun is None:
        raise LookupError(kind)
    return Clock(clock=kind, status=kept["status"], started_at=begun, due_at=moment(kept["due_at"]))


def _changed(earlier: Sequence[Event], column: str) -> str | None:
    """The last value that a column of the case was given."""
    standings = (upcast(event).get("standing") for event in reversed(earlier))
    changes = (standing["changes"] for standing in standings if standing)
    return next((change[column] for change in changes if column in change), None)


def _holder(earlier: Sequence[Event]) -> str:
    """Who had the case, window or department."""
    standings = (upcast(event).get("standing") for event in reversed(earlier))
    return next((str(standing["holder"]) for standing in standings if standing), "")


def _department(earlier: Sequence[Event]) -> str:
    """The code of the department whose turn the decision was."""
    routed = (upcast(event).get("department") for event in reversed(earlier))
    first = upcast(earlier[0])["standing"]["department"]
    return str(next((code for code in routed if code), first))


def _card(earlier: Sequence[Event]) -> str:
    """The card for the notice that was missed, which time leaves before it takes the step."""
    listed = (card for event in reversed(earlier) for card in event["data"].get("cards", ()))
    return next((str(card["number"]) for card in listed if card["rule"] == _RULE), "")
