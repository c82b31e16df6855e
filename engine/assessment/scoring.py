"""扣分、加分: entries of an assessor, proposals of the engine settled by one, and the contractor's objections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.assessment.assessing import entry_not_found
from engine.assessment.impartiality import locked, note, require_role, within
from engine.assessment.publishing_tables import table_of
from engine.once import once
from engine.work import Answer
from storage import assessed_facts, assessment_entries, assessments
from storage.db import Connection
from workflows.actor import Actor
from workflows.assessment import AssessmentTable, item_of
from workflows.assessment_checks import Link
from workflows.assessment_score import Scored, check_entry
from workflows.assessment_steps import OBJECTORS, SCORERS, require_answerer, require_open, require_scoring
from workflows.errors import Conflict, Malformed
from workflows.payload import Text, refuse_control_characters


class Entering(Struct, forbid_unknown_fields=True, frozen=True):
    """A deduction or bonus: item as printed (``3-9``), how many times, what shows it.

    ``points``: of each time, where the item has grades. ``links``: events of cases. ``reference``: where a file is.
    """

    item: Annotated[str, Meta(min_length=3, max_length=12)]
    times: int
    evidence: Text
    points: int | None = None
    links: Annotated[list[Link], Meta(max_length=100)] = []
    reference: Annotated[str, Meta(max_length=200)] = ""


class Settling(Struct, forbid_unknown_fields=True, frozen=True):
    """Whether an entry counts; why not, where it does not."""

    confirmed: bool
    reason: Annotated[str, Meta(max_length=4000)] = ""


class SettlingItem(Struct, forbid_unknown_fields=True, frozen=True):
    """The same for every proposal of one item that waits."""

    item: Annotated[str, Meta(min_length=3, max_length=12)]
    confirmed: bool
    reason: Annotated[str, Meta(max_length=4000)] = ""


class Saying(Struct, forbid_unknown_fields=True, frozen=True):
    """An objection to an entry, or the answer to one."""

    text: Text


async def enter(actor: Actor, key: UUID, request: Entering, now: datetime, idempotency: str = "") -> Answer:
    """Enter a deduction or bonus; it counts at once. :param key: of the assessment. :param now: UTC.

    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``assessment_not_found``.
    :raises Conflict: ``assessment_closed``. :raises Malformed: ``item_unknown``, ``times_wrong``, ``points_wrong``,
        ``points_beyond_cap``, ``evidence_unknown``.
    """
    refuse_control_characters(msgspec.to_builtins(request))

    async def write(connection: Connection) -> Answer:
        row, role = await locked(connection, actor, key, SCORERS)
        require_scoring(row["state"])
        table = await table_of(row["table_id"])
        given = Scored(request.item, request.times, _points(table, request))
        item = check_entry(table, given)
        await _require_known(connection, row["hall_id"], request.links)
        entry = {
            "assessment_id": key, "item": item.code, "times": given.times, "points": given.points, "origin": "manual",
            "found": "", "evidence": request.evidence, "evidence_en": "", "links": msgspec.to_builtins(request.links),
            "reference": request.reference, "state": "confirmed", "made_by": actor.staff, "made_at": now,
            "settled_by": actor.staff, "settled_at": now, "settlement": "",
        }  # fmt: skip
        made = await assessment_entries.add(connection, entry)
        told = {"entry": made, "item": item.code, "times": given.times, "points": given.points}
        await note(connection, actor, role, key, "enter", now, **told)
        return {"assessment": str(key), "entry": str(made), "state": "confirmed"}

    return await once(actor, idempotency, ["assessment.enter", key, request], now, write)


def _points(table: AssessmentTable, request: Entering) -> int:
    """The points of each time; an item with grades has none until they are said, which the rules refuse."""
    if request.points is not None:
        return request.points
    item = item_of(table, request.item)
    return 0 if item.levels else item.points


async def _require_known(connection: Connection, hall: UUID, links: list[Link]) -> None:
    pairs = sorted({(link.case, link.seq) for link in links})
    if any(not 0 <= seq < 2**31 for _, seq in pairs) or await assessed_facts.known_events(
        connection, hall, pairs
    ) < len(pairs):
        raise Malformed(
            "evidence_unknown",
            "所引办件或者留痕序号不属于本大厅，请核对。",
            "A case or event that is named as evidence is not of this hall.",
            field="links",
        )


async def settle(
    actor: Actor, key: UUID, entry: UUID, request: Settling, now: datetime, idempotency: str = ""
) -> Answer:
    """Confirm an entry or reject it with a reason; as long as the month is scored, this may change.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``assessment_not_found``,
        ``entry_not_found``. :raises Conflict: ``assessment_closed``. :raises Malformed: ``reason_needed``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    state = _decided(request)

    async def write(connection: Connection) -> Answer:
        row, role = await locked(connection, actor, key, SCORERS)
        require_scoring(row["state"])
        found = await _entry(connection, key, entry)
        await assessment_entries.settle(connection, entry, state, actor.staff, now, request.reason)
        told = {"entry": entry, "item": found["item"], "before": found["state"], "reason": request.reason}
        await note(connection, actor, role, key, state, now, **told)
        return {"assessment": str(key), "entry": str(entry), "state": state}

    return await once(actor, idempotency, ["assessment.settle", key, entry, request], now, write)


