"""Joint handling (并联审批, 许可法26): each department that takes part has a child case and gives its opinion in it."""

from __future__ import annotations

import secrets
from typing import Any, Final

from engine import handling
from engine.committing import commit
from engine.opening import opened
from engine.rows import begun
from engine.signing import sign
from engine.work import Command, Work, chain, prepare
from storage import acts, cases, child_cases, organisations, registers
from storage.db import Connection, uuid7
from workflows.actor import SYSTEM
from workflows.events import Act
from workflows.flow import Flow
from workflows.numbers import case_number, query_code

FLOW: Final = "JOINT_REVIEW"
"""The procedure of a department that takes part."""
_PINNED: Final = (
    "item_id", "item_code", "item_name", "item_name_en", "item_version", "hall_id", "window_id", "party_id",
    "applicant", "applicant_sealed", "channel", "situation", "owner_id", "priority", "rank",
)  # fmt: skip
"""What a child case has from its parent: the same application, item version and party as filed."""


def dispatch(work: Work) -> None:
    """分办: to the item's department, jointly to several, or to the lower authority first."""
    if work.step.definition.children == "open":
        work.data["departments"] = list(work.item.joint)
        for department in work.item.joint:
            work.then(_open_child, work, department)
        work.then(child_cases.share_materials, work.case["id"], work.now)
    elif work.item.pre_examination:
        handling.send_below(work)


async def _open_child(connection: Connection, work: Work, department: str) -> None:
    """One department's case, open and dispatched to it in the transaction of its parent's dispatch."""
    place = await organisations.by_code(department)
    if place is None or place["kind"] != "department":
        raise child_cases.department_not_found(department)
    flow = await work.context.flow(FLOW, on=work.day())
    child = await _child_row(connection, work, place, flow)
    await cases.insert(connection, child)
    event = chain(child, _opened(work, child))
    key = (SYSTEM.person, "", "", dict[str, Any]())
    await acts.write(connection, opened(child), event, entries=[], clocks=[], documents=[], outbox=[], key=key)
    await _dispatch_child(connection, work, child["number"])


async def _child_row(connection: Connection, work: Work, place: dict[str, Any], flow: Flow) -> dict[str, Any]:
    region, day = work.case["number"][:6], work.day()
    counter = f"case:{region}:{day:%y%m%d}"
    seq = (await registers.next_numbers(connection, [counter]))[counter]
    return {name: work.case[name] for name in _PINNED} | {
        "id": uuid7(),
        "number": case_number(region, day, seq),
        "query_code": query_code(secrets.token_bytes(16)),
        "flow": flow.name,
        "flow_version": flow.version,
        "department_id": place["id"],
        "department": place["code"],
        "case_kind": work.item.case_kind,
        "parent_id": work.case["id"],
        "state": flow.initial,
        "holder": flow.states[flow.initial].holder,
        "opened_at": work.now,
        "changed_at": work.now,
        "head_seq": 0,
        "head_digest": "",
    }


def _opened(work: Work, child: dict[str, Any]) -> dict[str, Any]:
    """The first event of a child's chain: who dispatched its parent opened it."""
    actor, grant = work.command.actor, work.situation.grant
    return {
        "name": "case:open",
        "at": work.now,
        "claimed_at": None,
        "actor": actor.staff,
        "actor_name": actor.signature(grant),
        "role": work.situation.role.value,
        "organisation": grant.organisation if grant else None,
        "window": work.command.window,
        "acting_for": grant.acting_for if grant else None,
        "from_state": "",
        "to_state": child["state"],
        "reason": "",
        "data": {
            "item": child["item_code"],
            "applicant": child["applicant"],
            "channel": child["channel"],
            "parent": work.case["number"],
            "standing": begun(child, work.hours),
        },
        "clocks": {},
        "algorithm": work.context.settings.digest_algorithm,
    }


async def _dispatch_child(connection: Connection, work: Work, number: str) -> None:
    command = Command(SYSTEM, number, Act.DISPATCH, {}, work.now)
    case = await cases.lock(connection, number, SYSTEM.person, "")
    if case is None:
        raise LookupError(number)
    await commit(connection, await prepare(work.context, connection, command, case), command.digest())


def give_opinion(work: Work) -> None:
    """反馈意见: a department's opinion, signed by its approver; the department that decides is told."""
    work.change(approver_id=work.command.actor.staff)
    sign(work, "opinion", work.payload["conclusion"], work.payload["opinion"])
    told = {"child": work.case["number"], "conclusion": work.payload["conclusion"]}
    work.then(child_cases.tell_department, work.case["parent_id"], Act.GIVE_OPINION.value, told, work.now)
