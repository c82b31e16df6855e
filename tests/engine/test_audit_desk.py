"""The auditor's desk: what looks wrong is listed and nothing else; samples come out equal; findings only gain steps."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from engine.audit_desk import (
    access_reading,
    case_record,
    holding_findings,
    listing_anomalies,
    sample_drawing,
    searching,
)
from engine.audit_desk.access_archiving import archive_days
from engine.audit_desk.access_reading import LookQuestion
from engine.audit_desk.holding_findings import Recording, Stepping
from engine.audit_desk.sample_drawing import Drawing
from engine.audit_desk.searching import CaseQuestion, EventQuestion
from engine.auditing import verify
from engine.checkpoints.checkpointing import make_checkpoints
from engine.context import Context
from engine.operations import act
from engine.projecting import project
from engine.reading import log_access, unmask
from engine.settings import Settings, load_settings
from storage.checkpoint_keys import new_checkpoint_keys
from storage.db import close_pool, open_pool
from tests.conftest import Database
from tests.factories import LABOUR, OPINION, PAYLOADS, START, Story, bring, complete, firm, person
from tests.people import actor, also
from workflows.actor import Actor, Grant, Role
from workflows.anomaly import Anomaly
from workflows.errors import DefinitionError, YichuangError
from workflows.events import Act
from workflows.finding import Addressee, FindingState, Severity
from workflows.sampling import Method, Stratum

LATER = START + timedelta(days=20)
"""When the auditor looks, UTC."""
ELSEWHERE = Actor(uuid4(), "示例", (Grant(Role.auditor, uuid4(), "460000/460200"),))
"""An auditor of another city."""


@pytest.fixture
def watchful(context: Context) -> Context:
    """An engine for which three acts in five minutes are many."""
    return replace(context, settings=context.settings.model_copy(update={"audit_burst_acts": 3}))


async def code_of(attempt: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(YichuangError) as refusal:
        await attempt
    return refusal.value.code


async def at_once(context: Context) -> Story:
    """Granted twenty seconds after the review, by somebody who had accepted the application themself."""
    await also("approver", "officer", "amr")
    story = await bring(context, "RECEIVED", who=firm(1))
    await story.go("approver", Act.ACCEPT)
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="grant")
    await story.go("approver", Act.GRANT, at=story.now + timedelta(seconds=20), opinion="同意。")
    return story


async def by_one_person(context: Context) -> Story:
    """Whoever handled it would approve it too, and is refused; another grants it, and it is handed out in a rush."""
    story = await bring(context, "VERIFY", who=firm(2), at=START + timedelta(days=1))
    await also("officer", "approver", "amr")
    assert await code_of(story.go("officer", Act.GRANT, opinion="同意。")) == "same_person"
    await story.go("approver", Act.GRANT, opinion="同意。")
    for what in (Act.MAKE_CERTIFICATE, Act.MARK_READY, Act.DELIVER):
        await story.go("issuer", what, at=story.now + timedelta(seconds=30), **PAYLOADS.get(what, {}))
    return story


async def at_night(context: Context) -> Story:
    """Opened by day; received at ten in the evening, said to have been at five."""
    story = await bring(context, "NEW", who=person(3))
    await story.file_scans()
    story.now = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    payload = {"materials": complete(story.item)}
    claimed = story.now - timedelta(hours=5)
    await act(context, await story.command("clerk", Act.RECEIVE, payload, claimed_at=claimed))
    return story


async def listed(context: Context, name: Anomaly, **asked: Any) -> list[tuple[str, Any]]:
    rows = await listing_anomalies.list_anomalies(context, await actor("auditor"), name.value, LATER, **asked)
    return [(row["case"], row["detail"]) for row in rows]


async def test_what_looks_wrong_is_listed_and_nothing_else(watchful: Context, database: Database) -> None:
    quick, refused, night = await at_once(watchful), await by_one_person(watchful), await at_night(watchful)
    sound = await bring(watchful, "DELIVERED", who=firm(4), at=START + timedelta(days=2))
    for login in ("clerk", "archivist"):
        await unmask(watchful, await actor(login), sound.number, "mobile", "核对联系方式", sound.now)
    assert [case for case, _ in await listed(watchful, Anomaly.same_minute)] == [quick.number]
    assert (await listed(watchful, Anomaly.same_minute))[0][1]["seconds"] == 20
    assert [case for case, _ in await listed(watchful, Anomaly.night_acts)] == [night.number]
    assert await listed(watchful, Anomaly.backdated_claims) == [
        (night.number, {"minutes": 300, "claimed_at": "2026-03-02T09:00:00+00:00"})
    ]
    assert await listed(watchful, Anomaly.unmasked_without_act) == [(sound.number, {"purpose": "核对联系方式"})]
    both = await listed(watchful, Anomaly.both_roles)
    assert [(case, detail["earlier"]) for case, detail in both] == [(quick.number, "case:accept")]
    assert await listed(watchful, Anomaly.refused_attempts) == [(refused.number, {"purpose": "grant: same_person"})]
    assert [(case, detail["acts"]) for case, detail in await listed(watchful, Anomaly.bursts)] == [(refused.number, 3)]
    await _bounded(watchful)
    assert (await verify()).whole
    await _as_an_agent(database, sound)
    assert (await listed(watchful, Anomaly.both_roles))[0][0] == sound.number


async def _as_an_agent(database: Database, story: Story) -> None:
    """What the engine bars, so that only who has all rights on the server brings it about: agent and clerk in one."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("SET session_replication_role = replica")
        case = "case_id = (SELECT id FROM cases WHERE number = $1)"
        await connection.execute(f"UPDATE events SET role = 'agent' WHERE seq = 2 AND {case}", story.number)
        await connection.execute("UPDATE cases SET mandate_id = uuidv7() WHERE number = $1", story.number)
    finally:
        await connection.close()


