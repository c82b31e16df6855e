"""A case as one record, for the auditor: every event with what it changed, files, looks, findings, and the proof."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from engine.audit_desk.desk import AUDITORS, NEWEST, READERS, reason_of, require
from engine.audit_desk.holding_findings import list_findings
from engine.checkpoints.proving import verify_case
from engine.context import Context
from engine.overseeing import read_beside
from engine.reading import list_clocks, log_access, read_case, seen_case, unmask
from storage import access, audit, case_evidence, notifications
from workflows.actor import Actor
from workflows.case_changes import changes_of
from workflows.party import mask_name

MOST: Final = 5000
"""How many events, looks and findings a record holds; what is beyond is found by search."""
FIELDS: Final = ("name", "id_number", "mobile", "address")
"""What of the applicant can be shown in clear."""


async def read_record(context: Context, actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """Everything there is about a case; the applicant's name is masked. The look is logged.

    :param now: UTC.
    :returns: ``case``, ``events`` (each with ``changes``), ``clocks``, ``documents``, ``scans``, ``notices``,
        ``messages``, ``cards``, ``duties``, ``findings``, ``looks`` (for an auditor) and ``verdict`` of its chain.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``case_not_found``.
    """
    require(actor, READERS)
    head = await read_case(context, actor, number, now)
    events = await audit.of_case(number, limit=MOST)
    beside = await read_beside(context, actor, number)
    auditing = not actor.roles.isdisjoint(AUDITORS)
    return {
        "case": head | {"applicant": _masked(head["applicant"])},
        "events": [
            event | {"changes": [change._asdict() for change in changes]}
            for event, changes in zip(events, changes_of(events), strict=True)
        ],
        "clocks": await list_clocks(context, actor, number, now),
        **await case_evidence.of_case(number),
        "messages": await notifications.of_case(number),
        "cards": beside["cards"],
        "duties": beside["duties"],
        "findings": await list_findings(actor, case=number, limit=MOST),
        "looks": await access.of_case(number, NEWEST, MOST) if auditing else [],
        "verdict": await _verdict(context, actor, number) if auditing else None,
    }


async def _verdict(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    found = await verify_case(context, actor, number)
    return asdict(found) | {"whole": found.whole}


def _masked(applicant: dict[str, Any]) -> dict[str, Any]:
    return applicant | {"name": mask_name(applicant["name"])} if applicant["kind"] == "person" else applicant


async def show_in_clear(context: Context, actor: Actor, number: str, field: str, reason: str, now: datetime) -> str:
    """One value of the applicant in clear, for a stated reason, logged before it is shown.

    :param field: one of :data:`FIELDS`. :param reason: 4 to 200 characters. :param now: UTC.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``case_not_found``.
    :raises Malformed: ``reason_needed``, ``field_unknown``.
    """
    require(actor, AUDITORS)
    why = reason_of(reason)
    if field != "name":
        return await unmask(context, actor, number, field, why, now)
    case, _ = await seen_case(context, actor, number)
    await log_access(actor, number, "unmask.name", now, why)
    return str(case["applicant"]["name"])
