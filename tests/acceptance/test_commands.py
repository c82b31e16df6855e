"""The keeper's commands, as a keeper runs them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import asyncpg
import psutil
import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from engine.context import open_context
from engine.evidence import judge_scan
from engine.settings import Settings
from storage.db import connected
from storage.embedded.lock import InstanceLock
from tests.conftest import PASSWORD, Database
from tests.engine.test_evidence import upload
from tests.factories import bring, open_story
from tests.storage.hostile_files import coded, picture
from workflows.errors import YichuangError
from workflows.flow import packaged_flows
from workflows.item import load_catalogue

Run = Callable[..., Awaitable[Result]]
ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "workflows" / "flows"
ITEMS = ROOT / "workflows" / "catalogue" / "items"
CALENDARS = ROOT / "workflows" / "calendars"


def command(*arguments: str, given: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("YICHUANG_")}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        capture_output=True, text=True, timeout=60, cwd=ROOT, env=clean | environment, input=given, check=False,
    )  # fmt: skip


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands against this test's database, in this process."""
    monkeypatch.setenv("YICHUANG_BUCKET_PREFIX", settings.bucket_prefix)
    for name in ("database_url", "objects_url", "broker_url"):
        monkeypatch.setenv(f"YICHUANG_{name.upper()}", getattr(settings, name).get_secret_value())
    monkeypatch.setenv("YICHUANG_KEY_FILE", str(settings.key_file))

    async def invoke(*arguments: str, given: str | None = None) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, list(arguments), input=given)

    return invoke


def refused(result: Result, code: str) -> YichuangError:
    assert isinstance(result.exception, YichuangError), result.output
    assert result.exception.code == code
    return result.exception


