"""Facts (事实表): what the figures of timeliness and of the one-time notice ask about one case and about one notice.

Both are derived from the events of the case and from nothing else, so that they can be made anew at any time and come
out equal. Moments are UTC, days are the hall's dates; None says that the trail knows nothing of it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

VERSION: Final = 2
"""The version of the derivation. Facts of another one are made anew from the first event."""


class NoticeFact(Struct, frozen=True, kw_only=True):
    """One notice of what must be corrected (一次性告知), and whether it was the only one (许可法32(1)(4), 72(4)).

    :param number: its place among the notices of the case, from 1.
    :param kind: ``notice`` the one that the law allows, ``added`` lines that came later, ``refusal`` all that is
        lacking, told with a refusal on the spot where the law knows no correction.
    :param in_time: it was given within the limit that ran from receipt; None for lines that were added.
    :param working_days: of the limit's days used when it was given; None where the trail does not say.
    :param lines: as told; ``complete`` counts those with material, defect, requirement and basis.
    :param offending: numbers of the lines that were not in the first notice and are due to no changed fact.
    :param document: number of its paper (D03, or D06 of a refusal). :param served_at: when that reached the applicant.
    """

    case_id: UUID
    number: int
    kind: str
    hall: UUID | None
    department: str
    item: str
    given_at: datetime
    given_on: date
    given_by: UUID | None
    role: str
    window: UUID | None
    in_time: bool | None
    working_days: int | None
    lines: list[dict[str, Any]]
    told: int
    complete: int
    offending: list[int]
    changed_fact: str
    document: str
    served_at: datetime | None
    served_way: str


class CaseFact(Struct, frozen=True, kw_only=True):
    """One case as its trail tells it.

    ``last_at`` is the latest stamp of its events, ``last_seq`` the number of the last one. ``department`` is the code
    of whose turn the decision is, ``hall`` and the people are keys; ``situation`` is what was answered about the
    matter. Of the lines handed in on paper, ``lines_whole`` have as many pages as sheets were declared (any where none
    were); for ``lines_spared`` an electronic certificate stood in.
    Limits are in their own ``unit``: ``elapsed`` is what has run without the time left out (``excluded``), ``extended``
    what an extension added; ``in_time`` says whether the clock was stopped by its last moment, None while it runs.
    Time split by who held the case (``held_by_…``) is in working days from receipt to closing: the day of a change
    belongs to whoever held the case until then, so that the four add up to the working days between the two.
    """

    case_id: UUID
    number: str
    last_seq: int
    last_at: datetime
    parent: str
    item: str
    item_version: int
    flow: str
    flow_version: int
    kind: str
    hall: UUID | None
    department: str
    window: UUID | None
    channel: str
    situation: list[str]
    applicant_kind: str
    priority: str
    mandate: UUID | None
    proxied: bool
    owner: UUID | None
    receiver: UUID | None
    handler: UUID | None
    approver: UUID | None

    state: str
    holder: str
    flags: list[str]
    outcome: str
    result_code: str
    counted: bool
    opened_at: datetime
    opened_on: date
    received_at: datetime | None
    received_on: date | None
    accepted_at: datetime | None
    accepted_on: date | None
    accepted_as: str
    deemed_at: datetime | None
    deemed_on: date | None
    decided_at: datetime | None
    decided_on: date | None
    closed_at: datetime | None
    closed_on: date | None
    ready_at: datetime | None
    ready_on: date | None
    delivered_at: datetime | None
    delivered_on: date | None
    delivered_way: str
    archived_at: datetime | None

    notice_due_at: datetime | None
    notice_elapsed: int | None
    notice_in_time: bool | None
    statutory_unit: str
    statutory_limit: int | None
    statutory_extended: int | None
    statutory_excluded: int | None
    statutory_elapsed: int | None
    statutory_due_on: date | None
    statutory_due_at: datetime | None
    statutory_in_time: bool | None
    promise_unit: str
    promise_limit: int | None
    promise_extended: int | None
    promise_excluded: int | None
    promise_elapsed: int | None
    promise_due_on: date | None
    promise_due_at: datetime | None
    promise_in_time: bool | None
    correction_due_at: datetime | None
    tolerance_due_at: datetime | None
    tolerance_in_time: bool | None
    handover_due_at: datetime | None
    handover_elapsed: int | None
    handover_in_time: bool | None
    reply_due_at: datetime | None
    reply_in_time: bool | None
    delivery_due_at: datetime | None
    delivery_elapsed: int | None
    delivery_in_time: bool | None
    provisional: bool

    notices: int
    lines_told: int
    lines_offending: int
    corrected_on_spot: int
    escalations: int
    specials: int
    special_kinds: list[str]
    extensions: int
    converted: bool
    tolerated: bool
    tolerance_met: bool
    promised: bool
    promise_checked_at: datetime | None
    promise_outcome: str
    revoked: bool
    revoked_at: datetime | None
    handovers: int
    reassignments: int

    receipt_given: bool
    acceptance_given: bool
    service_proven: bool
    visits: int
    visit_days: list[date]
    lines_on_paper: int
    lines_exempt: int
    lines_scanned: int
    lines_whole: int
    lines_spared: list[str]

    reminders: int
    cards_yellow: int
    cards_red: int
    cards_lifted: int
    orders: int
    orders_answered: int
    explained_at: datetime | None
    rating_invited_at: datetime | None
    rating: int | None
    rated_at: datetime | None
    rating_set_aside: bool
    contact_due_on: date | None
    contacted_at: datetime | None
    contact_in_time: bool | None
    rectify_due_on: date | None
    rectified_at: datetime | None
    rectified_in_time: bool | None
    followed_up: bool

    held_by_window: int | None
    held_by_department: int | None
    held_by_applicant: int | None
    held_by_third_party: int | None
