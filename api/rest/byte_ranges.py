"""One range of bytes out of a file (RFC 9110 §14); several at once are answered with the whole, as it allows."""

from __future__ import annotations

import re
from typing import Annotated, Final

from litestar.params import HeaderParameter

from api.errors import RangeNotSatisfiable

ByteRange = Annotated[str | None, HeaderParameter(name="Range", description="One range of bytes.")]
IfRange = Annotated[str | None, HeaderParameter(name="If-Range", description="The `ETag` that the range is of.")]

_RANGE: Final = re.compile(r"(?i:bytes)=([0-9]{0,15})-([0-9]{0,15})")


def range_of(text: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; None for no range, or one that a server may ignore.

    :param text: the ``Range`` header. :param size: of the file, in bytes.
    :raises RangeNotSatisfiable: ``range_not_satisfiable``.
    """
    found = _RANGE.fullmatch(text.replace(" ", "")) if text else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        if found[2] and int(found[2]) < first:
            return None
    if first >= size or (not found[1] and not int(found[2])):
        raise RangeNotSatisfiable(
            "range_not_satisfiable", "请求的范围超出文件。", "The range lies outside the file.", size=size
        )
    return first, last
