"""How one reader is spoken to: their language, and the time of their hall."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Request

from api.pages.texts import TEXTS, Language, text
from workflows.clock import ClockKind, HallHours, Unit
from workflows.clock_explain import KINDS, UNITS

LANGUAGE_COOKIE: Final = "yc_lang"
_HALL: Final = HallHours()
_PATH: Final = re.compile(r"（\$[^）]*）| at \$[^:]*(?=:)")
"""Where in a payload something is wrong, as programs read it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Turns message ids, published titles and moments into what the reader sees.

    :param zone: the hall's; where no hall is at hand, the zone that every hall shares by default.
    """

    language: Language = "zh"
    zone: ZoneInfo = _HALL.zone

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return "zh-CN" if self.language == "zh" else "en"

    @property
    def other(self) -> Language:
        """The language that the switch offers."""
        return "en" if self.language == "zh" else "zh"

    def t(self, msgid: str, **values: Any) -> str:
        """A text of the catalogue.

        :raises KeyError: for an unknown id.
        """
        found = text(msgid, self.language)
        return found.format(**values) if values else found

    def word(self, group: str, value: str | None) -> str:
        """The reader's word for a value of a closed list; the value itself where the list has no word for it."""
        msgid = f"{group}.{value}"
        return self.t(msgid) if msgid in TEXTS else str(value or "")

    def pick(self, zh: str, en: str) -> str:
        """The one of two published texts that the reader reads; Chinese where there is no English."""
        return zh if self.language == "zh" else en or zh

    def told(self, zh: str, en: str) -> str:
        """What a refusal says, without the path of a field: a page marks the field itself."""
        return _PATH.sub("", self.pick(zh, en))

    def of(self, thing: Any, name: str = "title") -> str:
        """A published title in both languages (``title`` and ``title_en``), of a row or of a definition."""
        if isinstance(thing, Mapping):
            return self.pick(thing[name], thing.get(f"{name}_en") or "")
        return self.pick(getattr(thing, name), getattr(thing, f"{name}_en"))

    def limit(self, limit: Mapping[str, Any]) -> str:
        """A time limit with its unit; 0 means the same day."""
        if not limit["n"]:
            return self.t("open.same_day")
        zh, en = UNITS[Unit(limit["unit"])]
        return self.pick(f"{limit['n']}{zh}", f"{limit['n']} {en}")

    def clock(self, kind: str) -> str:
        """The name of a clock, as a heading."""
        name = self.pick(*KINDS[ClockKind(kind)])
        return name[:1].upper() + name[1:]

    def when(self, moment: datetime | str | None) -> str:
        """A moment to the minute, in the hall's time; empty for none."""
        if not moment:
            return ""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return text("time.moment", self.language).format(at.astimezone(self.zone))

    def day(self, moment: date | datetime | None) -> str:
        """A date; of a moment, the hall's."""
        if moment is None:
            return ""
        day = moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment
        return text("time.day", self.language).format(day)


def wording_of(request: Request[Any, Any, Any]) -> Wording:
    """The wording of the language that the reader chose; Chinese until they do."""
    return Wording("en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "zh")
