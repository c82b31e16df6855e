"""The texts of messages, one for each event and audience, read from ``texts.toml`` beside this file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from workflows.clock import ClockKind
from workflows.toml_files import decode, refusal

Audience = Literal["applicant", "staff"]
Language = Literal["zh", "en"]

CODE_WORD: Final = "pickup_code"
"""The word that only the applicant may read; it is put in as the message leaves."""
WORDS: Final = frozenset(
    {"due", "state", "title", "hall", "department", "held_on", "place", "carrier", "waybill", "day", "time", "window"}
    | {CODE_WORD}
)
"""Every word that may stand in braces. None of them is personal."""
DEFAULT: Final = "default"
"""The text of an event that has none of its own, as a hall's own flow may have."""
_FILE: Final = "texts.toml"
_BRACES: Final = re.compile(r"\{(\w*)\}")


class Template(Struct, forbid_unknown_fields=True, frozen=True):
    """What is said of one event, in Chinese and English; ``due`` names the clocks whose day ``{due}`` may be."""

    zh: Annotated[str, Meta(min_length=1, max_length=120)]
    en: Annotated[str, Meta(min_length=1, max_length=240)]
    due: list[ClockKind] = []


class _File(Struct, forbid_unknown_fields=True, frozen=True):
    applicant: dict[str, Template]
    staff: dict[str, Template]


def parse_templates(source: str, filename: str) -> Mapping[Audience, Mapping[str, Template]]:
    """Read a file of texts.

    :raises DefinitionError: ``definition_not_wellformed`` with every problem, also a word that is not in :data:`WORDS`
        and an audience without its :data:`DEFAULT`.
    """
    found = decode(source, _File, filename)
    texts: dict[Audience, Mapping[str, Template]] = {"applicant": found.applicant, "staff": found.staff}
    problems = [f"{audience}.{DEFAULT}: missing" for audience, known in texts.items() if DEFAULT not in known]
    for audience, known in texts.items():
        for event, template in known.items():
            strange = set(_BRACES.findall(template.zh + template.en)) - WORDS
            problems += [f"{audience}.{event}: {{{word}}} is not a word of messages" for word in sorted(strange)]
    if problems:
        raise refusal(filename, problems)
    return texts


@cache
def templates() -> Mapping[Audience, Mapping[str, Template]]:
    """The texts that come with the engine."""
    source = (resources.files("workflows") / "messages" / _FILE).read_text("utf-8")
    return parse_templates(source, _FILE)


def template_of(audience: Audience, event: str) -> Template:
    """What is said of this event, or what is said of any."""
    known = templates()[audience]
    return known.get(event, known[DEFAULT])


def is_secret(audience: Audience, event: str) -> bool:
    """Whether the text of this event has room for the :data:`CODE_WORD`."""
    return f"{{{CODE_WORD}}}" in template_of(audience, event).zh
