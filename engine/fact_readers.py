"""The records beside the case row that a guard may ask for, each read by its own function and turned into values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from engine.hints import told_before
from storage import (
    cards,
    cases,
    certificates,
    consultations,
    duties,
    materials,
    notices,
    people,
    postings,
    procedures,
    ratings,
    results,
    services,
)
from storage.db import Connection
from workflows.actor import Role
from workflows.guarding import Need
from workflows.payload import named_logins
from workflows.situation import (
    CardFacts,
    CertificateFacts,
    Colleague,
    DutyFacts,
    HearingFacts,
    MaterialFacts,
    NoticeFacts,
    NoticeLine,
    PaperFacts,
    PostingFacts,
    RatingFacts,
    Situation,
    SpecialFacts,
    ThirdPartyFacts,
    ToldBefore,
)

Reader = Callable[[Connection, Mapping[str, Any], Situation], Awaitable[Any]]


async def _materials(connection: Connection, case: Mapping[str, Any], _: Situation) -> dict[str, MaterialFacts]:
    rows = msgspec.convert(await materials.of_case(connection, case["id"]), list[MaterialFacts])
    return {facts.line: facts for facts in rows}


async def _notice(connection: Connection, case: Mapping[str, Any], _: Situation) -> NoticeFacts | None:
    row = await notices.of_case(connection, case["id"])
    return NoticeFacts(row["given_at"], tuple(msgspec.convert(row["lines"], list[NoticeLine]))) if row else None


async def _papers(connection: Connection, case: Mapping[str, Any], _: Situation) -> tuple[PaperFacts, ...]:
    return tuple(PaperFacts(**row) for row in await services.papers_of_case(connection, case["id"]))


async def _signers(connection: Connection, case: Mapping[str, Any], _: Situation) -> frozenset[Any]:
    return frozenset(await results.signers_of(connection, case["id"]))


async def _handlers(connection: Connection, case: Mapping[str, Any], _: Situation) -> frozenset[Any]:
    return frozenset(await results.handlers_of(connection, case["id"]))


async def _examiners(connection: Connection, case: Mapping[str, Any], _: Situation) -> frozenset[Any]:
    return frozenset(await procedures.examiners_of(connection, case["id"]))


async def _special(connection: Connection, case: Mapping[str, Any], _: Situation) -> SpecialFacts | None:
    row = await procedures.special_of_case(connection, case["id"])
    return SpecialFacts(**row) if row else None


async def _hearing(connection: Connection, case: Mapping[str, Any], _: Situation) -> HearingFacts | None:
    row = await procedures.hearing_of_case(connection, case["id"])
    return HearingFacts(**row) if row else None


async def _third_parties(connection: Connection, case: Mapping[str, Any], _: Situation) -> tuple[ThirdPartyFacts, ...]:
    return tuple(ThirdPartyFacts(**row) for row in await procedures.third_parties_of_case(connection, case["id"]))


async def _duties(connection: Connection, case: Mapping[str, Any], _: Situation) -> tuple[DutyFacts, ...]:
    rows = await duties.of_case(connection, case["id"])
    return tuple(DutyFacts(row["kind"], row["due_on"], row["done_at"], row["outcome"]) for row in rows)


async def _cards(connection: Connection, case: Mapping[str, Any], _: Situation) -> tuple[CardFacts, ...]:
    rows = await cards.of_case(connection, case["id"])
    return tuple(CardFacts(row["number"], row["level"], row["rule"], row["state"], row["appealed_by"]) for row in rows)


async def _colleagues(connection: Connection, case: Mapping[str, Any], seen: Situation) -> dict[str, Colleague]:
    """The people whom the payload names, with their roles where the case is."""
    rows = await people.named(
        connection, named_logins(seen.payload), [case["hall_path"], case["department_path"]], seen.now
    )
    return {
        row["login"]: Colleague(row["id"], row["login"], frozenset(Role(role) for role in row["roles"])) for row in rows
    }


async def _children(connection: Connection, case: Mapping[str, Any], _: Situation) -> int:
    return await cases.children_open(connection, case["id"])


async def _queue(connection: Connection, case: Mapping[str, Any], _: Situation) -> int:
    return await cases.accepted_before(connection, case["id"])


async def _reminders(connection: Connection, case: Mapping[str, Any], _: Situation) -> int:
    return await notices.reminders(connection, case["id"])


async def _told(connection: Connection, case: Mapping[str, Any], _: Situation) -> tuple[ToldBefore, ...]:
    return told_before(await consultations.told_of_case(connection, case["id"]))


async def _posting(connection: Connection, case: Mapping[str, Any], _: Situation) -> PostingFacts | None:
    row = await postings.open_of_case(connection, case["id"])
    return PostingFacts(**row) if row else None


async def _waybill(connection: Connection, _: Mapping[str, Any], seen: Situation) -> bool:
    """Whether the waybill that the payload names has been used before."""
    return await postings.is_used(connection, seen.payload.get("waybill", ""))


async def _certificates(connection: Connection, case: Mapping[str, Any], _: Situation) -> tuple[CertificateFacts, ...]:
    return tuple(CertificateFacts(**row) for row in await certificates.of_case(connection, case["id"]))


async def _rating(connection: Connection, case: Mapping[str, Any], _: Situation) -> RatingFacts | None:
    row = await ratings.of_case(connection, case["id"])
    return RatingFacts(row["level"], row["rated_at"], row["comment"]) if row else None


READERS: Final[Mapping[Need, Reader]] = {
    "materials": _materials,
    "notice": _notice,
    "papers": _papers,
    "signers": _signers,
    "handlers": _handlers,
    "examiners": _examiners,
    "special": _special,
    "hearing": _hearing,
    "third_parties": _third_parties,
    "duties": _duties,
    "cards": _cards,
    "colleagues": _colleagues,
    "children": _children,
    "queue": _queue,
    "reminders": _reminders,
    "posting": _posting,
    "waybill": _waybill,
    "certificates": _certificates,
    "rating": _rating,
    "told": _told,
}
"""How each kind of record is read."""

FIELDS: Final[Mapping[Need, str]] = {need: need for need in READERS} | {
    "children": "children_open",
    "queue": "accepted_before",
    "waybill": "waybill_used",
}
"""Where a situation keeps each kind of record."""
