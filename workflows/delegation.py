"""Who may stand in for somebody who is absent (代理履职), and who may say so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from workflows.actor import ADMINISTRATORS, UNGRANTABLE, Actor, Grant, Role, check_exclusive
from workflows.errors import Conflict, Forbidden, Malformed

LONGEST: Final = timedelta(days=180)
"""How long one delegation lasts at most; whoever is away longer needs a successor. A default: no law sets it."""

ABOVE: Final = frozenset({Role.hall_manager, Role.approver, Role.system_admin})
"""Who may appoint a delegate for people of their own organisation, beside the absent person."""


def check_appointer(actor: Actor, principal: Actor, delegate: Actor, grant: Grant) -> None:
    """Refuse somebody who may not appoint a delegate for a grant.

    :param grant: what is delegated, a grant of the absent person's own.
    :raises Forbidden: ``appointer_not_allowed`` unless it is the absent person or somebody above them;
        ``delegates_to_oneself`` when somebody takes over another's powers by their own hand.
    """
    if actor.person == delegate.person:
        raise Forbidden(
            "delegates_to_oneself",
            "不得指定自己代理他人履职，请由被代理人或其上级指定。",
            "Nobody appoints themself; the absent person or somebody above them must.",
            basis="岗位权限",
        )
    above = any(one.role in ABOVE and one.acting_for is None and one.covers(grant.path) for one in actor.grants)
    if actor.person != principal.person and not above:
        raise Forbidden(
            "appointer_not_allowed",
            "只有本人、本机构的批准人、大厅主管或系统管理员可以指定代理人。",
            "Only the person, or an approver, hall manager or system administrator above them, appoints a delegate.",
            basis="岗位权限",
        )


def check_delegate(principal: Actor, delegate: Actor, grant: Grant, others: Iterable[Role]) -> None:
    """Refuse somebody who may not stand in under a grant.

    :param others: the roles in which the delegate stands in for anybody at the time.
    :raises Conflict: ``role_not_delegable``, ``delegate_outside`` for somebody of another organisation,
        ``roles_exclusive``.
    """
    if grant.role in ADMINISTRATORS | UNGRANTABLE:
        raise Conflict(
            "role_not_delegable",
            f"{grant.role.zh}不得由他人代理。",
            f"Nobody may stand in for a {grant.role.en}.",
            basis="GB/T 22239-2019",
        )
    if principal.person == delegate.person or not any(grant.covers(own.path) for own in delegate.grants):
        raise Conflict(
            "delegate_outside",
            "代理人须为同一机构（含其下级）的另一名在岗人员。",
            "The delegate must be another person of the same organisation or of one below it.",
            basis="岗位权限",
        )
    check_exclusive({grant.role, *delegate.roles, *others})


def check_period(from_at: datetime, until_at: datetime, now: datetime) -> None:
    """Refuse a time that is over, backwards or without an end in sight.

    :param from_at: UTC. :param until_at: UTC, the first moment at which it no longer holds. :param now: UTC.
    :raises Malformed: ``period_wrong``.
    """
    if not (now < until_at and from_at < until_at and until_at - from_at <= LONGEST):
        raise Malformed(
            "period_wrong",
            f"代理起止时间有误：结束须晚于开始和现在，且不超过{LONGEST.days}日。",
            f"The period is wrong: it must end after it begins and after now, and last {LONGEST.days} days at most.",
        )