async def _bounded(context: Context) -> None:
    """Lists are of a period, of a person, of one's own halls, page by page, and for those who audit."""
    auditor = await actor("auditor")
    assert await listed(context, Anomaly.same_minute, person="approver") != []
    assert await listed(context, Anomaly.same_minute, person="officer") == []
    assert await listed(context, Anomaly.same_minute, since=LATER.date(), until=LATER.date()) == []
    assert len(await listed(context, Anomaly.both_roles, limit=1)) == 1
    for name in Anomaly:
        assert await listing_anomalies.list_anomalies(context, ELSEWHERE, name.value, LATER) == []
        rows = await listing_anomalies.list_anomalies(context, auditor, name.value, LATER)
        after = rows[-1]["at"], rows[-1]["id"]
        assert await listing_anomalies.list_anomalies(context, auditor, name.value, LATER, after=after) == []
    supervisor = await actor("supervisor")
    assert await listing_anomalies.list_anomalies(context, supervisor, "same_minute", LATER) != []
    for who, wanted, asked, code in (
        (auditor, "nothing", {}, "anomaly_unknown"),
        (auditor, "bursts", {"person": "nobody"}, "person_not_found"),
        (auditor, "bursts", {"since": LATER.date() + timedelta(days=1)}, "period_wrong"),
        (auditor, "bursts", {"since": LATER.date() - timedelta(days=92)}, "period_wrong"),
        (await actor("clerk"), "bursts", {}, "role_not_allowed"),
        (await actor("security_admin"), "bursts", {}, "role_not_allowed"),
    ):
        assert await code_of(listing_anomalies.list_anomalies(context, who, wanted, LATER, **asked)) == code


