"""What is published does not change; loading the sample again adds nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from engine.context import Context
from engine.invariants import check_case
from engine.publishing import publish_flow, publish_item
from engine.sample import load_sample
from storage import catalogues
from storage.db import reading
from tests.factories import FOOD, PAYLOADS, START, bring, open_story, table_counts
from workflows.errors import Conflict, DefinitionError, NotFound
from workflows.events import Act
from workflows.flow import packaged_flows, parse_flow

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PERMIT = packaged_flows()["PERMIT"]


async def test_loading_the_sample_again_changes_nothing(context: Context) -> None:
    before = await table_counts()
    assert await load_sample(NOW) == {}
    assert await table_counts() == before


async def test_a_case_stays_with_the_flow_and_item_that_it_began_under(context: Context) -> None:
    old = await bring(context, "RECEIVED")
    shorter = msgspec.structs.replace(
        FOOD, version=2, promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=1), in_force_from=START.date()
    )
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace(
        'to = "REVIEW"\nby = ["officer"]', 'to = "REVIEW"\nby = ["reviewer"]', 1
    )
    assert await publish_item(shorter, NOW) is True
    assert await publish_flow(parse_flow(text, "permit.toml"), NOW) is True
    new = await open_story(context)
    await new.receive()
    for story, promise in ((old, "2026-03-09"), (new, "2026-03-03")):
        await story.go("officer", Act.ACCEPT)
        assert (await story.clocks())["promise"] == ("running", promise)
        await story.go("clerk", Act.DISPATCH)
    assert [(await story.row())["flow_version"] for story in (old, new)] == [2, 3]
    assert await old.allowed("officer") == {"sign_in"}
    assert await new.allowed("officer") == set()
    assert await new.allowed("reviewer") == {"sign_in"}


async def test_a_published_version_is_not_published_otherwise(context: Context) -> None:
    assert await publish_flow(PERMIT, NOW) is False
    with pytest.raises(Conflict) as flow:
        await publish_flow(parse_flow(PERMIT.source + "\n# 另一个文本\n", "permit.toml"), NOW)
    assert await publish_item(FOOD, NOW) is False
    with pytest.raises(Conflict) as item:
        await publish_item(msgspec.structs.replace(FOOD, name="别的名称"), NOW)
    assert flow.value.code == item.value.code == "version_taken"
    with pytest.raises(NotFound):
        await publish_item(msgspec.structs.replace(FOOD, version=9, department="moon"), NOW)


async def test_a_case_of_the_first_version_is_finished_under_it(context: Context) -> None:
    """The flow of the foundation is published still where the hall began with it; its cases go on."""
    first = (Path(__file__).parents[1] / "workflows" / "fixtures" / "permit_1.toml").read_text("utf-8")
    digest = hashlib.sha256(first.encode()).hexdigest()
    await catalogues.publish_flow("PERMIT", 1, first, digest, NOW)
    story = await bring(context, "NEW")
    async with reading() as connection:
        await connection.execute("UPDATE cases SET flow_version = 1 WHERE number = $1", story.number)
    await story.receive()
    await story.go("officer", Act.ACCEPT)
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    await story.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    answer = await story.go("approver", Act.GRANT, **PAYLOADS[Act.GRANT])
    assert (answer["state"], (await story.row())["flow_version"]) == ("GRANTED", 1)
    assert (await story.clocks())["notice"] == ("stopped", "2026-03-09")
    assert await check_case(context, story.number, story.now) == []


async def test_an_unlawful_flow_is_not_published(context: Context) -> None:
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace('"no_earlier_notice", ', "")
    before = await table_counts()
    with pytest.raises(DefinitionError) as found:
        await publish_flow(parse_flow(text, "permit.toml"), NOW)
    assert found.value.extra["findings"] == ["second_notice"]
    assert await table_counts() == before
