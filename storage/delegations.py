"""Who stands in for whom while somebody is absent (代理履职)."""

from __future__ import annotations

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB
from storage.organisations import Organisation
from storage.people import Person


class Delegation(Table, db=DB, tablename="delegations"):
    """One role of one person in one organisation, held by a delegate from one moment to another (UTC)."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    person_id = ForeignKey(Person, null=False, index=True)
    delegate_id = ForeignKey(Person, null=False, index=True)
    role = Varchar(length=30)
    organisation_id = ForeignKey(Organisation, null=False)
    from_at = Timestamptz()
    until_at = Timestamptz()
    reason = Text()
    created_by = ForeignKey(Person, null=True)
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
