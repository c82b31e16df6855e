"""What the JSON interface answers to administrators: accounts with their roles, tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class RoleHeld(Struct):
    """A role in an organisation and everything below it; ``id`` is what takes it away."""

    id: UUID
    role: str
    organisation: str
    organisation_name: str
    organisation_name_en: str | None = None


class AccountRow(Struct):
    """An account. ``locked_until`` is set by wrong passwords; ``active`` by a system administrator."""

    login: str
    name: str
    active: bool
    created_at: datetime
    grants: list[RoleHeld]
    locked_until: datetime | None = None


class AccountPage(Struct):
    """Accounts by sign-in name, and where the next page begins; no ``next`` on the last page."""

    items: list[AccountRow]
    next: str | None = None


class AccountRead(AccountRow, kw_only=True):
    """One account. ``allowed``: what the caller may do with it; nothing with their own."""

    allowed: list[str]
    own: bool


class PasswordMade(Struct):
    """A password that was made for an account, shown this once."""

    login: str
    password: str


class RoleGranted(Struct):
    """The key of a role that was given."""

    id: UUID


class TokenRow(Struct):
    """A token, never its text. ``state``: ``held``, ``resting`` (the person lost the role), ``expired``, ``revoked``.

    ``issued_by`` is null for one that was issued from the command line of the machine.
    """

    id: UUID
    name: str
    login: str
    person_name: str
    role: str
    organisation: str
    organisation_name: str
    state: str
    created_at: datetime
    organisation_name_en: str | None = None
    issued_by: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class TokenPage(Struct):
    """Tokens, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[TokenRow]
    next: str | None = None
