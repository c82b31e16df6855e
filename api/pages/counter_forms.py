"""Forms of the issue counter, read as they were typed; what cannot be understood goes on to the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup

from api.pages.forms import PERSON_PARTS, Typed, text_of
from api.pages.visit import Visit
from engine.documents.typesetting import code_of
from workflows.errors import YichuangError

_PATH: Final = re.compile(r"(\w+)$")
_ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recipient_is_not_applicant": "id_number",
        "collector_is_not_agent": "id_number",
        "id_form_wrong": "id_number",
        "id_date_wrong": "id_number",
        "id_region_wrong": "id_number",
        "id_check_failed": "id_number",
        "id_kind_unknown": "id_kind",
        "mandate_missing": "mandate",
        "mandate_unknown": "mandate_number",
        "recipient_missing": "id_number",
        "witness_missing": "witness",
        "waybill_used": "waybill",
    }
)
"""Refusals that name no field, and the field beside which they are shown."""


class Way(StrEnum):
    """How a result leaves the counter."""

    window = "window"
    post = "post"
    courier = "courier"

    @classmethod
    def of(cls, text: str) -> Way:
        """The way that an address names; the window where it names none."""
        return cls(text) if text in set(cls) else cls.window


_FIRST: Final = MappingProxyType({Way.window: "id_number", Way.post: "waybill", Way.courier: "phone"})
_MARKED: Final = frozenset(
    {"id_number", "name", "mandate", "mandate_number", "witness", "waybill", "carrier", "phone", "address"}
)
"""Fields beside which a refusal is shown."""


async def titled_states(visit: Visit) -> dict[tuple[str, str], str]:
    """What each state of each flow is called, as the newest flows say."""
    flows = await visit.context.newest_flows()
    return {(flow.name, name): visit.wording.of(state) for flow in flows for name, state in flow.states.items()}


def drawn_code(text: str) -> Markup:
    """A QR code to stand in a page; the library draws it, and puts nothing of the text into it as text."""
    drawn = code_of(text, sized=False)
    return Markup(drawn[drawn.index("<svg") :])  # noqa: S704  # drawn here, typed by nobody


def versions_of(typed: Typed) -> dict[str, int]:
    """The ticked cases, each with the version that the page showed."""
    pairs = [one.partition("@") for one in typed.fields.get("case", ())]
    return {number: int(version) if version.isdecimal() else 0 for number, _, version in pairs}


def delivery_of(typed: Typed) -> dict[str, Any]:
    """Who takes the results, as the act ``deliver`` asks; nobody where the party refuses them."""
    refused = bool(typed.get("refused"))
    person = {part: text_of(typed, f"recipient.{part}") for part in PERSON_PARTS}
    given = {part: value for part, value in person.items() if value is not None}
    if refused and not given.get("id_number"):
        given = {}
    return _without_gaps(
        {
            "recipient": given | {"id_number": given.get("id_number", "")} if given else None,
            "mandate": bool(typed.get("mandate")) or None,
            "mandate_number": text_of(typed, "mandate_number"),
            "refused": refused or None,
            "witness": text_of(typed, "witness"),
        }
    )


def posting_of(typed: Typed) -> dict[str, str]:
    """Carrier and waybill of a parcel that the hall posts itself."""
    return {name: text_of(typed, name) or "" for name in ("carrier", "waybill")}


def receiver_of(typed: Typed) -> dict[str, Any]:
    """To whom and where the courier carries a parcel."""
    return {name: text_of(typed, f"receiver.{name}") or "" for name in ("name", "phone", "address")}


def wrong_field(refusal: YichuangError | None) -> str:
    """The field of the form that a refusal is about; empty where it is about none."""
    if refusal is None:
        return ""
    named = _PATH.search(str(refusal.extra.get("field", "")))
    field = _ABOUT.get(refusal.code) or (named[1] if named else "")
    return "name" if field == "recipient" else field  # of a person only the name may be left out by mistake


def first_field(way: Way, wrong: str) -> str:
    """The field of the form in which the next scan or word belongs: the one that is wrong, or else the first."""
    return wrong if wrong in _MARKED else _FIRST[way]


def _without_gaps(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if value is not None}