async def test_an_auditor_finds_cases_and_events_by_whatever_is_known_of_them(context: Context) -> None:
    granted = await bring(context, "GRANTED", who=person(1))
    denied = await bring(context, "DENIED", LABOUR, who=firm(2))
    await project(seconds=30)
    auditor = await actor("auditor")

    async def cases(**asked: Any) -> list[str]:
        rows = await searching.search_cases(context, auditor, CaseQuestion(**asked), LATER)
        return [row["number"] for row in rows]

    async def events(**asked: Any) -> list[tuple[str, int]]:
        rows = await searching.search_events(context, auditor, EventQuestion(**asked), LATER)
        return [(row["case"], row["seq"]) for row in rows]

    row, paper = await granted.row(), (await granted.documents())["D05"]
    assert await cases() == [denied.number, granted.number]
    for asked in (
        {"case": granted.number},
        {"query_code": row["query_code"]},
        {"document": paper},
        {"outcome": "granted"},
        {"department": "amr"},
        {"item": granted.item.code, "dated": "decided"},
        {"state": "GRANTED", "hall": "hall", "person": "officer"},
    ):
        assert await cases(**asked) == [granted.number], asked
    assert await cases(case=granted.number, document="无此文号") == []
    assert await cases(dated="closed", outcome="granted", since=LATER.date()) == []
    (one,) = await searching.search_cases(context, auditor, CaseQuestion(case=granted.number), LATER)
    assert one["applicant_name"] == "示*1"
    decided = [(denied.number, 8), (granted.number, 7)]
    both = await events(name="case:deny") + await events(name="case:grant", person="approver", role=Role.approver)
    assert [case for case, _ in both] == [case for case, _ in decided]
    assert await events(reason="布局不符") == await events(name="case:deny")
    assert len(await events(case=granted.number)) == (await granted.row())["head_seq"]
    assert await events(case=granted.number, state="ACCEPTED", item=granted.item.code, department="amr") != []
    assert await searching.search_events(context, ELSEWHERE, EventQuestion(), LATER) == []
    first = await searching.search_events(context, auditor, EventQuestion(), LATER, limit=3)
    after = first[-1]["at"], first[-1]["id"]
    rest = await searching.search_events(context, auditor, EventQuestion(), LATER, after=after, limit=200)
    whole = await searching.search_events(context, auditor, EventQuestion(), LATER, limit=200)
    assert [one["id"] for one in first + rest] == [one["id"] for one in whole]
    for asked, code in (
        ({"name": "case:nothing"}, "event_unknown"),
        ({"reason": "布"}, "reason_text_wrong"),
        ({"reason": "布局", "since": LATER.date() - timedelta(days=100)}, "period_wrong"),
        ({"hall": "amr"}, "organisation_not_found"),
        ({"person": "nobody"}, "person_not_found"),
    ):
        assert await code_of(searching.search_events(context, auditor, EventQuestion(**asked), LATER)) == code
    assert await code_of(searching.search_cases(context, auditor, CaseQuestion(dated="born"), LATER)) == "dated_unknown"
    await _of_a_party(context, auditor, granted)


async def _of_a_party(context: Context, auditor: Actor, story: Story) -> None:
    who = person(1)
    asked = who.id_kind, who.id_number, "核查信访事项"
    rows = await searching.search_party(context, auditor, *asked, LATER)
    assert [row["number"] for row in rows] == [story.number]
    assert await searching.search_party(context, ELSEWHERE, *asked, LATER) == []
    assert await searching.search_party(context, auditor, who.id_kind, person(9).id_number, "核查信访事项", LATER) == []
    looks = await access_reading.list_looks(context, auditor, LookQuestion(kind="search"), LATER)
    assert [row["purpose"] for row in looks] == ["核查信访事项"] * 2
    assert who.id_number not in str(looks)
    supervisor = await actor("supervisor")
    assert await code_of(searching.search_party(context, supervisor, *asked, LATER)) == "role_not_allowed"
    assert await code_of(searching.search_party(context, auditor, *asked[:2], "查", LATER)) == "reason_needed"


