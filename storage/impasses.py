"""办不成事: what an applicant could not get done, and what became of it."""

from __future__ import annotations

from piccolo.columns import JSONB, Boolean, Bytea, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB
from storage.organisations import Organisation
from storage.people import Person


class Impasse(Table, db=DB, tablename="impasses"):
    """One ticket (D26), linked to a case where there is one.

    ``state``: see :mod:`workflows.impasse`. Contact is owed by ``contact_due_on``, the solution by ``due_on`` (hall
    time). ``person`` is the name in clear; ``contact_sealed`` how to reach them.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=60, unique=True)
    hall_id = ForeignKey(Organisation, null=False, index=True)
    case_id = ForeignKey(Case, null=True, index=True)
    person = Varchar(length=200)
    contact_sealed = Bytea(null=True, default=None)
    matter = Text()
    complex = Boolean(default=False)
    state = Varchar(length=12)
    registered_by = ForeignKey(Person, null=True)
    registered_at = Timestamptz()
    contact_due_on = Date()
    due_on = Date()
    due_at = Timestamptz()
    contacted_at = Timestamptz(null=True, default=None)
    assigned_to = ForeignKey(Organisation, null=True)
    history = JSONB()
    solved_at = Timestamptz(null=True, default=None)
    solved_by = ForeignKey(Person, null=True)
    closed_at = Timestamptz(null=True, default=None)
