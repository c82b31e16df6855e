"""The sections of a case page beside its way: cards, duties, procedures, messages, visits, and what forms may offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from api.pages.forms import PROPOSED, Typed
from api.pages.timeline import document_title
from api.pages.visit import Visit
from api.pages.wording import Wording
from engine import children, overseeing
from engine.archive.archiving import may_package, read_package
from engine.archive.dossier import may_bind, read_dossier
from engine.papers import locating
from engine.papers.returning import RETURNERS
from workflows.actor import TITLES, Role
from workflows.custody import PlaceKind
from workflows.events import Act
from workflows.flow import SAME, Flow
from workflows.impasse import REGISTRARS
from workflows.item import EXCLUDED_KINDS, ItemVersion
from workflows.page_advice import Advice, words
from workflows.prefill import expected_counts, proposed_lines

CLOSED_OFFERS: Final = frozenset({"card", "document", "kind"})
"""Fields whose offers are all that can be meant; the others may hold something else as well."""
_NEEDING_OFFERS: Final = CLOSED_OFFERS | {"party"}
_COUNTING: Final = (Act.RECEIVE, Act.SUPPLY, Act.MEET_TOLERANCE, Act.SUPPLY_SUPPLEMENT)
"""Acts that count what came in."""
_BACK: Final = frozenset({Act.ESCALATE, Act.SEND_BACK})
"""Acts that nobody should do by taking the first that is offered."""

Row = dict[str, Any]
Offer = tuple[str, str]
"""A value that may be typed, and what it stands for."""
_NOBODYS: Final = frozenset({Role.system.value, Role.applicant.value})
"""Roles that nobody who reads these pages holds."""


async def beside(visit: Visit, number: str, flow: Flow, item: ItemVersion, w: Wording) -> Row:
    """What stands on a case beside its way, as its page shows it."""
    context, actor = visit.context, visit.actor
    found = await overseeing.read_beside(context, actor, number)
    messages = await overseeing.list_notifications(context, actor, number)
    kinds = _kinds(item, w)
    return {
        **found,
        "messages": [_message(row, flow, w) for row in messages],
        "visits": await overseeing.list_appointments(context, actor, number),
        "children": await children.list_children(context, actor, number),
        **await _paper(visit, number),
        "may_follow": overseeing.may_follow(visit.actor),
        "may_report": not actor.roles.isdisjoint(REGISTRARS),
        "special_kinds": kinds,
        "offers": _offers(found, kinds, w),
    }


async def _paper(visit: Visit, number: str) -> Row:
    """Where the papers of a case are, and the lines whose originals the reader may hand back."""
    found = await locating.where_is(visit.context, visit.actor, number)
    may = not visit.actor.roles.isdisjoint(RETURNERS)
    here = [(line, place) for line in found["lines"] for place in line["places"] if place["kind"] == PlaceKind.hall]
    return {"paper": found, "returnable": [(line, place) for line, place in here if may and place["originals"]]}


async def the_file(visit: Visit, case: Mapping[str, Any]) -> Row:
    """The dossier that the reader had bound and the archive package, for who may have them."""
    context, actor, number = visit.context, visit.actor, case["number"]
    binds, packs = may_bind(actor, case), may_package(actor, case)
    return {
        "may_bind": binds,
        "dossier": (await read_dossier(context, actor, number))["dossier"] if binds else None,
        "package": await read_package(context, actor, number) if packs else None,
    }


def _message(row: Mapping[str, Any], flow: Flow, w: Wording) -> Row:
    """A message with what it tells of: an act of the flow, a rule that a watch keeps, or a visit."""
    data, event = row["data"], row["event"]
    step = next((one for one in flow.steps if one.definition.action.value == event), None)
    if "title" in data:
        subject = w.of(data)
    elif step is not None:
        subject = w.of(step.definition)
    else:
        subject = w.word("event", event.rpartition(":")[2])
    return {**row, "subject": subject}


def _kinds(item: ItemVersion, w: Wording) -> dict[str, str]:
    """The special procedures that this item may have, by identifier."""
    own = {one.kind: w.of(one, "name") for one in item.special_procedures}
    return {kind: w.pick(*titles) for kind, titles in EXCLUDED_KINDS.items()} | own


def _offers(found: Mapping[str, Any], kinds: Mapping[str, str], w: Wording) -> dict[str, list[Offer]]:
    """What the fields of an act's form may offer, by the name of the field."""
    people = [(row["login"], _who(row, w)) for row in found["colleagues"]]
    open_cards = [row for row in found["cards"] if row["state"] in {"standing", "appealed"}]
    unserved = [row for row in found["papers"] if row["served_at"] is None]
    return {
        **dict.fromkeys(("to", "host", "login"), people),
        "card": [(row["number"], f"{row['number']} {w.of(row)}") for row in open_cards],
        "document": [
            (row["number"], f"{document_title(row['code'], w)} {row['number']}") for row in reversed(unserved)
        ],
        "kind": list(kinds.items()),
        "party": [(row["name"], row["name"]) for row in found["third_parties"]],
    }


