"""The sample hall: a tree of places from province to village, a hall with windows, departments, people."""

from __future__ import annotations

from datetime import time
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec

from workflows.actor import Role, check_exclusive
from workflows.errors import Malformed, YichuangError
from workflows.party import validate_uscc
from workflows.toml_files import decode, refusal

PlaceKind = Literal["region", "hall", "window", "department"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When a hall is open, in its zone; several sessions a day."""

    zone: Name
    sessions: Annotated[tuple[tuple[time, time], ...], msgspec.Meta(min_length=1)]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation.

    :param parent: code of the one above, empty at the root. :param region: GB/T 2260 code, 6, 9 or 12 digits.
    :param agency_word: what its documents are numbered under (机关代字). :param phone: printed on its documents.
    """

    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
    parent: str = ""
    kind: PlaceKind
    region: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
    name: Name
    name_en: Name
    uscc: str | None = None
    agency_word: str | None = None
    phone: Annotated[str, msgspec.Meta(pattern=r"^[0-9+\- ]{0,30}$")] = ""
    hours: Hours | None = None


class RoleAt(msgspec.Struct, frozen=True, kw_only=True):
    """One role in one organisation."""

    role: Role
    at: str


class SamplePerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in to the sample hall; names are invented, passwords are made on loading."""

    login: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_.]{1,59}$")]
    name: Name
    grants: Annotated[tuple[RoleAt, ...], msgspec.Meta(min_length=1)]


class SampleHall(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the sample hall but its items; places come before the places inside them."""

    region: str
    places: tuple[Place, ...]
    people: tuple[SamplePerson, ...]

    def path(self, code: str) -> str:
        """The codes from the root down to this place, joined by ``/``."""
        by_code = {place.code: place for place in self.places}
        parts = [code]
        while by_code[parts[-1]].parent:
            parts.append(by_code[parts[-1]].parent)
        return "/".join(reversed(parts))


def parse_hall(text: str, filename: str = "hall.toml") -> SampleHall:
    """Read a hall file.

    :raises DefinitionError: ``definition_not_wellformed``, naming every problem.
    """
    hall = decode(text, SampleHall, filename)
    problems = [*_place_problems(hall), *_people_problems(hall)]
    if problems:
        raise refusal(filename, problems)
    return hall


def _place_problems(hall: SampleHall) -> list[str]:
    problems: list[str] = []
    seen: dict[str, Place] = {}
    for place in hall.places:
        above = seen.get(place.parent)
        if place.code in seen:
            problems.append(f"places {place.code}: used twice")
        if place.parent and above is None:
            problems.append(f"places {place.code}.parent: {place.parent} does not come before it")
        if above and not place.region.startswith(above.region.rstrip("0")):
            problems.append(f"places {place.code}.region: outside {above.code}")
        problems += _department_problems(place)
        seen[place.code] = place
    return problems


def _department_problems(place: Place) -> list[str]:
    if place.kind != "department":
        return []
    problems = [] if place.agency_word else [f"places {place.code}.agency_word: missing"]
    try:
        validate_uscc(place.uscc or "")
    except Malformed as error:
        problems.append(f"places {place.code}.uscc: {error.en}")
    return problems


def _people_problems(hall: SampleHall) -> list[str]:
    codes = {place.code for place in hall.places}
    logins = [person.login for person in hall.people]
    problems = [f"people {login}: used twice" for login in sorted(set(logins)) if logins.count(login) > 1]
    for person in hall.people:
        problems += [f"people {person.login}: no place {one.at}" for one in person.grants if one.at not in codes]
        try:
            check_exclusive(grant.role for grant in person.grants)
        except YichuangError as error:
            problems.append(f"people {person.login}: {error.en}")
    return problems


@cache
def load_hall() -> SampleHall:
    """The sample hall that comes with this release."""
    file = resources.files("workflows") / "catalogue" / "hall.toml"
    return parse_hall(file.read_text(encoding="utf-8"), file.name)
