"""Articles as a person says them: 行政许可法42(1) is 《行政许可法》第四十二条第一款."""

from __future__ import annotations

import re
from functools import lru_cache

_CITED = re.compile(r"([一-鿿]+[法典例定])(\d{1,3})(?:\((\d{1,2})\))?(?:\((\d{1,2})\))?")
_DIGITS = "零一二三四五六七八九"
_LAWS = {
    "行政许可法": "Administrative Licensing Law",
    "民法典": "Civil Code",
    "优化营商环境条例": "Regulation on Optimising the Business Environment",
    "不动产登记暂行条例": "Interim Regulation on Real Estate Registration",
    "市场主体登记管理条例": "Regulation on the Registration of Market Entities",
}


@lru_cache(maxsize=1024)
def cite(basis: str) -> tuple[str, str]:
    """A basis in Chinese words and in English; one that is not a single article stays as it is written.

    :param basis: law, article, paragraph (款), item (项), e.g. ``行政许可法32(1)(4)``.
    """
    found = _CITED.fullmatch(basis.strip())
    if found is None:
        return basis, basis
    law, article, paragraph, item = found.groups()
    zh = f"《{law}》第{numeral(int(article))}条"
    zh += f"第{numeral(int(paragraph))}款" if paragraph else ""
    zh += f"第{numeral(int(item))}项" if item else ""
    en = f"{_LAWS.get(law, law)}, art. {article}"
    en += f"({paragraph})" if paragraph else ""
    en += f"({item})" if item else ""
    return zh, en


def numeral(number: int) -> str:
    """A whole number from 0 to 999 in Chinese numerals, as articles are numbered."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if hundreds and 0 < rest < 10:
        text += "零"
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    return text + (_DIGITS[ones] if ones or not number else "")
