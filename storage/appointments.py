"""Days on which a hall is closed beyond the calendar (typhoon, power cut), and the visits booked with it."""

from __future__ import annotations

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Text, Time, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB
from storage.organisations import Organisation
from storage.people import Person


class Closure(Table, db=DB, tablename="closures"):
    """One hall, one day, why. It moves appointments; a statutory day it never moves."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False)
    day = Date()
    reason = Text()
    declared_by = ForeignKey(Person, null=True)
    declared_at = Timestamptz()


class Appointment(Table, db=DB, tablename="appointments"):
    """One visit booked for a case, in hall time. ``state``: booked, kept, cancelled."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    hall_id = ForeignKey(Organisation, null=False)
    day = Date()
    at_time = Time()
    first_day = Date()
    state = Varchar(length=10)
    booked_at = Timestamptz()
