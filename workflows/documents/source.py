"""What a document is printed from: rows as they are stored, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.hall_hours import HallHours
from workflows.item import ItemVersion

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as it is named on paper. ``phone`` may be empty."""

    name: str
    name_en: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One document with what belongs to it.

    :param number: 文号; empty while it is not issued. :param data: the document's own row. :param issued_at: UTC.
    :param event: the event of the trail that issued it: name, actor_name, role, reason, data, clocks, to_state.
    :param case: number, query_code, applicant (as filed, masked), accepted_at, received_at.
    :param agency: whose number it carries. :param government: the government that hears appeals against the department.
    :param basis: the article under which the act was done.
    :param people: names by sign-in name. :param places: names of organisations by code.
    :param held: what was handed in for each line of the material list.
    :param opinions: signed opinions of the round that the document covers, oldest first.
    :param certificate: the certificate of this number. :param address: where the applicant can ask for the status.
    """

    code: str
    number: str
    data: Row
    issued_at: datetime
    event: Row
    case: Row
    item: ItemVersion
    agency: Place
    hall: Place
    department: Place
    government: str = ""
    basis: str = ""
    hours: HallHours = field(default_factory=HallHours)
    people: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Row] = field(default_factory=dict)
    opinions: tuple[Row, ...] = ()
    certificate: Row | None = None
    address: str = ""

    @property
    def act(self) -> str:
        """The act that issued it, without the prefix of the event's name."""
        return str(self.event["name"]).rpartition(":")[2]

    def line_name(self, code: str) -> tuple[str, str]:
        """A line of the material list as the applicant knows it, in both languages; an unknown code stays."""
        return next(((line.name, line.name_en) for line in self.item.materials if line.code == code), (code, code))


@dataclass(frozen=True, slots=True)
class Slip:
    """A document of a hall that belongs to no case: an information slip, a mandate to be signed, an impasse ticket.

    :param number: 文号; empty while it is not issued. :param data: everything on it, as it was when it was issued.
    :param issued_at: UTC.
    """

    code: str
    number: str
    data: Row
    issued_at: datetime
    hall: Place
    hours: HallHours = field(default_factory=HallHours)
