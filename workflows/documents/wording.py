"""How documents say dates, limits, ways and relations; in two languages where the applicant is a foreigner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from workflows.citation import cite
from workflows.clock import Unit
from workflows.clock_words import UNITS
from workflows.documents.source import Source
from workflows.hall_hours import HallHours

FOREIGN: Final = frozenset({"passport", "foreign_permanent_residence"})
"""Identity documents whose holders are handed bilingual papers."""
WAYS: Final[Mapping[str, tuple[str, str]]] = {
    "window": ("窗口送达", "at the window"),
    "direct": ("直接送达", "in person"),
    "post": ("邮寄送达", "by post"),
    "electronic": ("电子送达", "electronically"),
    "left": ("留置送达", "left with the addressee"),
    "entrusted": ("委托送达", "through another authority"),
    "public_notice": ("公告送达", "by public notice"),
}
RELATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "self": ("本人", "the applicant"),
    "agent": ("代理人", "agent"),
    "legal_representative": ("法定代表人", "legal representative"),
    "family": ("近亲属", "family member"),
}
EXEMPT: Final[Mapping[str, tuple[str, str]]] = {
    "e_cert": ("电子证照，免提交", "electronic certificate"),
    "verified_before": ("此前已核验，免提交", "verified before"),
}
ID_KINDS: Final[Mapping[str, str]] = {
    "resident_id": "居民身份证",
    "uscc": "统一社会信用代码",
    "hk_macao_taiwan_residence": "港澳台居民居住证",
    "foreign_permanent_residence": "外国人永久居留身份证",
    "passport": "护照",
    "travel_permit": "通行证",
    "other": "其他证件",
}
_APPLIED: Final = "参照"
"""Before an article that is applied as to a like case."""
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Words:
    """The language of one document and the time of its hall."""

    def __init__(self, hours: HallHours, *, both: bool) -> None:
        self.both = both
        self._hours = hours

    def of(self, zh: str, en: str) -> str:
        """A text; in two languages where the document is."""
        return f"{zh} {en}" if self.both and en and en != zh else zh

    def pair(self, words: Mapping[str, tuple[str, str]], name: str) -> str:
        """The text that stands for an identifier; an unknown one stays as it is."""
        return self.of(*words.get(name, (name, "")))

    def day(self, on: date | str | None) -> str:
        """A day as documents write it: 2026年3月2日. Nothing for none. :param on: a day, or its ISO form."""
        if not on:
            return ""
        day = date.fromisoformat(on) if isinstance(on, str) else on
        zh = f"{day.year}年{day.month}月{day.day}日"
        return self.of(zh, f"({day.day} {_MONTHS[day.month - 1]} {day.year})")

    def moment(self, at: datetime | str | None) -> str:
        """A moment in the hall's time, to the minute. :param at: UTC, or its ISO form."""
        if not at:
            return ""
        moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self._hours.zone)
        zh = f"{moment.year}年{moment.month}月{moment.day}日{moment:%H}时{moment:%M}分"
        return self.of(zh, f"({moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M})")

    def date_of(self, at: datetime | str | None) -> str:
        """The hall's day of a moment. :param at: UTC, or its ISO form."""
        if not at:
            return ""
        return self.day(self._hours.day(datetime.fromisoformat(at) if isinstance(at, str) else at))

    def limit(self, n: int, unit: Unit | str) -> str:
        """A limit such as 5个工作日."""
        zh, en = UNITS[Unit(unit)]
        return self.of(f"{n}{zh}", f"{n} {en}")

    def article(self, basis: str) -> str:
        """Articles as a person says them, one after the other."""
        parts = [_cited(part.strip()) for part in basis.split("；") if part.strip()]
        return self.of("；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts))


def _cited(basis: str) -> tuple[str, str]:
    applied = basis.removeprefix(_APPLIED)
    zh, en = cite(applied)
    return (basis[: len(basis) - len(applied)] + zh, en if zh != applied else basis)


def words_of(source: Source, *, bilingual: bool) -> Words:
    """The words for a document. :param bilingual: its kind can be had in two languages."""
    return Words(source.hours, both=bilingual and source.case["applicant"].get("id_kind") in FOREIGN)
