"""Places: regions from province down to village, the halls and departments in them, the windows of a hall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from workflows.errors import Malformed
from workflows.party import validate_uscc
from workflows.toml_files import decode

PlaceKind = Literal["region", "hall", "window", "department"]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
PlaceCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
AgencyWord = Annotated[str, Meta(min_length=1, max_length=20)]
Phone = Annotated[str, Meta(pattern=r"^[0-9+\- ]{0,30}$")]

INSIDE: Final[Mapping[str, str]] = MappingProxyType(
    {"region": "region", "hall": "region", "department": "region", "window": "hall"}
)
"""What a place of each kind lies in; only a region may lie in nothing, as the root of the tree."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When a hall is open, in its zone; several sessions a day."""

    zone: Name
    sessions: Annotated[tuple[tuple[time, time], ...], Meta(min_length=1)]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation.

    :param parent: code of the one above, empty at the root. :param region: GB/T 2260 code, 6, 9 or 12 digits.
    :param agency_word: what its documents are numbered under (机关代字). :param phone: printed on its documents.
    :param hours: of a hall; its limits end when it closes.
    """

    code: PlaceCode
    parent: str = ""
    kind: PlaceKind
    region: Annotated[str, Meta(pattern="^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
    name: Name
    name_en: Name
    uscc: str | None = None
    agency_word: AgencyWord | None = None
    phone: Phone = ""
    hours: Hours | None = None


class PlaceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of places; each comes after the one that it lies in."""

    places: Annotated[tuple[Place, ...], Meta(min_length=1)]


def parse_places(text: str, filename: str) -> tuple[Place, ...]:
    """Read a file of places, TOML or JSON; what they lie in is judged where they are added (:func:`list_problems`).

    :raises DefinitionError: ``definition_not_wellformed``, naming every problem.
    """
    return decode(text, PlaceFile, filename).places


def list_problems(places: Iterable[Place], known: Mapping[str, Place]) -> list[str]:
    """What is wrong with a list of places beside the shape of each, as ``places CODE.FIELD: what``.

    :param known: places that are there already, by code.
    """
    problems: list[str] = []
    seen, own = dict(known), set[str]()
    for place in places:
        above = seen.get(place.parent)
        if place.code in own:
            problems.append(f"places {place.code}: used twice")
        if place.parent and above is None:
            problems.append(f"places {place.code}.parent: {place.parent} does not come before it")
        problems += [f"places {place.code}.{found.field}: {found.en}" for found in faults(place, above)]
        own.add(place.code)
        seen[place.code] = place
    return problems


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a place, in both languages."""

    field: str
    zh: str
    en: str


def faults(place: Place, above: Place | None) -> list[Fault]:
    """What is wrong with one place beside the shape of its fields.

    :param above: the place that it lies in; None where that is not known, or where it is the root.
    """
    found = [*_agency_faults(place), *_hours_faults(place)]
    inside = INSIDE[place.kind]
    if not place.parent and place.kind != "region":
        found.append(Fault("parent", "只有行政区划可以没有上级", f"a {place.kind} lies in a {inside}"))
    if above is None:
        return found
    if above.kind != inside:
        told = f"a {place.kind} lies in a {inside}, {above.code} is a {above.kind}"
        found.append(Fault("parent", "窗口设在大厅之下，大厅、部门和下级区划设在行政区划之下", told))
    if not place.region.startswith(above.region.rstrip("0")):
        found.append(Fault("region", "区划代码不在上级区划之内", f"outside {above.code}"))
    elif place.kind != "region" and place.region != above.region:
        found.append(Fault("region", f"区划代码应与上级相同：{above.region}", f"{above.code} is in {above.region}"))
    return found


def _agency_faults(place: Place) -> list[Fault]:
    if place.kind not in {"hall", "department"}:
        return []
    found = [] if place.agency_word else [Fault("agency_word", "请填写机关代字，文号要用", "missing")]
    if place.kind == "hall" and not place.uscc:
        return found
    try:
        validate_uscc(place.uscc or "")
    except Malformed as error:
        found.append(Fault("uscc", error.zh.rstrip("。"), error.en))
    return found


def _hours_faults(place: Place) -> list[Fault]:
    if place.kind != "hall":
        return [Fault("hours", "只有大厅填写办公时间", "only of a hall")] if place.hours else []
    if place.hours is None:
        return [Fault("hours", "请填写办公时间，期限到下班时届满", "missing; limits end when the hall closes")]
    try:
        ZoneInfo(place.hours.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return [Fault("hours", "没有该时区", "no such time zone")]
    times = [at for session in place.hours.sessions for at in session]
    if any(at.tzinfo for at in times) or times != sorted(set(times)):
        told = "each session ends after it begins and before the next one, in the hall's own zone"
        return [Fault("hours", "每段办公时间应先始后止，前后不重叠", told)]
    return []