def _who(row: Mapping[str, Any], w: Wording) -> str:
    roles = w.t("comma").join(w.pick(*TITLES[Role(role)]) for role in row["roles"])
    return str(row["name"]) + w.t("brackets", inner=roles)


def sorted_actions(
    rows: Iterable[Mapping[str, Any]], flow: Flow, state: str, offers: Mapping[str, list[Offer]], w: Wording, tried: str
) -> dict[str, list[Row]]:
    """The steps of a case as its page shows them.

    :param state: of the case. :param offers: what the forms may offer; an act beside the way that would have nothing
        to choose is left out.
    :param tried: the act that was just refused; its form stays, even when it is barred now.
    :returns: ``leading`` acts of the reader's, those that lead into the next phase first, then those that change the
        state, and last what goes back; ``waiting`` ones that only a condition keeps from them;
        ``further`` ones beside the case's way; ``barred``: those that lead on and are other people's, and those
        beside the way that a condition bars.
    """
    actions = [_action(row, flow, w) for row in rows if not set(row["roles"]) <= _NOBODYS]
    offered = [row for row in actions if row["allowed"] or row["name"] == tried]
    barred = [row for row in actions if row not in offered]
    leading = [row for row in offered if not row["aside"]]
    return {
        "leading": sorted(leading, key=lambda row: _how_far(row, flow, state)),
        "waiting": [row for row in barred if not row["aside"] and not _anothers(row)],
        "further": [row for row in offered if row["aside"] and (_has_offers(row, offers) or row["name"] == tried)],
        "barred": [row for row in barred if row["aside"] != _anothers(row)],
    }


def _how_far(row: Mapping[str, Any], flow: Flow, state: str) -> int:
    """How an act moves a case: 0 into another phase, 1 into another state, 2 not at all, 3 back or to a refusal."""
    if row["name"] in _BACK:
        return 3
    if row["to"] == SAME:
        return 2
    return int(flow.states[row["to"]].phase == flow.states[state].phase)


def _anothers(row: Mapping[str, Any]) -> bool:
    """Whether an act is for other roles than the reader's."""
    return bool(row["barred"]["code"] == "role_not_allowed")


def _has_offers(row: Mapping[str, Any], offers: Mapping[str, list[Offer]]) -> bool:
    return all(offers[name] for name in row["fields"] if name in _NEEDING_OFFERS)


def _action(row: Mapping[str, Any], flow: Flow, w: Wording) -> Row:
    """An action with the titles of what it leads to."""
    return {
        **row,
        "name": Act(row["action"]).value,
        "becomes": "" if row["to"] == SAME else w.of(flow.states[row["to"]]),
        "issues": [document_title(code, w) for code in row["documents"]],
    }


def next_due(
    clocks: Iterable[Mapping[str, Any]], duties: Iterable[Mapping[str, Any]], now: datetime, w: Wording
) -> Row | None:
    """What falls due first on a case: a limit that runs, or something owed; its title, moment and light."""
    found = [
        {"title": w.clock(clock["kind"]), "at": clock["due_at"], "light": clock["light"]}
        for clock in clocks
        if clock["status"] == "running" and clock["due_at"]
    ]
    found += [
        {"title": w.t(f"duty.{duty['kind']}"), "at": duty["due_at"], "light": "red" if duty["due_at"] < now else "none"}
        for duty in duties
        if not duty["done_at"] and duty["due_at"]
    ]
    return min(found, key=lambda row: row["at"], default=None)


def prefilled(lines: Iterable[Row], hints: Iterable[Row], basis: Sequence[str]) -> dict[str, Typed]:
    """The forms that hold a proposal before anybody has typed, by act."""
    lines = list(lines)
    counts = {
        f"materials.{line['line']}.{part}": [str(value)]
        for line in lines
        for part, value in expected_counts(line).items()
    }
    notice = {
        f"lines.{row}.{part}": [text]
        for row, line in enumerate(proposed_lines(lines, hints, basis), 1)
        for part, text in [*line.items(), (PROPOSED, "1")]
    }
    return {act.value: Typed(counts) for act in _COUNTING} | {Act.GIVE_NOTICE.value: Typed(notice)}


def noted(lines: Iterable[Row], w: Wording) -> list[Row]:
    """Material lines whose scans carry ``notes``: what was measured on their pages, in the reader's words."""
    return [line | {"scans": [scan | {"notes": _notes(scan["advice"], w)} for scan in line["scans"]]} for line in lines]


def _notes(pages: Iterable[Row], w: Wording) -> list[str]:
    return [
        w.t("materials.page", page=row["page"]) + w.t("colon") + w.pick(*words(one))
        for row in pages
        for one in msgspec.convert(row["advice"], list[Advice])
    ]
