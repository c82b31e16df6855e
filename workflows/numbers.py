"""Numbers that people read aloud, type and check: cases, query codes, documents, items, certificates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from workflows.errors import Malformed
from workflows.party import validate_uscc

#: Crockford's alphabet: no I, L, O or U, so that nothing read from paper can be mistaken.
_QUERY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_QUERY_LENGTH = 12
_ADDRESS = re.compile(r"^\S*/status/|/(?:rating/?)?$")
"""What stands around a query code in the address that a QR code says."""
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_LOOKALIKES = str.maketrans("OIL", "011")
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CERTIFICATE_ROOT = "1.2.156.3005.2"
_ITEM_CODE = re.compile(r"([0-9A-HJ-NPQRTUWXY]{18})([1-7])([0-9]{12})([0-9]{2})?")


def case_number(region6: str, day: date, seq: int) -> str:
    """A case number of 19 digits: region, receipt day as yyMMdd, sequence of the day, ISO 7064 check digit.

    :param region6: GB/T 2260 code of the hall's region. :param day: receipt day in hall time.
    :param seq: 1 to 999999 within that region and day.
    :raises Malformed: ``number_part_wrong``.
    """
    if not re.fullmatch(r"[0-9]{6}", region6) or not 1 <= seq <= 999_999:
        raise _part_wrong(
            "区划代码应为6位，日内序号应为1至999999", "a region has 6 digits, a day's sequence 1 to 999999"
        )
    digits = f"{region6}{day:%y%m%d}{seq:06d}"
    return digits + mod_11_10(digits)


def check_case_number(text: str) -> bool:
    """Whether ``text`` can be a case number: 19 digits whose check digit fits; it finds typing errors."""
    return re.fullmatch(r"[0-9]{19}", text) is not None and text[-1] == mod_11_10(text[:-1])


def mod_11_10(digits: str) -> str:
    """The ISO 7064 MOD 11,10 check digit."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def mod_37_36(text: str) -> str:
    """The ISO 7064 MOD 37,36 check character of digits and capitals."""
    product = 36
    for character in text:
        product = ((product + _ALPHANUMERIC.index(character)) % 36 or 36) * 2 % 37
    return _ALPHANUMERIC[(37 - product) % 36]


def query_code(random: bytes) -> str:
    """The 12 characters printed on a receipt for the applicant's status page, 60 bits of ``random``.

    :param random: at least 8 bytes from a cryptographic source.
    :raises Malformed: ``too_little_randomness``.
    """
    if len(random) < 8:
        raise Malformed(
            "too_little_randomness",
            "查询码至少需要8个随机字节。",
            "A query code needs at least 8 random bytes.",
        )
    value = int.from_bytes(random[:8], "big")
    return "".join(_QUERY_ALPHABET[value >> 5 * place & 31] for place in range(_QUERY_LENGTH))


def normalise_query_code(text: str) -> str:
    """What the applicant typed as the code was printed: capitals, no separators, O as 0, I and L as 1.

    Full-width characters and dashes are understood, and the whole address that a receipt's QR code says.

    :raises Malformed: ``query_code_wrong``.
    """
    typed = _ADDRESS.sub("", unicodedata.normalize("NFKC", text).strip())
    code = _SEPARATORS.sub("", typed).upper().translate(_LOOKALIKES)
    if len(code) != _QUERY_LENGTH or any(character not in _QUERY_ALPHABET for character in code):
        raise Malformed(
            "query_code_wrong",
            "查询码为12位数字和字母，请照收件凭证上的查询码输入。",
            "A query code has 12 digits and letters; enter it as printed on the receipt.",
        )
    return code


def document_number(agency_word: str, kind: str, year: int, number: int) -> str:
    """A document number such as ``琼市监受〔2026〕12号``.

    :param agency_word: 机关代字. :param kind: the kind's word, e.g. ``受``.
    :param number: 1 upwards, without gaps.
    :raises Malformed: ``number_part_wrong``.
    """
    if not agency_word or not kind or number < 1 or not 1949 <= year <= 9999:
        raise _part_wrong("文号须有机关代字、文书类别、年份和序号", "agency word, kind, year and number are all needed")
    return f"{agency_word}{kind}〔{year}〕{number}号"


def certificate_identifier(type_code: str, issuer: str, serial: str, version: int) -> str:
    """The electronic certificate identifier with its check character (GB/T 36904).

    :param type_code: code of the certificate type, 21 characters. :param issuer: the issuer's USCC.
    :param serial: the serial the issuer gave. :param version: 1 to 999.
    :raises Malformed: ``number_part_wrong`` or ``id_check_failed``.
    """
    parts_fit = re.fullmatch(r"[0-9A-Z]{21}", type_code) and re.fullmatch(r"[0-9A-Z]{1,40}", serial)
    if not parts_fit or not 1 <= version <= 999:
        raise _part_wrong(
            "证照类型代码应为21位，序号为数字和大写字母",
            "a type has 21 characters, a serial digits and capitals",
        )
    parts = (type_code, validate_uscc(issuer), serial, f"{version:03d}")
    return ".".join((_CERTIFICATE_ROOT, *parts, mod_37_36("".join(parts))))


@dataclass(frozen=True, slots=True)
class ItemCode:
    """An implementation code taken apart: whose item, at which level, which national base item."""

    authority: str
    level: str
    base: str
    handling: str | None


def parse_item_code(text: str) -> ItemCode:
    """Take an implementation code of 31 digits, or 33 with its handling item, apart.

    :raises Malformed: ``item_code_wrong``; ``id_check_failed`` when the authority's USCC does not check.
    """
    found = _ITEM_CODE.fullmatch(text)
    if found is None:
        raise Malformed(
            "item_code_wrong",
            "事项实施编码应为31位（实施主体信用代码18位+行使层级1位+基本编码12位）或33位，请核对。",
            "An item code is the authority's USCC (18), a level 1 to 7 and 12 digits: 31, or 33 in all.",
        )
    authority, level, base, handling = found.groups()
    return ItemCode(validate_uscc(authority), level, base, handling)


def _part_wrong(zh: str, en: str) -> Malformed:
    return Malformed("number_part_wrong", f"编号的组成部分不正确：{zh}。", f"A part of the number is wrong: {en}.")
