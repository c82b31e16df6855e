"""A case as one record, for the auditor: every event with what it changed, files, looks, findings, and the proof."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

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
_PARTY: Final = ("id_number", "id_masked", "relation", "interest")
"""What stands beside the name of somebody who does not work here."""
FIELDS: Final = ("name", "id_number", "mobile", "address")
"""What of the applicant can be shown in clear."""


async def read_record(context: Context, actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """Everything there is about a case, with the names of applicants and other parties masked. The look is logged.

    :param now: UTC.
    :returns: ``case``, ``events`` (each with ``changes``), ``names`` (whose the keys in them are), ``clocks``,
        ``documents``, ``scans``, ``notices``, ``messages``, ``cards``, ``duties``, ``findings``, ``looks`` (for an
        auditor) and ``verdict`` of its chain.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``case_not_found``.
    """
    require(actor, READERS)
    head = await read_case(context, actor, number, now)
    trail = await audit.of_case(number, limit=MOST)
    events = [
        _hidden(event, _name_of(head)) | {"changes": [change._asdict() for change in changes]}
        for event, changes in zip(trail, changes_of(trail), strict=True)
    ]
    beside = await read_beside(context, actor, number)
    auditing = not actor.roles.isdisjoint(AUDITORS)
    return {
        "case": head | {"applicant": _masked(head["applicant"])},
        "events": events,
        "names": await case_evidence.names_of(_keys(events)),
        "clocks": await list_clocks(context, actor, number, now),
        **await case_evidence.of_case(number),
        "messages": await notifications.of_case(number),
        "cards": beside["cards"],
        "duties": beside["duties"],
        "findings": await list_findings(actor, case=number, limit=MOST),
        "looks": await access.of_case(number, NEWEST, MOST) if auditing else [],
        "verdict": await _verdict(context, actor, number) if auditing else None,
    }


def _keys(events: list[dict[str, Any]]) -> list[UUID]:
    """Every key of a person or place that the events and their changes name."""
    told = [event[name] for event in events for name in ("organisation", "window", "acting_for")]
    told += [change[side] for event in events for change in event["changes"] for side in ("before", "after")]
    return list({UUID(str(one)) for one in told if _is_key(one)})


def _is_key(value: Any) -> bool:
    try:
        return isinstance(value, UUID) or (isinstance(value, str) and UUID(value).version is not None)
    except ValueError:
        return False


async def _verdict(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    found = await verify_case(context, actor, number)
    return asdict(found) | {"whole": found.whole}


def _name_of(head: dict[str, Any]) -> str:
    """The applicant's name where it is a person's; empty for an organisation."""
    applicant = head["applicant"]
    return str(applicant["name"]) if applicant["kind"] == "person" else ""


def _hidden(value: Any, name: str) -> Any:
    """The same with the names of people masked: the applicant's wherever it stands, and of who is named as a party."""
    if isinstance(value, str):
        return value.replace(name, mask_name(name)) if name and name in value else value
    if isinstance(value, list):
        return [_hidden(one, name) for one in value]
    if not isinstance(value, dict):
        return value
    party = not value.keys().isdisjoint(_PARTY) and value.get("kind") != "organisation"
    return {
        key: mask_name(inner) if party and key == "name" and isinstance(inner, str) else _hidden(inner, name)
        for key, inner in value.items()
    }


def _masked(applicant: dict[str, Any]) -> dict[str, Any]:
    return applicant | {"name": mask_name(applicant["name"])} if applicant["kind"] == "person" else applicant


async def verify_record(context: Context, actor: Actor, number: str, now: datetime) -> dict[str, Any]:
    """Verify a case, its stored files too. That it was done is logged.

    :param now: UTC.
    :returns: as :class:`engine.checkpoints.proving.CaseVerdict`, with ``whole``, the ``item_name`` and the ``state``.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed`` for anybody but an auditor.
    :raises Unavailable: when a server does not answer.
    """
    found = await verify_case(context, actor, number, objects=True)
    case, _ = await seen_case(context, actor, number)
    await log_access(actor, number, "audit.verify", now)
    told = {name: case[name] for name in ("item_name", "item_name_en", "state", "hall_hours")}
    return asdict(found) | {"whole": found.whole} | told


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