def test_an_instance_for_a_demo_ends_with_the_demo_even_when_that_is_killed(tmp_path: Path) -> None:
    starts = (
        "import os, subprocess, sys; up = [sys.executable, '-m', 'api.cli', 'up', '--data', sys.argv[1]]\n"
        "one = subprocess.Popen([*up, '--ends-with', str(os.getpid())]); print(one.pid, flush=True); one.wait()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starts, str(tmp_path / "var")], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as demo:
        assert demo.stdout is not None
        instance = psutil.Process(int(demo.stdout.readline()))
        demo.kill()
    instance.wait(30)


def test_a_lawful_flow_is_said_to_be_lawful() -> None:
    for name in (*packaged_flows(), str(FLOWS / "permit.toml")):
        result = CliRunner().invoke(cli, ["flow", "check", name])
        assert (result.exit_code, result.output.count("\n")) == (0, 1)
        assert "lawful" in result.output


def test_an_unlawful_or_unreadable_flow_ends_with_1_and_the_line_of_its_part(tmp_path: Path) -> None:
    text = packaged_flows()["PERMIT"].source
    unlawful, broken = tmp_path / "unlawful.toml", tmp_path / "broken.toml"
    unlawful.write_text(text.replace('to = "DENIED"\nby = ["approver"]', 'to = "DENIED"\nby = ["clerk"]', 1), "utf-8")
    broken.write_text(text.replace('to = "DENIED"', 'to = "NOWHERE"', 1), "utf-8")
    part = (FLOWS / "parts" / "decision.toml").read_text("utf-8")
    line = part[: part.index('action = "deny"')].count("\n")
    for file, said in ((unlawful, "window_refuses"), (broken, "NOWHERE")):
        done = command("flow", "check", str(file))
        assert done.returncode == 1
        assert f"decision.toml:{line}: " in done.stdout + done.stderr
        assert said in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert command("flow", "check", "NO_SUCH_FLOW").returncode == 1


def test_a_flow_is_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "permit.svg"
    assert CliRunner().invoke(cli, ["flow", "draw", "PERMIT", "--output", str(picture)]).exit_code == 0
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    text = CliRunner().invoke(cli, ["flow", "draw", "PERMIT"]).output
    assert "补正告知" in text
    assert "标记优先" not in text
    assert "标记优先" in CliRunner().invoke(cli, ["flow", "draw", "PERMIT", "--all"]).output


async def test_a_flow_is_published_once_and_never_changed(run: Run, tmp_path: Path) -> None:
    assert "was published already" in (await run("flow", "publish", "PERMIT")).output
    text = packaged_flows()["PERMIT"].source
    file = tmp_path / "permit.toml"
    file.write_text(text.replace('title = "归档"', 'title = "入库"'), "utf-8")
    refused(await run("flow", "publish", str(file)), "version_taken")
    file.write_text(text.replace("version = 2", "version = 3", 1), "utf-8")
    assert "PERMIT 3: published" in (await run("flow", "publish", str(file))).output
    file.write_text(
        text.replace("version = 2", "version = 4", 1).replace('by = ["approver"]', 'by = ["clerk"]'), "utf-8"
    )
    refused(await run("flow", "publish", str(file)), "flow_unlawful")


async def test_items_go_out_and_come_in_and_a_wrong_file_is_refused(run: Run, tmp_path: Path) -> None:
    food = load_catalogue()[0]
    shown = json.loads((await run("item", "export", food.code)).output)
    assert (shown["code"], shown["name"]) == (food.code, food.name)
    refused(await run("item", "export", "no-such-item"), "item_not_found")
    text = (ITEMS / "01-food-business-permit.toml").read_text("utf-8")
    file = tmp_path / "item.toml"
    file.write_text(
        text.replace("version = 1", "version = 2").replace("promise_limit = { n = 5", "promise_limit = { n = 50"),
        "utf-8",
    )
    found = refused(await run("item", "import", str(file)), "definition_not_wellformed")
    assert "item.toml" in found.zh
    assert "promise_limit.n: 承诺时限长于法定时限" in found.zh
    file.write_text(text.replace("version = 1", "version = 2"), "utf-8")
    assert "published" in (await run("item", "import", str(file))).output
    assert "was published already" in (await run("item", "import", str(file))).output
    file.write_text(text.replace("version = 1", "version = 2").replace("示例", "改").replace("M05", "M55"), "utf-8")
    refused(await run("item", "import", str(file)), "version_taken")
    assert json.loads((await run("item", "export", food.code)).output)["version"] == 2


async def test_a_calendar_year_comes_in_and_a_wrong_one_does_not(run: Run, tmp_path: Path) -> None:
    assert "was there already" in (await run("calendar", "import", str(CALENDARS / "2026.toml"))).output
    file = tmp_path / "2026.toml"
    file.write_text("year = 2026\n", "utf-8")
    assert isinstance((await run("calendar", "import", str(file))).exception, YichuangError)
    text = (CALENDARS / "2026.toml").read_text("utf-8").replace("2026", "2031")
    file.write_text(text, "utf-8")
    assert isinstance((await run("calendar", "import", str(file))).exception, YichuangError)


async def test_people_and_tokens_are_added(run: Run, database: Database) -> None:
    added = await run("user", "add", "new.clerk", "--name", "新人", "--role", "clerk@hall", "--password", PASSWORD)
    assert added.output == "new.clerk: added\n"
    weak = await run("user", "add", "weak", "--name", "弱", "--role", "clerk@hall", "--password", "weak")
    refused(weak, "password_too_weak")
    token = await run("token", "issue", "new.clerk", "--role", "clerk", "--organisation", "hall", "--name", "扫描仪")
    assert token.output.startswith("yct_")
    wrong = await run("token", "issue", "new.clerk", "--role", "officer", "--organisation", "amr", "--name", "x")
    refused(wrong, "grant_missing")
    connection = await asyncpg.connect(database.superuser)
    try:
        assert await connection.fetchval("SELECT count(*) FROM api_tokens") == 1
    finally:
        await connection.close()


async def test_a_role_that_cannot_be_read_is_refused_in_both_languages(run: Run, settings: Settings) -> None:
    for given in ("butler@hall", "clerk", "clerk@", "@hall", ""):
        arguments = ("user", "add", "new.clerk", "--name", "新人", "--role", given, "--password", PASSWORD)
        refusal = refused(await run(*arguments), "grant_unreadable")
        assert "hall_manager" in refusal.zh
    nowhere = await run("user", "add", "new.clerk", "--name", "新人", "--role", "clerk@moon", "--password", PASSWORD)
    assert refused(nowhere, "organisation_not_found").en == "No such organisation: moon."
    environment = {f"YICHUANG_{name.upper()}": getattr(settings, name).get_secret_value()
                   for name in ("database_url", "objects_url", "broker_url")}  # fmt: skip
    environment["YICHUANG_KEY_FILE"] = str(settings.key_file)
    shown = command("user", "add", "a", "--name", "a", "--role", "butler@hall", "--password", PASSWORD, **environment)
    assert shown.returncode == 1
    assert "岗位应写作“岗位@机构编码”，不能识别：butler@hall。" in shown.stderr
    assert "this cannot be read: butler@hall." in shown.stderr
    assert "Traceback" not in shown.stderr


async def test_the_trail_is_verified_and_a_breach_ends_with_1(run: Run, settings: Settings, database: Database) -> None:
    async with connected(database.app):
        story = await bring(open_context(settings), "REVIEW")
    whole = await run("audit", "verify")
    assert (whole.exit_code, whole.output) == (
        0,
        "1 cases, 5 events, 0 access entries, 0 checkpoints of 0 heads, 0 objects: whole\n",
    )
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute(
            "SET session_replication_role = replica; UPDATE events SET reason = '改' WHERE seq = 2"
        )
    finally:
        await connection.close()
    broken = await run("audit", "verify")
    assert broken.exit_code == 1
    assert f"办件 {story.number} 第 2 条" in broken.output
    assert f"case {story.number}, event 2" in broken.output
    told = await run("audit", "verify", "--json", "--case", story.number)
    report = json.loads(told.output)
    assert (told.exit_code, report["whole"], report["breaches"][0]["seq"]) == (1, False, 2)


async def test_the_trail_is_sealed_and_taken_elsewhere(
    run: Run, settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YICHUANG_CHECKPOINT_KEY_FILE", str(tmp_path / "checkpoint.toml"))
    refused(await run("audit", "checkpoint"), "checkpoint_key_wrong")
    first = (await run("audit", "key", "new")).output.split()
    second = (await run("audit", "key", "new")).output.split()
    assert (await run("audit", "key", "show")).output == (f"{first[0]}\t{first[1]}\n{second[0]}\t{second[1]}  signs\n")
    async with connected(database.app):
        context = open_context(settings)
        await asyncio.to_thread(context.objects.ensure_buckets)
        story = await bring(context, "REVIEW")
    assert (await run("audit", "checkpoint")).output == "checkpoints made: 1\n"
    assert (await run("audit", "checkpoint")).output == "checkpoints made: none was due\n"
    assert (await run("audit", "checkpoint", "--now")).output == "checkpoints made: 2\n"
    whole = await run("audit", "verify", "--processes", "2")
    assert whole.exit_code == 0, whole.output
    assert "1 cases, 5 events, 0 access entries, 2 checkpoints of " in whole.output
    assert (await run("audit", "verify", "--objects", "sample")).exit_code == 1  # rows of scans without bytes
    bundle = str(tmp_path / "bundle.zip")
    wanted = ("--from", "2026-03-02", "--to", "2026-03-02", "--reason", "抽查留痕", "-o", bundle)
    assert (await run("audit", "export", *wanted)).output == f"{bundle}: 1 cases, 5 events, 2 checkpoints\n"
    refused(await run("audit", "export", *wanted), "file_exists")
    refused(await run("audit", "export", "--reason", "抽查留痕", "-o", f"{bundle}x"), "selection_wrong")
    checked = await run("audit", "check", bundle, "--key", second[1])
    assert (checked.exit_code, checked.output.splitlines()[-1]) == (0, "完整 whole")
    stranger = await run("audit", "check", bundle, "--key", first[1])
    assert (stranger.exit_code, "签名密钥不是所信任的密钥" in stranger.output) == (1, True)
    assert (await run("audit", "verify", "--case", story.number)).exit_code == 0


async def test_dead_work_is_listed_and_tried_again(run: Run, database: Database) -> None:
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute(
            "INSERT INTO outbox (id, topic, data, state, attempts, created_at, due_at, error)"
            " VALUES ($1, 'case.changed', '{}', 'dead', 8, now(), now(), 'KeyError at jobs.py:1')",
            UUID(int=5),
        )
        assert (await run("outbox", "dead")).output == f"{UUID(int=5)}\tcase.changed\t-\t8\tKeyError at jobs.py:1\n"
        assert (await run("outbox", "retry", str(UUID(int=5)))).output == f"{UUID(int=5)}: waiting\n"
        refused(await run("outbox", "retry", str(UUID(int=5))), "dead_letter_not_found")
        assert await connection.fetchval("SELECT state FROM outbox") == "waiting"
    finally:
        await connection.close()


def test_a_refusal_is_said_in_both_languages_without_a_trace() -> None:
    done = command("audit", "verify", YICHUANG_DATABASE_URL="mysql://secret@nowhere")
    assert done.returncode == 1
    assert "配置有误" in done.stderr
    assert "missing or wrong" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_second_up_says_that_it_is_running_and_where(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "var")
    lock.acquire()
    try:
        lock.announce("http://127.0.0.1:8123/")
        second = command("up", "--data", str(tmp_path / "var"))
    finally:
        lock.release()
    assert second.returncode == 0
    assert "already running" in second.stdout
    assert "http://127.0.0.1:8123/" in second.stdout


async def test_evidence_is_read_again_and_its_pictures_drawn_again(
    run: Run, settings: Settings, database: Database
) -> None:
    context = open_context(settings)
    context.objects.ensure_buckets()
    async with connected(database.app):
        story = await open_story(context)
        answer = await upload(story, "clerk", "M01", coded(picture(), "JPEG"), "a.jpg")
        await judge_scan(context, UUID(answer["scan"]), lambda: datetime.now(UTC))
    whole = await run("evidence", "scrub", "--all")
    assert (whole.exit_code, whole.output) == (0, f"1 objects, {answer['size']} bytes read: all whole\n")
    drawn = await run("views", "rebuild", "--case", story.number)
    assert (drawn.exit_code, drawn.output) == (0, "1 scans, 1 pages drawn, 0 scans not\n")
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("UPDATE scans SET digest = repeat('0', 64)")
    await connection.close()
    broken = await run("evidence", "scrub", "--all")
    assert (broken.exit_code, broken.output.rpartition(": ")[2]) == (1, "1 altered\n")
    refused_redraw = await run("views", "rebuild")
    assert refused_redraw.exit_code == 1
    assert "0 scans, 0 pages drawn, 1 scans not" in refused_redraw.output
