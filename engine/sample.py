"""Loads the sample hall: organisations, one person per role, calendar, flows, items. Repeating it changes nothing."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime
from typing import Any

from engine.administration.managing_places import import_places
from engine.identity import hash_password
from engine.publishing import import_calendar, publish_flow, publish_item
from storage import organisations
from storage.db import transaction, uuid7
from storage.people import Person, RoleGrant
from workflows.calendar import packaged_editions
from workflows.flow import packaged_flows
from workflows.item import load_catalogue
from workflows.sample_hall import SampleHall, load_hall


async def load_sample(now: datetime, passwords: dict[str, str] | None = None) -> dict[str, str]:
    """Load what is missing of the sample hall.

    :param now: UTC. :param passwords: by login; people without one here get a fresh one.
    :returns: the passwords of the people that were added in this call, by login.
    """
    hall = load_hall()
    added = await _people(hall, await _organisations(hall, now), passwords or {}, now)
    for edition in packaged_editions():
        await import_calendar(edition, now, logged=False)
    for flow in packaged_flows().values():
        await publish_flow(flow, now)
    for item in load_catalogue():
        await publish_item(item, now)
    return added


def new_password() -> str:
    """A password that meets the rules and can be typed: letters, digits, a dash."""
    return f"Yc-{secrets.token_hex(5)}"


async def _organisations(hall: SampleHall, now: datetime) -> dict[str, Any]:
    """Add the places that are missing; the keys of all by code. What was changed since stays changed."""
    there = {row["code"] for row in await organisations.every()}
    await import_places([place for place in hall.places if place.code not in there], now, logged=False)
    return {row["code"]: row["id"] for row in await organisations.every()}


async def _people(hall: SampleHall, keys: dict[str, Any], passwords: dict[str, str], now: datetime) -> dict[str, str]:
    known = {row["login"] for row in await Person.select(Person.login)}
    missing = [person for person in hall.people if person.login not in known]
    chosen = {person.login: passwords.get(person.login) or new_password() for person in missing}
    hashes = await asyncio.gather(*(hash_password(chosen[person.login]) for person in missing))
    async with transaction():
        for person, hashed in zip(missing, hashes, strict=True):
            key = uuid7()
            await Person.insert(
                Person(id=key, login=person.login, name=person.name, password=hashed, active=True, created_at=now)
            )
            grants = [
                RoleGrant(id=uuid7(), person_id=key, role=grant.role.value, organisation_id=keys[grant.at])
                for grant in person.grants
            ]
            await RoleGrant.insert(*grants)
    return chosen
