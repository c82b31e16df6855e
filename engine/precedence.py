"""Whom the law serves first from the moment a case is opened: by what they show, or by the matter itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final, Literal, get_args

from msgspec import Struct

from workflows.actor import Role
from workflows.errors import Forbidden
from workflows.item import ItemVersion
from workflows.party import born_on, is_elderly
from workflows.payload import ShortText

Group = Literal["military", "veteran", "military_family", "elderly", "disabled", "pregnant", "foreign"]
GROUPS: Final[tuple[str, ...]] = get_args(Group)
"""Whom the law serves first, in the order in which forms offer them."""
MARKERS: Final = (Role.clerk, Role.guide)
"""Who says at the opening that somebody is served first; it is seen on paper, so it takes somebody at the window."""
_BASIS: Final = "军人地位和权益保障法；老年人权益保障法55；无障碍环境建设法40"


class Precedence(Struct, forbid_unknown_fields=True, frozen=True):
    """Whom the law serves first (优先对象), and on what evidence."""

    group: Group
    evidence: ShortText


def served_first(
    item: ItemVersion,
    answers: Collection[str],
    id_kind: str,
    number: str,
    day: date,
    role: Role,
    shown: Precedence | None,
) -> dict[str, Any]:
    """The place in queues of a new case; no legal limit moves with it.

    Property matters of the elderly come first, by what is said or shown (老年人权益保障法55).

    :param answers: flags of the situation. :param number: in its standard form. :param day: hall date.
    :param role: as which the case is opened. :param shown: what was shown at the window.
    :raises Forbidden: ``role_not_allowed`` where somebody else than the window marks it.
    """
    if shown is not None and role not in MARKERS:
        raise Forbidden(
            "role_not_allowed",
            f"优先对象须由窗口核对证件后标记，应由{'、'.join(one.zh for one in MARKERS)}办理。",
            f"Priority is marked at the window, where evidence is seen; it is for: {', '.join(r.en for r in MARKERS)}.",
            basis=_BASIS,
        )
    elderly = item.asks_intention and ("elder" in answers or is_elderly(born_on(id_kind, number), day))
    group = shown.group if shown is not None else "elderly" if elderly else ""
    return {"flags": ["elderly"] if elderly else [], "priority": group, "rank": 0 if group else 1}
