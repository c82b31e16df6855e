"""First-contact responsibility and the order of queues: 移交首问责任, 接受移交, 标记优先."""

from __future__ import annotations

from engine.work import Work


def offer_handover(work: Work) -> None:
    """移交: the owner stays responsible until the colleague has taken over; another offer replaces this one."""
    colleague = work.situation.colleagues[work.payload["to"]].person
    work.change(offered_to_id=colleague)
    work.data |= {"owner": _text(work.case["owner_id"]), "offered_to": str(colleague)}


def take_over(work: Work) -> None:
    """接受移交: from now on the applicant's first contact is whoever accepts."""
    become_owner(work)


def become_owner(work: Work) -> None:
    """Make whoever acts the owner of the case; an open offer is settled with it. The event names both."""
    person = work.command.actor.staff
    work.change(owner_id=person, offered_to_id=None)
    work.data |= {"owner_before": _text(work.case["owner_id"]), "owner": _text(person)}


def mark_priority(work: Work) -> None:
    """标记优先: whom the law serves first comes first in queues; no legal limit moves (老年法55)."""
    work.change(priority=work.payload["group"], rank=0)


def _text(person: object) -> str:
    return str(person) if person else ""
