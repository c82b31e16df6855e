"""A message as a person reads it: composed from the event that it tells of, without anything personal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from workflows.messages.templates import CODE_WORD, Audience, Language, Template, template_of

_OPTIONAL: Final = re.compile(r"\[\[(.*?)\]\]")
_WORD: Final = re.compile(r"\{(\w+)\}")
_DAYS: Final = frozenset({"due", "day", "held_on"})
_SENT: Final = ("held_on", "place", "carrier", "waybill", "day", "time", "window", CODE_WORD)
"""What a message takes from the event or from its own data; nothing else of them is ever said."""
_LONGEST: Final = 60
"""Characters of one such value."""

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Told:
    """The event that a message tells of, in both languages where there are two.

    :param audience: ``applicant`` also for third parties. :param event: the act, the rule or the event beside the flow.
    :param clocks: the snapshot that the event keeps, by kind. :param said: the message's own data and the payload.
    :param link: where the applicant can look; the query code alone where the hall has no public address.
    """

    audience: Audience
    event: str
    number: str
    item: tuple[str, str]
    state: tuple[str, str]
    title: tuple[str, str]
    hall: tuple[str, str]
    department: tuple[str, str]
    clocks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


def compose(told: Told, language: Language) -> str:
    """The text: item, number, where it stands, what to do next and by when, where to look."""
    template = template_of(told.audience, told.event)
    text = _filled(template.en if language == "en" else template.zh, _words(told, template, language))
    item = told.item[language == "en"] or told.item[0]
    if language == "en":
        look = f" See {told.link}" if told.link else ""
        return f"{item} ({told.number}): {text}{look}"
    owner = "您的" if told.audience == "applicant" else ""
    look = f"查询：{told.link}" if told.link else ""
    return f"{owner}“{item}”（{told.number}）{text}{look}"


def _words(told: Told, template: Template, language: Language) -> dict[str, str]:
    other = language == "en"
    named = {name: getattr(told, name) for name in ("state", "title", "hall", "department")}
    words = {name: pair[other] or pair[0] for name, pair in named.items()}
    words |= {name: str(told.said[name])[:_LONGEST] for name in _SENT if told.said.get(name)}
    if due := _due(told, template):
        words["due"] = due
    return words | {name: _day(words[name], language) for name in _DAYS & words.keys()}


def _due(told: Told, template: Template) -> str:
    """The day that the message itself names, else that of the first clock of the template that the event has left."""
    if told.said.get("due_on"):
        return str(told.said["due_on"])
    kept = (told.clocks.get(kind.value, {}) for kind in template.due)
    return next((str(clock["due_on"]) for clock in kept if clock.get("status") == "running"), "")


def _day(text: str, language: Language) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return text if language == "en" else f"{day.year}年{day.month}月{day.day}日"


def _filled(text: str, words: Mapping[str, str]) -> str:
    def whole(found: re.Match[str]) -> str:
        return found[1] if all(word in words for word in _WORD.findall(found[1])) else ""

    return _WORD.sub(lambda found: words.get(found[1], ""), _OPTIONAL.sub(whole, text))


def count_parts(text: str) -> int:
    """How many short messages a text takes: 160 characters of the GSM alphabet or 70 others, 153 or 67 when linked.

    :param text: counted in units of UTF-16 where a character is not in the GSM alphabet (3GPP TS 23.038).
    """
    if all(character in _GSM or character in _GSM_TWICE for character in text):
        units, one, linked = sum(1 + (character in _GSM_TWICE) for character in text), 160, 153
    else:
        units, one, linked = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= one else -(-units // linked)
