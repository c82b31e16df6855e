"""Applicants' identifiers: what is well formed, and what of it may be shown.

A refusal never repeats the value it refuses: these are personal data, and messages end up in logs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from workflows.calendar import same_day_in_month
from workflows.errors import Malformed

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

#: Province-level codes of GB/T 2260 on resident identity cards. Only the province is checked: below it many
#: codes have been retired, and a card keeps the code of the day it was issued.
_PROVINCES = frozenset(
    f"{number}"
    for span in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71))
    for number in range(span[0], span[1] + 1)
)
_RESIDENCE_REGIONS = frozenset({"810000", "820000", "830000"})
_OLDEST_BIRTH = 1880
_CITIZEN_LENGTH = 18
_ELDERLY = 60


class IdKind(StrEnum):
    """The identity documents a party may be registered with."""

    RESIDENT_ID = "resident_id"
    USCC = "uscc"
    HK_MACAO_TAIWAN_RESIDENCE = "hk_macao_taiwan_residence"
    FOREIGN_PERMANENT_RESIDENCE = "foreign_permanent_residence"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    OTHER = "other"


def validate_id(kind: IdKind | str, text: str) -> str:
    """The identifier in its standard form, if it can be one of that kind.

    :raises Malformed: ``id_kind_unknown``, ``id_form_wrong``, ``id_region_wrong``, ``id_date_wrong`` or
        ``id_check_failed``; the message does not contain the value.
    """
    try:
        validator = _VALIDATORS[IdKind(kind)]
    except ValueError:
        kinds = ", ".join(IdKind)
        raise Malformed(
            "id_kind_unknown",
            f"不认识的证件类型。可用的类型：{kinds}。",
            f"This kind of identity document is not known; use one of {kinds}.",
        ) from None
    return validator(text)


def validate_resident_id(text: str) -> str:
    """The citizen identification number of 18 characters, x as X, full-width made plain, blanks left out (GB 11643).

    :raises Malformed: ``id_form_wrong``, ``id_region_wrong``, ``id_date_wrong``, ``id_check_failed``.
    """
    number = _citizen_number(text)
    if number[:2] not in _PROVINCES or number[2:6] == "0000":
        raise _region_wrong()
    return number


def validate_uscc(text: str) -> str:
    """The unified social credit code, 18 characters in capitals, blanks left out (GB 32100).

    :raises Malformed: ``id_form_wrong``, ``id_check_failed``.
    """
    code = _together(text).upper()
    if len(code) != 18 or any(character not in _USCC_ALPHABET for character in code):
        raise Malformed(
            "id_form_wrong",
            "统一社会信用代码应为18位数字和大写字母（不含I、O、S、V、Z），请核对后重新录入。",
            "A unified social credit code has 18 digits and capitals but no I O S V Z; check and re-enter.",
            basis="GB 32100",
        )
    if code[17] != uscc_check_character(code[:17]):
        raise _check_failed("统一社会信用代码", "unified social credit code", "GB 32100")
    return code


def uscc_check_character(first17: str) -> str:
    """The last character of a unified social credit code (GB 32100: weights 3^i, modulo 31)."""
    pairs = zip(first17, _USCC_WEIGHTS, strict=True)
    return _USCC_ALPHABET[-sum(_USCC_ALPHABET.index(character) * weight for character, weight in pairs) % 31]


def resident_id_check_character(first17: str) -> str:
    """The last character of a citizen identification number (GB 11643: ISO 7064 MOD 11-2)."""
    pairs = zip(first17, _ID_WEIGHTS, strict=True)
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in pairs) % 11]


def born_on(kind: IdKind | str, number: str) -> date | None:
    """The date of birth that an identity number carries; None where the document carries none.

    :param number: in its standard form, as :func:`validate_id` gives it.
    """
    dated = {IdKind.RESIDENT_ID, IdKind.HK_MACAO_TAIWAN_RESIDENCE, IdKind.FOREIGN_PERMANENT_RESIDENCE}
    return date.fromisoformat(number[6:14]) if kind in dated and len(number) == _CITIZEN_LENGTH else None


def is_elderly(born: date | None, on: date) -> bool:
    """Whether somebody has turned sixty by that day (老年人权益保障法2). :param on: hall date."""
    return born is not None and born <= same_day_in_month(on, -12 * _ELDERLY)


def validate_mobile(text: str) -> str:
    """A mainland mobile number as 11 digits; spaces, hyphens and a leading +86 are dropped.

    :raises Malformed: ``mobile_wrong``.
    """
    digits = re.sub(r"[\s-]", "", _plain(text)).removeprefix("+86")
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise Malformed(
            "mobile_wrong",
            "手机号码应为11位数字，以13至19开头，请核对后重新录入。",
            "A mobile number has 11 digits and begins with 13 to 19; check and re-enter.",
        )
    return digits


_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def validate_electronic_address(text: str) -> str:
    """Where papers may be sent electronically: an e-mail address as it is, or a mobile number in its standard form.

    :raises Malformed: ``electronic_address_wrong``, ``mobile_wrong``; the message does not contain the value.
    """
    plain = _plain(text)
    if "@" not in plain:
        return validate_mobile(plain)
    if not _EMAIL.fullmatch(plain):
        raise Malformed(
            "electronic_address_wrong",
            "电子送达地址应为手机号码或电子邮箱，请核对后重新录入。",
            "An electronic address is a mobile number or an e-mail address; check and re-enter.",
        )
    return plain


def mask_electronic_address(text: str) -> str:
    """``a***@example.cn`` or ``138****3210``."""
    name, at, host = _plain(text).partition("@")
    return f"{name[:1]}***@{host}" if at else mask_mobile(name)


def mask_name(name: str) -> str:
    """``张*``, ``李*敏``: the first character, and the last of a name of three or more."""
    if len(name) < 3:
        return name[:1] + "*" if name else ""
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id(text: str, *, detail: bool = False) -> str:
    """``460***********1234`` for lists, six leading digits for the detail page; a short number shows less."""
    head, tail = (6, 4) if detail else (3, 4)
    if len(text) < 15:
        head, tail = (2, 2) if len(text) >= 8 else (1, 0)
    return text[:head] + "*" * (len(text) - head - tail) + (text[-tail:] if tail else "")


def mask_mobile(text: str) -> str:
    """``138****3210``; any other telephone number shows only its last two digits."""
    if re.fullmatch(r"[0-9]{11}", text) and text.startswith("1"):
        return text[:3] + "****" + text[-4:]
    return "*" * max(len(text) - 2, 0) + text[-2:] if len(text) > 4 else "*" * len(text)


_REGION_PART = r"(?:[^\d\s路街道号楼栋]{1,10}?(?:省|自治区|特别行政区|市|自治州|地区|盟|(?<!小)区|县|旗))"
_STREET_PART = r"(?:[^\d\s号]{1,12}?(?:街道|镇|乡|苏木|大道|路|街|巷))"
_ADDRESS = re.compile(rf"^({_REGION_PART}{{0,4}}{_STREET_PART}?)")


def mask_address(text: str) -> str:
    """The address down to the street or township; number, building and room are hidden."""
    found = _ADDRESS.match(text)
    return (found.group(1) if found else "") + "****" if text else ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _together(text: str) -> str:
    """A number without the blanks by which people and papers group its digits."""
    return "".join(_plain(text).split())


def _citizen_number(text: str) -> str:
    number = _together(text).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Malformed(
            "id_form_wrong",
            "身份号码应为18位（前17位为数字，末位为数字或X），请核对证件后重新录入。",
            "The number has 17 digits and then a digit or X; check the card and re-enter.",
            basis="GB 11643",
        )
    _check_birth(number[6:14])
    if number[17] != resident_id_check_character(number[:17]):
        raise _check_failed("身份号码", "identity number", "GB 11643")
    return number


def _check_birth(digits: str) -> None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        born = date.min
    if born.year < _OLDEST_BIRTH:
        raise Malformed(
            "id_date_wrong",
            "身份号码第7至14位不是有效的出生日期，请核对证件后重新录入。",
            "Characters 7 to 14 are not a date of birth; check the card and re-enter.",
            basis="GB 11643",
        )


def _hk_macao_taiwan_residence(text: str) -> str:
    number = _citizen_number(text)
    if number[:6] not in _RESIDENCE_REGIONS:
        raise _region_wrong()
    return number


def _foreign_permanent_residence(text: str) -> str:
    """The 18-digit number of the 2023 card, or the earlier form of three letters and twelve digits."""
    number = _plain(text).upper()
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return number
    number = _citizen_number(number)
    if number[0] != "9" or number[1:3] not in _PROVINCES:
        raise _region_wrong()
    return number


def _formed(pattern: str, zh: str, en: str) -> Callable[[str], str]:
    """A validator for documents without a check character."""
    form = re.compile(pattern)

    def validate(text: str) -> str:
        number = _plain(text).upper()
        if not form.fullmatch(number):
            raise Malformed("id_form_wrong", f"{zh}，请核对证件后重新录入。", f"{en}; check the document and re-enter.")
        return number

    return validate


def _region_wrong() -> Malformed:
    return Malformed(
        "id_region_wrong",
        "证件号码的前6位不是有效的地区代码，请核对证件类型和号码。",
        "The first six characters are not a region for this kind of document; check the kind and the number.",
        basis="GB/T 2260",
    )


def _check_failed(zh: str, en: str, standard: str) -> Malformed:
    return Malformed(
        "id_check_failed",
        f"{zh}的校验位不符，可能有一位录错，请核对证件后重新录入。",
        f"The check character of the {en} does not fit; one character is probably wrong. Check and re-enter.",
        basis=standard,
    )


_VALIDATORS: dict[IdKind, Callable[[str], str]] = {
    IdKind.RESIDENT_ID: validate_resident_id,
    IdKind.USCC: validate_uscc,
    IdKind.HK_MACAO_TAIWAN_RESIDENCE: _hk_macao_taiwan_residence,
    IdKind.FOREIGN_PERMANENT_RESIDENCE: _foreign_permanent_residence,
    IdKind.PASSPORT: _formed(
        r"[A-Z0-9]{5,17}", "护照号码应为5至17位字母和数字", "A passport number has 5 to 17 letters and digits"
    ),
    IdKind.TRAVEL_PERMIT: _formed(
        r"[HM]?[0-9]{8,10}",
        "通行证号码应为8至10位数字，可以H或M开头",
        "A permit has 8 to 10 digits, H or M before them",
    ),
    IdKind.OTHER: _formed(
        r"[^\W_][\w()/.-]{1,39}",
        "证件号码应为2至40位文字、数字或-/.()",
        "A number has 2 to 40 letters, digits or -/.()",
    ),
}
