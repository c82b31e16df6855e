"""核验与情形: a line is checked as its grade asks, and the answers that decide which lines apply are changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

import msgspec
from msgspec import Struct

from engine.context import Context
from engine.intake import check_row, signed_by
from engine.materials.material_lines import CaseInHand, take_case
from engine.once import once
from engine.work import Answer
from storage import cases, checks, notices
from storage.db import Connection
from workflows.actor import Actor, Role
from workflows.check import CHECKERS, check_allowed
from workflows.checklist import check_change
from workflows.events import EventName
from workflows.mandate import Power
from workflows.material import check_answers
from workflows.payload import Code, ShortText, Text, refuse_control_characters
from workflows.proof import CheckFacts, CheckKind

ANSWERERS = (Role.clerk, Role.officer, Role.agent)
"""Who may change the answers of a situation before acceptance."""


class Checking(Struct, forbid_unknown_fields=True, frozen=True):
    """A check of a line. ``reference``: number of the electronic certificate that was verified at its source.

    ``valid_to``: last day (hall date) on which the material is valid, if one is printed on it. ``note``: what was
    found; needed where it did not pass.
    """

    kind: CheckKind
    passed: bool = True
    reference: ShortText | None = None
    valid_to: date | None = None
    note: Text | None = None


async def record_check(
    context: Context, actor: Actor, number: str, line: Code, request: Checking, now: datetime, key: str = ""
) -> Answer:
    """Keep that somebody has checked a line as its grade asks (国办函〔2016〕108号), and what they found.

    :param line: code of the line. :param now: UTC. :param key: idempotency key.
    :returns: ``case``, ``line``, ``kind``, ``passed``, ``seq`` of the event.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``, ``two_hats``.
    :raises Conflict: ``material_not_on_list``, ``check_not_of_grade``, ``nothing_to_check``, ``material_expired``,
        ``case_closed``. :raises Malformed: ``reference_needed``, ``note_needed``, ``control_character``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    write = partial(_record, context, actor, number, line, request, now)
    return await once(actor, key, ["check", number, line, request], now, write)


async def _record(
    context: Context,
    actor: Actor,
    number: str,
    line: str,
    request: Checking,
    now: datetime,
    connection: Connection,
) -> Answer:
    hand = await take_case(context, connection, actor, number, CHECKERS, (), now)
    by, note = signed_by(actor.name, hand.role), request.note or ""
    check = CheckFacts(request.kind, request.passed, now, by, (request.reference or "").strip(), request.valid_to)
    check_allowed(hand.line(line), hand.got(line), check, note, hand.today)
    await checks.add(connection, [check_row(hand.case["id"], line, check, note.strip(), actor.staff)])
    told = {"line": line, "kind": request.kind.value, "passed": request.passed}
    more = {"reference": check.reference, "valid_to": request.valid_to, "note": note.strip()}
    said = {name: f"{value}" for name, value in more.items() if value}
    seq = await hand.tell(EventName.MATERIAL_CHECKED, told | said)
    return {"case": number, **told, "seq": seq}


async def answer_situation(
    context: Context, actor: Actor, number: str, answers: Sequence[Code], now: datetime, key: str = ""
) -> Answer:
    """Change the answers to the item's questions before acceptance; the list follows them at once.

    :param answers: the flags of every yes and every choice, all of them anew. :param now: UTC.
    :returns: ``case``, ``situation``, the lines ``added`` and ``dropped``, ``version`` of the case, ``seq``.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``, ``two_hats``, and as in
        :func:`workflows.mandate.best_of`.
    :raises Conflict: ``situation_unknown``, ``case_closed``, and as in :func:`workflows.checklist.check_change`.
    :raises Malformed: ``situation_unanswered``, ``situation_ambiguous``.
    """
    wanted = sorted(set(answers))
    write = partial(_answer, context, actor, number, wanted, now)
    answer = await once(actor, key, ["situation", number, wanted], now, write)
    context.wake()
    return answer


async def _answer(
    context: Context, actor: Actor, number: str, answers: list[str], now: datetime, connection: Connection
) -> Answer:
    hand = await take_case(context, connection, actor, number, ANSWERERS, (Power.file, Power.supply), now)
    flags = check_answers(hand.item.situations, answers)
    before = list(hand.case["situation"])
    notice = await notices.of_case(connection, hand.case["id"])
    added, dropped = check_change(
        hand.item,
        before,
        flags,
        facts=hand.facts,
        noticed={row["material"] for row in notice["lines"]} if notice else (),
        told=notice is not None,
        accepted=hand.case["accepted_at"] is not None,
    )
    await cases.answer(connection, hand.case["id"], sorted(flags))
    _serve_first(hand, flags)
    hand.case["version"] += 1
    told = {"before": before, "situation": sorted(flags), "added": added, "dropped": dropped}
    seq = await hand.tell(EventName.SITUATION_CHANGED, told)
    return {"case": number, **told, "version": hand.case["version"], "seq": seq}


def _serve_first(hand: CaseInHand, flags: frozenset[str]) -> None:
    """An elderly person in a property matter comes first from now on, as if it had been said at opening."""
    if hand.item.asks_intention and "elder" in flags and not hand.case["priority"]:
        first = {"priority": "elderly", "rank": 0, "flags": sorted({*hand.case["flags"], "elderly"})}
        hand.case.update(first)