async def test_a_sample_comes_out_equal_whenever_it_is_drawn_again(context: Context, database: Database) -> None:
    stories = [await bring(context, "WITHDRAWN", who=firm(n)) for n in range(1, 5)]
    stories.append(await bring(context, "DENIED", LABOUR, who=firm(5)))
    await project(seconds=30)
    auditor = await actor("auditor")
    wanted = Drawing(purpose="三月例行抽查", seed="2026-03", size=2, since=START.date(), until=LATER.date())
    first = await sample_drawing.draw_sample(context, auditor, wanted, LATER, "k")
    assert await sample_drawing.draw_sample(context, auditor, wanted, LATER, "k") == first
    second = await sample_drawing.draw_sample(context, auditor, wanted, LATER)
    weighted = Drawing(purpose="风险抽查", seed="2026-03", size=5, method=Method.weighted, strata=Stratum.department,
                       since=START.date(), until=LATER.date())  # fmt: skip
    third = await sample_drawing.draw_sample(context, auditor, weighted, LATER)
    views = [await sample_drawing.read_sample(auditor, UUID(one["sample"])) for one in (first, second, third)]
    assert [view["same"] for view in views] == [True] * 3
    assert views[0]["drawn"] == views[1]["drawn"]
    assert {one["case"] for one in views[2]["drawn"]} == {story.number for story in stories}
    denied = next(one for one in views[2]["drawn"] if one["case"] == stories[-1].number)
    assert (denied["risks"], denied["weight"], denied["stratum"]) == (["denied"], 3, "hrss")
    kept = await sample_drawing.list_samples(auditor, before=UUID(int=2**128 - 1))
    assert [str(row["id"]) for row in kept] == [third["sample"], second["sample"], first["sample"]]
    assert await sample_drawing.list_samples(ELSEWHERE, before=UUID(int=2**128 - 1)) == []
    assert await code_of(sample_drawing.read_sample(ELSEWHERE, UUID(first["sample"]))) == "sample_not_found"
    for changes, code in (
        ({"seed": "\u202e1"}, "control_character"),
        ({"seed": " x"}, "seed_wrong"),
        ({"item": "没有"}, "population_empty"),
        ({"dated": "born"}, "dated_unknown"),
        ({"hall": "amr"}, "organisation_not_found"),
        ({"purpose": "无"}, "reason_needed"),
    ):
        asked = Drawing(**{name: getattr(wanted, name) for name in wanted.__struct_fields__} | changes)
        assert await code_of(sample_drawing.draw_sample(context, auditor, asked, LATER)) == code, changes
    await _kept_for_good(database, UUID(second["sample"]), auditor)


async def _kept_for_good(database: Database, sample: UUID, auditor: Actor) -> None:
    """Nobody changes a sample; who has all rights on the server and does is found out by drawing again."""
    app, owner = await asyncpg.connect(database.app), await asyncpg.connect(database.owner)
    superuser = await asyncpg.connect(database.superuser)
    try:
        for connection in (app, owner):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("UPDATE samples SET seed = 'x'")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("DELETE FROM samples")
        await superuser.execute("SET session_replication_role = replica")
        await superuser.execute("UPDATE samples SET seed = 'x' WHERE id = $1", sample)
    finally:
        for connection in (app, owner, superuser):
            await connection.close()
    assert not (await sample_drawing.read_sample(auditor, sample))["same"]


