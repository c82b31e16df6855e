"""Where figures are counted: the rows of each of their tables, the columns of their dimensions, who may count them.

Everything here is a constant or a bound parameter; what people ask for never becomes part of a statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from workflows.figure import Basis, Table
from workflows.figure_period import Bucket


class Facts(Protocol):
    """The facts of some moment: what to write after ``FROM`` for those of cases and of notices."""

    @property
    def cases(self) -> str:
        """With the columns of ``case_facts``."""

    @property
    def notices(self) -> str:
        """With the columns of ``notice_facts``."""


class Selection(NamedTuple):
    """Which rows are counted, and by what they are told apart.

    :param since: first hall day. :param until: last hall day, included. :param moment: of the facts, UTC.
    :param halls: whose cases may be counted. :param departments: codes, idem. :param catalogue: codes of departments
        whose items may be counted. :param where: a dimension and the key it must have; None: rows without one.
    :param by: dimensions but those of time. :param time: a dimension of time, or empty.
    :param buckets: the parts of the period at whose ends stocks are taken; the whole of it without ``time``.
    """

    since: date
    until: date
    moment: datetime
    halls: Sequence[UUID]
    departments: Sequence[str]
    catalogue: Sequence[str]
    where: tuple[tuple[str, Any], ...]
    by: tuple[str, ...]
    time: str
    buckets: tuple[Bucket, ...]


class Source(NamedTuple):
    """A table of figures: rows, key, what a row is called, and its dimensions."""

    rows: str
    key: str
    place: str
    case: str
    subject: str
    item: str
    department: str
    columns: Mapping[str, str]
    within: str


_LINES: Final = """
(SELECT count(*) AS required, count(*) FILTER (WHERE l.code = ANY(f.lines_spared)) AS used
 FROM jsonb_to_recordset(i.data->'materials') AS l(code text, e_cert boolean, condition text)
 WHERE l.e_cert AND (coalesce(l.condition, '') = '' OR l.condition = ANY(f.situation)
   OR (starts_with(l.condition, '!') AND NOT substr(l.condition, 2) = ANY(f.situation)))) m
"""
"""Lines of a case's list for which an electronic certificate can be used, and those for which one stood in."""


def _of_case(alias: str) -> dict[str, str]:
    named = {name: f"{alias}.{name}" for name in ("hall", "receiver", "handler")}
    texts = {name: f"nullif({alias}.{name}, '')" for name in ("department", "item", "channel", "kind")}
    return {**named, **texts, "window": f'{alias}."window"'}


_HERE: Final = "({0}.hall = ANY({{halls}}) OR {0}.department = ANY({{departments}}))"
_OWN: Final = {
    name: column for name, column in _of_case("f").items() if name in {"hall", "department", "item", "window"}
}

