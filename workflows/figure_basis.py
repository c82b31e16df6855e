"""Which rows fall into a period, for every table that figures count."""

from __future__ import annotations

from typing import Final

from workflows.figure import Basis, Words

_CASE: Final = "f.counted AND f.parent = ''"
_OF_CASE: Final = "c.counted AND c.parent = ''"
_NO_VOID: Final = Words("作废办件不计。", "Void cases are not counted.")
_OWN: Final = Words(
    "作废办件、并联审批中其他部门的分办件不计。",
    "Void cases are not counted, nor those that other departments keep of a joint case.",
)
_ZONE: Final = "coalesce(h.hours->>'zone', 'Asia/Shanghai')"
"""The hall's zone, of a row whose table keeps moments only."""


def _cases(name: str, day: str, zh: str, en: str) -> Basis:
    return Basis(name=name, table="cases", counted=_CASE, day=day, rule=Words(zh, en), excluded=_OWN)


RECEIVED: Final = _cases(
    "cases.received", "f.received_on", "按收件日计入统计期。", "A case counts in the period of its receipt."
)
ACCEPTED: Final = _cases(
    "cases.accepted", "f.accepted_on", "按受理日计入统计期。", "A case counts in the period of its acceptance."
)
CLOSED: Final = _cases(
    "cases.closed",
    "f.closed_on",
    "按办结日（作出决定或以其他方式结束之日）计入统计期。",
    "A case counts in the period in which it was closed: decided, or ended in another way.",
)
DELIVERED: Final = _cases(
    "cases.delivered", "f.delivered_on", "按送达日计入统计期。", "A case counts in the period of its delivery."
)
DEEMED: Final = _cases(
    "cases.deemed",
    "f.deemed_on",
    "按告知期限届满之日计入统计期。",
    "A case counts in the period in which the time for a notice ran out.",
)
OPEN: Final = Basis(
    name="cases.open",
    table="cases",
    counted=_CASE,
    standing="f.accepted_at < p.moment AND (f.closed_at IS NULL OR f.closed_at >= p.moment)",
    rule=Words(
        "以统计期最后一刻已受理、未办结的办件为准；统计期未满的，以数据截止时刻为准。",
        "What was accepted and not closed at the last moment of the period, or at the moment of the data if earlier.",
    ),
    excluded=_OWN,
)
UNDELIVERED: Final = Basis(
    name="cases.undelivered",
    table="cases",
    counted=_CASE,
    standing="f.outcome = 'granted' AND f.decided_at < p.moment"
    " AND (f.delivered_at IS NULL OR f.delivered_at >= p.moment)"
    " AND (f.revoked_at IS NULL OR f.revoked_at >= p.moment)",
    rule=Words(
        "以统计期最后一刻已准予、未撤销、未送达的办件为准；统计期未满的，以数据截止时刻为准。",
        "What was granted, not revoked and not delivered at the last moment of the period, or of the data if earlier.",
    ),
    excluded=_OWN,
)
REQUIRED: Final = Basis(
    name="materials.accepted",
    table="materials",
    counted=_CASE,
    day="f.accepted_on",
    rule=ACCEPTED.rule,
    excluded=_OWN,
)
GIVEN: Final = Basis(
    name="notices.given",
    table="notices",
    counted=_OF_CASE,
    day="f.given_on",
    rule=Words("按告知日计入统计期。", "A notice counts in the period in which it was given."),
    excluded=_OWN,
)
RAISED: Final = Basis(
    name="cards.raised",
    table="cards",
    counted="c.counted",
    day=f"(f.raised_at AT TIME ZONE {_ZONE})::date",
    rule=Words("按亮牌事由发生之日计入统计期。", "A card counts in the period in which its cause arose."),
    excluded=_NO_VOID,
)
REGISTERED: Final = Basis(
    name="tickets.registered",
    table="tickets",
    counted="f.registered_at <= k.moment",
    day=f"(f.registered_at AT TIME ZONE {_ZONE})::date",
    rule=Words("按登记日计入统计期。", "A ticket counts in the period in which it was registered."),
    excluded=Words("", ""),
)
IN_FORCE: Final = Basis(
    name="items.in_force",
    table="items",
    counted="f.published_at <= k.moment",
    standing="f.in_force_from <= p.last AND coalesce((f.data->>'in_force_to')::date, p.last) >= p.last"
    " AND (f.cancelled_after IS NULL OR f.cancelled_after >= p.last)"
    " AND NOT EXISTS (SELECT FROM item_versions n WHERE n.code = f.code AND n.version > f.version"
    " AND n.in_force_from <= p.last AND n.published_at <= k.moment)",
    rule=Words(
        "以统计期最后一日有效的事项版本为准。", "The versions of items that are in force on the last day of the period."
    ),
    excluded=Words("", ""),
)
