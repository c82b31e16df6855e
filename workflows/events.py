"""The closed list of acts and of the events they leave in the trail.

An event is named ``case:<act>`` (or ``scan:…``, ``material:…``); nothing else can be written to the trail. The digest
of an event covers every column that a court could ask about and the digest before it, so that the trail of a case is
one chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

DIGEST_ALGORITHMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sm3": lambda data: hashlib.new("sm3", data).digest(),
}
GENESIS: Final = b"\0" * 32
"""What the first event of every chain names as the digest before it."""


class Act(StrEnum):
    """What can be done to a case; a flow may use only these names. The numbers are the rows of the transition table."""

    OPEN = "open"  # 5, before anything lawful has happened
    SUBMIT = "submit"  # 2
    RETURN_PRE_REVIEW = "return_pre_review"  # 3
    PASS_PRE_REVIEW = "pass_pre_review"  # noqa: S105  # 4; a verb, not a password
    RECEIVE = "receive"  # 5
    CORRECT_ON_SPOT = "correct_on_spot"  # 6
    ACCEPT = "accept"  # 7, 10
    GIVE_NOTICE = "give_notice"  # 8
    SUPPLY = "supply"  # 9
    ADD_NOTICE_LINES = "add_notice_lines"  # 10
    CONFIRM_LAPSE = "confirm_lapse"  # 11
    DEEM_ACCEPTED = "deem_accepted"  # 12
    ESCALATE = "escalate"  # 13
    REFUSE_ACCEPTANCE = "refuse_acceptance"  # 14
    OVERRULE_ESCALATION = "overrule_escalation"  # 15
    ACCEPT_WITH_TOLERANCE = "accept_with_tolerance"  # 16
    MEET_TOLERANCE = "meet_tolerance"  # 17
    END_TOLERANCE = "end_tolerance"  # 18
    GRANT_ON_PROMISE = "grant_on_promise"  # 19
    CHECK_PROMISE = "check_promise"  # 19
    REVOKE = "revoke"  # 19
    DISPATCH = "dispatch"  # 20
    REPORT_UP = "report_up"  # 20, of a lower level's pre-examination
    GIVE_OPINION = "give_opinion"  # 20, of a department that takes part
    CANCEL_CHILD = "cancel_child"  # 20, when the case it belongs to is over
    SIGN_IN = "sign_in"  # 21
    REASSIGN = "reassign"  # 21
    START_SITE_CHECK = "start_site_check"  # 22
    FINISH_SITE_CHECK = "finish_site_check"  # 22
    TELL_SPECIAL = "tell_special"  # 23
    START_SPECIAL = "start_special"  # 23
    FINISH_SPECIAL = "finish_special"  # 24
    TELL_HEARING_RIGHT = "tell_hearing_right"  # 23, 29
    REQUEST_HEARING = "request_hearing"  # 23, 29
    WAIVE_HEARING = "waive_hearing"  # 23, 29
    SCHEDULE_HEARING = "schedule_hearing"  # 23, 29
    RECORD_HEARING = "record_hearing"  # 23, 29
    TELL_THIRD_PARTY = "tell_third_party"  # 29
    RECORD_STATEMENT = "record_statement"  # 29
    EXTEND = "extend"  # 25
    CONVERT_TO_PROMISE = "convert_to_promise"  # 25, of an instant item
    SUBMIT_REVIEW = "submit_review"  # 26
    ENDORSE = "endorse"  # 26
    SEND_BACK = "send_back"  # 27
    ASK_SUPPLEMENT = "ask_supplement"  # 28
    SUPPLY_SUPPLEMENT = "supply_supplement"  # 28
    ASK_PAYMENT = "ask_payment"  # 29
    RECORD_PAYMENT = "record_payment"  # 29
    GRANT = "grant"  # 29
    DENY = "deny"  # 29
    DEEM_GRANTED = "deem_granted"  # 29, where a law says so
    MAKE_CERTIFICATE = "make_certificate"  # 30
    MARK_READY = "mark_ready"  # 30
    RENEW_PICKUP_CODE = "renew_pickup_code"  # 31
    RECORD_CONTACT = "record_contact"  # 31, of who has not collected yet
    PROPOSE_CERTIFICATE_CHANGE = "propose_certificate_change"  # 30, of a certificate that is wrong
    VOID_CERTIFICATE = "void_certificate"  # 30
    REISSUE_CERTIFICATE = "reissue_certificate"  # 30
    DELIVER = "deliver"  # 31, 33, 34
    CONSENT_ELECTRONIC = "consent_electronic"  # 31
    DELIVER_ELECTRONICALLY = "deliver_electronically"  # 31
    SEND_BY_POST = "send_by_post"  # 32
    SIGN_OFF_POST = "sign_off_post"  # 32
    RETURN_POST = "return_post"  # 32
    SERVE = "serve"  # 8, 14, 23, 34
    INVITE_RATING = "invite_rating"  # 35
    RATE = "rate"  # 35
    OPEN_RECTIFICATION = "open_rectification"  # 36
    CONTACT_RATER = "contact_rater"  # 36
    RECTIFY = "rectify"  # 36
    ARCHIVE = "archive"  # 37
    WITHDRAW = "withdraw"  # 38
    TERMINATE = "terminate"  # 39
    PROPOSE_VOID = "propose_void"  # 40
    VOID = "void"  # 40
    REMIND = "remind"  # 41, by the engine
    RAISE_CARD = "raise_card"  # 41, by the engine
    URGE = "urge"  # 41
    SUPERVISE = "supervise"  # 41
    ANSWER_SUPERVISION = "answer_supervision"  # 41
    APPEAL_CARD = "appeal_card"  # 41
    LIFT_CARD = "lift_card"  # 41
    UPHOLD_CARD = "uphold_card"  # 41
    EXPLAIN_OVERDUE = "explain_overdue"  # 42
    MARK_PRIORITY = "mark_priority"  # order of queues
    RECORD_INTENTION = "record_intention"  # 5, 7
    OFFER_HANDOVER = "offer_handover"  # first-contact responsibility
    TAKE_OVER = "take_over"  # first-contact responsibility


class EventName(StrEnum):
    """Events beside the acts of the flow that also belong to the trail of a case."""

    SCAN_RECEIVED = "scan:received"
    SCAN_STORED = "scan:stored"
    SCAN_REFUSED = "scan:refused"
    PAGES_FILED = "scan:filed"
    PAGE_EDITED = "scan:edited"
    DOCUMENT_RENDERED = "document:rendered"
    DOCUMENT_PRINTED = "document:printed"
    DOCUMENT_SIGNED = "document:signed"
    CLOCKS_RECOUNTED = "clock:recounted"
    APPOINTMENT_BOOKED = "appointment:booked"
    APPOINTMENT_MOVED = "appointment:moved"
    MANDATE_REVOKED = "mandate:revoked"
    RATING_REVIEW_PROPOSED = "rating:review_proposed"
    RATING_SET_ASIDE = "rating:set_aside"
    RATING_UPHELD = "rating:upheld"
    RATING_FOLLOWED_UP = "rating:followed_up"
    CASE_MIGRATED = "case:migrated"
    ARCHIVE_PACKAGED = "archive:packaged"
    MATERIAL_CHECKED = "material:checked"
    MATERIAL_REUSED = "material:reused"
    REUSE_ENDED = "material:reuse_ended"
    SITUATION_CHANGED = "situation:changed"
    PAPER_PACKED = "paper:packed"
    PAPER_UNPACKED = "paper:unpacked"
    PAPER_SENT = "paper:sent"
    PAPER_RECEIVED = "paper:received"
    PAPER_REFUSED = "paper:refused"
    PAPER_TAKEN_BACK = "paper:taken_back"
    PAPER_SETTLED = "paper:settled"
    PAPER_RETURNED = "paper:returned"


EVENT_NAMES: Final = frozenset({f"case:{act}" for act in Act} | set(EventName))
"""Everything that may stand in the ``name`` column of the trail."""

CHAINED: Final = (
    "case",
    "seq",
    "name",
    "at",
    "claimed_at",
    "actor",
    "actor_name",
    "role",
    "organisation",
    "window",
    "acting_for",
    "from_state",
    "to_state",
    "reason",
    "data",
    "item_version",
    "flow",
    "flow_version",
    "clocks",
    "previous",
    "algorithm",
)
"""The columns that the digest covers, in no particular order: the canonical form sorts them."""

_encode = msgspec.json.Encoder(order="sorted", uuid_format="canonical").encode


def canonical(row: Mapping[str, Any]) -> bytes:
    """The bytes that the digest of an event is taken over: sorted keys, no spaces, times in UTC, bytes in base64.

    :param row: the event; only the columns of :data:`CHAINED` are read, all of them must be there.
    """
    return _encode({name: row[name] for name in CHAINED})


def digest(row: Mapping[str, Any]) -> bytes:
    """The digest of one event under the algorithm that the row itself names (SHA-256, or SM3 per GB/T 32905)."""
    return DIGEST_ALGORITHMS[row["algorithm"]](canonical(row))