SOURCES: Final[Mapping[Table, Source]] = MappingProxyType(
    {
        "cases": Source(
            rows="{cases} f",
            key="f.case_id",
            place="0",
            case="f.number",
            subject="''",
            item="f.item",
            department="f.department",
            columns=_of_case("f"),
            within=_HERE.format("f"),
        ),
        "notices": Source(
            rows="{notices} f JOIN {cases} c ON c.case_id = f.case_id",
            key="f.case_id",
            place="f.number",
            case="c.number",
            subject="f.document",
            item="f.item",
            department="f.department",
            columns=_of_case("c") | _OWN,
            within=_HERE.format("f"),
        ),
        "cards": Source(
            rows="cards f JOIN {cases} c ON c.case_id = f.case_id AND f.recorded_at <= c.last_at"
            " LEFT JOIN organisations h ON h.id = c.hall",
            key="f.id",
            place="0",
            case="c.number",
            subject="f.number",
            item="c.item",
            department="c.department",
            columns=_of_case("c"),
            within=_HERE.format("c"),
        ),
        "materials": Source(
            rows="{cases} f JOIN item_versions i ON i.code = f.item AND i.version = f.item_version CROSS JOIN LATERAL"
            + _LINES,
            key="f.case_id",
            place="0",
            case="f.number",
            subject="''",
            item="f.item",
            department="f.department",
            columns=_of_case("f"),
            within=_HERE.format("f"),
        ),
        "tickets": Source(
            rows="impasses f JOIN organisations h ON h.id = f.hall_id LEFT JOIN organisations d ON d.id = f.assigned_to"
            " LEFT JOIN cases c ON c.id = f.case_id",
            key="f.id",
            place="0",
            case="coalesce(c.number, '')",
            subject="f.number",
            item="coalesce(c.item_code, '')",
            department="coalesce(d.code, '')",
            columns={"hall": "f.hall_id", "department": "d.code", "item": "c.item_code"},
            within="(f.hall_id = ANY({halls}) OR d.code = ANY({departments}))",
        ),
        "items": Source(
            rows="item_versions f JOIN organisations d ON d.id = f.department_id",
            key="f.id",
            place="0",
            case="''",
            subject="f.name",
            item="f.code",
            department="d.code",
            columns={"department": "d.code", "item": "f.code", "kind": "f.data->>'case_kind'"},
            within="d.code = ANY({catalogue})",
        ),
    }
)
_KINDS: Final = {"hall": "uuid", "window": "uuid", "receiver": "uuid", "handler": "uuid"}


class Statement:
    """A statement in the making, with what is bound to it."""

    def __init__(self) -> None:
        self.args: list[Any] = []

    def bind(self, value: Any, kind: str) -> str:
        """A parameter of this value and PostgreSQL type."""
        self.args.append(value)
        return f"${len(self.args)}::{kind}"

    def rows(self, basis: Basis, facts: Facts, asked: Selection) -> str:
        """``FROM`` and ``WHERE``: the rows of a basis in the period, within the scope and the filters."""
        source = SOURCES[basis.table]
        known = f"(SELECT {self.bind(asked.moment, 'timestamptz')} AS moment) k"
        rows = f"{source.rows.format(cases=facts.cases, notices=facts.notices)} CROSS JOIN {known}"
        if basis.day:
            limits = f"{basis.day} BETWEEN {self.bind(asked.since, 'date')} AND {self.bind(asked.until, 'date')}"
        else:
            limits = basis.standing
            rows = f"{self._ends(asked)} CROSS JOIN {rows}"
        found = [limits, basis.counted, self._within(source, asked), *self._filters(source, asked)]
        return f"FROM {rows} WHERE {' AND '.join(f'({one})' for one in found)}"

    def _ends(self, asked: Selection) -> str:
        """The ends of the parts of the period. A single one is a constant to the planner, who else reads every row."""
        begin, _, last, moment = zip(*asked.buckets, strict=True)
        kinds = ("date", "date", "timestamptz")
        if len(begin) == 1:
            one = [self.bind(values[0], kind) for values, kind in zip((begin, last, moment), kinds, strict=True)]
            return "(SELECT {} AS begin, {} AS last, {} AS moment) p".format(*one)
        some = [self.bind(values, f"{kind}[]") for values, kind in zip((begin, last, moment), kinds, strict=True)]
        return f"unnest({', '.join(some)}) AS p(begin, last, moment)"

    def _within(self, source: Source, asked: Selection) -> str:
        return source.within.format(**{
            name: self.bind(list(getattr(asked, name)), kind)
            for name, kind in (("halls", "uuid[]"), ("departments", "text[]"), ("catalogue", "text[]"))
            if f"{{{name}}}" in source.within
        })  # fmt: skip

    def _filters(self, source: Source, asked: Selection) -> list[str]:
        found = []
        for name, value in asked.where:
            if (column := source.columns.get(name)) is not None:
                known = None if value is None else self.bind(value, _KINDS.get(name, "text"))
                found.append(f"{column} IS NULL" if known is None else f"{column} = {known}")
        return found
