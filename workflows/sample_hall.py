"""The sample hall: a tree of places from province to village, a hall with windows, departments, people."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated

import msgspec

from workflows.actor import Role, check_exclusive
from workflows.errors import YichuangError
from workflows.place import Name, Place, list_problems
from workflows.toml_files import decode, refusal


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
    problems = [*list_problems(hall.places, {}), *_people_problems(hall)]
    if problems:
        raise refusal(filename, problems)
    return hall


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
