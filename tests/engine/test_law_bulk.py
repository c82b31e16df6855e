"""批量办理: the same act on many cases, each on its own, with a result of its own."""

from __future__ import annotations

import asyncio

import pytest

from engine.bulk import MOST, act_on_each
from engine.context import Context
from tests.engine.test_refusals import refused
from tests.factories import START, bring
from tests.people import actor
from workflows.errors import Malformed
from workflows.events import Act

LATER = START.replace(hour=6)


async def test_every_case_gets_its_own_result_and_no_refusal_stops_the_rest(context: Context) -> None:
    first, over, second = [await bring(context, state) for state in ("RECEIVED", "WITHDRAWN", "RECEIVED")]
    cases = [(first.number, None), (over.number, None), ("4601002603029999999", None), (second.number, 99)]
    results = await act_on_each(context, await actor("officer"), Act.ACCEPT, cases, {}, LATER)
    assert [row["number"] for row in results] == [number for number, _ in cases]
    assert results[0]["answer"]["state"] == "ACCEPTED"
    assert [row["problem"] and (row["problem"]["status"], row["problem"]["code"]) for row in results] == [
        None,
        (409, "action_not_allowed"),
        (404, "case_not_found"),
        (412, "case_changed"),
    ]
    assert results[3]["problem"]["current"] == 2
    states = [(await story.row())["state"] for story in (first, over, second)]
    assert states == ["ACCEPTED", "WITHDRAWN", "RECEIVED"]


async def test_repeated_under_its_key_what_was_done_is_answered_again(context: Context) -> None:
    done, barred = await bring(context, "RECEIVED"), await bring(context, "NEW")
    officer = await actor("officer")
    cases = [(done.number, 2), (barred.number, 1)]
    first = await act_on_each(context, officer, Act.ACCEPT, cases, {}, LATER, "b-1")
    again = await asyncio.gather(
        *(act_on_each(context, officer, Act.ACCEPT, cases, {}, LATER, "b-1") for _ in range(3))
    )
    assert all(results[0] == first[0] for results in again)
    assert first[0]["answer"]["state"] == "ACCEPTED"
    assert first[1]["problem"] is not None
    assert (await done.events()).count("accept") == 1
    await barred.receive()
    late = await act_on_each(context, officer, Act.ACCEPT, [(barred.number, 1)], {}, LATER, "b-1")
    assert late[0]["problem"]["code"] == "case_changed"


async def test_another_request_under_the_same_key_is_told_so_case_by_case(context: Context) -> None:
    one, two = await bring(context, "RECEIVED"), await bring(context, "RECEIVED")
    officer = await actor("officer")
    await act_on_each(context, officer, Act.CORRECT_ON_SPOT, [(one.number, None)], {"note": "甲"}, LATER, "b-1")
    cases = [(one.number, None), (two.number, None)]
    results = await act_on_each(context, officer, Act.CORRECT_ON_SPOT, cases, {"note": "乙"}, LATER, "b-1")
    assert results[0]["problem"]["code"] == "key_reused"
    assert results[1]["answer"]["state"] == "RECEIVED"


async def test_a_machine_says_for_each_case_which_version_it_saw(context: Context) -> None:
    one, two = await bring(context, "RECEIVED"), await bring(context, "RECEIVED")
    machine = await actor("officer", "machine")
    results = await act_on_each(context, machine, Act.ACCEPT, [(one.number, 2), (two.number, None)], {}, LATER)
    assert results[0]["answer"]["version"] == 3
    assert (results[1]["problem"]["status"], results[1]["problem"]["code"]) == (428, "version_required")


@pytest.mark.parametrize(("count", "code"), [(0, "cases_none"), (MOST + 1, "cases_too_many")])
async def test_a_request_names_some_cases_and_not_too_many(context: Context, count: int, code: str) -> None:
    cases = [(f"{number}", None) for number in range(count)]
    async with refused(code, Malformed):
        await act_on_each(context, await actor("officer"), Act.ACCEPT, cases, {}, LATER)


async def test_the_same_case_twice_does_nothing_at_all(context: Context) -> None:
    one, two = await bring(context, "RECEIVED"), await bring(context, "RECEIVED")
    cases = [(one.number, None), (two.number, None), (one.number, 2)]
    async with refused("case_twice", Malformed) as found:
        await act_on_each(context, await actor("officer"), Act.ACCEPT, cases, {}, LATER)
    assert found.value.extra["cases"] == [one.number]
