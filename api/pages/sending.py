"""What the forms of the administrators' pages share: reading what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.visit import Visit
from api.pages.wording import Wording
from workflows.actor import UNGRANTABLE, Role
from workflows.errors import NotFound
from workflows.payload import payload_invalid, refuse_control_characters


async def sent(visit: Visit) -> Typed:
    """The form that was sent, from a page of this session. :raises Forbidden: ``csrf_refused``."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


GRANTABLE: Final = tuple(role.value for role in Role if role not in UNGRANTABLE)
"""The roles that a form offers."""
_Wanted = TypeVar("_Wanted")


def role_titles(words: Wording) -> dict[str, str]:
    """The title of every role, by its identifier."""
    return {role.value: words.pick(role.zh, role.en) for role in Role}


def asked_for(kind: type[_Wanted], typed: Typed, names: Sequence[str], **read: Any) -> _Wanted:
    """A request out of a form.

    :param names: fields that are texts. :param read: fields that were understood already; left out where None.
    :raises Malformed: ``payload_invalid``, with the field; ``control_character``.
    """
    raw: dict[str, Any] = {name: text_of(typed, name) or "" for name in names}
    raw |= {name: value for name, value in read.items() if value is not None}
    refuse_control_characters(raw)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


def moment_of(typed: Typed, name: str, zone: ZoneInfo) -> datetime | str | None:
    """A moment as typed into a field of the browser, hall time; as it was typed where it cannot be understood."""
    text = text_of(typed, name)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None
    except ValueError:
        return text


def key_in(typed: Typed, name: str) -> UUID:
    """A key that the page itself put into its form. :raises NotFound: ``entry_not_found`` where it is none."""
    try:
        return UUID(typed.get(name))
    except ValueError:
        raise NotFound(
            "entry_not_found", "没有该记录，请刷新页面。", "There is no such entry; reload the page."
        ) from None