async def test_a_finding_is_answered_by_whom_it_concerns_and_stays_for_good(
    context: Context, database: Database
) -> None:
    story = await bring(context, "GRANTED", who=firm(1))
    await project(seconds=30)
    auditor, officer, manager = await actor("auditor"), await actor("officer"), await actor("hall_manager")
    asked = Recording(
        case=story.number, seq=3, article="行政许可法32(1)(4)", severity=Severity.major, text="告知不全。"
    )
    taken = await holding_findings.record_finding(context, auditor, asked, LATER, "k")
    assert taken == {"finding": "F2026-00001", "state": "open"}
    assert await holding_findings.record_finding(context, auditor, asked, LATER, "k") == taken
    number, answer = taken["finding"], Stepping("已整改。")
    for who, step, code in (
        (await actor("officer.hrss"), "answer", "finding_not_found"),
        (ELSEWHERE, "close", "finding_not_found"),
        (auditor, "answer", "role_not_allowed"),
        (manager, "answer", "role_not_allowed"),
        (officer, "close", "role_not_allowed"),
        (auditor, "accept", "finding_state"),
        (auditor, "delete", "action_not_found"),
    ):
        assert await code_of(holding_findings.take_step(context, who, number, step, answer, LATER)) == code, step
    steps = ((officer, "answer"), (auditor, "send_back"), (officer, "answer"), (auditor, "accept"))
    for who, step in steps:
        assert step in (await holding_findings.read_finding(who, number))["steps"]
        await holding_findings.take_step(context, who, number, step, answer, LATER)
    view = await holding_findings.read_finding(auditor, number)
    assert [one["step"] for one in view["history"]] == ["record", *(step for _, step in steps)]
    assert (view["state"], view["steps"]) == ("accepted", [])
    hall = Recording(
        case=story.number, article="首问负责制", severity=Severity.minor, text="未移交。", addressee=Addressee.hall
    )
    other = await holding_findings.record_finding(context, auditor, hall, LATER)
    assert [row["number"] for row in await holding_findings.list_findings(officer)] == [number]
    for who in (auditor, manager, await actor("supervisor")):
        assert len(await holding_findings.list_findings(who)) == 2
    assert await code_of(holding_findings.read_finding(officer, other["finding"])) == "finding_not_found"
    assert len(await holding_findings.list_findings(auditor, state=FindingState.open, severity=Severity.minor)) == 1
    assert [row["number"] async for row in await holding_findings.export_findings(auditor, LATER)] == [
        other["finding"], number,
    ]  # fmt: skip
    for changes, code in (
        ({"seq": 99}, "event_unknown"),
        ({"due_on": START.date()}, "due_passed"),
        ({"sample": uuid4()}, "sample_not_found"),
        ({"case": "0"}, "case_not_found"),
    ):
        wrong = Recording(**{name: getattr(asked, name) for name in asked.__struct_fields__} | changes)
        assert await code_of(holding_findings.record_finding(context, auditor, wrong, LATER)) == code
    assert await code_of(holding_findings.record_finding(context, manager, asked, LATER)) == "role_not_allowed"
    await _as_one_record(context, auditor, story, database)