async def settle_item(actor: Actor, key: UUID, request: SettlingItem, now: datetime, idempotency: str = "") -> Answer:
    """The same for every proposal of one item that waits. Refusals as of :func:`settle`, and ``nothing_proposed``.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    state = _decided(request)

    async def write(connection: Connection) -> Answer:
        row, role = await locked(connection, actor, key, SCORERS)
        require_scoring(row["state"])
        item = item_of(await table_of(row["table_id"]), request.item).code
        count = await assessment_entries.settle_proposed(connection, key, item, state, actor.staff, now, request.reason)
        if not count:
            raise Conflict("nothing_proposed", "该项没有待确认的扣分。", "No proposal of this item waits.")
        await note(connection, actor, role, key, state, now, item=item, count=count, reason=request.reason)
        return {"assessment": str(key), "settled": count, "state": state}

    return await once(actor, idempotency, ["assessment.settle_item", key, request], now, write)


def _decided(request: Settling | SettlingItem) -> str:
    """The state that a decision brings. :raises Malformed: ``reason_needed``."""
    if not request.confirmed and not request.reason.strip():
        raise Malformed("reason_needed", "不予采纳的，请说明理由。", "Say why it does not count.", field="reason")
    return "confirmed" if request.confirmed else "rejected"


async def object_to(
    actor: Actor, key: UUID, entry: UUID, request: Saying, now: datetime, idempotency: str = ""
) -> Answer:
    """异议: say something against an entry, as the contractor's director; once for each entry, before the approval.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``assessment_not_found``, ``entry_not_found``.
    :raises Conflict: ``assessment_closed``, ``objection_made``.
    """
    refuse_control_characters(msgspec.to_builtins(request))

    async def write(connection: Connection) -> Answer:
        row = within(actor, await assessments.lock(connection, key))
        role = require_role(actor, OBJECTORS, row["hall_path"])
        require_open(row["state"])
        found = await _entry(connection, key, entry)
        if not await assessment_entries.object_to(connection, entry, request.text, actor.staff, now):
            raise Conflict("objection_made", "该条已提出过异议。", "There is an objection to this entry already.")
        await note(connection, actor, role, key, "object", now, entry=entry, item=found["item"], text=request.text)
        return {"assessment": str(key), "entry": str(entry), "state": found["state"]}

    return await once(actor, idempotency, ["assessment.object", key, entry, request], now, write)


async def answer(actor: Actor, key: UUID, entry: UUID, request: Saying, now: datetime, idempotency: str = "") -> Answer:
    """Answer the objection to an entry, which counts as scoring. :param key: of the assessment. :param now: UTC.

    :raises Forbidden: ``role_not_allowed``, ``self_scoring``, ``same_person`` for who reviewed it.
    :raises NotFound: ``assessment_not_found``, ``entry_not_found``.
    :raises Conflict: ``assessment_closed``, ``no_objection``.
    """
    refuse_control_characters(msgspec.to_builtins(request))

    async def write(connection: Connection) -> Answer:
        row, role = await locked(connection, actor, key, SCORERS)
        require_open(row["state"])
        require_answerer(row["reviewed_by"], actor.staff)
        found = await _entry(connection, key, entry)
        if found["objection_id"] is None or found["answered_at"] is not None:
            raise Conflict("no_objection", "该条没有待答复的异议。", "No objection to this entry waits for an answer.")
        await assessment_entries.answer(connection, found["objection_id"], request.text, actor.staff, now)
        await note(connection, actor, role, key, "answer", now, entry=entry, item=found["item"], text=request.text)
        return {"assessment": str(key), "entry": str(entry), "state": found["state"]}

    return await once(actor, idempotency, ["assessment.answer", key, entry, request], now, write)


async def _entry(connection: Connection, key: UUID, entry: UUID) -> dict[str, Any]:
    found = await assessment_entries.read(connection, key, entry)
    if found is None:
        raise entry_not_found()
    return found
