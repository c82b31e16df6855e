"""委托书表样: a mandate (D22) drawn up at the window for the principal to sign, and found again by the code on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.documents import slip_drafting
from engine.mandates.mandate_terms import REGISTRARS, Terms, agent_of, fingerprint, matter_of, party_of
from engine.once import once
from engine.placing import Place, find_place
from engine.work import Answer
from storage import catalogues
from storage.db import Connection
from storage.slips import newest
from workflows.actor import Actor
from workflows.errors import Conflict
from workflows.mandate import BASIS, check_term, ordered
from workflows.party import mask_id, validate_id
from workflows.payload import refuse_control_characters

CODE: Final = "D22"


async def draw_form(context: Context, actor: Actor, request: Terms, now: datetime, key: str = "") -> Answer:
    """Draw a mandate up under the next number (D22), to be printed and signed. It counts once registered and scanned.

    :param now: UTC. :param key: idempotency key; the same request under the same key is kept once.
    :returns: ``number``. Refusals as in :func:`engine.mandates.mandating.register_mandate`, but for the signature.
    """
    place, data = await _checked(context, actor, request, now)
    year = context.hours(place.hall["hours"]).day(now).year

    async def write(connection: Connection) -> Answer:
        number = await slip_drafting.next_number(connection, place.hall, CODE, year)
        await slip_drafting.issue(connection, actor, place.hall["id"], CODE, number, data, now)
        return {"number": number}

    answer = await once(actor, key, ["mandate.form", request], now, write)
    context.wake()
    return answer


async def preview_form(context: Context, actor: Actor, request: Terms, now: datetime) -> bytes:
    """The form of a mandate as a sample in PDF; nothing is written. Refusals as in :func:`draw_form`.

    :param now: UTC. :raises Conflict: ``character_without_face``.
    """
    place, data = await _checked(context, actor, request, now)
    return await slip_drafting.preview_slip(context, place.hall, CODE, data, now)


async def _checked(context: Context, actor: Actor, request: Terms, now: datetime) -> tuple[Place, dict[str, Any]]:
    """In which hall a form is drawn up, and everything on it, once nothing speaks against it."""
    refuse_control_characters(msgspec.to_builtins(request))
    place = await find_place(actor, REGISTRARS, request.hall, None)
    day = context.hours(place.hall["hours"]).day(now)
    check_term(request.from_on, request.until_on, day)
    party = party_of(context, request, now)["as_filed"]
    matter = await matter_of(context, actor, request, day)
    agent = await agent_of(context, request, place.hall["path"])
    number = validate_id(request.agent.id_kind, request.agent.id_number)
    return place, {
        "clerk": actor.name,
        "basis": BASIS,
        "case": matter["case_number"],
        "applicant": party["name"],
        "organisation": party["kind"] == "organisation",
        "item": "、".join(await _names(matter["items"], day)),
        "item_code": "、".join(matter["items"]),
        "principal_id_kind": party["id_kind"],
        "principal_id_masked": party["id_masked"],
        "agent": agent["agent_name"],
        "agent_id_kind": agent["agent_id_kind"],
        "agent_id_masked": mask_id(number),
        "matter": request.matter,
        "powers": [power.zh for power in ordered(request.powers)],
        "from_on": request.from_on.isoformat(),
        "until_on": request.until_on.isoformat(),
        "fingerprint": fingerprint(context, request),
    }


async def _names(items: list[str], day: date) -> list[str]:
    found = [await catalogues.item_on(code, day) for code in items]
    return [row["name"] for row in found if row]


async def form_of(context: Context, hall: UUID, request: Terms, number: str) -> str:
    """The number of the form that a mandate was signed on, once it says the same.

    :raises Conflict: ``form_unknown``, ``form_differs``.
    """
    form = await newest(number)
    if form is None or form["code"] != CODE or form["hall_id"] != hall:
        raise Conflict(
            "form_unknown",
            "本大厅没有打印过该编号的授权委托书，请核对编号。",
            "This hall has drawn up no mandate of that number; check it.",
            basis=BASIS,
        )
    if form["data"]["fingerprint"] != fingerprint(context, request):
        raise Conflict(
            "form_differs",
            "登记内容与委托人签署的委托书不一致（委托人、代理人、事项、权限或者期限），请按签署的委托书登记。",
            "This is not what the principal signed: parties, matter, powers or term differ. Register it as signed.",
            basis=BASIS,
        )
    return number
