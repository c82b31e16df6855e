"""What an export shows of people, what its files say, and what is refused before anything is read."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.workflows.xes_rules import read_xes
from workflows import xes
from workflows.errors import Malformed
from workflows.event_log import by_case, within
from workflows.events import EVENT_NAMES
from workflows.export import FILES, About, Disclosure, Format, Selection, Wish, check_wish
from workflows.fact import CaseFact, NoticeFact
from workflows.fact_table import cell, columns, shown_row
from workflows.ocel import case_in_ocel, table_of

AT = datetime(2026, 3, 2, 17, 30, 0, 123456, tzinfo=UTC)
CASE, PARTY, CLERK, ABSENT = (UUID(int=n) for n in (1, 2, 3, 4))


def disclosure(*, clear: bool = False, secret: str = "a") -> Disclosure:
    return Disclosure(clear, lambda text: hashlib.sha256(f"{secret}{text}".encode()).digest())


def case(**changes: Any) -> dict[str, Any]:
    row = dict.fromkeys(
        ("received_at", "accepted_at", "decided_at", "closed_at", "parent", "kind", "outcome", "notice_in_time",
         "statutory_in_time", "promise_in_time")
    )  # fmt: skip
    return row | {
        "id": CASE, "number": "460100260302000001", "item": "X1", "item_name": "食品经营<许可>", "item_version": 1,
        "flow": "PERMIT", "flow_version": 2, "channel": "window", "priority": "", "state": "RECEIVED", "opened_at": AT,
        "party_id": PARTY, "applicant": {"kind": "person", "name": "欧阳示例"}, "hall": "hall", "hall_name": "大厅",
        "zone": None, "department": "amr", "department_name": "市监局",
    } | changes  # fmt: skip


def event(seq: int, name: str = "case:open", **changes: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=100 + seq), "case_id": CASE, "seq": seq, "name": name, "at": AT + timedelta(hours=seq),
        "claimed_at": None, "actor": CLERK, "actor_name": "李明哲", "person_name": "李明哲", "role": "clerk",
        "acting_for": None, "acting_for_name": None, "from_state": "", "to_state": "NEW", "reason": "",
        "digest": "ab" * 32, "algorithm": "sha256", "organisation": "hall", "window": "", "window_name": "",
        "documents": None, "delivered": None, "scan": None, "line": None, "told": None,
    } | changes  # fmt: skip


def about(wish: Wish | None = None) -> About:
    return About(UUID(int=9), wish or Wish(Format.XES), AT, "何安澜")


def written(shown: Disclosure, *events: dict[str, Any], **changes: Any) -> str:
    return xes.header(about()) + xes.trace(case(**changes), events, shown) + xes.FOOTER


def test_a_trace_tells_the_case_and_every_event_in_the_halls_time() -> None:
    told = event(2, "case:receive", from_state="NEW", to_state="RECEIVED", claimed_at=AT, window="w1")
    log, [(trace, [first, second])] = read_xes(written(disclosure(), event(1), told, outcome="granted"))
    assert (log["as_of"], log["personal_data"]) == (AT.isoformat(), "masked")
    assert (trace["concept:name"], trace["identity:id"], trace["item_name"]) == (
        case()["number"],
        CASE,
        "食品经营<许可>",
    )
    assert trace["outcome"] == "granted"
    assert "closed_at" not in trace
    assert trace["opened_at"].isoformat() == "2026-03-03T01:30:00.123000+08:00"
    assert [one["concept:name"] for one in (first, second)] == ["case:open", "case:receive"]
    assert first["time:timestamp"] == AT.replace(microsecond=123000) + timedelta(hours=1)
    assert (second["from_state"], second["to_state"], second["seq"], second["org:group"]) == (
        "NEW",
        "RECEIVED",
        2,
        "hall",
    )
    assert second["digest"] == "ab" * 32


def test_people_are_masked_and_keep_one_pseudonym_within_an_export() -> None:
    delegate = event(2, acting_for=ABSENT, acting_for_name="张云舒", reason="张云舒请假")
    mine = event(3, role="applicant", actor=None, actor_name="欧阳示例", person_name=None)
    machine = event(4, role="system", actor=None, actor_name="系统", person_name=None)
    text = written(disclosure(), event(1), delegate, mine, machine)
    for name in ("李明哲", "张云舒", "欧阳示例", str(CLERK), str(PARTY), str(ABSENT)):
        assert name not in text
    _, [(trace, events)] = read_xes(text)
    assert (trace["applicant_name"], events[0]["resource_name"]) == ("欧**例", "李*哲")
    assert events[0]["org:resource"] == events[1]["org:resource"] != events[1]["acting_for"]
    assert events[2]["org:resource"] == trace["applicant"]
    assert events[3]["org:resource"] == "system"
    assert "reason" not in events[1]
    _, [(_, others)] = read_xes(written(disclosure(secret="b"), event(1)))
    assert others[0]["org:resource"] != events[0]["org:resource"]
    _, [(trace, events)] = read_xes(written(disclosure(clear=True), event(1), delegate))
    assert (trace["applicant_name"], events[1]["reason"]) == ("欧阳示例", "张云舒请假")
    assert (events[0]["org:resource"], events[1]["acting_for"]) == (str(CLERK), str(ABSENT))


def test_the_name_of_an_organisation_is_no_secret() -> None:
    firm = {"kind": "organisation", "name": "示例餐饮有限公司"}
    _, [(trace, _)] = read_xes(written(disclosure(), event(1), applicant=firm))
    assert trace["applicant_name"] == "示例餐饮有限公司"


@pytest.mark.parametrize("text", ["\"<&>'", "一\n二\t三\r", "]]>", "a\x00b\x1fc\ud7ff\ufffe", "𠮷"])
def test_any_text_survives_xml(text: str) -> None:
    _, [(trace, _)] = read_xes(written(disclosure(), event(1), item_name=text))
    assert trace["item_name"] == "".join("\ufffd" if one in "\x00\x1f\ufffe" else one for one in text)


def test_a_log_by_event_has_the_events_of_the_halls_days_alone() -> None:
    events = [event(seq, at=datetime(2026, 3, 2, 15, 59, tzinfo=UTC) + timedelta(minutes=seq)) for seq in range(3)]
    (_, mine), (_, none) = by_case([case(), case(id=UUID(int=8))], events)
    assert none == []
    day = Selection("event", date(2026, 3, 3), date(2026, 3, 3))
    assert [one["seq"] for one in within(case(), mine, day)] == [1, 2]
    assert within(case(), mine, msgspec.structs.replace(day, by="opened")) == events
    assert len(within(case(), mine, Selection("event"))) == 3


def test_objects_have_a_part_in_events_and_links_among_each_other() -> None:
    paper, scan = {"code": "D01", "number": "收〔2026〕1号"}, "0" * 8
    told = [
        event(1, window="w1", window_name="1号窗"),
        event(2, "case:receive", from_state="NEW", to_state="RECEIVED", documents=[paper]),
        event(
            3,
            "scan:stored",
            from_state="RECEIVED",
            to_state="RECEIVED",
            role="system",
            actor=None,
            scan=scan,
            line="M1",
        ),
        event(4, "case:give_notice", from_state="RECEIVED", to_state="CORRECTION", told=2, delivered=[paper]),
    ]
    found = case_in_ocel(case(parent="460100260302000009"), told, disclosure())
    kinds = {one.id: one.type for one in found.objects}
    assert sorted(kinds.values()) == sorted(
        ["case", "applicant", "person", "hall", "department", "window", "document", "scan", "notice"]
    )
    assert {key for one in found.events for key, _ in one.relations} == set(kinds)
    own = f"case:{case()['number']}"
    (of_case,) = [one for one in found.objects if one.id == own]
    assert [(name, value) for _, name, value in of_case.changes] == [
        ("state", "NEW"), ("state", "RECEIVED"), ("state", "CORRECTION"),
    ]  # fmt: skip
    assert (own, "case:460100260302000009", "part_of") in found.links
    assert {source for source, target, _ in found.links if target == own} == {
        f"document:{paper['number']}", f"scan:{scan}", f"notice:{case()['number']}:4",
    }  # fmt: skip
    parts = [{qualifier: key for key, qualifier in one.relations} for one in found.events]
    assert parts[1]["documents"] == parts[3]["delivered"]
    assert "actor" not in parts[2]
    assert case_in_ocel(case(), [], disclosure()).objects == []


def test_every_kind_of_event_has_a_table_of_its_own() -> None:
    assert len({table_of(name).casefold() for name in EVENT_NAMES}) == len(EVENT_NAMES)
    assert table_of("case:give_notice") == "CaseGiveNotice"


@pytest.mark.parametrize("text", ["=1+1", "+861", "-2", "@SUM(A1)", "\tx", "\r=1"])
def test_no_cell_of_a_table_is_taken_for_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell([text, "b"]).startswith("'")


def test_cells_are_told_as_iso_8601_and_nothing_is_made_up() -> None:
    values = [None, True, False, -3, AT, AT.date(), ["a", "b"], [date(2026, 1, 2)], "一窗"]
    assert [cell(value) for value in values] == [
        "", "true", "false", "-3", "2026-03-02T17:30:00.123456+00:00", "2026-03-02", "a b", "2026-01-02", "一窗",
    ]  # fmt: skip


def test_facts_are_told_with_codes_for_places_and_pseudonyms_for_people() -> None:
    names = columns(NoticeFact)
    line = {"material": "M1", "defect": "李明哲未签名", "requirement": "签名", "basis": "法1", "line": 1}
    row = dict.fromkeys(names) | {
        "case_id": CASE, "hall": UUID(int=7), "hall_code": "hall", "window_code": "", "given_by": CLERK,
        "changed_fact": "李明哲改名", "lines": [line],
    }  # fmt: skip
    masked, clear = (shown_row(row, names, disclosure(clear=one)) for one in (False, True))
    assert list(masked) == list(names)
    assert (masked["hall"], masked["window"], masked["changed_fact"]) == ("hall", "", "")
    assert masked["given_by"].startswith("person-")
    assert msgspec.json.decode(masked["lines"]) == [{"material": "M1", "basis": "法1", "line": 1}]
    assert (clear["given_by"], clear["changed_fact"]) == (str(CLERK), "李明哲改名")
    assert msgspec.json.decode(clear["lines"]) == [line]
    kinds = columns(CaseFact)
    assert (kinds["opened_at"], kinds["closed_on"], kinds["flags"], kinds["visit_days"], kinds["counted"]) == (
        "moment", "day", "list of text", "list of day", "boolean",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"selection": {"from": "2026-03-02", "to": "2026-03-01"}}, "range_reversed"),
        ({"clear": True}, "reason_needed"),
        ({"clear": True, "reason": " 查  "}, "reason_needed"),
        ({"as_of": "2026-03-01T00:00:00Z"}, "as_of_of_facts_only"),
        ({"format": "cases-csv", "as_of": "1999-12-31T00:00:00Z"}, "as_of_out_of_range"),
        ({"format": "cases-csv", "as_of": "0001-01-01T00:00:00+14:00"}, "as_of_out_of_range"),
        ({"selection": {"items": ["a\u202eb"]}}, "control_character"),
    ],
)
def test_what_nobody_can_mean_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_wish(msgspec.convert({"format": "xes", **changes}, Wish))
    assert refused.value.code == code


def test_the_same_wish_has_the_same_digest() -> None:
    first, other = Wish(Format.XES), Wish(Format.XES, Selection("closed"))
    assert first.digest() == Wish(Format.XES).digest() != other.digest()
    assert set(FILES) == set(Format)
