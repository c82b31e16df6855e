"""Ratings (好差评) of a case: five levels, 1 very satisfied to 5 very dissatisfied (GB/T 39046 A.8)."""

from __future__ import annotations

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB


class Rating(Table, db=DB, tablename="ratings"):
    """One rating of one case; nobody who did not rate counts as satisfied."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, unique=True)
    seq = Integer()
    level = Integer()
    comment = Text(default="")
    rated_at = Timestamptz()
