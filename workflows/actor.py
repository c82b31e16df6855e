"""Who acts: the roles of a service hall, and one actor with the grants it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from workflows.errors import Conflict


class Role(StrEnum):
    """What a person or machine is allowed to be; the identifiers appear in flows, events and tokens."""

    guide = "guide"
    clerk = "clerk"
    hall_manager = "hall_manager"
    issuer = "issuer"
    agent = "agent"
    officer = "officer"
    reviewer = "reviewer"
    approver = "approver"
    authority_head = "authority_head"
    government_head = "government_head"
    supervisor = "supervisor"
    complaint_handler = "complaint_handler"
    impasse_handler = "impasse_handler"
    item_steward = "item_steward"
    archivist = "archivist"
    system_admin = "system_admin"
    security_admin = "security_admin"
    auditor = "auditor"
    assessor = "assessor"
    project_director = "project_director"
    applicant = "applicant"
    system = "system"

    @property
    def zh(self) -> str:
        """The title in Chinese, as printed on pages and documents."""
        return TITLES[self][0]

    @property
    def en(self) -> str:
        """The title in English."""
        return TITLES[self][1]


TITLES: dict[Role, tuple[str, str]] = {
    Role.guide: ("导办员", "guide"),
    Role.clerk: ("综合窗口受理员", "window clerk"),
    Role.hall_manager: ("大厅主管", "hall manager"),
    Role.issuer: ("出件员", "issue clerk"),
    Role.agent: ("帮办代办员", "agent"),
    Role.officer: ("承办人", "case officer"),
    Role.reviewer: ("审核人", "reviewer"),
    Role.approver: ("批准人", "approver"),
    Role.authority_head: ("机关负责人", "head of the authority"),
    Role.government_head: ("本级政府负责人", "head of the government"),
    Role.supervisor: ("监察督办员", "supervisor"),
    Role.complaint_handler: ("投诉与评价处理员", "complaint handler"),
    Role.impasse_handler: ("办不成事专员", "impasse handler"),
    Role.item_steward: ("事项管理员", "item steward"),
    Role.archivist: ("档案员", "archivist"),
    Role.system_admin: ("系统管理员", "system administrator"),
    Role.security_admin: ("安全管理员", "security administrator"),
    Role.auditor: ("审计管理员", "auditor"),
    Role.assessor: ("采购人考核员", "assessor"),
    Role.project_director: ("项目总监", "project director"),
    Role.applicant: ("申请人", "applicant"),
    Role.system: ("系统", "system"),
}

#: Each of the three excludes every other role, so that nobody can both do a thing and hide it.
ADMINISTRATORS = frozenset({Role.system_admin, Role.security_admin, Role.auditor})

#: The people whose work the assessor scores; nobody scores themselves.
ASSESSED = frozenset({Role.guide, Role.clerk, Role.hall_manager, Role.issuer, Role.agent, Role.project_director})

#: Nobody is ever granted these: the engine acts as itself, and an applicant on their own case only.
UNGRANTABLE = frozenset({Role.applicant, Role.system})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one organisation, valid for that organisation and everything below it.

    :param organisation: key of the organisation.
    :param path: the organisation's place in the tree, segments joined by ``/``, e.g. ``460000/460100/hall``.
    :param acting_for: whose grant it is, while that person is absent (代理履职); None for one's own.
    :param principal: the name of that person; of the applicant, where an agent acts under a mandate (帮办代办).
    """

    role: Role
    organisation: UUID
    path: str
    acting_for: UUID | None = None
    principal: str = ""

    def covers(self, path: str) -> bool:
        """Whether the organisation at ``path`` is this grant's organisation or lies below it."""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever performs an act: a person at a desk, a machine client, an applicant, or the engine itself.

    :param person: key of the person, of the machine client, or of the engine.
    :param name: as shown in timelines and printed on documents.
    :param grants: the roles held; a person or machine without grants may do nothing.
    :param case: the number of the one case that an applicant reaches; empty for everybody else.
    """

    person: UUID
    name: str
    grants: tuple[Grant, ...] = ()
    kind: Literal["person", "machine", "applicant", "system"] = "person"
    case: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held, wherever it is held."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def staff(self) -> UUID | None:
        """The key of the person who answers for the act; None for the engine and for an applicant."""
        return self.person if self.kind in {"person", "machine"} else None

    def signature(self, grant: Grant | None) -> str:
        """The name as it is signed under a grant: who stands in for somebody names them too."""
        return f"{self.name}（代{grant.principal}）" if grant and grant.principal else self.name

    def may(self, role: Role, within: str | None = None) -> bool:
        """Whether the actor holds ``role`` at all, or for the organisation at the path ``within``."""
        return any(grant.role is role and (within is None or grant.covers(within)) for grant in self.grants)


SYSTEM: Final = Actor(UUID(int=0), TITLES[Role.system][0], kind="system")
"""The engine itself: it takes the steps that a flow gives to the system, on every case, and no others."""


def check_exclusive(roles: Iterable[Role]) -> None:
    """Refuse a set of roles that one person must not hold together.

    :raises Conflict: ``roles_exclusive``, for an administrator with any other role, and for an assessor who
        would score their own work; ``role_not_grantable`` for a role that is nobody's to hold.
    """
    held = frozenset(roles)
    clash = held & ADMINISTRATORS
    if not clash or len(held) == 1:
        clash = frozenset({Role.assessor}) if Role.assessor in held and held & ASSESSED else frozenset()
    if clash:
        titles = sorted(held)
        raise Conflict(
            "roles_exclusive",
            f"以下角色不得由同一人担任：{'、'.join(role.zh for role in titles)}。请分别授予不同人员。",
            f"One person must not hold these roles together: {', '.join(role.en for role in titles)}. "
            "Grant them to different people.",
            basis="GB/T 22239-2019" if clash & ADMINISTRATORS else None,
            roles=[role.value for role in titles],
        )
    if nobodys := sorted(held & UNGRANTABLE):
        raise Conflict(
            "role_not_grantable",
            f"角色“{'、'.join(role.zh for role in nobodys)}”不授予任何人员。",
            f"These roles are granted to nobody: {', '.join(role.en for role in nobodys)}.",
            roles=[role.value for role in nobodys],
        )
