"""What somebody shows at the window: the line that a card reader types, and what an identity number says by itself."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from workflows.errors import Malformed
from workflows.party import IdKind, born_on, is_elderly, validate_id, validate_resident_id, validate_uscc

Sex = Literal["male", "female"]
PARTS: Final = ("name", "sex", "ethnicity", "born", "address", "number", "issuer", "valid", "other")
"""What a reader may type of a card; everything but name, address, number and birth is read over."""
SEPARATORS: Final = "|,;#^~"
"""What may stand between the parts; no tab, for that moves on to the next field."""
_CITIZEN_LENGTH: Final = 18
_SEX_DIGIT: Final = 16
_BASIS: Final = "GB 11643"


@dataclass(frozen=True, slots=True)
class CardFormat:
    """How a card reader types a card: the parts in their order, with one character between them."""

    parts: tuple[str, ...]
    separator: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Who was presented, as far as a line told.

    :param number: as typed or read. :param name: empty where only a number was typed. :param address: idem.
    """

    number: str = field(repr=False)
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Identified:
    """What a number says: its kind and standard form and, where it carries them, birth, sex and whether elderly."""

    kind: Literal["person", "organisation"]
    id_kind: IdKind
    number: str = field(repr=False)
    born: date | None
    sex: Sex | None
    elderly: bool


def read_format(text: str) -> CardFormat:
    """The format of a line, written as the parts with their separator: ``name|sex|ethnicity|born|address|number``.

    :raises ValueError: when it names another part, one of them twice, no number, or no single separator.
    """
    used = [one for one in SEPARATORS if one in text]
    if len(used) > 1:
        raise ValueError(f"one separator of {SEPARATORS!r} is used throughout")
    parts = tuple(text.split(used[0])) if used else (text,)
    told = [part for part in parts if part != "other"]
    if "number" not in parts or not set(parts) <= set(PARTS) or len(told) != len(set(told)):
        raise ValueError(f"each part is one of {', '.join(PARTS)}, none but other twice, and number among them")
    return CardFormat(parts, used[0] if used else "")


def read_shown(line: str, card: CardFormat) -> Shown:
    """What a clerk or a card reader typed into the field of the number.

    :raises Malformed: ``card_line_wrong`` when a line with separators is not of the format, or birth and number differ.
    """
    text = " ".join(line.split())
    if not card.separator or card.separator not in text:
        return Shown(text)
    values = [value.strip() for value in text.split(card.separator)]
    if len(values) != len(card.parts):
        raise Malformed(
            "card_line_wrong",
            f"读卡器录入的内容应有{len(card.parts)}项，实际{len(values)}项。请重新读卡，或手工录入号码。",
            f"A line of the reader has {len(card.parts)} parts, this one {len(values)}; read again or type the number.",
            field="id_number",
        )
    told = dict(zip(card.parts, values, strict=True))
    _check_birth(told.get("born", ""), told["number"])
    return Shown(told["number"], told.get("name", ""), told.get("address", ""))


def _check_birth(born: str, number: str) -> None:
    digits = "".join(one for one in unicodedata.normalize("NFKC", born) if one.isdigit())
    if digits and digits != number[6:14]:
        raise Malformed(
            "card_line_wrong",
            "读卡器录入的出生日期与身份号码不符。请重新读卡，或手工录入号码。",
            "The reader gave a date of birth that is not that of the number; read again or type the number.",
            basis=_BASIS,
            field="id_number",
        )


def identify(number: str, id_kind: str, today: date) -> Identified:
    """What a number says, if it can be one of that kind.

    Between a company code and an identity number the number itself says which it is, whatever was chosen; every other
    kind of document is as chosen.

    :param today: hall date.
    :raises Malformed: as :func:`workflows.party.validate_id`.
    """
    said = _kind_of(number) if id_kind in {"", IdKind.RESIDENT_ID, IdKind.USCC} else None
    plain = validate_id(said or id_kind or IdKind.RESIDENT_ID, number)
    kind = IdKind(said or id_kind or IdKind.RESIDENT_ID)
    whose: Literal["person", "organisation"] = "organisation" if kind is IdKind.USCC else "person"
    born = born_on(kind, plain)
    return Identified(whose, kind, plain, born, sex_of(plain, born), is_elderly(born, today))


def _kind_of(number: str) -> IdKind | None:
    """Which of the two it is, or by its letters can only be meant to be; nothing where that is open."""
    for kind, validate in ((IdKind.RESIDENT_ID, validate_resident_id), (IdKind.USCC, validate_uscc)):
        try:
            validate(number)
        except Malformed:
            continue
        return kind
    return IdKind.USCC if any(one.isalpha() for one in number.strip()[:-1]) else None


def sex_of(number: str, born: date | None) -> Sex | None:
    """The sex that a number with a date of birth carries: its 17th digit is odd for men (GB 11643)."""
    if born is None or len(number) != _CITIZEN_LENGTH:
        return None
    return "male" if int(number[_SEX_DIGIT]) % 2 else "female"
