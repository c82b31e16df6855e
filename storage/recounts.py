"""Recounts: every open clock derived again because a calendar year was announced or corrected."""

from __future__ import annotations

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.calendars import CalendarEdition
from storage.cases import Case
from storage.db import DB


class Recount(Table, db=DB, tablename="recounts"):
    """One batch. ``reached`` is the last case that was looked at, so that it goes on after a kill where it was."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    edition_id = ForeignKey(CalendarEdition, null=False, unique=True)
    started_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    reached = UUIDColumn(null=True, default=None)
    looked_at = Integer(default=0)
    changed = Integer(default=0)


class RecountLine(Table, db=DB, tablename="recount_lines"):
    """One clock of one case whose due day changed, with the event that says so."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    recount_id = ForeignKey(Recount, null=False)
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    kind = Varchar(length=12)
    before = Date(null=True, default=None)
    after = Date(null=True, default=None)
