"""Every paper of a case has its place in the dossier, and every event a name in words."""

from __future__ import annotations

import pytest

from workflows.documents import KINDS
from workflows.dossier import BESIDE, CODES, TITLES, Entry, Part, filed, numbered, part_of, state_of, title_of
from workflows.events import Act, EventName
from workflows.flow import packaged_flows


def test_every_kind_of_document_is_filed_in_one_part() -> None:
    codes = [code for part in CODES.values() for code in part]
    assert sorted(codes) == sorted(KINDS)
    assert {part_of(code) for code in KINDS} == set(Part) - {Part.MATERIALS, Part.TRAIL}
    assert set(TITLES) == set(Part)


def test_papers_come_part_by_part_and_within_a_part_as_they_were_issued() -> None:
    issued = ["D01", "D03", "D04", "D05", "D14", "D14", "D15", "D17", "D23", "D18"]
    entries = [Entry(part_of(code), f"{code}-{at}", code, 1) for at, code in enumerate(issued)]
    entries += [Entry(Part.TRAIL, "", "trail", 1), Entry(Part.MATERIALS, "M01", "form", 3)]
    assert [entry.key or entry.title for entry in filed(entries)] == [
        "D01-0", "D05-3", "D03-1", "D04-2", "M01", "D14-4", "D14-5", "D15-6", "D17-7", "D18-9", "D23-8", "trail",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("front", "pages", "begins"),
    [(2, [1, 4, 1], [3, 4, 8]), (3, [2, 0, 5], [4, 0, 6]), (2, [0], [0]), (2, [], [])],
)
def test_pages_are_counted_through_and_what_is_missing_has_none(
    front: int, pages: list[int], begins: list[int]
) -> None:
    entries = [Entry(Part.RECEIPT, str(at), "", count) for at, count in enumerate(pages)]
    assert [entry.first for entry in numbered(entries, front)] == begins


def test_every_event_has_a_name_in_words() -> None:
    flows = packaged_flows().values()
    steps = {step.definition.action for flow in flows for step in flow.steps}
    unnamed = {f"case:{act}" for act in Act if act not in steps} | set(EventName)
    flow = next(iter(flows))
    assert {name for name in unnamed if title_of(name, "", flow) == name} <= {"case:x"}
    assert set(BESIDE) >= set(EventName)


def test_an_event_is_called_as_its_step_in_the_flow() -> None:
    flow = packaged_flows()["PERMIT"]
    step = next(one.definition for one in flow.steps if one.definition.action is Act.ACCEPT)
    assert title_of("case:accept", step.sources[0], flow) == step.title
    assert state_of("RECEIVED", "ACCEPTED", flow) == flow.states["ACCEPTED"].title
    assert state_of("ACCEPTED", "ACCEPTED", flow) == ""
