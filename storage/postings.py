"""Results on their way by post: carrier, waybill, and how the journey ended."""

from __future__ import annotations

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB


class Posting(Table, db=DB, tablename="postings"):
    """One parcel. A waybill is used once; ``state``: sent, signed, returned."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    carrier = Varchar(length=200)
    waybill = Varchar(length=40, unique=True)
    state = Varchar(length=10)
    sent_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    outcome = Text(default="")
