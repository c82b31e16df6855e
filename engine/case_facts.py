"""A case as guards see it: its row, clocks, materials and notice, read for one moment and turned into values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from engine.context import Context
from engine.fact_readers import FIELDS, READERS
from storage.db import Connection
from workflows.actor import Actor, Role
from workflows.clock import ClockKind, Entry, HallHours, Unit, derive
from workflows.events import Act
from workflows.flow import Step
from workflows.guards import GUARDS, SELECTORS
from workflows.situation import CaseFacts, MandateFacts, Situation

_GIVING_BACK: Final = frozenset(
    {Act.WITHDRAW, Act.TERMINATE, Act.VOID, Act.CONFIRM_LAPSE, Act.END_TOLERANCE, Act.REFUSE_ACCEPTANCE}
)
"""Acts that end a case undecided, with a list of the originals that go back to the applicant."""


async def read_situation(
    context: Context,
    connection: Connection,
    case: dict[str, Any],
    steps: list[Step],
    actor: Actor,
    role: Role,
    payload: Mapping[str, Any],
    now: datetime,
) -> tuple[Situation, list[Entry], HallHours]:
    """The case as guards see it, with only those records read that the guards of these steps need."""
    calendar = await context.calendar(now, case["calendar_stamp"])
    hours = context.hours(case["hall_hours"])
    entries = [entry_of(row) for row in case["clock_entries"]]
    needs = {need for step in steps for name in step.definition.guards for need in _needs(name)}
    needs |= {"notice" for step in steps if ClockKind.statutory in step.definition.clocks.start}
    needs |= {"materials" for step in steps if step.definition.action in _GIVING_BACK}
    situation = Situation(
        state=case["state"],
        case=facts_of(case),
        actor=actor,
        role=role,
        item=await context.item(case["item_id"]),
        now=now,
        calendar=calendar,
        payload=payload,
        clocks=derive(entries, calendar, hours, now),
        hours=hours,
    )
    for need in sorted(needs):
        setattr(situation, FIELDS[need], await READERS[need](connection, case, situation))
    return situation, entries, hours


def _needs(guard: str) -> frozenset[Any]:
    return GUARDS[guard].needs if guard in GUARDS else SELECTORS[guard].needs


def entry_of(row: list[Any]) -> Entry:
    """A ledger entry from the row that the locked case carries."""
    kind, act, at, amount, unit, basis, by, note = row
    return Entry(
        ClockKind(kind), act, datetime.fromisoformat(at), amount, Unit(unit) if unit else None, basis, by, note
    )


def facts_of(case: Mapping[str, Any]) -> CaseFacts:
    """The case row, reduced to what rules may ask about."""
    return CaseFacts(
        number=case["number"],
        state=case["state"],
        version=case["version"],
        hall=case["hall_id"],
        department=case["department_id"],
        situation=frozenset(case["situation"]),
        received_at=case["received_at"],
        accepted_at=case["accepted_at"],
        closed_at=case["closed_at"],
        receiver=case["receiver_id"],
        handler=case["handler_id"],
        endorser=case["endorser_id"],
        owner=case["owner_id"],
        offered_to=case["offered_to_id"],
        void_proposer=case["void_proposer_id"],
        parent=case["parent_id"],
        mandate=case["mandate_id"],
        mandates=msgspec.convert(case["mandates"], tuple[MandateFacts, ...]),
        flags=frozenset(case["flags"]),
    )
