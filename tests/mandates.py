"""Mandates of invented people, as they stand once a worker has kept their paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.filing import Applicant
from engine.mandates.agency import FilingFor, file_for
from engine.mandates.mandating import Mandating, Representative, register_mandate
from engine.work import Answer
from storage import mandates, scans
from storage.db import transaction, uuid7
from tests.factories import FOOD, START, Story, person
from tests.people import actor
from workflows.item import ItemVersion
from workflows.mandate import Power
from workflows.party import resident_id_check_character

TODAY: Final = date(2026, 3, 2)
EVERYTHING: Final = list(Power)


def agent_number(number: int = 1) -> str:
    """The identity number of an invented agent; never that of an applicant."""
    digits = f"46010019850505{number:03d}"
    return digits + resident_id_check_character(digits)


def wish(
    principal: Applicant | None = None,
    agent: str | Representative | None = "agent",
    item: ItemVersion = FOOD,
    **changes: Any,
) -> Mandating:
    """A mandate for four weeks from START on. ``agent``: a sign-in name; None for a private representative."""
    who = {"login": agent} if isinstance(agent, str) else {"name": "示例代理人"}
    usual: dict[str, Any] = {
        "principal": principal or person(),
        "agent": agent if isinstance(agent, Representative) else Representative("resident_id", agent_number(), **who),
        "matter": f"代为办理{item.name}",
        "powers": EVERYTHING,
        "from_on": TODAY,
        "until_on": TODAY + timedelta(days=27),
        "signed": True,
        "items": [item.code],
    }
    return Mandating(**{**usual, **changes})


async def give(
    context: Context,
    request: Mandating | None = None,
    *,
    by: str = "clerk",
    at: datetime = START,
    evidenced: bool = True,
) -> Answer:
    """Register a mandate and, unless told otherwise, let its paper have been kept."""
    answer = await register_mandate(context, await actor(by), request or wish(), at)
    if evidenced:
        await keep_paper(UUID(answer["mandate"]), at)
    return answer


async def keep_paper(mandate: UUID, at: datetime) -> None:
    """The paper of a mandate as a worker leaves a good scan."""
    scan = uuid7()
    row = {
        "id": scan,
        "file_name": "授权委托书.pdf",
        "kind": "pdf",
        "size": 1024,
        "digest": f"{scan.int:064x}",
        "object_key": f"{scan}",
        "uploaded_by": None,
        "uploaded_at": at,
    }
    async with transaction() as connection:
        await scans.keep(connection, row)
        await mandates.link_scan(connection, mandate, scan, at)
        await connection.execute(
            "UPDATE scans SET state = 'stored', verdict = 'ok', pages = 1, object_version = 'v1', judged_at = $2,"
            " retain_until = $3 WHERE id = $1",
            scan,
            at,
            at + timedelta(days=3660),
        )
        await mandates.evidence(connection, mandate, scan)


async def filed(context: Context, mandate: Answer, item: ItemVersion = FOOD, at: datetime = START) -> Story:
    """A case that the help-desk agent has just opened for the principal."""
    answer = await file_for(context, await actor("agent"), UUID(mandate["mandate"]), FilingFor(item.code), at)
    return Story(context, item, answer["case"], at, [answer])