async def _as_one_record(context: Context, auditor: Actor, story: Story, database: Database) -> None:
    """Everything of the case on one page, whole; and nobody takes a finding back."""
    record = await case_record.read_record(context, auditor, story.number, LATER)
    assert [event["seq"] for event in record["events"]] == list(range(1, (await story.row())["head_seq"] + 1))
    granted = next(event for event in record["events"] if event["name"] == "case:grant")
    assert ("state", "VERIFY", "GRANTED") in {
        (one["column"], one["before"], one["after"]) for one in granted["changes"]
    }
    assert record["verdict"]["whole"]
    private = await bring(context, "RECEIVED", who=person(7))
    told = str(await case_record.read_record(context, auditor, private.number, LATER))
    assert (person(7).name in told, "示*7" in told) == (False, True)
    assert {row["code"] for row in record["documents"]} >= {"D01", "D05"}
    assert len(record["findings"]) == 2
    assert {"finding.answer", "finding.record", "case.read"} <= {row["action"] for row in record["looks"]}
    assert (await case_record.read_record(context, await actor("supervisor"), story.number, LATER))["verdict"] is None
    assert (
        await code_of(case_record.read_record(context, await actor("clerk"), story.number, LATER)) == "role_not_allowed"
    )
    shown = await case_record.show_in_clear(context, auditor, story.number, "name", "核对当事人", LATER)
    assert shown == firm(1).name
    app, owner = await asyncpg.connect(database.app), await asyncpg.connect(database.owner)
    try:
        for connection in (app, owner):
            for table in ("findings", "finding_steps"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"DELETE FROM {table}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("UPDATE findings SET text = ''")
    finally:
        await app.close()
        await owner.close()
    looks = await access_reading.list_looks(context, auditor, LookQuestion(case=story.number, kind="finding"), LATER)
    assert len(looks) == 6
    admin = await actor("security_admin")
    mine = await access_reading.list_looks(context, admin, LookQuestion(person="auditor"), LATER)
    assert {row["name"] for row in mine} == {auditor.name}
    of_party = await access_reading.list_looks(context, admin, LookQuestion(party=story.number), LATER)
    assert {row["case"] for row in of_party} == {story.number}
    for who, question, code in (
        (await actor("supervisor"), LookQuestion(), "role_not_allowed"),
        (auditor, LookQuestion(kind="nothing"), "look_unknown"),
        (ELSEWHERE, LookQuestion(case=story.number), "case_not_found"),
        (auditor, LookQuestion(person="nobody"), "person_not_found"),
    ):
        assert await code_of(access_reading.list_looks(context, who, question, LATER)) == code
    assert await access_reading.list_looks(context, ELSEWHERE, LookQuestion(), LATER) == []


async def test_an_old_day_of_the_access_log_leaves_only_into_a_file_that_is_sealed(
    context: Context, database: Database, tmp_path: Path
) -> None:
    old, young = datetime(2024, 3, 4, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    auditor = await actor("auditor")
    for moment in (old, old, young):
        await log_access(auditor, "4601002403040000001", "case.read", moment)
    settings = context.settings.model_copy(
        update={"migration_database_url": SecretStr(database.owner), "access_log_months": 12}
    )
    await close_pool()
    archive = partial(archive_days, settings, tmp_path, young)
    assert await code_of(archive(before=young.date())) == "access_day_too_young"
    assert await code_of(archive(drop=True)) == "access_day_unsealed"
    (day,) = await archive()
    assert (day.day, day.entries, day.dropped) == (old.date(), 2, 0)
    head, *entries = (json.loads(line) for line in day.path.read_text("utf-8").splitlines())
    assert head["digest"] == entries[-1]["digest"]
    await open_pool(context.settings.database_url.get_secret_value(), size=4)
    await asyncio.to_thread(context.objects.ensure_buckets)
    new_checkpoint_keys(tmp_path / "checkpoint.toml")
    context.settings = settings.model_copy(update={"checkpoint_key_file": tmp_path / "checkpoint.toml"})
    assert await make_checkpoints(context, young + timedelta(days=1), at_once=True) != []
    await close_pool()
    day.path.write_text("{}", "utf-8")
    assert await code_of(archive(drop=True)) == "access_file_differs"
    day.path.unlink()
    (day,) = await archive(drop=True)
    assert (day.dropped, await archive(drop=True)) == (2, [])
    await open_pool(context.settings.database_url.get_secret_value(), size=2)
    report = await verify()
    assert (report.access_days, report.access_entries, report.breaches) == (2, 1, [])
    await _nothing_else_leaves(database)


async def _nothing_else_leaves(database: Database) -> None:
    """Neither a day without an archive nor one that is too young, whoever asks."""
    app, owner = await asyncpg.connect(database.app), await asyncpg.connect(database.owner)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("DELETE FROM access_log")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute("DELETE FROM access_log")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute("UPDATE access_archives SET entries = 1")
    finally:
        await app.close()
        await owner.close()


def test_the_weight_of_a_risk_that_there_is_not_is_refused_at_the_start(settings: Settings) -> None:
    given = {name: getattr(settings, name) for name in ("database_url", "objects_url", "broker_url", "key_file")}
    for wrong in ({"nothing": 1}, {"overdue": 101}):
        with pytest.raises(DefinitionError, match="AUDIT_RISK_WEIGHTS"):
            load_settings(**given, audit_risk_weights=wrong)
    assert load_settings(**given, audit_risk_weights={"overdue": 0}).audit_risk_weights == {"overdue": 0}
