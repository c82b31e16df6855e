"""Where a reader can go: the entries of the main navigation, by the roles that they are for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.administration.listing_tokens import READERS as TOKEN_READERS
from engine.administration.managing_people import READERS as ACCOUNT_READERS
from engine.administration.managing_places import READERS as PLACE_READERS
from engine.administration.waiting import WITHOUT_CASES
from engine.audit_desk.desk import AUDITORS, LOG_READERS
from engine.audit_desk.desk import READERS as AUDIT_READERS
from engine.audit_desk.holding_findings import FINDING_ROLES
from engine.capture.capturing import CAPTURERS
from engine.catalogue.approving import READERS as STEWARDS
from engine.consulting import CONSULTING_ROLES
from engine.department_tasks import WORKERS
from engine.figures.asking import DEPARTMENT_READERS, HALL_READERS
from engine.figures.wall import WALL_ROLES
from engine.issue.picking_up import KEEPERS as KEEPERS_OF_COUNTER
from engine.mandates.mandating import REGISTRARS
from engine.mandates.visiting import READERS as VISIT_READERS
from engine.mandates.visiting import VISITORS
from engine.messages.informing import READERS as INBOX_READERS
from engine.opening import OPENING_ROLES
from engine.opinion_texts import WRITERS
from engine.overseeing import BOARD_ROLES
from engine.webhooks.subscribing import MANAGERS as WEBHOOK_ROLES
from workflows.actor import Actor, Role
from workflows.assessment_steps import PAGES as ASSESSMENT_PAGES
from workflows.custody import KEEPERS, SETTLERS
from workflows.delegation import ABOVE
from workflows.export import EXPORTERS
from workflows.impasse import READERS as IMPASSE_READERS
from workflows.impasse import SOLVERS
from workflows.rating_rules import READERS as RATING_READERS

EVERYBODY: Final = frozenset(Role)
DELEGATION_ROLES: Final = ABOVE | {Role.officer, Role.reviewer, Role.authority_head, Role.clerk, Role.issuer}
"""Whose absence is of consequence; everybody else reaches the page by its address."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    :param path: the page; the entry is the current one on every page whose address begins with it, or with ``also``,
        unless another entry's fits better. :param text: message id. :param roles: who may use the page.
    :param key: access key, one character, pressed with Alt.
    """

    path: str
    text: str
    roles: frozenset[Role]
    key: str = ""
    also: tuple[str, ...] = ()

    def fits(self, here: str) -> int:
        """How many characters of an address belong to this entry; 0 where it is elsewhere."""
        if self.path == "/":
            return 1 if here.split("?", maxsplit=1)[0] == "/" else 0
        return max((len(path) for path in (self.path, *self.also) if _within(here, path)), default=0)


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that belong together, under a title. :param text: message id."""

    text: str
    entries: tuple[Entry, ...]


def _entry(path: str, text: str, roles: Iterable[Role], key: str = "", also: tuple[str, ...] = ()) -> Entry:
    return Entry(path, text, frozenset(roles), key, also)


NAVIGATION: Final = (
    Group(
        "nav.group.work",
        (
            _entry("/", "nav.tasks", EVERYBODY, "1"),
            _entry("/cases", "nav.cases", EVERYBODY - WITHOUT_CASES, "2"),
            _entry("/inbox", "nav.inbox", INBOX_READERS),
            _entry("/department", "nav.department", WORKERS, "6"),
            _entry("/cases/new", "nav.new", OPENING_ROLES, "3"),
            _entry("/consultations", "nav.consultations", CONSULTING_ROLES),
            _entry("/capture", "nav.capture", CAPTURERS),
            _entry("/principals", "nav.principals", {Role.agent}),
            _entry("/mandates", "nav.mandates", REGISTRARS),
            _entry("/visits", "nav.visits", {*VISITORS, *VISIT_READERS}),
            _entry("/impasses", "nav.impasses", {*IMPASSE_READERS, *SOLVERS}),
            _entry("/ratings", "nav.ratings", RATING_READERS),
            _entry("/counter", "nav.counter", KEEPERS_OF_COUNTER, "7"),
            _entry("/papers", "nav.papers", {*KEEPERS, *SETTLERS}),
            _entry("/opinion-templates", "nav.templates", WRITERS),
        ),
    ),
    Group(
        "nav.group.oversight",
        (
            _entry("/board", "nav.board", BOARD_ROLES, "4"),
            _entry("/cards", "nav.cards", BOARD_ROLES),
            _entry("/figures", "nav.figures", {*HALL_READERS, *DEPARTMENT_READERS}, "5"),
            _entry("/reports", "nav.reports", {*HALL_READERS, *DEPARTMENT_READERS}),
            _entry("/closures", "nav.closures", {Role.hall_manager, Role.guide}),
            _entry("/wall", "nav.wall", WALL_ROLES),
            _entry("/compliance", "nav.compliance", {*HALL_READERS, *DEPARTMENT_READERS}),
            _entry("/assessments", "nav.assessments", ASSESSMENT_PAGES, also=("/contracts",)),
        ),
    ),
    Group(
        "nav.group.audit",
        (
            _entry("/audit", "audit.cases", AUDIT_READERS, also=("/audit/cases", "/audit/parties")),
            _entry("/audit/events", "audit.events", AUDIT_READERS),
            _entry("/audit/anomalies", "audit.anomalies", AUDIT_READERS),
            _entry("/audit/samples", "audit.samples", AUDITORS),
            _entry("/audit/findings", "audit.findings", FINDING_ROLES),
            _entry("/audit/looks", "audit.looks", LOG_READERS),
            _entry("/exports", "nav.exports", EXPORTERS),
        ),
    ),
    Group(
        "nav.group.steward",
        (
            _entry("/catalogue", "nav.publishing", STEWARDS, also=("/drafts", "/moves")),
            _entry("/calendars", "nav.calendars", {*STEWARDS, Role.system_admin}),
            _entry("/webhooks", "nav.hooks", WEBHOOK_ROLES),
        ),
    ),
    Group(
        "nav.group.administration",
        (
            _entry("/people", "nav.people", ACCOUNT_READERS),
            _entry("/organisations", "nav.places", PLACE_READERS),
            _entry("/tokens", "nav.tokens", TOKEN_READERS),
            _entry("/delegations", "nav.delegations", DELEGATION_ROLES),
            _entry("/dead-letters", "nav.letters", {Role.system_admin}),
            _entry("/alarms", "nav.alarms", {Role.system_admin, Role.auditor}),
        ),
    ),
)
"""Every entry, in the order shown. A page that belongs to no entry has none marked as current."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The navigation of one reader on one page. :param current: the path of the entry that the page belongs to."""

    groups: tuple[Group, ...]
    current: str

    @property
    def keys(self) -> list[Entry]:
        """Entries with an access key, for the list of keys."""
        return [entry for group in self.groups for entry in group.entries if entry.key]


def navigation_of(reader: Actor | None, here: str) -> Shown:
    """What a reader is shown on the page at an address; nothing without a reader."""
    if reader is None:
        return Shown((), "")
    own = (
        Group(group.text, tuple(entry for entry in group.entries if not reader.roles.isdisjoint(entry.roles)))
        for group in NAVIGATION
    )
    groups = tuple(group for group in own if group.entries)
    entries = [entry for group in groups for entry in group.entries]
    best = max(entries, key=lambda entry: entry.fits(here), default=None)
    return Shown(groups, best.path if best and best.fits(here) else "")


def _within(here: str, path: str) -> bool:
    return here == path or here.startswith((path + "/", path + "?"))
