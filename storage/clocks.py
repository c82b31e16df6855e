"""The clock ledger as rows, and the index of running clocks that sweepers read."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB


class ClockEntry(Table, db=DB, tablename="clock_entries"):
    """One thing that happened to one clock of a case, written by the event ``seq``; never changed."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    ordinal = Integer()
    kind = Varchar(length=12)
    act = Varchar(length=8)
    at = Timestamptz()
    amount = Integer(null=True, default=None)
    unit = Varchar(length=14, null=True, default=None)
    basis = Text(default="")
    by = Varchar(length=80, null=True, default=None)
    note = Text(default="")


class Clock(Table, db=DB, tablename="clocks"):
    """What the ledger of a case derives to, one row a kind: an index for sweepers, never the source."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    kind = Varchar(length=12)
    running = Boolean()
    suspended = Boolean()
    started_at = Timestamptz()
    stopped_at = Timestamptz(null=True, default=None)
    due_on = Date(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    provisional = Boolean(default=False)
