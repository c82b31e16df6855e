"""What requests carry beside their body: headers with a meaning, page sizes; and no parameter that nobody declared."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from litestar.constants import RESERVED_KWARGS
from litestar.handlers.base import BaseRouteHandler
from litestar.params import HeaderParameter, QueryParameter

from api.auth import Connection
from workflows.errors import Malformed
from workflows.payload import refuse_control_characters

_KEY: Final = re.compile(r"[\x21-\x7e]{1,120}")
_NOT_ASKED: Final = RESERVED_KWARGS | {"context", "actor", "now"}
_VERSION: Final = re.compile(r'"?([1-9][0-9]{0,8})"?')
_MOMENT: Final = Annotated[datetime, msgspec.Meta(tz=True)]

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="1 to 120 visible ASCII characters. The same request under the same key is done once and answered"
        " again from memory; another request under it is refused with `key_reused`.",
    ),
]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description='The case version that the caller has seen, as `"3"` or `3`. Bearer tokens must send it.',
    ),
]
ClaimedAt = Annotated[
    str | None,
    HeaderParameter(
        name="X-Claimed-At",
        description="When the caller says it happened (RFC 3339). Kept beside the server's time, which is what counts.",
    ),
]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Rows on a page.")]
Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before; absent for the first page.")]


def key_of(text: str | None) -> str:
    """The idempotency key, or empty when there is none.

    :raises Malformed: ``idempotency_key_malformed``.
    """
    if text is None:
        return ""
    if not _KEY.fullmatch(text):
        raise Malformed(
            "idempotency_key_malformed",
            "Idempotency-Key 须为1至120个可见ASCII字符。",
            "An Idempotency-Key has 1 to 120 visible ASCII characters.",
        )
    return text


def version_of(text: str | None) -> int | None:
    """The case version of ``If-Match``.

    :raises Malformed: ``if_match_malformed``.
    """
    if text is None:
        return None
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise Malformed(
            "if_match_malformed",
            'If-Match 须为办件版本号，例如 "3"。',
            'If-Match is one case version, e.g. "3".',
        )
    return int(found[1])


def claimed_at_of(text: str | None) -> datetime | None:
    """The claimed moment in UTC.

    :raises Malformed: ``claimed_at_malformed`` without a time zone or when it is no RFC 3339 moment.
    """
    if text is None:
        return None
    try:
        moment: datetime = msgspec.convert(text, _MOMENT)
        return moment.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise Malformed(
            "claimed_at_malformed",
            "X-Claimed-At 须为带时区的 RFC 3339 时间。",
            "X-Claimed-At is a moment in RFC 3339 with its time zone.",
        ) from None


async def declared_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """Route guard: refuse a query parameter that the route does not have, and hidden characters in those that it has.

    :raises Malformed: ``unknown_parameter``, ``control_character``.
    """
    refuse_control_characters(list(connection.path_params.values()))
    sent = connection.query_params
    if not sent:
        return
    strange = sorted(set(sent) - _declared(handler))
    if strange:
        raise Malformed(
            "unknown_parameter",
            "请求含有该地址不支持的查询参数。",
            "The address does not know one of these query parameters.",
            parameters=[name[:40] for name in strange[:10]],
        )
    refuse_control_characters(list(sent.values()))


@lru_cache(maxsize=256)
def _declared(handler: BaseRouteHandler) -> frozenset[str]:
    fields = handler.parsed_fn_signature.parameters
    asked = {name: fields[name].kwarg_definition for name in fields.keys() - _NOT_ASKED}
    return frozenset(
        getattr(kwarg, "name", None) or name for name, kwarg in asked.items() if not isinstance(kwarg, HeaderParameter)
    )
