"""What single acts add to the facts of their case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from workflows.fact_events import Event, moment

Facts = dict[str, Any]
Take = Callable[[Facts, Event, Mapping[str, Any]], None]
"""Takes one event with its data (brought to the newest version) into the facts of its case."""


def _counts(name: str) -> Take:
    """An act that is counted."""

    def take(facts: Facts, _: Event, __: Mapping[str, Any]) -> None:
        facts[name] += 1

    return take


def _marks(name: str) -> Take:
    """An act that is there or not."""

    def take(facts: Facts, _: Event, __: Mapping[str, Any]) -> None:
        facts[name] = True

    return take


def _dates(name: str) -> Take:
    """An act of which the moment is asked for; the last one counts."""

    def take(facts: Facts, event: Event, _: Mapping[str, Any]) -> None:
        facts[name] = event["at"]

    return take


def _accepted(how: str) -> Take:
    """受理: how a case was accepted."""

    def take(facts: Facts, event: Event, data: Mapping[str, Any]) -> None:
        facts["accepted_as"] = how
        facts["tolerated"] = facts["tolerated"] or how == "tolerance"
        if how == "deemed":
            facts["deemed_at"] = moment(data.get("effective_at")) or event["at"]

    return take


def _special(facts: Facts, _: Event, data: Mapping[str, Any]) -> None:
    """特别程序: each once, in the order in which they began."""
    facts["specials"] += 1
    facts["special_kinds"].append(data["payload"]["kind"])


def _promised(facts: Facts, event: Event, data: Mapping[str, Any]) -> None:
    """告知承诺: decided on the applicant's promise."""
    facts["promised"] = True
    _accepted("promise")(facts, event, data)


def _checked(facts: Facts, event: Event, data: Mapping[str, Any]) -> None:
    """事后核查: its last outcome."""
    facts |= {"promise_checked_at": event["at"], "promise_outcome": data["payload"]["outcome"]}


def _revoked(facts: Facts, event: Event, _: Mapping[str, Any]) -> None:
    """撤销许可: what was granted no longer stands (许可法69)."""
    facts |= {"revoked": True, "revoked_at": event["at"]}


def _delivered(way: str) -> Take:
    """送达: the result's first arrival; what is reissued later does not count."""

    def take(facts: Facts, event: Event, data: Mapping[str, Any]) -> None:
        if facts["delivered_at"] is None:
            sent = data.get("payload", {})
            left = way == "window" and ("recipient" not in sent or bool(sent.get("refused")))
            facts |= {"delivered_at": event["at"], "delivered_way": "left" if left else way}

    return take


def _ended(facts: Facts, _: Event, data: Mapping[str, Any]) -> None:
    """An end without a decision says how it is reported (D§3.2)."""
    facts["result_code"] = str(data.get("result_code", ""))


def _rated(facts: Facts, event: Event, data: Mapping[str, Any]) -> None:
    facts |= {"rating": data["payload"]["level"], "rated_at": event["at"]}


def _rectification(facts: Facts, _: Event, data: Mapping[str, Any]) -> None:
    """差评整改: by when contact and rectification are owed."""
    facts |= {name: date.fromisoformat(data[key]) for name, key in _OWED.items() if key in data}


def _contacted(facts: Facts, event: Event, data: Mapping[str, Any]) -> None:
    facts["contacted_at"] = facts["contacted_at"] or event["at"]
    _rectification(facts, event, data)


def _followed_up(facts: Facts, _: Event, data: Mapping[str, Any]) -> None:
    facts["followed_up"] = facts["followed_up"] or bool(data.get("reached"))


def _set_aside(facts: Facts, _: Event, __: Mapping[str, Any]) -> None:
    """误评不予采纳: the rating no longer counts, and nothing is owed for it."""
    facts["rating_set_aside"] = True
    facts["flags"] = [flag for flag in facts["flags"] if flag != "rectifying"]


def _answered(facts: Facts, _: Event, data: Mapping[str, Any]) -> None:
    """情形变更: what the applicant says of the matter now."""
    facts["situation"] = data["situation"]


_OWED: Final = {"contact_due_on": "contact_by", "rectify_due_on": "rectify_by"}

ACTS: Final[Mapping[str, Take]] = {
    "case:accept": _accepted("normal"),
    "case:accept_with_tolerance": _accepted("tolerance"),
    "case:deem_accepted": _accepted("deemed"),
    "case:grant_on_promise": _promised,
    "case:check_promise": _checked,
    "case:meet_tolerance": _marks("tolerance_met"),
    "case:revoke": _revoked,
    "case:correct_on_spot": _counts("corrected_on_spot"),
    "case:escalate": _counts("escalations"),
    "case:start_special": _special,
    "case:extend": _counts("extensions"),
    "case:convert_to_promise": _marks("converted"),
    "case:take_over": _counts("handovers"),
    "case:reassign": _counts("reassignments"),
    "case:mark_ready": _dates("ready_at"),
    "case:deliver": _delivered("window"),
    "case:deliver_electronically": _delivered("electronic"),
    "case:sign_off_post": _delivered("post"),
    "case:archive": _dates("archived_at"),
    "case:confirm_lapse": _ended,
    "case:end_tolerance": _ended,
    "case:withdraw": _ended,
    "case:terminate": _ended,
    "case:void": _ended,
    "case:refuse_acceptance": _ended,
    "case:remind": _counts("reminders"),
    "case:lift_card": _counts("cards_lifted"),
    "case:supervise": _counts("orders"),
    "case:answer_supervision": _counts("orders_answered"),
    "case:explain_overdue": _dates("explained_at"),
    "case:invite_rating": _dates("rating_invited_at"),
    "case:rate": _rated,
    "case:open_rectification": _rectification,
    "case:contact_rater": _contacted,
    "case:rectify": _dates("rectified_at"),
    "situation:changed": _answered,
    "rating:set_aside": _set_aside,
    "rating:followed_up": _followed_up,
}
"""By the name of the event."""
